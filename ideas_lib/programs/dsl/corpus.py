"""Find the Python files of a corpus, and read their programs; what cannot be read is said."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ideas_lib.files import read_plain
from ideas_lib.programs.dsl.snippet_reading import (
    SnippetProgram,
    modules_in,
    parse_python,
    read_programs,
)

__all__ = ["BadCorpus", "Corpus", "read_corpus"]

LARGEST = 1 << 20  # bytes of a file
FILES = 5000


class BadCorpus(ValueError):
    """A corpus with nothing in it to learn from; the message says why, and what to do."""


@dataclass
class Corpus:
    """The programs of a corpus, the modules that it imports, and the files that could not be read.

    `unread` has a file and the reason of each.
    """

    programs: list[SnippetProgram] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    unread: list[tuple[str, str]] = field(default_factory=list)
    files: int = 0


def read_corpus(path: Path, api: str = "", progress: Callable[[], object] = lambda: None) -> Corpus:
    """Read a file, or a folder's .py files but hidden ones; with `api`, those that import it.

    Raises BadCorpus, and OSError.
    """
    if not path.exists():
        raise BadCorpus(f"{path} is not there: name a folder of .py files, or one")
    found = Corpus()
    for each in _files(path):
        name = each.name if path.is_file() else each.relative_to(path).as_posix()
        try:
            data = read_plain(each)
            if len(data) > LARGEST:
                raise ValueError(f"{len(data)} bytes are too many: {LARGEST} at most")
            module = parse_python(data)
        except SyntaxError as error:
            where = f"line {error.lineno}: " if error.lineno else ""
            found.unread.append((name, f"{where}{error.msg}"))
            continue
        except (OSError, ValueError) as error:
            found.unread.append((name, str(error)))
            continue
        modules = modules_in(module)
        found.files += 1
        if not api or any(f"{each}.".startswith(f"{api}.") for each in modules):
            found.programs += read_programs(module, name)
            found.modules |= modules
        progress()
    _check(found, path, api)
    return found


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = [
        each
        for each in sorted(path.rglob("*.py"))
        if not any(part.startswith(".") for part in each.relative_to(path).parts)
    ]
    if len(files) > FILES:
        raise BadCorpus(f"{path} has {len(files)} .py files: {FILES} at most, name a part of them")
    return files


def _check(found: Corpus, path: Path, api: str) -> None:
    if not found.files and found.unread:
        name, reason = found.unread[0]
        raise BadCorpus(f"{name} is no Python: {reason}; no other file in {path} could be read")
    if not found.files:
        raise BadCorpus(f"{path} has no .py file: put snippets of Python in it")
    if api and not found.programs:
        raise BadCorpus(f"no file in {path} imports {api}: check the name, or leave out --api")
    if not found.programs:
        raise BadCorpus(f"no file in {path} has a statement but imports and definitions")
