"""Processes of their own for what may not end, and the words for what went wrong."""

import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["BROKEN", "DrawRefused", "TemplateBroken", "error_words", "run_apart"]

LONGEST = 20_000  # characters of what one process may answer
BROKEN = (SyntaxError, NameError, AttributeError, TypeError, ImportError)  # in a template's text


class DrawRefused(Exception):
    """A draw that makes no exercise; its words say why."""


class TemplateBroken(Exception):
    """A template that is wrong, whatever is drawn."""


def run_apart(work: Callable[[], Any], seconds: float) -> Any:
    """Return what `work()` returns, as JSON carries it; a string where it came to no end."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setpgid(0, 0)
            if "random" in sys.modules:  # else each process would draw the same
                sys.modules["random"].seed()
            os.close(read)
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            try:
                told = work()
            except BaseException as error:  # SystemExit too
                told = {"raised": error_words(error)}
            os.write(write, json.dumps(told).encode()[: LONGEST + 1])
        finally:
            os._exit(0)
    os.close(write)
    found, end = b"", time.monotonic() + seconds
    while len(found) <= LONGEST:
        ready, _, _ = select.select([read], [], [], max(0, end - time.monotonic()))
        chunk = os.read(read, 65536) if ready else b""
        if not chunk:
            break
        found += chunk
    os.close(read)
    for target in (-child, child):
        with contextlib.suppress(ProcessLookupError):
            os.kill(target, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        return json.loads(found)
    except ValueError:
        late = time.monotonic() >= end
        why = f"it took more than {seconds:g} s" if late else "it ended early, or answered too much"
        return {"raised": why}


def error_words(error: BaseException) -> str:
    """Return an error's name and words, cut short."""
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
