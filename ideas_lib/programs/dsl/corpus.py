"""Find the Python files of a corpus, and read their programs; what cannot be read is said."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ideas_lib.files import read_plain
from ideas_lib.formatting import printable
from ideas_lib.programs.dsl.snippet_reading import (
    SnippetProgram,
    modules_in,
    parse_python,
    read_programs,
)

__all__ = ["BadCorpus", "Corpus", "files_below", "read_corpus", "read_texts"]

LARGEST = 1 << 20  # bytes of a file
FILES = 5000


class BadCorpus(ValueError):
    """A corpus with nothing in it to learn from; the message says why, and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))  # it has names of files, which may have anything


@dataclass
class Corpus:
    """The programs of a corpus, the modules that it imports, and the files that could not be read.

    `files` counts those that the programs are from; `unread` has a file and the reason of each.
    """

    programs: list[SnippetProgram] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    unread: list[tuple[str, str]] = field(default_factory=list)
    files: int = 0


def read_corpus(path: Path, api: str = "", progress: Callable[[], object] = lambda: None) -> Corpus:
    """Read a file, or a folder's .py files but hidden ones; with `api`, those that import it.

    Raises BadCorpus, and OSError.
    """
    found = Corpus()
    read = 0
    for each in _files(path, found.unread):
        name = each.name if path.is_file() else each.relative_to(path).as_posix()
        try:
            modules, programs = _read(each, name)
        except SyntaxError as error:
            where = f"line {error.lineno}: " if error.lineno else ""
            found.unread.append((name, f"no Python: {where}{error.msg}"))
        except RecursionError:
            found.unread.append((name, "what it says is nested too deep"))
        except OSError as error:
            found.unread.append((name, error.strerror or str(error)))
        except ValueError as error:
            found.unread.append((name, str(error)))
        else:
            read += 1
            if not api or any(f"{each}.".startswith(f"{api}.") for each in modules):
                found.files += 1
                found.programs += programs
                found.modules |= modules
        progress()
    _check(found, path, api, read)
    return found


def read_texts(texts: Mapping[str, str]) -> Corpus:
    """Read snippets that are no files, name -> text. Raises BadCorpus for what is no Python."""
    found = Corpus(files=len(texts))
    for name, text in texts.items():
        try:
            module = parse_python(text)
        except SyntaxError as error:
            raise BadCorpus(f"{name!r} is no Python: line {error.lineno}: {error.msg}") from None
        found.programs += read_programs(module, name)
        found.modules |= modules_in(module)
    return found


def _read(path: Path, name: str) -> tuple[frozenset[str], list[SnippetProgram]]:
    """Return what a file imports, and its programs. Raises ValueError and more, as its parts do."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise ValueError(f"{path.stat().st_size} bytes are too many: {LARGEST} at most")
    module = parse_python(read_plain(path))
    return modules_in(module), read_programs(module, name)


def files_below(
    folder: Path, failed: Callable[[OSError], object] = lambda error: None
) -> Iterator[Path]:
    """Yield what is in a folder and those within it but folders, as it comes; nothing hidden.

    `failed` is told of folders that cannot be read.
    """
    for inside, folders, names in os.walk(folder, onerror=failed):
        folders[:] = [each for each in folders if not each.startswith(".")]
        yield from (Path(inside, each) for each in names if not each.startswith("."))


def _files(path: Path, unread: list[tuple[str, str]]) -> list[Path]:
    """Return the files that are to be read; folders that cannot be go to `unread`."""
    if not path.exists():
        raise BadCorpus(f"{path} is not there: name a folder of .py files, or one")
    if not path.is_dir():
        if path.suffix != ".py":
            raise BadCorpus(f"{path} is no folder and no .py file: name one of these")
        return [path]

    def failed(error: OSError) -> None:
        if Path(error.filename) == path:
            raise BadCorpus(f"{path} cannot be read: {error.strerror}; name a folder that can be")
        unread.append((Path(error.filename).relative_to(path).as_posix(), str(error.strerror)))

    files = []
    for each in files_below(path, failed):
        if each.suffix == ".py":
            files.append(each)
        if len(files) > FILES:
            raise BadCorpus(f"{path} has more than {FILES} .py files: name a part of them")
    return sorted(files)


def _check(found: Corpus, path: Path, api: str, read: int) -> None:
    if not read and found.unread:
        name, reason = found.unread[0]
        more = f", nor can {len(found.unread) - 1} more" if len(found.unread) > 1 else ""
        raise BadCorpus(
            f"{path if path.is_file() else path / name} cannot be read: {reason}{more}; "
            "give files of Python 3"
        )
    if not read:
        raise BadCorpus(f"{path} has no .py file: put snippets of Python in it")
    if api and not found.programs:
        raise BadCorpus(f"no file in {path} imports {api!r}: check the name, or leave out --api")
    if not found.programs:
        raise BadCorpus(
            f"no file in {path} has a statement but imports and definitions: add files that do "
            "something"
        )
