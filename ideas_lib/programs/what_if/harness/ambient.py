"""The switches of a process, in no module of the repository, that tests leave elsewhere."""

import atexit
import contextvars
import decimal
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
import unittest.mock
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["has_children", "set_pytest_apart", "switches"]

_of_pytest = 0  # exit functions


def switches() -> dict[str, Any]:
    """Return the state of what is known to be switched, by its name; two can be compared by ==."""
    loggers = {
        name: (one.level, one.propagate, one.disabled, *one.handlers, *one.filters)
        for name, one in [*logging.root.manager.loggerDict.items(), ("", logging.root)]
        if isinstance(one, logging.Logger)
    }
    mask = os.umask(0o022)
    os.umask(mask)
    found: dict[str, Any] = {
        "os.environ": dict(os.environ),
        "the working directory": _ask(os.getcwd),
        "umask": mask,
        "sys.path or sys.argv": [*sys.path, None, *sys.argv],
        "import hooks": [*sys.meta_path, None, *sys.path_hooks],
        "a limit of sys": (sys.getrecursionlimit(), sys.getswitchinterval()),
        "a hook of sys": (
            *(sys.gettrace(), sys.getprofile(), sys.excepthook, sys.displayhook),
            threading.excepthook,
        ),
        "warning filters": list(warnings.filters),
        "loggers": (logging.root.manager.disable, loggers),
        "threads": threading.enumerate(),
        "child processes": has_children(),
        "signal handlers": [signal.getsignal(number) for number in signal.valid_signals()],
        "garbage collection": (gc.isenabled(), gc.get_threshold()),
        "the exit functions": atexit._ncallbacks() - _of_pytest,
        "the decimal context": repr(decimal.getcontext()),
        "the locale": _ask(partial(locale.setlocale, locale.LC_ALL)),
        "the time zone": time.tzname,
        "the state of random": random.getstate(),
        "the default timeout of sockets": socket.getdefaulttimeout(),
        "patches by mock": len(unittest.mock._patch._active_patches),  # type: ignore[attr-defined]
        "context variables": {
            key.name: id(value) for key, value in contextvars.copy_context().items()
        },
    }
    for name, ask in _OF_OTHERS.items():
        module = sys.modules.get(name)
        if module is not None:
            found[name] = _ask(partial(ask, module))
    return found


def set_pytest_apart() -> None:
    """Have the exit functions not counted that pytest registers with its first temporary folder."""
    from _pytest.tmpdir import TempPathFactory

    get = TempPathFactory.getbasetemp

    def getbasetemp(self: Any) -> Any:
        global _of_pytest
        before = atexit._ncallbacks()
        try:
            return get(self)
        finally:
            _of_pytest += atexit._ncallbacks() - before

    TempPathFactory.getbasetemp = getbasetemp  # type: ignore[method-assign]


def has_children() -> bool:
    """Say whether a process that this one started is there, ended or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _ask(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception as error:  # a module of that name may be anybody's
        return type(error).__name__


def _numpy_state(module: Any) -> Any:
    name, keys, *rest = module.get_state()
    return (name, keys.tobytes(), *rest)


# Of packages that may not be there.
_OF_OTHERS: dict[str, Callable[[Any], Any]] = {
    "numpy": lambda m: (repr(m.geterr()), repr(m.get_printoptions())),
    "numpy.random": _numpy_state,
    "torch": lambda m: m.get_rng_state().numpy().tobytes(),
}
