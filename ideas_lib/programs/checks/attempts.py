"""What a program tried to touch when it was run, as the sandbox saw it.

What is seen are Python's audit events (PEP 578): opened files, started processes, connections, and
whether the system refused. Native code raises none, and a program that means to deceive may keep
them to itself: to see nothing is no promise.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.sandbox.running import excerpt, run

__all__ = ["see_attempts"]

SECONDS = 10.0
WATCHED = r"""
import json, os, sys
_out = os.dup(1)
_seen, _on = set(), [False]
TOLD = ("os.", "subprocess.", "socket.", "shutil.", "urllib.", "http.", "ftplib.", "smtplib.",
        "ctypes.", "tempfile.", "mmap.", "fcntl.", "signal.", "resource.", "sqlite3.", "syslog.",
        "webbrowser.", "poplib.", "imaplib.", "pty.", "glob.", "pickle.", "pathlib.")
QUIET = ("os.putenv", "os.unsetenv", "socket.__new__")
def _importing():
    frame = sys._getframe(2)
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
def _tell(word):
    if word not in _seen and len(_seen) < 40:
        _seen.add(word)
        os.write(_out, (MARK + json.dumps(word) + "\n").encode())
def _hook(event, args):
    if not _on[0]:
        return
    _on[0] = False
    try:
        if event == "open":
            path, how = args[0], args[1] if isinstance(args[1], str) else ""
            own = isinstance(path, str) and path.startswith((sys.prefix, sys.base_prefix))
            if not own and path not in ("/box/program.py", "/dev/urandom"):
                _tell("open " + repr(path)[:80] + " to write" * bool(set(how) & set("wax+")))
        elif event.startswith(TOLD) and not event.startswith(QUIET) and not _importing():
            _tell(event + " " + ", ".join(repr(a)[:60] for a in args[:2]))
    finally:
        _on[0] = True
sys.addaudithook(_hook)
def _run(what, call):
    _on[0] = True
    try:
        return call()
    except BaseException as error:
        _on[0] = False
        if isinstance(error, (OSError, SystemExit, MemoryError)):
            _tell("%s: it ended in %s: %s" % (what, type(error).__name__, str(error)[:80]))
    finally:
        _on[0] = False
space = {"__name__": "program"}
code = compile(PROGRAM, "program.py", "exec")
_run("loading it", lambda: exec(code, space))
for row in ROWS:
    _run("a call", lambda: space[ENTRY](*row))
_tell(END)
"""
END = "it came to its end"


def see_attempts(task: FunctionTask, program: str, inputs: Sequence[tuple[Any, ...]]) -> list[str]:
    """Run a program in the sandbox, on some inputs; return what it tried, a phrase each.

    Python's own opening of modules is left out. Raises sandbox.Unavailable.
    """
    mark = secrets.token_hex(8)
    rows = ", ".join(f"({''.join(f'{arg!r}, ' for arg in row)})" for row in inputs)
    before = "from math import inf, nan\n"
    names = (
        f"MARK, END, ENTRY = {(mark, END, task.entry)!r}\nPROGRAM = {program!r}\nROWS = [{rows}]\n"
    )
    result = run(before + names + WATCHED, timeout=SECONDS)
    told = [line[len(mark) :] for line in result.stdout.splitlines() if line.startswith(mark)]
    found = []
    for line in told:
        try:
            found.append(excerpt(str(json.loads(line)), 120))
        except ValueError:  # the program wrote in between
            continue
    if END not in found:
        found.append(excerpt(f"its process ended early: {result.reason or 'exit 0'}", 120))
    return [line for line in found if line != END]
