"""Fork an idea: its notebook, study and tweak under a new name, ending in a comparison.

`fork` checks everything before it writes anything, never overwrites, and takes back what it wrote
when a write fails. `unfork` moves all of a fork to `.trash/`, which git ignores.
"""

import difflib
import keyword
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from ideas_lib.publish.fork import rewrite
from ideas_lib.publish.fork.notebook import forked_notebook
from ideas_lib.publish.site import toc
from ideas_lib.study.checkout import root

__all__ = ["ForkError", "fork", "forks", "notebook_of", "unfork"]

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 60


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
    found = _notebooks()
    if what in found:
        return found[what]
    if what in _catalogue():
        raise ForkError(f"{what!r} is an idea of the book, but it has no notebook yet")
    raise ForkError(f"no idea {what!r}{_nearest(what, found)}; `ideas list` shows them all")


def forks() -> dict[str, str]:
    """Return every fork's slug with the slug it was forked from."""
    found = {}
    for slug, path in _notebooks().items():
        parent = nbformat.read(path, as_version=4).metadata.get("ideas", {}).get("forked_from")
        if parent:
            found[slug] = str(parent)
    return found


def fork(slug: str, new: str, changes: Sequence[str] = ()) -> list[Path]:
    """Copy idea `slug` to `new` and return the files made, the notebook first.

    `changes` are `key=value` words for the study's SETTINGS. Raises ForkError, BadSettings or
    NotInContents, and then nothing is left behind.
    """
    notebook = notebook_of(slug)
    if notebook.stem != slug:
        raise ForkError(f"name the idea by its slug, {notebook.stem!r}, not by a path")
    _check_name(new)
    files = _contents(notebook, slug, new, changes)
    contents = root() / "_toc.yml"
    before = toc.read_text(contents)
    page, after = (_page(path) for path in (notebook.with_name(f"{new}.ipynb"), notebook))
    enrolled = toc.with_entry(before, page, after)
    _write(files, contents, before, enrolled)
    return list(files)


def unfork(new: str) -> Path:
    """Move all of fork `new` to the trash and return the folder there. Raises ForkError."""
    if new not in _notebooks():
        raise ForkError(f"no fork {new!r}{_nearest(new, forks())}")
    family = forks()
    if new not in family:
        raise ForkError(f"{new!r} is not a fork: only what `ideas fork` made can be taken out")
    children = sorted(child for child, parent in family.items() if parent == new)
    if children:
        raise ForkError(f"{new!r} has forks of its own: take out {', '.join(children)} first")
    top = root()
    contents = top / "_toc.yml"
    before = toc.read_text(contents)
    after = toc.without_entry(before, _page(_notebooks()[new]))
    trash = _trash(top, new)
    moved: list[tuple[Path, Path]] = []
    try:
        for path in _traces(top, new):
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
    return trash


def _contents(notebook: Path, slug: str, new: str, changes: Sequence[str]) -> dict[Path, str]:
    """Return the text of every file of the fork."""
    top = root()
    study, tweak = _study(top, slug), _tweak(top, slug)
    if not study.is_file():
        raise ForkError(f"{slug!r} has no study, {study.relative_to(top)}, so nothing to compare")
    source = study.read_text(encoding="utf-8")
    set_ = rewrite.parse_changes(source, changes)
    copied = rewrite.rename(rewrite.set_settings(source, set_), slug, new)
    if f'"{new}"' not in copied:
        raise ForkError(f"{study.relative_to(top)} does not name its slug: Study(slug={slug!r})")
    files = {
        notebook.with_name(f"{new}.ipynb"): _notebook_text(notebook, slug, new, set_, source),
        _study(top, new): copied,
    }
    if tweak.is_file():
        text = tweak.read_text(encoding="utf-8")
        files[_tweak(top, new)] = rewrite.rename(text, slug, new)
    return {path: rewrite.tidied(text, path) for path, text in files.items()}


def _notebook_text(notebook: Path, slug: str, new: str, set_: Mapping[str, Any], study: str) -> str:
    now = rewrite.settings(study)
    changed = {key: (now[key], value) for key, value in set_.items()}
    try:
        made = forked_notebook(nbformat.read(notebook, as_version=4), slug, new, changed)
    except SyntaxError as error:
        raise ForkError(f"a code cell of {notebook.name} is not Python: {error}") from error
    return str(nbformat.writes(made, version=4)) + "\n"


def _write(files: Mapping[Path, str], contents: Path, before: str, after: str) -> None:
    """Write new files and the table of contents, or, on any failure, nothing."""
    made: list[Path] = []
    try:
        for path, text in files.items():
            with path.open("x", encoding="utf-8", newline="") as file:  # x: never overwrite
                made.append(path)
                file.write(text)
        if toc.read_text(contents) != before:
            raise ForkError("_toc.yml changed meanwhile: try again")
        _replace(contents, after)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


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


def _check_name(new: str) -> None:
    """Raise ForkError unless `new` is a slug that nothing in the checkout has."""
    if not SLUG.fullmatch(new):
        raise ForkError(f"{new!r} is not a slug: lower-case words joined by hyphens, as my-idea is")
    if len(new) > LONGEST:
        raise ForkError(f"{new!r} has {len(new)} characters; a slug has at most {LONGEST}")
    word = new.replace("-", "_")
    if keyword.iskeyword(word) or keyword.issoftkeyword(word) or word in sys.stdlib_module_names:
        raise ForkError(f"{new!r} is a word of Python's own: choose another, as my-{new} is")
    if new in _catalogue():
        raise ForkError(f"{new!r} is an idea of the book: choose another name")
    taken = _traces(root(), new)
    if taken:
        raise ForkError(f"{new!r} is taken by {taken[0].relative_to(root())}: choose another name")


def _traces(top: Path, slug: str) -> list[Path]:
    """Return all that bears the slug: pages, study, tweak, results, work and built pages."""
    pages = [*top.glob(f"chapters/*/{slug}.*"), *top.glob(f"posts/{slug}.*")]
    built = top / "_build"
    folders = [page.parent.relative_to(top) for page in pages]
    pages += [
        path
        for folder in dict.fromkeys(folders)
        for kind in ("html", "html/_sources", "jupyter_execute")
        for path in built.glob(f"{kind}/{folder}/{slug}.*")
    ]
    single = [_study(top, slug), _tweak(top, slug), top / "results" / slug, top / ".work" / slug]
    found = [*pages, *single, *top.glob(f"results/{slug}.*")]
    return [path for path in found if os.path.lexists(path)]


def _trash(top: Path, slug: str) -> Path:
    base = top / ".trash" / f"{slug}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder, count = base, 1
    while folder.exists():
        count += 1
        folder = base.with_name(f"{base.name}-{count}")
    return folder


def _notebooks() -> dict[str, Path]:
    top = root()
    found = [*top.glob("chapters/*/*.ipynb"), *top.glob("posts/*.ipynb")]
    return {path.stem: path for path in sorted(found)}


def _catalogue() -> set[str]:
    from ideas_lib.publish.site.catalogue import ideas

    return {idea.slug for idea in ideas()}


def _page(notebook: Path) -> str:
    return notebook.relative_to(root()).with_suffix("").as_posix()


def _study(top: Path, slug: str) -> Path:
    return top / "studies" / f"{slug.replace('-', '_')}.py"


def _tweak(top: Path, slug: str) -> Path:
    return top / "ideas_lib" / "gpt" / "tweaks" / f"{slug.replace('-', '_')}.py"


def _nearest(word: str, words: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
