"""The process between the caller and the sandbox: it starts the inside and keeps the limits.

It reads one line of JSON from its standard input and watches that input from then on: when it is
closed, because the caller is done or dead, everything in the sandbox dies. It prints one JSON
object: the result, or `failed`, which says why nothing was run.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from ideas_lib.programs.sandbox.jail import cgroup, inside, kernel, shares

LIFELINE = 0
EVERY = 0.02  # seconds between two looks at the processes
NOBODY = inside.NOBODY


class Broken(Exception):
    """A limit that the program broke; the message is the result's reason."""


def main() -> None:
    """Run what the specification on standard input says."""
    spec = json.loads(read_spec_line(LIFELINE))
    limits, group = spec["limits"], None
    try:
        if spec["isolated"]:
            group = cgroup.make(limits) if limits["cgroup"] else None
            own = leave()
            if group and not group.opens():
                group.remove()
                group = None
            if not group:
                spec["limits"] = shares.share_out(limits, own)
    except OSError as error:
        words = f"{error.filename}: " if error.filename else ""
        result = {"failed": words + (error.strerror or str(error))}
    else:
        result = Supervisor(spec, group).run()
    if group:
        group.remove()
    json.dump(result, sys.stdout)


def read_spec_line(fd: int) -> bytes:
    """Read up to the end of a line, and nothing behind it: the caller sends nothing more."""
    read = bytearray()
    while not read.endswith(b"\n"):
        chunk = os.read(fd, 1 << 20)
        if not chunk:
            sys.exit("the caller went away")
        read += chunk
    return bytes(read)


def leave() -> int:
    """Move to a user namespace of its own, and let what is forked next be the others' first.

    Returns how many processes count for the program's user beside its own: of uid 0, -1, for no
    number of them is too high.

    A user's sandbox has one uid, `nobody` inside and the user's outside. Root's keeps root's
    uids while the walls are built and is `nobody` outside as well: on uid 0 no limit on processes
    holds.
    """
    uid, gid = os.geteuid(), os.getegid()
    maps = {kind: Path(f"/proc/self/{kind}_map").read_text() for kind in ("uid", "gid")}
    several = uid == 0 and all(map(covers_nobody, maps.values()))
    if several:
        os.setgroups([])
        writes = [(f"{kind}_map", identity(text)) for kind, text in maps.items()]
    else:
        one = (f"{NOBODY} {uid} 1", f"{NOBODY} {gid} 1")
        writes = [("setgroups", "deny"), ("uid_map", one[0]), ("gid_map", one[1])]
    # Where the host pipes core dumps to a program, no limit holds: leave nothing to dump.
    Path("/proc/self/coredump_filter").write_text("0")
    Path("/proc/self/oom_score_adj").write_text("1000")  # should memory run out, these go first
    go, ready = os.pipe()
    me, helper = os.getpid(), os.fork()
    if helper == 0:  # only a process that stayed outside may write the maps
        code = 0
        try:
            os.close(ready)
            for name, text in writes if os.read(go, 1) else ():
                Path(f"/proc/{me}/{name}").write_text(text)
        except OSError as error:
            code = error.errno or 1
        os._exit(code)
    try:
        own = kernel.NEWUSER | kernel.NEWPID | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS
        kernel.unshare(own)
        os.write(ready, b".")
    finally:
        os.close(ready)
        os.close(go)
        code = os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1])
    if code:
        raise OSError(code, f"writing the uid map: {os.strerror(code)}")
    kernel.call("sethostname", b"sandbox", 7)
    return 1 if several else -1 if uid == 0 else 2  # the first inside; this one, of the same user


def covers_nobody(text: str) -> bool:
    """Say whether a uid map has a place for `nobody`."""
    rows = [[int(word) for word in row.split()] for row in text.splitlines()]
    return any(inner <= NOBODY < inner + count for inner, _, count in rows)


def identity(text: str) -> str:
    """Return the map of a child namespace in which every id is what it is here."""
    rows = [row.split() for row in text.splitlines()]
    return "\n".join(f"{inner} {inner} {count}" for inner, _, count in rows)


class Supervisor:
    """One program from its start to its end."""

    def __init__(self, spec: dict[str, Any], group: cgroup.Cgroup | None) -> None:
        self.spec, self.limits, self.group = spec, spec["limits"], group
        self.caught = {"stdout": bytearray(), "stderr": bytearray()}
        self.pipes: dict[int, str] = {}
        self.told = b""  # by the inside, on its status pipe
        self.began = self.next_look = 0.0
        self.init = 0

    def run(self) -> dict[str, Any]:
        """Start it, watch it, bury it; return the result."""
        status = self.start()
        reason, seconds = "", 0.0
        for part in (lambda: self.watch(status), self.bury):
            try:
                part()
            except Broken as broken:
                reason = reason or str(broken)
            seconds = seconds or (self.began and time.monotonic() - self.began)
        full = self.group is not None and self.group.killed()
        if not self.began and full:
            return {"unfit": f"it does not fit into {self.limits['memory']} bytes of memory"}
        if not self.began and not reason:
            kind, _, why = self.told.decode(errors="replace").partition(" ")
            return {kind or "failed": why or "the sandbox died while it was being set up"}
        code = next((int(row[5:]) for row in self.told.splitlines() if row[:5] == b"exit "), None)
        if full and (not reason or reason.startswith("timeout")):
            code, reason = None, self.full()
        reason = reason or self.why(code)
        words = next((row[7:] for row in self.told.splitlines() if row[:7] == b"noexec "), b"")
        return {
            "noexec": words.decode(errors="replace"),
            "ok": code == 0 and not reason,
            "code": code,
            "reason": reason,
            "seconds": seconds,
            "memory_limit": self.memory_limit(),
            **{name: caught.decode(errors="replace") for name, caught in self.caught.items()},
        }

    def start(self) -> int:
        """Fork the inside; return the pipe on which it reports."""
        (out, out_inner), (err, err_inner), (status, status_inner) = (os.pipe() for _ in range(3))
        self.pipes = {out: "stdout", err: "stderr"}
        fds = [out_inner, err_inner, *self.spec["channels"]]
        for fd in fds:
            os.set_inheritable(fd, False)  # the program gets copies, by numbers of its own
        self.init = os.fork()
        if self.init == 0:
            for fd in (LIFELINE, 1, out, err, status):
                os.close(fd)
            inside.start_inside(self.spec, fds, status_inner, self.group)
        for fd in (*fds, status_inner):
            os.close(fd)
        return status

    def watch(self, status: int) -> None:
        """Read until the inside has ended; raise Broken when the program breaks a limit."""
        poll = select.poll()
        for fd in (LIFELINE, status, *self.pipes):
            poll.register(fd, select.POLLIN)
        while True:
            for fd, _ in poll.poll(1000 * EVERY):
                if fd == LIFELINE:
                    raise Broken("stopped: the caller closed it")
                if fd == status:
                    news = os.read(status, 1 << 16)
                    self.told += news
                    if not self.began and b"started" in news:
                        self.began = time.monotonic()
                    if not news or b"exit " in self.told:
                        return
                elif not self.read(fd):
                    poll.unregister(fd)
            now = time.monotonic()
            if self.began and now > self.began + self.limits["timeout"]:
                raise Broken(f"timeout: ran longer than {self.limits['timeout']:g} s")
            if self.spec["isolated"] and now >= self.next_look:
                spent = time.process_time()
                self.look()
                # With many processes a look takes longer, and comes less often: a third of a core.
                spent = time.process_time() - spent
                self.next_look = time.monotonic() + max(EVERY, 2 * spent)

    def read(self, fd: int) -> bool:
        """Take what the program wrote; False at the end of the pipe."""
        name, chunk = self.pipes[fd], os.read(fd, 1 << 16)
        self.caught[name] += chunk
        if len(self.caught[name]) > self.limits["output"]:
            del self.caught[name][self.limits["output"] :]
            raise Broken(f"output: wrote more than {self.limits['output']} bytes to {name}")
        return bool(chunk)

    def look(self) -> None:
        """Look whether the kernel ended one for its memory; count processes, sockets, the rest."""
        if self.group and self.group.killed():
            raise Broken(self.full())
        pids = [pid for pid in os.listdir("/proc") if pid.isdigit() and within(pid)]
        if len(pids) > self.limits["processes"]:  # where uid 0 is all there is
            raise Broken(f"processes: more than {self.limits['processes']} at once")
        if len(set().union(*map(sockets, pids))) > self.limits["sockets"]:
            raise Broken(f"sockets: more than {self.limits['sockets']} open at once")
        if not self.group:  # then the kernel counts no page tables, and this only sees them
            tables = sum(proc_number(pid, "status", "VmPTE:") for pid in pids) << 10
            if tables > self.limits["memory"] // 4:
                raise Broken(f"memory: its processes together held {tables} bytes in page tables")
        total, free = (proc_number(None, "meminfo", key) for key in ("MemTotal:", "MemAvailable:"))
        if 0 < free < total // 50:
            raise Broken("memory: the machine has less than 2 % left")

    def full(self) -> str:
        """Return the reason of a program that held all the memory it may."""
        return f"memory: its processes together held {self.limits['memory']} bytes, all they may"

    def memory_limit(self) -> str:
        """Say by what the kernel kept the program to its memory."""
        return "cgroup" if self.group else "per process" if self.spec["isolated"] else "none"

    def bury(self) -> None:
        """Kill all that is left, wait until the kernel has, and read what they wrote last."""
        if not self.spec["isolated"]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.init, signal.SIGKILL)
        os.kill(self.init, signal.SIGKILL)
        os.waitpid(self.init, 0)  # returns when every process of the namespace is gone
        for fd in self.pipes:
            os.set_blocking(fd, False)
            with contextlib.suppress(BlockingIOError):  # unisolated, a daemon may hold it open
                while self.read(fd):
                    pass

    def why(self, code: int | None) -> str:
        """Return the reason for an exit code: empty for 0, the last line it wrote otherwise."""
        if code == 0:
            return ""
        if code is None:
            return "killed: the sandbox's first process died"
        if code == -signal.SIGXCPU:
            return f"timeout: a process used {self.limits['seconds']} s of processor time"
        if code < 0:
            names = {one.value: one.name for one in signal.Signals}  # not of every real-time one
            return f"signal: {names.get(-code, -code)}"
        last = self.caught["stderr"].decode(errors="replace").strip().split("\n")[-1]
        return f"exit {code}: {last}" if last else f"exit {code}"


def within(pid: str) -> bool:
    """Say whether a process, by its id as seen from here, is in the sandbox."""
    try:
        return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid_for_children")
    except OSError:  # somebody else's, or gone
        return False


def sockets(pid: str) -> set[str]:
    """Return the sockets of a process; the kernel's buffers for them are no process's memory."""
    found = set()
    with contextlib.suppress(OSError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return {name for name in found if name.startswith("socket:")}


def proc_number(pid: str | None, file: str, key: str) -> int:
    """Return one number of a file in /proc, by the word before it; 0 if gone."""
    try:
        words = Path("/proc", pid or "", file).read_text().split()
        return int(words[words.index(key) + 1])
    except (OSError, ValueError):
        return 0
