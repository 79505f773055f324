"""Where a number came from: machine, versions, commit. And files that are written whole."""

import datetime
import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ideas_lib.files import write_whole
from ideas_lib.study.checkout import root

__all__ = ["Unsealed", "head", "machine", "now", "sealed_commit", "versions", "write_atomic"]


class Unsealed(RuntimeError):
    """Raised when a study is to be run whose prediction is not committed."""


def machine() -> str:
    """Return the kind of machine: system, processor, cores; never its name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processor = platform.processor()
    if Path("/proc/cpuinfo").is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        processor = found[1] if found else processor
    kind = f"{platform.system()} {platform.machine()}"
    return ", ".join(filter(None, [kind, processor, f"{cores} cores"]))


def versions(*distributions: str) -> dict[str, str]:
    """Return the releases of Python and of those distributions that are installed."""
    found = {"python": platform.python_version()}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def now() -> str:
    """Return the time in UTC, to the second, as ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def write_atomic(path: Path, text: str) -> None:
    """Replace a file by its whole new text, on disk before its name is, or leave it as it is.

    Raises OSError, which names the file.
    """
    write_whole(path, text.encode())


def head() -> str:
    """Return the commit that is checked out. Raises Unsealed outside git."""
    return _git("rev-parse", "HEAD")


def sealed_commit(path: Path) -> str:
    """Return the last commit that touched a file. Raises Unsealed if it has changed since."""
    name = path.relative_to(root()).as_posix()
    commit = _git("log", "-1", "--format=%H", "--", name)
    if not commit or _git("status", "--porcelain", "--", name):
        raise Unsealed(
            f"{name} is not committed as it stands: the prediction comes first. Run"
            f" `git add {name} && git commit`, then this again"
        )
    return commit


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=root(), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise Unsealed(
            f"a prediction is sealed by a git commit, and git says: {said.strip()}. Commit the"
            " study's file, then run this again"
        ) from error
    return done.stdout.strip()
