"""A key for code: equal when the code does the same, whatever its comments say."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ideas_lib.study.closure import Checkout, digest

__all__ = ["SCHEME", "closure", "code_key", "digest", "imports_of", "module_hash", "source_hash"]

SCHEME = 2  # how keys are made; it stands before each, so that keys of two schemes never agree

PACKAGE = "ideas_lib"


@cache
def source_hash(source: str) -> str:
    """Hash the abstract syntax of Python source: comments, docstrings and layout do not count."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                if isinstance(first.value.value, str):
                    node.body = node.body[1:] or [ast.Pass()]
    return digest(_dump(tree))


def _dump(node: object) -> str:
    # `ast.dump` differs between versions of Python: leave out whatever is empty.
    if isinstance(node, ast.AST):
        fields = ((n, v) for n, v in ast.iter_fields(node) if v is not None and v != [])
        return f"{type(node).__name__}({','.join(f'{n}={_dump(v)}' for n, v in fields)})"
    return f"[{','.join(map(_dump, node))}]" if isinstance(node, list) else repr(node)


def module_hash(path: Path) -> str:
    """Hash the abstract syntax of one Python file."""
    return source_hash(path.read_text(encoding="utf-8"))


@cache
def imports_of(source: str) -> frozenset[str]:
    """Return the dotted names under `ideas_lib` that Python source imports.

    `from ideas_lib.gpt import build` gives both `ideas_lib.gpt` and `ideas_lib.gpt.build`:
    which of them are modules only `closure` can tell.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(name for name in names if name.split(".")[0] == PACKAGE)


def closure(names: Iterable[str], top: Path) -> dict[str, Path]:
    """Return the modules of `ideas_lib` that importing `names` runs, parents included, with files.

    `top` is the folder that holds `ideas_lib`. Names that are not modules are left out.
    """
    files = {_dotted(path, top): path for path in sorted((top / PACKAGE).rglob("*.py"))}
    found: set[str] = set()
    todo = [name for name in names if name in files]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        if "." in name:
            todo.append(name.rpartition(".")[0])
        used = imports_of(files[name].read_text(encoding="utf-8"))
        todo += [other for other in used if other in files]
    return {name: files[name] for name in sorted(found)}


def code_key(sources: Iterable[str], top: Path) -> str:
    """Return the key of Python sources and all that they load of the checkout at `top`."""
    return f"{SCHEME}-{Checkout(top).key(*sources)}"


def _dotted(path: Path, top: Path) -> str:
    parts = path.relative_to(top).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
