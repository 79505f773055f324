# The two commands: `make book` and `make test`. Both start from nothing but Python >= 3.11.
# `make check` is the part of `make test` that a small edit needs.
.DEFAULT_GOAL := help
.PHONY: help book check test lock hooks clean fresh

IS_NEW := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c '$(IS_NEW)' 2>/dev/null && echo $$p && exit; done; echo python3)
# Where torch comes from: PyTorch's CPU wheels when that index answers, else pip's default index.
# For a GPU name another of PyTorch's indexes (.../whl/cu130), or leave it empty for pip's default.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# STRICT=1 makes every warning of the book an error.
STRICT ?=

# What installs the lock: uv, which pip fetches. With UV= left empty, or where it fails, pip does.
UV := uv>=0.5
# What `make check` compares with: a commit; else the last one, or, if nothing is changed, the one before.
BASE ?=

BIN := .venv/bin
STAMP := .venv/installed
# No endpoint and no key reaches a build or a test: pages must not depend on either.
CLEAN := env -u OPENAI_API_KEY -u OPENAI_BASE_URL -u OPENAI_ORG_ID -u OPENAI_PROJECT_ID -u IDEAS_ROOT
# Work runs in one process per core with one thread each.
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## say what there is
	@echo "make TARGET, where TARGET is one of"
	@sed -nE 's/^([a-z]+):.*## (.*)/  \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || grep '##' Makefile
	@echo "variables: PYTHON=$(PYTHON)  TORCH_INDEX=$(TORCH_INDEX)  STRICT=$(STRICT)"

book: $(STAMP) ## install into .venv, build the book, print the page to open (STRICT=1: warnings fail)
	@sh .ci/say "Building the book." \
	  $(CLEAN) $(BIN)/jupyter-book build . $(if $(STRICT),-W -n --keep-going)
	@echo; echo "The book is built. Open $(CURDIR)/_build/html/index.html"

check: $(STAMP) ## run what a small edit can break, in about two minutes (BASE=main: since that commit)
	$(CLEAN) $(BIN)/python tests/check.py $(BASE)

test: $(STAMP) ## install into .venv, run every check: lint, types, layers, unit tests, notebooks
	$(CLEAN) $(BIN)/python tests/suite.py

lock: $(STAMP) ## renew requirements.lock from pyproject.toml
	$(BIN)/python -m pip install --quiet "uv>=0.5"
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	  --all-extras --no-emit-index-url --annotation-style line \
	  --custom-compile-command "make lock" --output-file requirements.lock

hooks: $(STAMP) ## let git diff notebooks with nbdime, and check each commit with pre-commit
	$(BIN)/nbdime config-git --enable
	$(BIN)/pre-commit install

clean: ## remove what was built; results and the environment stay
	rm -rf _build build *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

fresh: clean ## remove the environment too, so that the next call starts from nothing
	rm -rf .venv

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c '$(IS_NEW)' || { \
	  echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; \
	  echo "Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; } >&2
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" UV="$(UV)" sh .ci/install
