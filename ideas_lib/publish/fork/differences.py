"""Where a fork differs from its original, in settings and code; its name is no difference."""

import difflib
from pathlib import Path
from typing import Any

from ideas_lib.ideas import find_idea
from ideas_lib.publish.fork.copies import Copies, files_of
from ideas_lib.publish.fork.settings import BadSettings, settings, tidied
from ideas_lib.study.checkout import root
from ideas_lib.study.study import study_file

__all__ = ["changed_settings", "code_diff"]


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


def _text(path: Path) -> str:
    """Return a file's text, empty where there is none."""
    return path.read_bytes().decode(errors="replace") if path.is_file() else ""


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []
