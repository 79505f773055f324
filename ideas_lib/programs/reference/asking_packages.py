"""Ask installed packages, in the sandbox, and keep what they said until a package changes."""

import hashlib
import importlib.util
import json
import site
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from ideas_lib.caching import cache_folder, replacing
from ideas_lib.programs.sandbox.running import DISK, Running, checked_limits
from ideas_lib.resources import resource

__all__ = ["ask_inside", "distribution_of"]

PACKAGE = "ideas_lib/programs/reference/inside"
CODE = {  # what runs inside, by name
    "__init__": resource(__file__, "inside/__init__.py"),
    "following": resource(__file__, "inside/following.py"),
    "looking": resource(__file__, "inside/looking.py"),
    "replaying": resource(__file__, "inside/replaying.py"),
}
MEMORY = 4 << 30  # bytes: torch alone takes two of addresses


def ask_inside(
    program: str, question: dict[str, Any], modules: Iterable[str], *, timeout: float
) -> tuple[list[Any], str]:
    """Return the lines of JSON that a program of `inside` wrote, and why it ended early, if it did.

    What ended well is kept; it is asked anew when a package comes, goes or changes. Raises
    sandbox.Unavailable.
    """
    path = cache_folder() / "reference" / f"{_key(program, question, modules)}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(kept, list):
            return kept, ""
    except (OSError, ValueError):
        pass
    parents = Path(PACKAGE).parents
    files = {f"{parent}/__init__.py": "" for parent in parents if parent != Path(".")}
    files |= {f"{PACKAGE}/{name}.py": each.read_text("utf-8") for name, each in CODE.items()}
    argv = [sys.executable, "-m", f"{PACKAGE.replace('/', '.')}.{program}"]
    box = {"files": files, "stdin": json.dumps(question)}
    with Running(argv, box, checked_limits(timeout, MEMORY, DISK, several=2)) as running:
        result = running.result()
    found = []
    for line in result.stdout.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # it was cut off
            break
    if not result.reason:
        try:
            with replacing(path) as file:
                file.write_text(json.dumps(found), encoding="utf-8")
        except OSError:  # a cache that cannot be written ends nothing
            pass
    return found, result.reason


def _key(program: str, question: dict[str, Any], modules: Iterable[str]) -> str:
    """Return what an answer depends on, hashed: the question, our code, Python, the packages."""
    code = [each.read_text("utf-8") for each in CODE.values()]
    tops = sorted({module.partition(".")[0] for module in modules})
    folders = [(path, _changed(Path(path))) for path in site.getsitepackages()]
    origins = [(top, origin, _changed(Path(origin))) for top in tops for origin in _origins(top)]
    parts = [program, question, code, sys.version, folders, origins]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:40]


def _origins(top: str) -> list[str]:
    try:
        spec = importlib.util.find_spec(top) if top.isidentifier() else None
    except (ImportError, ValueError):
        return []
    return [spec.origin] if spec is not None and spec.origin else []


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@cache
def distribution_of(top: str) -> tuple[str, str]:
    """Return the distribution that an import name comes from, and its version: ("", "") if none."""
    if top in sys.stdlib_module_names or top == "builtins":
        return "python", sys.version.partition(" ")[0]
    try:
        return top, metadata.version(top)
    except (metadata.PackageNotFoundError, ValueError):
        pass
    for name in metadata.packages_distributions().get(top, []):
        return name, metadata.version(name)
    return "", ""
