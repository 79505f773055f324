"""Changes to a repository that one may ask about: patches, and mutations of its files."""

import codecs
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ideas_lib.files import read_plain
from ideas_lib.programs.mutate.listing import list_mutations, sample_mutations

__all__ = [
    "BadChange",
    "FileEdit",
    "RepoChange",
    "change_diff",
    "copy_repo",
    "file_of_repo",
    "mutation_changes",
    "patch_change",
    "uncommitted",
]

LEFT_OUT = frozenset(
    {
        *(".git", ".hg", ".svn", "__pycache__", ".venv", "venv", ".tox", ".nox", "node_modules"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs"),
    }
)
LARGEST = 120 << 20  # bytes of a repository: the sandbox holds it three times over


class BadChange(ValueError):
    """Raised for a repository or a change that cannot be asked about; the message says why."""


@dataclass(frozen=True)
class FileEdit:
    """A file, by its path within the repository, before and after; None where there is none."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RepoChange:
    """A change: `name` says what it is, and is what results are listed by."""

    name: str
    edits: tuple[FileEdit, ...]

    @property
    def key(self) -> str:
        """Return a hash of what is changed."""
        rows = [[each.path, each.before, each.after] for each in self.edits]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def change_diff(change: RepoChange) -> list[str]:
    """Return a change as lines of a unified diff."""
    found: list[str] = []
    for edit in change.edits:
        texts = ((edit.before or "").splitlines(), (edit.after or "").splitlines())
        names = (f"a/{edit.path}", f"b/{edit.path}")
        found += difflib.unified_diff(*texts, *names, lineterm="", n=1)
    return found


def copy_repo(repo: Path, target: Path) -> None:
    """Copy a repository's files, without version control, environments, caches and bytecode.

    Raises BadChange for one that is too large, and OSError.
    """
    if not repo.is_dir():
        raise BadChange(f"{repo} is no folder: name the one that pytest is run in")

    def left_out(folder: str, names: list[str]) -> set[str]:
        found = {name for name in names if name in LEFT_OUT or name.endswith((".pyc", ".pyo"))}
        for name in set(names) - found:
            path = os.path.join(folder, name)
            if os.path.isfile(os.path.join(path, "pyvenv.cfg")):
                found.add(name)
            elif not os.path.islink(path) and not (os.path.isfile(path) or os.path.isdir(path)):
                found.add(name)  # a pipe, a socket or a device
        return found

    size = 0
    for folder, folders, files in os.walk(repo):
        gone = left_out(folder, [*folders, *files])
        folders[:] = [name for name in folders if name not in gone]
        size += sum(os.lstat(os.path.join(folder, n)).st_size for n in files if n not in gone)
        if size > LARGEST:
            raise BadChange(f"{repo} has more than {LARGEST >> 20} MB of files: name a part of it")
    shutil.copytree(repo, target, symlinks=True, ignore=left_out, dirs_exist_ok=True)


def uncommitted(repo: Path) -> list[str]:
    """Return the files of a git checkout that differ from its last commit; [] without git."""
    words = ["git", "-C", str(repo), "status", "--porcelain", "--untracked-files=no", "--", "."]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line[3:] for line in done.stdout.splitlines()] if done.returncode == 0 else []


# --- patches ---


def patch_change(repo: Path, patch: Path) -> RepoChange:
    """Return what a patch in git's or diff's form does to a repository.

    Raises BadChange, which has git's words, for one that does not apply, and OSError.
    """
    data = read_plain(patch)
    with tempfile.TemporaryDirectory() as folder:
        paths = _patched_paths(patch, data, folder)
        for path in paths:
            if (repo / path).is_file():
                (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(repo / path, Path(folder) / path)
        before = {path: _text(Path(folder) / path) for path in paths}
        _git_apply(patch, data, folder)
        after = {path: _text(Path(folder) / path) for path in paths}
    edits = [FileEdit(p, before[p], after[p]) for p in sorted(paths) if before[p] != after[p]]
    if not edits:
        raise BadChange(f"{patch} changes nothing")
    return RepoChange(str(patch), tuple(edits))


def _patched_paths(patch: Path, data: bytes, folder: str) -> set[str]:
    """Return the files that a patch names, old and new."""
    rows = _git_apply(patch, data, folder, "--numstat", "-z").split("\0")
    found = {row.rpartition("\t")[2] for row in rows}
    # git names what becomes of a file here, and not what it was called before.
    for name in re.findall(rb"^(?:rename|copy) from (.+?)\r?$", data, re.M):
        if name[:1] == b'"':
            name = codecs.escape_decode(name[1:-1])[0]
        before = PurePosixPath(os.fsdecode(name))
        found |= set() if before.is_absolute() or ".." in before.parts else {str(before)}
    return {path for path in found if path}


def _git_apply(patch: Path, data: bytes, folder: str, *words: str) -> str:
    """Let git read or apply a patch in a folder: it follows no path that leads out of it."""
    clean = {name: text for name, text in os.environ.items() if name[:4] != "GIT_"}
    clean |= {"GIT_CEILING_DIRECTORIES": str(Path(folder).parent), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "apply", "--whitespace=nowarn", *words, "-"]
    try:
        done = subprocess.run(
            command, input=data, cwd=folder, env=clean | {"LC_ALL": "C"}, capture_output=True
        )
    except FileNotFoundError:
        raise BadChange("git reads the patches, and is not installed here") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git gives no reason"]
        raise BadChange(f"{patch} does not apply: {lines[0].removeprefix('error: ')}")
    return done.stdout.decode(errors="surrogateescape")


def _text(path: Path) -> str | None:
    if not path.is_file():
        return None
    return path.read_bytes().decode("utf-8", "surrogateescape")


# --- mutations ---


def file_of_repo(repo: Path, path: str) -> tuple[str, str]:
    """Return a file's path within a repository, and its text. Raises BadChange, and OSError."""
    file = (repo / path).resolve()
    if not file.is_file() or not file.is_relative_to(repo.resolve()):
        raise BadChange(f"{path} is no file in {repo}: name it as it is called from there")
    try:
        return file.relative_to(repo.resolve()).as_posix(), read_plain(file).decode()
    except UnicodeDecodeError:
        raise BadChange(f"{path} is no text in UTF-8") from None


def mutation_changes(
    repo: Path, paths: Iterable[str], n: int | None, seed: int
) -> Iterator[RepoChange]:
    """Yield mutations of files of a repository: `n` of all of each's, drawn by the seed, or all.

    Raises BadChange for a path that is no Python file of it, and InvalidSource.
    """
    for path in paths:
        name, source = file_of_repo(repo, path)
        there = list_mutations(source, name)
        if n is not None and n < len(there):
            there = sample_mutations(source, n, seed, name)
        for mutation in there:
            yield RepoChange(str(mutation), (FileEdit(name, source, mutation.apply(source)),))
