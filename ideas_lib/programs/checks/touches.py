r"""What a program may touch, from a static look: files, processes, the network, its own code.

    >>> may_touch("import os\ndef f(x):\n    os.system('true')\n    return eval(x)\n")
    ['processes (os.system, line 3)', 'code made as it runs (eval, line 4)']

A look at the text finds what is called by its name. Who wants to hide can: of `getattr(x, name)` is
only seen that it gets an attribute by a name that is made as it runs, and that is said. So to find
nothing is no promise; `attempts` says what a program tried when it was run.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from ideas_lib.programs.checks.constants import written_nodes
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.sandbox.running import excerpt

__all__ = ["may_touch"]

FILES, PROCESSES, NETWORK = "files", "processes", "the network"
CODE, OTHERS, INTERPRETER = "code made as it runs", "native code and memory", "Python itself"
MODULES = {
    FILES: "bz2 dbm fileinput fcntl glob gzip io linecache lzma mmap os pathlib shelve shutil "
    "sqlite3 tarfile tempfile zipfile",
    PROCESSES: "_posixsubprocess concurrent multiprocessing posix pty resource signal subprocess",
    NETWORK: "_socket aiohttp asyncio ftplib http httpx imaplib poplib requests select selectors "
    "smtplib socket socketserver ssl telnetlib urllib urllib3 webbrowser xmlrpc",
    CODE: "code codeop dill importlib imp marshal pickle pkgutil runpy types zipimport",
    OTHERS: "_ctypes cffi ctypes",
    INTERPRETER: "atexit builtins faulthandler gc inspect sys threading",
}
CALLS = {
    FILES: "open fdopen input",
    PROCESSES: "system popen fork forkpty kill killpg execl execle execlp execv execve execvp "
    "execvpe spawnl spawnv posix_spawn startfile abort _exit",
    CODE: "eval exec compile __import__ globals locals vars setattr delattr loads load",
    INTERPRETER: "breakpoint exit quit addaudithook settrace setprofile",
}
NAMED = {word: kind for kind, words in CALLS.items() for word in words.split()}
OWNER = {word: kind for kind, words in MODULES.items() for word in words.split()}
PATHS = frozenset(
    {"read_text", "read_bytes", "write_text", "write_bytes", "unlink", "rmdir", "mkdir", "rmtree"}
)
SAFE = {  # of these modules, what touches nothing
    "io.StringIO", "io.BytesIO", "sys.maxsize", "sys.setrecursionlimit", "sys.getsizeof",
    "sys.float_info", "os.path.join", "os.path.basename", "os.path.splitext",
    "types.SimpleNamespace", "urllib.parse", "sys.getrecursionlimit", "os.sep", "os.linesep",
}  # fmt: skip
INERT = frozenset(  # calls and decorators that only make a value, at the level of a module
    {"TypeVar", "NewType", "namedtuple", "Counter", "OrderedDict", "defaultdict", "deque"}
    | {"set", "dict", "list", "tuple", "frozenset", "range", "len", "str", "int", "float", "bool"}
    | {"sorted", "zip", "map", "enumerate", "chain", "ord", "chr", "abs", "min", "max", "sum"}
    | {"dataclass", "field", "auto", "cache", "lru_cache", "wraps", "total_ordering", "property"}
    | {"Decimal", "Fraction", "staticmethod", "classmethod", "setter", "abstractmethod", "overload"}
)
SHOWN = 5


def may_touch(program: str, task: FunctionTask | None = None) -> list[str]:
    """Name what a program may touch, each with where; what `task` has before counts as the user's.

    The program has to parse.
    """
    nodes = ast.parse(program).body if task is None else written_nodes(task, program)
    found: dict[str, list[str]] = {}
    known = _imported(ast.parse(program))
    bound = _bound(ast.parse(program)) - set(known)
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and each.id in bound:
                continue
            for kind, what in _touched(each, known):
                place = f"{what}, line {each.lineno}"  # type: ignore[attr-defined]
                if place not in found.setdefault(kind, []):
                    found[kind].append(place)
    acts = [f"{ast.unparse(each)[:60]}, line {each.lineno}" for n in nodes for each in _acting(n)]
    if acts:
        found["whatever is run when it is loaded"] = list(dict.fromkeys(acts))
    return [excerpt(f"{kind} ({'; '.join(_few(places))})") for kind, places in found.items()]


def _few(places: Sequence[str]) -> list[str]:
    more = len(places) - SHOWN
    return [*places[:SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that a program gives to values of its own: `input`, for one."""
    nodes = list(ast.walk(tree))
    found = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    found |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    return found | {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return what names stand for, where an import says so: `sp` for `subprocess`."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                known[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module or '.'}.{alias.name}"
    return known


def _touched(node: ast.AST, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a node may touch: (kind, its name)."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        name = known.get(node.id, node.id)
        whole = name.partition(".")[0]
        if "." in name and whole in OWNER and name not in SAFE:
            yield _kind(name), name
        elif node.id not in known and node.id in NAMED:
            yield NAMED[node.id], node.id
        elif node.id in ("__builtins__", "__loader__", "__spec__"):
            yield INTERPRETER, node.id
    elif isinstance(node, ast.Attribute):
        dotted = _dotted(node, known)
        if dotted and dotted.partition(".")[0] in OWNER:
            if dotted not in SAFE and not any(safe.startswith(dotted + ".") for safe in SAFE):
                if not any(dotted.startswith(safe + ".") for safe in SAFE):
                    yield _kind(dotted), dotted
        elif node.attr in PATHS:
            yield FILES, f".{node.attr}"
        elif node.attr.startswith("__") and node.attr not in ("__name__", "__init__", "__class__"):
            yield INTERPRETER, f".{node.attr}"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "getattr" and not isinstance((*node.args, node, node)[1], ast.Constant):
            yield CODE, "getattr of a name made as it runs"
        elif node.func.id == "getattr" and str(node.args[1].value) in NAMED:  # type: ignore[attr-defined]
            word = str(node.args[1].value)  # type: ignore[attr-defined]
            yield NAMED[word], f"getattr {word!r}"
    elif isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        if (node.module or "").partition(".")[0] in OWNER:
            yield OWNER[(node.module or "").partition(".")[0]], f"all of {node.module}"
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from _native(node)


def _native(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield modules whose mere import is worth a word: those that reach the machine."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
    for name in names:
        kind = OWNER.get((name or "").partition(".")[0])
        if kind in (OTHERS, NETWORK, PROCESSES) and name != "urllib.parse":
            yield kind, f"import {name}"


def _kind(dotted: str) -> str:
    first, _, last = dotted.rpartition(".")
    kind = NAMED.get(last, OWNER[dotted.partition(".")[0]])
    return kind if first in ("os", "posix", "builtins", "sys") else OWNER[dotted.partition(".")[0]]


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _acting(node: ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """Yield what acts when the program is loaded: calls of more than what makes a value."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[Any] = [*node.decorator_list, node.args, *([node.returns] * bool(node.returns))]
    elif isinstance(node, ast.ClassDef):
        yield from (each for inner in node.body for each in _acting(inner))
        parts = [*node.decorator_list, *node.bases, *node.keywords]
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr | ast.Pass):
        parts = [node]
    else:
        yield node  # a loop, a `with`, a `del`, an `if`
        return
    for part in parts:
        for each in _outside_functions(part):
            if isinstance(each, ast.Call) and not _inert(each.func):
                yield each
            elif isinstance(each, ast.Await | ast.Subscript | ast.Attribute) and isinstance(
                getattr(each, "ctx", None), ast.Store
            ):
                yield each  # it changes what is not its own
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        for each in node.decorator_list:
            if not isinstance(each, ast.Call) and not _inert(each):
                yield each


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def _inert(node: ast.expr) -> bool:
    """Say whether a call of this only makes a value: by its name, so it is no promise either."""
    if isinstance(node, ast.Attribute):  # `re.compile`, `functools.lru_cache`, no `os.compile`
        return node.attr in INERT or ast.unparse(node) == "re.compile"
    return isinstance(node, ast.Name) and node.id in INERT
