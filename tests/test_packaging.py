"""The wheel, its extras and the lock: what somebody gets who installs one tool alone."""

import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text()
# What the base with `lm` cannot import: each needs what another extra brings.
NEEDS_MORE = (
    "ideas_lib.datasets.tables",
    "ideas_lib.essays.boring_parts",
    "ideas_lib.essays.programming_again",
    "ideas_lib.essays.superficiality",
    "ideas_lib.gpt",
    "ideas_lib.programs.compilation",
    "ideas_lib.programs.dsl",
    "ideas_lib.programs.mutate",
    "ideas_lib.programs.reference",
    "ideas_lib.programs.what_if",
    "ideas_lib.publish.site.card",
    "ideas_lib.publish.site.page_top",
    "ideas_lib.publish.site.scoreboard",
    "ideas_lib.publish.site.sections",
    "ideas_lib.trees",
)


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Nothing of this checkout, nor of the environment that runs the tests, may leak in.
    ours = ("IDEAS_ROOT", "PYTHONPATH", "VIRTUAL_ENV")
    env = {k: v for k, v in os.environ.items() if k not in ours}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=170)


def _ours() -> set[str]:
    files = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "ideas_lib"],
        cwd=ROOT,
        text=True,
    ).splitlines()
    return {name for name in files if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Built from a copy of what git holds, so that the checkout gets no build/ and lends nothing.
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "tests/conftest.py", *_ours()):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    build = "import setuptools.build_meta as backend; backend.build_wheel('dist')"
    built = _run(sys.executable, "-c", build, cwd=source)
    assert built.returncode == 0, built.stderr
    (path,) = (source / "dist").glob("*.whl")
    return path


def test_the_wheel_holds_the_library_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        licences = [name for name in archive.namelist() if name.endswith("LICENSE")]
    assert set(names) == _ours()
    assert len(licences) == 1


def _requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    return [Requirement(text) for text in metadata.get_all("Requires-Dist")]


def test_every_requirement_has_a_lower_bound(wheel):
    requirements = _requirements(wheel)
    bare = [
        str(r)
        for r in requirements
        if r.name != "ideas-lib" and not any(s.operator in (">=", "==") for s in r.specifier)
    ]
    assert bare == []
    assert len(requirements) > 30


def _pins() -> dict[str, Version]:
    pairs = re.findall(r"^([\w.-]+)==([\w.+]+)", LOCK, re.MULTILINE)
    return {name.lower(): Version(version) for name, version in pairs}


def test_the_lock_pins_what_the_project_asks_for():
    pins = _pins()
    asked = [*PROJECT["dependencies"], *(text for texts in EXTRAS.values() for text in texts)]
    for requirement in map(Requirement, asked):
        if requirement.name != "ideas-lib":
            assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement


def test_the_lock_fits_every_torch_build_and_forces_no_gpu():
    torch = Requirement(re.search(r"^torch==\S+", LOCK, re.MULTILINE)[0])
    assert torch.specifier.contains("2.13.0")
    assert torch.specifier.contains("2.13.0+cpu")
    assert not re.search(r"nvidia|triton|cuda", LOCK)


def test_the_lock_names_no_index():
    assert not re.search(r"://|^\s*-", LOCK, re.MULTILINE)


def _brings(requirements: Iterable[Requirement]) -> Iterator[Distribution]:
    """Yield the distributions here that requirements ask for, and those that these ask for."""
    todo, seen = [(each, "") for each in requirements], set()
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in {"", *requirement.extras} - {e for n, e in seen if n == name}:
            found = distribution(name)
            if not wanted:
                yield found
            seen.add((name, wanted))
            todo += [(Requirement(text), wanted) for text in found.requires or []]


@pytest.fixture(scope="module")
def lm_alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel's `lm` extra and nothing else; returns its bin folder.

    Nothing is downloaded: what the wheel asks for is linked from the environment of the tests.
    """
    folder = tmp_path_factory.mktemp("lm_alone") / "venv"
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    asked = [r for r in _requirements(wheel) if not r.marker or r.marker.evaluate({"extra": "lm"})]
    for found in _brings(Requirement(f"{r.name}[{','.join(r.extras)}]") for r in asked):
        for top in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(found.locate_file(top))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python")
    installed = _run(
        *(*pip, folder / "bin" / "python", "install", "--quiet", "--no-index", "--no-deps"),
        *("--no-compile", wheel),
        cwd=folder,
    )
    assert installed.returncode == 0, installed.stderr
    return folder / "bin"


def test_lm_alone_brings_no_torch_and_imports(lm_alone, tmp_path):
    code = (
        "import importlib.util as u, ideas_lib.lm.endpoint as e; print(e.__file__);"
        "print([m for m in ('torch', 'sphinx', 'pytest') if u.find_spec(m)])"
    )
    done = _run(lm_alone / "python", "-W", "error", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    where, unwanted = done.stdout.splitlines()
    assert Path(where).is_relative_to(lm_alone.parent)
    assert unwanted == "[]"


def test_the_base_imports_all_but_torch_and_sphinx(lm_alone, tmp_path):
    code = """
import importlib, pkgutil, ideas_lib
for module in pkgutil.walk_packages(ideas_lib.__path__, "ideas_lib.", onerror=lambda name: None):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        print(module.name, error.name)
"""
    done = _run(lm_alone / "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    missing = [line for line in done.stdout.splitlines() if not line.startswith(NEEDS_MORE)]
    assert missing == []


def test_the_command_helps_in_a_base_install(lm_alone, tmp_path):
    done = _run(lm_alone / "ideas", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for command in ("list", "run", "fork", "unfork", "post"):
        assert re.search(rf"^\s+{command}\s", done.stdout, re.MULTILINE)


def test_the_command_outside_a_checkout_says_the_way_out(lm_alone, tmp_path):
    done = _run(lm_alone / "ideas", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert "is not inside a checkout" in done.stderr
    assert "Traceback" not in done.stderr
