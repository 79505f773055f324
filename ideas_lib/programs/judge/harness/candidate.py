"""The candidate's side: load the program, and call it as asked, each call in a fork of its own.

It gets the name of a function and arguments, and answers with a value or the name of an exception.
Whatever the program does to this process, all it can change is its own answers.
"""

import importlib
import os
import sys
from types import ModuleType
from typing import Any, BinaryIO

from ideas_lib.programs.judge.harness.values import SIZE, decode, encode

REQUESTS, ANSWERS = 3, 4


def main() -> None:
    """Answer until no more is asked."""
    module: ModuleType | BaseException
    try:
        module = importlib.import_module("program")
    except BaseException as error:  # a program may end in any way it likes
        module = error
    with open(REQUESTS, "rb") as requests, open(ANSWERS, "wb", buffering=0) as answers:
        for request in requests:
            turn, name, args, kwargs = decode(request.decode())
            answers.write(forked(module, turn, name, args, kwargs))


def forked(module: ModuleType | BaseException, turn: int, *call: Any) -> bytes:
    """Make a call in a fork, so that it leaves nothing behind for the next one."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with open(write, "wb") as pipe:
            pipe.write(called(module, turn, *call))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        told = read_line(pipe)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return told or answer(turn, "died", f"its process ended with code {code} before it answered")


def read_line(pipe: BinaryIO) -> bytes:
    """Read a line, as far as a judge would."""
    told = pipe.readline(SIZE + 1)
    return told if told.endswith(b"\n") else b""


def called(module: Any, turn: int, name: str, args: tuple, kwargs: dict[str, Any]) -> bytes:
    """Call the function and return the line that tells what came of it."""
    if isinstance(module, BaseException):
        return answer(
            turn, "died", f"it cannot be loaded: {type(module).__name__}: {message(module)}"
        )
    try:
        value = getattr(module, name)(*args, **kwargs)
    except BaseException as error:
        return answer(turn, "raised", type(error).__name__, message(error))
    try:
        return answer(turn, "value", value)
    except BaseException as error:
        return answer(turn, "died", f"it returned what cannot be judged: {message(error)}")


def message(error: BaseException) -> str:
    """Return the message of an exception, whatever its __str__ does."""
    try:
        return str(error.args[0] if len(error.args) == 1 else error)[:500]
    except BaseException:
        return "its message cannot be shown"


def answer(*parts: object) -> bytes:
    """Return a line of data."""
    told = encode(parts).encode() + b"\n"
    if len(told) > SIZE:
        raise ValueError(f"its text is longer than {SIZE} characters")
    return told


if __name__ == "__main__":
    main()
