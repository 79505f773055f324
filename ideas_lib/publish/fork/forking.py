"""Fork an idea: its notebook, study and own code under a new name, compared with the original.

`fork` checks everything before it writes anything, never overwrites, and takes back what it wrote
when a write fails. `unfork` moves all of a fork to `.trash/`, which git ignores.
"""

import contextlib
import difflib
import keyword
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from ideas_lib.ideas import IDEAS, find_idea, module_name, notebooks_by_slug
from ideas_lib.publish.fork.copies import Copies
from ideas_lib.publish.fork.notebook import forked_notebook
from ideas_lib.publish.fork.rename import OutOfReach
from ideas_lib.publish.fork.settings import parse_changes, set_settings, settings, tidied
from ideas_lib.publish.site import toc
from ideas_lib.study.checkout import root
from ideas_lib.study.study import study_file

__all__ = ["ForkError", "fork", "forks", "notebook_of", "unfork"]

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 40  # so that no import of a fork's code is longer than a line


class ForkError(ValueError):
    """Raised when a fork cannot be made or taken out; nothing has changed then."""


def notebook_of(what: str) -> Path:
    """Return the notebook of a slug, or of a path to one in this checkout. Raises ForkError."""
    if what.endswith(".ipynb"):
        path = Path(what).resolve()
        if not path.is_file():
            raise ForkError(f"no notebook {what}")
        if not path.is_relative_to(root()):
            raise ForkError(f"{what} lies outside the checkout {root()}")
        return path
    found = notebooks_by_slug(root())
    if what in found:
        return found[what]
    if what in {idea.slug for idea in IDEAS}:
        raise ForkError(
            f"{what!r} is an idea of the book, but it has no notebook yet: `ideas list` shows which"
            " have one"
        )
    raise ForkError(f"no idea {what!r}{_nearest(what, found)}; `ideas list` shows them all")


def forks() -> dict[str, str]:
    """Return every fork's slug with the slug it was forked from."""
    top = root()
    found = {slug: find_idea(slug, top).forked_from for slug in notebooks_by_slug(top)}
    return {slug: parent for slug, parent in found.items() if parent}


def fork(slug: str, new: str, changes: Sequence[str] = ()) -> list[Path]:
    """Copy idea `slug` to `new` and return what was made: notebook, study, and files or folders.

    `changes` are `key=value` words for the study's SETTINGS. Raises ForkError, BadSettings or
    NotInContents, and then nothing is left behind.
    """
    notebook = notebook_of(slug)
    if notebook.stem != slug:
        raise ForkError(f"name the idea by its slug, {notebook.stem!r}, not by a path")
    top = root()
    copies = Copies(find_idea(slug, top), new, top)
    _check_name(copies)
    files = _contents(notebook, copies, changes)
    contents = top / "_toc.yml"
    before = toc.read_text(contents)
    page, after = (_page(path) for path in (notebook.with_name(f"{new}.ipynb"), notebook))
    enrolled = toc.with_entry(before, page, after)
    with _taken_back_when_killed():
        _write(files, contents, before, enrolled)
    made = find_idea(new, top)
    return [notebook.with_name(f"{new}.ipynb"), made.study(top), *made.code_paths(top)]


def unfork(new: str) -> Path:
    """Move all of fork `new` to the trash and return the folder there. Raises ForkError."""
    top = root()
    if new not in notebooks_by_slug(top):
        raise ForkError(f"no fork {new!r}{_nearest(new, forks())}")
    family = forks()
    if new not in family:
        raise ForkError(f"{new!r} is not a fork: only what `ideas fork` made can be taken out")
    children = sorted(child for child, parent in family.items() if parent == new)
    if children:
        raise ForkError(f"{new!r} has forks of its own: take out {', '.join(children)} first")
    contents = top / "_toc.yml"
    before = toc.read_text(contents)
    after = toc.without_entry(before, _page(notebooks_by_slug(top)[new]))
    trash = _trash(top, new)
    with _taken_back_when_killed():
        _move(_traces(top, new, find_idea(new, top).code), top, trash, contents, after)
    return trash


def _move(paths: Iterable[Path], top: Path, trash: Path, contents: Path, after: str) -> None:
    """Move paths of a checkout to the trash and write the contents, or, on any failure, nothing."""
    moved: list[tuple[Path, Path]] = []
    try:
        for path in paths:
            target = trash / path.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            moved.append((path, target))
        _replace(contents, after)
    except BaseException:
        for path, target in reversed(moved):
            shutil.move(target, path)
        shutil.rmtree(trash, ignore_errors=True)
        raise


def _contents(notebook: Path, copies: Copies, changes: Sequence[str]) -> dict[Path, bytes]:
    """Return the content of every file of the fork."""
    slug, new, top = copies.idea.slug, copies.new, copies.top
    study = study_file(slug)
    if not study.is_file():
        raise ForkError(f"{slug!r} has no study, {study.relative_to(top)}, so nothing to compare")
    source = study.read_text(encoding="utf-8")
    set_ = parse_changes(source, changes)
    page = notebook.with_name(f"{new}.ipynb")
    now = settings(source)
    changed = {key: (now[key], value) for key, value in set_.items()}
    try:
        copied = copies.contents({study: set_settings(source, set_)})
        text = _notebook_text(notebook, copies, changed)
    except (FileNotFoundError, OutOfReach, SyntaxError) as error:
        raise ForkError(f"{slug!r} cannot be forked: {error}") from error
    studies = [content for path, content in copied.items() if path.is_relative_to(top / "studies")]
    if not any(f'"{new}"'.encode() in content for content in studies):
        raise ForkError(f"{study.relative_to(top)} does not name its slug: Study(slug={slug!r})")
    return {page: tidied(text, page).encode()} | copied


def _notebook_text(notebook: Path, copies: Copies, changed: Mapping[str, tuple[Any, Any]]) -> str:
    try:
        made = forked_notebook(nbformat.read(notebook, as_version=4), copies, changed)
    except SyntaxError as error:
        raise ForkError(f"a code cell of {notebook.name} is not Python: {error}") from error
    return str(nbformat.writes(made, version=4)) + "\n"


def _write(files: Mapping[Path, bytes], contents: Path, before: str, after: str) -> None:
    """Write new files and the table of contents, or, on any failure, nothing."""
    made: list[Path] = []
    try:
        for path, content in files.items():
            for folder in _missing(path.parent):
                folder.mkdir()
                made.append(folder)
            with path.open("xb") as file:  # x: never overwrite
                made.append(path)
                file.write(content)
        if toc.read_text(contents) != before:
            raise ForkError("_toc.yml changed meanwhile: try again")
        _replace(contents, after)
    except BaseException:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _taken_back_when_killed() -> Iterator[None]:
    """Have a kill or a closed terminal raise in here, as Ctrl-C does, so that nothing is left."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may have handlers
        return

    def stop(number: int, frame: object) -> None:
        sys.exit(128 + number)

    kinds = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {kind: signal.signal(kind, stop) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _missing(folder: Path) -> list[Path]:
    """Return the folders that have to be made, outermost first."""
    wanted = [path for path in (folder, *folder.parents) if not path.exists()]
    return wanted[::-1]


def _replace(path: Path, text: str) -> None:
    """Replace a file's text in one step, or not at all; untouched where nothing changes."""
    if toc.read_text(path) == text:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode())
        shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _check_name(copies: Copies) -> None:
    """Raise ForkError unless the fork's name is a slug that nothing in the checkout has."""
    new, top = copies.new, copies.top
    if not SLUG.fullmatch(new):
        near = re.sub(r"[^a-z0-9]+", "-", new.lower()).strip("-0123456789")[:LONGEST].rstrip("-")
        raise ForkError(
            f"{new!r} is not a slug: lower-case words joined by hyphens, as"
            f" {near if SLUG.fullmatch(near) else 'my-idea'} is"
        )
    if len(new) > LONGEST:
        raise ForkError(
            f"{new!r} has {len(new)} characters, and a slug at most {LONGEST}: take a shorter one,"
            f" as {new[:LONGEST].rpartition('-')[0] or new[:LONGEST]} is"
        )
    word = module_name(new)
    if keyword.iskeyword(word) or keyword.issoftkeyword(word) or word in sys.stdlib_module_names:
        raise ForkError(f"{new!r} is a word of Python's own: choose another, as my-{new} is")
    if new in {idea.slug for idea in IDEAS}:
        raise ForkError(f"{new!r} is an idea of the book: choose another name")
    taken = _traces(top, new, copies.code)
    if taken:
        way = f", or free it with `ideas unfork {new}`" if new in forks() else ""
        place = taken[0].relative_to(top)
        raise ForkError(f"{new!r} is taken by {place}: choose another name{way}")


def _traces(top: Path, slug: str, code: Iterable[str]) -> list[Path]:
    """Return all that bears the slug: pages, study, code, results, work and built pages.

    `code` says where under `ideas_lib` to look; of it, only what is called by the slug is a trace.
    """
    pages = [*top.glob(f"chapters/*/{slug}.*"), *top.glob(f"posts/{slug}.*")]
    built = top / "_build"
    folders = [page.parent.relative_to(top) for page in pages]
    pages += [
        path
        for folder in dict.fromkeys(folders)
        for kind in ("html", "html/_sources", "jupyter_execute")
        for path in built.glob(f"{kind}/{folder}/{slug}.*")
    ]
    word = module_name(slug)
    places = dict.fromkeys((top / "ideas_lib" / name).parent for name in code)
    # A module and a package of one name would hide each other, so either of them takes the name.
    modules = [
        folder / name for folder in (top / "studies", *places) for name in (word + ".py", word)
    ]
    kept = [top / "results" / slug, top / ".work" / slug, *top.glob(f"results/{slug}.*")]
    return [path for path in (*pages, *modules, *kept) if os.path.lexists(path)]


def _trash(top: Path, slug: str) -> Path:
    base = top / ".trash" / f"{slug}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder, count = base, 1
    while folder.exists():
        count += 1
        folder = base.with_name(f"{base.name}-{count}")
    return folder


def _page(notebook: Path) -> str:
    return notebook.relative_to(root()).with_suffix("").as_posix()


def _nearest(word: str, words: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
