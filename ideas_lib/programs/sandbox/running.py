r"""Run programs nobody has read, such as a language model's, so that they can do no harm.

    >>> from ideas_lib.programs.sandbox import run
    >>> run("print(6 * 7)").stdout
    '42\n'

**What holds**, on Linux 5.14 or later, for root and for ordinary users, with nothing but Python:
the program runs in user, mount, process, network, IPC and host-name namespaces of its own, as
`nobody`, without capabilities, with `no_new_privs` and a system-call filter.

- It sees Python with its installed packages and the system's programs and libraries, read-only;
  private folders in memory: `/box`, where it starts, `/tmp` and `/dev/shm`; five harmless devices.
  Nothing else of the file system; of `/proc` and `/sys` no more than `/proc/cpuinfo`.
- It has an environment of a few fixed variables. It sees no process of the host's, and reaches no
  memory but its own: the caller's is in a process two executions away.
- It has no network, not even a loopback; only Unix sockets, which reach nobody outside.
- Each process has `timeout` seconds of processor time, rounded up; there are at most PROCESSES of
  them, threads counted. All together end after `timeout` seconds. They hold at most `memory` bytes,
  of which files take at most DISK. Output ends at OUTPUT bytes for each stream.
- Where a cgroup may be made, that is what the kernel counts for it. Elsewhere it keeps each process
  to a share of `memory` (`jail.shares`): within 2 GB that is one, with threads, and no sockets but
  pairs. `Result.memory_limit` says which; SECURITY.md says what neither counts.
- When `run` returns, and when the caller dies, nothing that the program started is alive.

**What it does not defend against** is in SECURITY.md: holes in the kernel, in Python or in the
hardware, and side channels, for a start. Installed packages are visible, so keep no secret in them;
so is a folder given to `run_command`, hidden files included. `stdout` and `stderr` are the
program's words, terminal escapes included. **A result is no verdict**: the exit code, too, is the
program's own choice. `judge` compares from outside.

Where the system does not allow these namespaces nothing is run: `Unavailable` says why, and what to
do. `unsafe=True` then runs the program all the same, as a child with limits and an empty
environment, which sees and may do whatever the caller may.

Python's own `ctypes` makes the system calls: bubblewrap would build the same walls, but it is not
there out of the box, and has neither the limits nor the filter.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.sandbox.view import environment, visible
from ideas_lib.resources import resource

PROCESSES = 64
SOCKETS = 512  # of all processes together
OUTPUT = 1 << 20
DISK = 64 << 20  # of a program; a copied folder may fill TREE
TREE = 512 << 20
LEAST = 64 << 20  # bytes: Python itself starts in less, but not in much less
DAY = 86_400
CGROUP = True  # make one where that is possible
GRACE = 60.0  # seconds for setting up and burying, on a machine that is busy

SUPERVISOR = resource(__file__, "jail/supervise.py")
BOOT = (
    "import sys; sys.path.append(sys.argv[1]);"
    "from ideas_lib.programs.sandbox.jail.supervise import main; main()"
)
WAY_OUT = """\
What helps: on Debian and Ubuntu, `sysctl kernel.apparmor_restrict_unprivileged_userns=0` or
`sysctl kernel.unprivileged_userns_clone=1`; in Docker, `--security-opt seccomp=unconfined
--security-opt apparmor=unconfined`; on macOS and Windows, a Linux machine, container or WSL 2.
With unsafe=True the program runs with limits, but with no walls around it."""


class Unavailable(RuntimeError):
    """This system cannot isolate programs; the message says why, and what helps."""


@dataclass(frozen=True)
class Result:
    """What came of a program: its own words, and why it ended if that was not as it should.

    `ok` is True when it ended by itself, within its limits, with exit code 0. `reason` is empty
    then, and otherwise begins with what ended it: `timeout`, `memory`, `output`, `processes`,
    `sockets`, `signal`, `exit CODE` and the last line of its stderr, `stopped` or `killed`. `code`
    is the exit code, minus the signal's number if a signal ended it, and None if the sandbox did.
    `seconds` is its wall time. `isolated` is False only where `unsafe=True` was needed.
    `memory_limit` is what kept all together to `memory`: `cgroup`, `per process`, or `none`, with
    `unsafe=True`.
    """

    ok: bool
    stdout: str
    stderr: str
    reason: str
    code: int | None
    seconds: float
    isolated: bool = True
    memory_limit: str = "none"


def run(
    source: str,
    *,
    stdin: str = "",
    timeout: float = 10.0,
    memory: int = 512 << 20,
    unsafe: bool = False,
) -> Result:
    """Run Python source as a program of its own; see the module for what it can reach.

    Args:
        source: The program.
        stdin: What it reads as standard input.
        timeout: Wall time in seconds, from its start.
        memory: Bytes, for all its processes and files together, and for the addresses of each.
        unsafe: Run it without walls where the system cannot build them.

    Raises:
        Unavailable: The system cannot isolate it, and `unsafe` is False.
        ValueError: A limit makes no sense.
    """
    box = {"files": {"program.py": source}, "stdin": stdin}
    limits = checked_limits(timeout, memory, DISK)
    return _run([sys.executable, "program.py"], box, limits, unsafe)


def run_command(
    argv: Sequence[str],
    *,
    tree: str | os.PathLike[str],
    timeout: float = 60.0,
    memory: int = 1 << 30,
    stdin: str = "",
    unsafe: bool = False,
) -> Result:
    """Run a command in a copy of a folder; `python` is this Python. Arguments as of `run`.

    The copy has the folder's files, hidden ones too, and its links as links; pipes, sockets and
    devices stay out. It is gone afterwards, with whatever the command changed in it.

    Raises:
        Unavailable: As `run`.
        NotADirectoryError: `tree` is no folder.
        ValueError: As `run`, or the folder does not fit into TREE bytes.
    """
    if not argv or not all(isinstance(word, str) and "\0" not in word for word in argv):
        raise ValueError(f"argv has to be a command and its arguments, not {argv!r}")
    if not os.path.isdir(tree):
        raise NotADirectoryError(f"{os.fspath(tree)} is no folder to copy")
    box = {"tree": os.path.realpath(tree), "stdin": stdin}
    command = [sys.executable if argv[0] in ("python", "python3") else argv[0], *argv[1:]]
    return _run(command, box, checked_limits(timeout, memory, TREE), unsafe)


def checked_limits(timeout: float, memory: int, disk: int, several: int = 1) -> dict[str, Any]:
    """Return the limits as the supervisor takes them, checked; `several` processes get a share."""
    if not (0 < timeout <= DAY):
        raise ValueError(f"timeout={timeout!r}: it has to be above 0, and {DAY} seconds at most")
    if memory < LEAST:
        raise ValueError(f"memory={memory!r}: Python needs {LEAST} bytes at least")
    return {
        "timeout": timeout,
        "seconds": math.ceil(timeout),
        "memory": min(int(memory), sys.maxsize),
        "space": min(int(memory), sys.maxsize),  # of addresses, in each process
        "processes": PROCESSES,
        "tasks": PROCESSES,  # threads too
        **{"open": 256, "sockets": SOCKETS},
        "disk": disk,
        "inodes": disk >> 12,  # one for each 4 kB
        "output": OUTPUT,
        **{"cgroup": CGROUP, "several": several, "tight": 0, "alone": 0},  # see `jail.shares`
    }


def excerpt(text: str, most: int = 280) -> str:
    """Return a program's words as one line that is safe to show: escapes written out, cut short."""
    return printable(text[:most])[:most]


def _run(
    argv: list[str], box: Mapping[str, Any], limits: Mapping[str, Any], unsafe: bool
) -> Result:
    for isolated in (True, False) if unsafe else (True,):
        try:
            with Running(argv, box, limits, isolated=isolated) as running:
                return running.result()
        except Unavailable as error:
            refused = error
    raise refused


class Running:
    """A program that has been started; it dies with the `with` block.

    `box` may hold `tree` (a folder to copy), `files` (name -> text) and `stdin`. `channels` are
    descriptors that the program gets as 3, 4, ...: the caller's other way to talk to it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        box: Mapping[str, Any],
        limits: Mapping[str, Any],
        *,
        channels: Sequence[int] = (),
        isolated: bool = True,
    ) -> None:
        if isolated and not sys.platform.startswith("linux"):
            raise Unavailable(f"cannot isolate programs on {sys.platform}.\n{WAY_OUT}")
        self.limits, self.isolated, self.channels = limits, isolated, channels
        binds, links = visible() if isolated else ((), ())
        self._spec = {
            **{"tree": None, "files": {}, "stdin": "", **box},
            **{"argv": argv, "env": environment(), "limits": limits, "isolated": isolated},
            **{"binds": binds, "links": links, "channels": channels},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline, self._folder = -1, ""

    def __enter__(self) -> "Running":
        read, self._lifeline = os.pipe()
        try:
            if not self.isolated:
                self._folder = tempfile.mkdtemp(prefix="unsafe-")
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", BOOT, str(SUPERVISOR.parents[4])],
                stdin=read,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={},
                cwd="/",
                pass_fds=self.channels,
                start_new_session=True,  # Ctrl-C is for the caller, who then closes the lifeline
            )
            os.close(read)  # else writing would not end when the supervisor does
            read = -1
            spec = json.dumps({**self._spec, "folder": self._folder}).encode() + b"\n"
            with open(self._lifeline, "wb", closefd=False) as pipe:
                pipe.write(spec)
        except BrokenPipeError:  # result() says why
            pass
        except BaseException:
            self.__exit__()
            raise
        finally:
            if read >= 0:
                os.close(read)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._process and self._process.returncode is None:
            self._finish()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def stop(self) -> None:
        """End the program, if it has not ended, and all it started."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def result(self) -> Result:
        """Wait for the end.

        Raises Unavailable when nothing was run, ValueError when something could not be copied,
        and RuntimeError when the supervisor died.
        """
        out, words = self._finish()
        try:
            told = json.loads(out)
        except ValueError:
            last = words.decode(errors="replace").strip().split("\n")[-1]
            raise RuntimeError(f"the sandbox's supervisor died: {last}") from None
        if "unfit" in told:
            raise ValueError(f"cannot put the program's files into the sandbox: {told['unfit']}")
        if "failed" in told:
            raise Unavailable(f"cannot isolate programs here: {told['failed']}\n{WAY_OUT}")
        if (words := told.pop("noexec")) and self._spec["argv"][0] == sys.executable:
            who = f"{sys.executable} cannot be started in there, as another user: {words}"
            raise Unavailable(f"cannot isolate programs here: {who}\n{WAY_OUT}")
        told["reason"] = excerpt(told["reason"])
        return Result(**told, isolated=self.isolated)

    def _finish(self) -> tuple[bytes, bytes]:
        assert self._process, "it is started by `with`"
        try:
            return self._process.communicate(timeout=self.limits["timeout"] + GRACE)
        except BaseException as error:  # Ctrl-C too: with the supervisor, all inside dies
            self.stop()
            self._process.kill()
            self._process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise RuntimeError(f"the sandbox took over {error.timeout:g} s") from None
            raise
