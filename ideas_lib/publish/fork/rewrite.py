"""Edit Python source by its syntax tree: rename an idea in it, change its settings.

Only what has to change changes; comments, layout and everything else stay byte for byte.
"""

import ast
import importlib.util
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ideas_lib.study.checkout import root

__all__ = ["BadSettings", "parse_changes", "rename", "set_settings", "settings", "tidied"]

TWEAKS = "ideas_lib.gpt.tweaks"

# Where a one-word slug ("embeddings") means the idea and not just the word.
CALLS = frozenset({"Study", "compare", "exists", "load", "load_study"})

Edit = tuple[int, int, str]  # from byte, to byte, what stands there instead


class BadSettings(ValueError):
    """Raised for a setting that is unknown, unreadable or of another type."""


def rename(source: str, old: str, new: str) -> str:
    """Return source with idea `old` called `new`: slug literals and imports of its tweak.

    `from ideas_lib.gpt.tweaks import old` becomes `import new as old`, so uses of the name stand.
    Lines of notebook magic (`%`, `!`) are left alone. Raises SyntaxError.
    """
    tree = ast.parse(_without_magic(source))
    text = source.encode()
    starts = _line_starts(text)
    edits = [
        (_at(starts, node.lineno, node.col_offset), _end(starts, node), words)
        for node, name in _renamed(tree, old, new)
        if (words := _written(node, name, text, starts))
    ]
    edits += [
        edit for node in ast.walk(tree) for edit in _module_edit(node, text, starts, old, new)
    ]
    return _apply(text, edits)


def _written(node: ast.expr | ast.alias, name: str, text: bytes, starts: list[int]) -> str:
    """Return what to write for a node: a literal keeps its quotes, an f-string may need them.

    Empty for a literal that is not where its node says; Python 3.11 errs within some f-strings.
    """
    if not isinstance(node, ast.Constant):
        return name
    span = text[_at(starts, node.lineno, node.col_offset) : _end(starts, node)].decode()
    try:
        right = ast.literal_eval(span) == node.value
    except (ValueError, SyntaxError):
        right = False
    return span.replace(str(node.value), name) if right else ""


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
    text = source.encode()
    starts = _line_starts(text)
    nodes = _settings_nodes(source)
    edits = [
        (_at(starts, nodes[key].lineno, nodes[key].col_offset), _end(starts, nodes[key]), repr(new))
        for key, new in changes.items()
    ]
    return _apply(text, edits)


def tidied(text: str, path: Path) -> str:
    """Return a file's text, source or notebook, with imports sorted and laid out by ruff.

    A new name moves imports and line breaks, and the checks want both in order. Where there is no
    ruff, or it finds the text broken, the text stays as it is.
    """
    if importlib.util.find_spec("ruff") is None:
        return text
    name = ["--quiet", "--stdin-filename", str(path), "-"]
    # ruff takes for ours only modules that it finds, and the fork's tweak is not written yet.
    ours = ["--config", f'lint.isort.known-first-party = ["{TWEAKS.partition(".")[0]}"]']
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


def _renamed(tree: ast.AST, old: str, new: str) -> Iterator[tuple[ast.expr | ast.alias, str]]:
    """Yield the nodes to replace whole: literals, dotted names and imported names."""
    before, after = old.replace("-", "_"), new.replace("-", "_")
    module, moved = f"{TWEAKS}.{before}", f"{TWEAKS}.{after}"
    for literal in _literals(tree, old):
        yield literal, new
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.Attribute) and module == (
            node.value if isinstance(node, ast.Constant) else ast.unparse(node)
        ):
            yield node, moved
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == module:
                    yield alias, f"{moved} as {alias.asname}" if alias.asname else moved
        elif isinstance(node, ast.ImportFrom) and node.module == TWEAKS:
            for alias in node.names:
                if alias.name == before:
                    name = alias.asname or before
                    yield alias, after if name == after else f"{after} as {name}"


def _literals(tree: ast.AST, old: str) -> Iterator[ast.Constant]:
    """Yield the string literals that mean the idea `old`.

    With a hyphen in it, every literal that equals it. One word may be just a word, so there only
    what names a study or a variant: `load("x")`, `Study(slug="x")`, `VARIANTS["x"]`, `SLUG = "x"`.
    """
    for node in ast.walk(tree):
        found: list[ast.expr] = []
        if "-" in old and isinstance(node, ast.Constant):
            found = [node]
        elif "-" not in old:
            found = _names_an_idea(node)
        for leaf in found:
            if isinstance(leaf, ast.Constant) and leaf.value == old:
                yield leaf


def _names_an_idea(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in CALLS:
            return [*node.args, *(word.value for word in node.keywords if word.arg == "slug")]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("VARIANTS"):
        return [node.slice]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).lower() == "slug":
        return [node.value]
    return []


def _module_edit(
    node: ast.AST, text: bytes, starts: list[int], old: str, new: str
) -> Iterator[Edit]:
    """Yield the edit of `from ideas_lib.gpt.tweaks.old import ...`; its module has no position."""
    module = f"{TWEAKS}.{old.replace('-', '_')}"
    if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
        start = text.index(module.encode(), _at(starts, node.lineno, node.col_offset))
        yield start, start + len(module), f"{TWEAKS}.{new.replace('-', '_')}"


def _apply(text: bytes, edits: list[Edit]) -> str:
    for start, end, words in sorted(set(edits), reverse=True):
        text = text[:start] + words.encode() + text[end:]
    return text.decode()


def _line_starts(text: bytes) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _at(starts: list[int], line: int, column: int) -> int:
    return starts[line - 1] + column


def _end(starts: list[int], node: ast.expr | ast.alias) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return _at(starts, node.end_lineno, node.end_col_offset)


def _without_magic(source: str) -> str:
    """Blank lines of magic, keeping every position where it was."""
    lines = source.split("\n")
    return "\n".join("#" + line[1:] if line[:1] in ("%", "!") else line for line in lines)
