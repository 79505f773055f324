"""Where a fork differs from its original, in settings and code; its name is no difference."""

import difflib
from pathlib import Path
from typing import Any

from ideas_lib.ideas import find_idea
from ideas_lib.publish.fork.copies import Copies, files_of
from ideas_lib.publish.fork.settings import BadSettings, settings, tidied
from ideas_lib.study.checkout import root
from ideas_lib.study.closure import Checkout
from ideas_lib.study.study import study_file
from ideas_lib.study.syntax import syntax_of

__all__ = ["changed_settings", "code_diff", "touched"]


def changed_settings(fork: str, original: str) -> dict[str, tuple[Any, Any]]:
    """Return the literal settings that differ: name -> (original, fork), "absent" for none.

    What is no literal is left to the diff.
    """
    try:
        now, was = (settings(_text(study_file(slug))) for slug in (fork, original))
    except BadSettings:
        return {}
    keys = [*was, *(key for key in now if key not in was)]
    pairs = {key: (was.get(key, "absent"), now.get(key, "absent")) for key in keys}
    return {key: (before, after) for key, (before, after) in pairs.items() if before != after}


def code_diff(fork: str, original: str) -> str:
    """Return the unified diff of the study and all own code, files added and taken away too."""
    top = root()
    copies = Copies(find_idea(original, top), fork, top)
    ours = find_idea(fork, top)
    places = (place for place in (ours.study(top), *ours.code_paths(top)) if place.exists())
    own = (path for place in places for path in files_of(place))
    lines: list[str] = []
    for target in dict.fromkeys((*copies.files, *own)):
        source = copies.files.get(target, target)
        old = _text(source) if target in copies.files else ""
        if source.suffix == ".py" and old:
            old = tidied(copies.rewritten(old), target)
        before, after = (path.relative_to(top).as_posix() for path in (source, target))
        lines += difflib.unified_diff(
            _lines(old), _lines(_text(target)), before, after, lineterm=""
        )
    return "\n".join(lines)


def touched(fork: str, original: str) -> tuple[str, ...]:
    """Say which of a fork's own modules load code that was changed, and so changed with it.

    A control that is built on a tweak is one: what it is a control for has moved as well.
    """
    top = root()
    copies = Copies(find_idea(original, top), fork, top)
    library = {
        target: source
        for target, source in copies.files.items()
        if source.suffix == ".py" and target.is_relative_to(top / "ideas_lib")
    }
    changed = [t.relative_to(top).as_posix() for t in library if _differs(t, library[t], copies)]
    checkout = Checkout(top)
    said = []
    for target in library:
        name = target.relative_to(top).as_posix()
        if name in changed or not target.is_file():
            continue
        loads = checkout.loads(_text(target))
        used = [other for other in changed if other in loads]
        if used:
            names = ", ".join(f"`{each}`" for each in used)
            said.append(f"`{name}` loads {names}, which was changed: what it makes changed too.")
    return tuple(said)


def _differs(target: Path, source: Path, copies: Copies) -> bool:
    """Say whether a copy does something else; comments and layout do nothing."""
    was, now = (syntax_of(text) for text in (copies.rewritten(_text(source)), _text(target)))
    parts = ("form", "references", "imports", "files", "homes")
    return any(getattr(was, part) != getattr(now, part) for part in parts)


def _text(path: Path) -> str:
    """Return a file's text, empty where there is none."""
    return path.read_bytes().decode(errors="replace") if path.is_file() else ""


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []
