"""A study's settings: read from its source, and changed there; and laying out what was changed.

Only what has to change changes; comments, layout and everything else stay byte for byte.
"""

import ast
import importlib.util
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ideas_lib.publish.fork.edits import Edits
from ideas_lib.study.checkout import root

__all__ = ["BadSettings", "parse_changes", "set_settings", "settings", "tidied"]


class BadSettings(ValueError):
    """Raised for a setting that is unknown, unreadable or of another type."""


def settings(source: str) -> dict[str, Any]:
    """Return the literal SETTINGS of a study's source, empty where it has none."""
    return {key: ast.literal_eval(node) for key, node in _settings_nodes(source).items()}


def parse_changes(source: str, changes: Sequence[str]) -> dict[str, Any]:
    """Read `key=value` words against a study's SETTINGS, as values of the type that stands there.

    Raises BadSettings: no `=`, an unknown key, a key given twice, or another type.
    """
    known = settings(source)
    found: dict[str, Any] = {}
    for change in changes:
        key, equals, word = (part.strip() for part in change.partition("="))
        if not equals or not key:
            raise BadSettings(f"--set {change!r} is not KEY=VALUE, as heads=8 is")
        if key not in known:
            now = ", ".join(f"{name}={value!r}" for name, value in known.items())
            raise BadSettings(f"no setting {key!r}; this study has {now or 'none'}")
        if key in found:
            raise BadSettings(f"--set gives {key!r} twice: {found[key]!r} and {word}")
        found[key] = _value(key, word, known[key])
    return found


def set_settings(source: str, changes: Mapping[str, Any]) -> str:
    """Return a study's source with those entries of its SETTINGS changed; keys must be there."""
    edits = Edits(source)
    nodes = _settings_nodes(source)
    for key, new in changes.items():
        edits.replace(nodes[key], repr(new))
    return edits.made()


def tidied(text: str, path: Path) -> str:
    """Return a file's text, source or notebook, with imports sorted and laid out by ruff.

    A new name moves imports and line breaks, and the checks want both in order. Where there is no
    ruff, or it finds the text broken, the text stays as it is.
    """
    if importlib.util.find_spec("ruff") is None:
        return text
    name = ["--quiet", "--stdin-filename", str(path), "-"]
    # ruff takes for ours only modules that it finds, and the fork's code is not written yet.
    ours = ["--config", 'lint.isort.known-first-party = ["ideas_lib", "studies"]']
    for command in (["check", "--select", "I", "--fix-only", *ours, *name], ["format", *name]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command],
            input=text.encode(),
            capture_output=True,
            cwd=root(),
            check=False,
        )
        if done.returncode == 0 and done.stdout:
            text = done.stdout.decode()
    return text


def _value(key: str, word: str, now: Any) -> Any:
    try:
        value = ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = word  # a bare word is a string, as on any command line
    if isinstance(now, str) and not isinstance(value, str):
        value = word
    if type(now) is float and type(value) is int:
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise BadSettings(f"{key}={word}: a setting must be a finite number")
    if now is not None and type(value) is not type(now):
        wanted, got = type(now).__name__, type(value).__name__
        raise BadSettings(
            f"{key}={word} is of type {got}; it must be {wanted}, as {key}={now!r} is"
        )
    return value


def _settings_nodes(source: str) -> dict[str, ast.expr]:
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value:
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == "SETTINGS" for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            return _entries(node.value)
    return {}


def _entries(value: ast.expr | None) -> dict[str, ast.expr]:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
        pairs = [(word.arg, word.value) for word in value.keywords]
        literal = not value.args
    elif isinstance(value, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        pairs = list(zip(keys, value.values, strict=True))  # type: ignore[arg-type]
        literal = True
    else:
        pairs, literal = [], False
    if not literal or not all(isinstance(key, str) and _literal(node) for key, node in pairs):
        raise BadSettings("SETTINGS must be dict(name=literal, ...) for a fork to change it")
    return {key: node for key, node in pairs if key is not None}


def _literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True
