"""What every test stands on: no endpoint, no key, no display, the same examples each time."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

for name in [name for name in os.environ if name.startswith("OPENAI_")]:
    del os.environ[name]
os.environ.pop("IDEAS_ROOT", None)
os.environ["MPLBACKEND"] = "agg"

hypothesis.settings.register_profile("book", derandomize=True, deadline=None)
hypothesis.settings.load_profile("book")


@pytest.fixture(autouse=True)
def _environment_as_it_was() -> Iterator[None]:
    """Keep what a test or the code it calls sets from the tests that follow."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


class Toy:
    """A small checkout in git, with the one study `toy`: tests/toystudy.py."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.study = path / "studies/toy.py"
        self.results = path / "results/toy.jsonl"
        for folder in ("studies", "ideas_lib"):
            (path / folder).mkdir()
        (path / "_toc.yml").touch()
        (path / ".gitignore").write_text("/*\n!/studies\n__pycache__\n")
        shutil.copy(Path(__file__).with_name("toystudy.py"), self.study)
        self.git("init", "-q")
        self.commit()

    def git(self, *words: str) -> str:
        clean = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        return subprocess.check_output(["git", *who, *words], cwd=self.path, env=clean, text=True)

    def commit(self) -> str:
        self.git("add", ".")
        self.git("commit", "-qm", "the study")
        return self.git("rev-parse", "HEAD").strip()

    def edit(self, old: str, new: str, commit: bool = True) -> None:
        text = self.study.read_text()
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        self.study.write_text(text.replace(old, new))
        if commit:
            self.commit()

    def ask(self, **wishes: str) -> None:
        """Have measures wait, raise, die or edit at runs whose name has this part; "" for none."""
        for name, part in wishes.items():
            (self.path / name).write_text(part)

    def log(self) -> list[str]:
        """Return the runs that have begun, as often as they have."""
        file = self.path / "log.txt"
        return file.read_text().splitlines() if file.is_file() else []

    def records(self) -> list[dict[str, Any]]:
        """Return the results without what two runs of one study may differ in."""
        lines = self.results.read_text().splitlines()
        return [json.loads(line) | {"seconds": 0, "when": ""} for line in lines]


@pytest.fixture(autouse=True)
def _no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    # A build inside the process names its checkout for its workers; the next test starts clean.
    monkeypatch.delenv("IDEAS_ROOT", raising=False)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    # Python takes a file's bytecode for its own while second and size agree; tests edit faster.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return Toy(tmp_path)
