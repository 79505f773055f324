"""Run programs, as they were and in the language, and say which calls each makes.

It runs within the sandbox, with the standard library, lark and the language's package alone. Each
run is a process of its own. What it says are digests: they are compared outside.
"""

import ast
import contextlib
import hashlib
import importlib
import io
import json
import os
import re
import signal
import sys
import types
import zlib
from typing import Any

SECONDS = 5  # of a run
MOST_FILES = 64  # that are open here at a time
SHOWN = 400  # letters of a log that are handed on
ADDRESS = re.compile(r"0x[0-9a-f]+")


class StandIn:
    """Something that is not there: whatever is done with it gives another, and its path says so."""

    def __init__(self, path: str) -> None:
        self.__dict__["_path"] = path

    def __getattr__(self, name: str) -> "StandIn":
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._path}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        LOG.append(f"{self._path}.{name} = {value_words(value)}")

    def __setitem__(self, key: Any, value: Any) -> None:
        LOG.append(f"{self._path}[{value_words(key)}] = {value_words(value)}")

    def __call__(self, *args: Any, **options: Any) -> "StandIn":
        return StandIn(f"{self._path}()")

    def __getitem__(self, key: Any) -> "StandIn":
        if isinstance(key, int) and key > 2:  # or a loop over it would not end
            raise IndexError(key)
        return StandIn(f"{self._path}[{value_words(key)}]")

    def __iter__(self) -> Any:
        return iter([StandIn(f"{self._path}[0]"), StandIn(f"{self._path}[1]")])

    def __hash__(self) -> int:
        return zlib.crc32(f"{self._path}".encode())  # an address would be another in each process

    def __len__(self) -> int:
        return 2

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return 2

    __index__ = __int__

    def __float__(self) -> float:
        return 2.0

    def __str__(self) -> str:
        return f"<{self._path}>"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return f"<{self._path}:{spec}>"

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _operator(name: str) -> Any:
    return lambda self, *others: StandIn(
        f"{self._path}.{name}({', '.join(map(value_words, others))})"
    )


BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
for _name in (*BINARY, "and", "or", "xor", "lshift", "rshift"):
    setattr(StandIn, f"__{_name}__", _operator(_name))
    setattr(StandIn, f"__r{_name}__", _operator(f"r{_name}"))
for _name in ("neg", "invert", "lt", "le", "gt", "ge"):
    setattr(StandIn, f"__{_name}__", _operator(_name))

LOG: list[str] = []


def value_words(value: Any, depth: int = 3) -> str:
    """Return a value in words that are the same in two processes."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return repr(value)
    if isinstance(value, list | tuple | set | frozenset) and depth:
        inner = [value_words(each, depth - 1) for each in value]
        return f"{type(value).__name__}({', '.join(inner)})"
    if isinstance(value, dict) and depth:
        pairs = (
            f"{value_words(k, depth - 1)}: {value_words(v, depth - 1)}" for k, v in value.items()
        )
        return f"dict({', '.join(pairs)})"
    if isinstance(value, types.FunctionType) and value.__name__ == "<lambda>":
        return "a function"
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | types.ModuleType):
        return (
            f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}"
        )
    return f"{type(value).__name__}:{ADDRESS.sub('0x', repr(value))[:300]}"


def record(function: Any, /, *args: Any, **options: Any) -> Any:
    """Make a call, and write down of what and with what."""
    owner = getattr(function, "__self__", None)
    on = "" if owner is None or isinstance(owner, types.ModuleType) else f"{type(owner).__name__}."
    name = (
        value_words(function)
        if isinstance(function, StandIn)
        else on + str(getattr(function, "__qualname__", type(function).__qualname__))
    )
    given = [value_words(each) for each in args]
    given += [f"{key}={value_words(each)}" for key, each in options.items()]
    LOG.append(f"{name}({', '.join(given)})")
    return function(*args, **options)


class _Recorded(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        called = ast.Name("record:", ast.Load())
        return ast.copy_location(ast.Call(called, [node.func, *node.args], node.keywords), node)


def original(program: dict[str, Any]) -> Any:
    """Return a function that runs the program's Python."""
    module = ast.parse(program["source"])
    imports = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    body: list[Any] = [node for node in module.body if node not in imports]
    if body and isinstance(body[-1], ast.Expr):
        body[-1] = ast.Return(body[-1].value)
    names = {
        node.id
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    known: list[Any] = [ast.Global(sorted(names))] if names else []
    nothing = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef("program", nothing, [*known, *(body or [ast.Pass()])], [])
    scope = {name: StandIn(name) for name in program["given"]}
    whole = ast.Module([*imports, function], [])
    return _function(whole, {"__name__": "__main__", **scope})


def translated(program: dict[str, Any], language: Any) -> Any:
    """Return a function that runs the program's text in the language."""
    running = importlib.import_module(f"{language.__name__}.tree_running")
    module, rows = running.runnable(language.TABLE, language.parse(program["text"]))
    scope = {f"${name}": StandIn(name) for name in program["given"]}
    return _function(module, {"__builtins__": {}, **running.load_modules(rows), **scope})


def _function(module: ast.Module, scope: dict[str, Any]) -> Any:
    whole = ast.fix_missing_locations(_Recorded().visit(module))
    scope["record:"] = record
    exec(compile(whole, "<program>", "exec"), scope)
    return scope["program"]


def logged(make: Any) -> list[str]:
    """Return what a program does: its calls, what it prints, how it ends."""
    LOG.clear()
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            function = make()
            LOG.append(f"returns {value_words(function())}")
    except BaseException as error:  # how a program ends is a part of what it does
        words = str(error).replace("$", "")
        LOG.append(f"ends by {type(error).__name__}: {ADDRESS.sub('0x', words)}")
    return [*LOG, f"prints {printed.getvalue()}"]


def run_in_child(make: Any, folder: str) -> list[str | int]:
    """Return [digest, calls, excerpt] of a run in a process of its own, or why there is none."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.closerange(3, write)  # where the answers of all go
        os.closerange(write + 1, MOST_FILES)
        signal.alarm(SECONDS)
        with contextlib.suppress(OSError):
            os.chdir(folder)
        lines = logged(make)
        text = "\n".join(lines)
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
        answer = json.dumps([digest, len(lines) - 2, text[:SHOWN]])
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        found = pipe.read(1 << 16)
    os.waitpid(child, 0)
    try:
        return json.loads(found)
    except ValueError:
        return ["", 0, "no answer: it ended, or took too long"]


def missing(modules: list[str]) -> list[str]:
    """Import modules, put stand-ins in place of those that cannot be, and return these."""
    gone = []
    for name in modules:
        try:
            importlib.import_module(name)
        except BaseException:  # a module of somebody's may end in any way
            gone.append(name)
            parts = name.split(".")
            for count in range(1, len(parts) + 1):
                path = ".".join(parts[:count])
                if path not in sys.modules:
                    sys.modules[path] = StandIn(path)  # type: ignore[assignment]
    return gone


def main() -> None:
    """Read work.json, run all of it, and print an object a line."""
    with open("work.json", encoding="utf-8") as file:
        work = json.load(file)
    out = os.dup(1)
    for stream in (1, 2):  # what programs say there is nobody's answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    sys.path.insert(0, os.path.abspath("package"))
    language = importlib.import_module(work["name"])
    language.parse("")
    sys.path.insert(1, os.path.abspath("snippets"))  # now no file of it is taken for lark's own
    gone = missing(work["modules"])
    with open(out, "w", encoding="utf-8") as answers:
        print(json.dumps(gone), file=answers, flush=True)
        for program in work["programs"]:
            folder = os.path.join("snippets", program["folder"])
            runs = [
                run_in_child(lambda program=program: original(program), folder),
                run_in_child(lambda program=program: original(program), folder),
                run_in_child(lambda program=program: translated(program, language), folder),
            ]
            print(json.dumps(runs), file=answers, flush=True)


if __name__ == "__main__":
    main()
