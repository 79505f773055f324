"""Limits for each process, whose sum stays within `memory`: for where no cgroup can be made.

The kernel then counts no sandbox as a whole, but it does keep a process to an address space, a
user to a number of processes, a folder in memory to its size, and a process to its open files. So
all that is given out beforehand: files first, then what may lie in the buffers of pipes and
sockets, and what is left is one process's, or several's where there is enough for SHARE each, or
where the caller needs several.
"""

SHARE = 1 << 30  # bytes of address space; numpy or mypy want a good part of it
BUFFER = 320 << 10  # bytes in one descriptor: a stream's buffer, and the message that overruns it
PROCESS = 2 << 20  # the kernel's own notes on a process, and stacks of 64 threads
INODE = 2048  # bytes of a file without contents: itself, its name, its attributes


def share_out(limits: dict[str, int], own: int) -> dict[str, int]:
    """Return `limits` with those replaced that `memory` has to be enough for together.

    `own` is how many of the sandbox's own processes count for the program's user, -1 where the
    kernel does not keep that user to a number. There, and where `memory` is enough for one process
    only, `alone` is 1: the filter then refuses a second one, and threads are as many as ever.
    """
    memory = limits["memory"]
    disk = min(limits["disk"], memory // 8)
    inodes = min(limits["inodes"], disk >> 13)
    descriptors = max(16, min(64, memory >> 23))

    def left(count: int) -> int:
        # As many descriptors again may be under way in messages, for all together.
        buffers = (count + 1) * descriptors * BUFFER
        return memory - disk - inodes * INODE - buffers - count * PROCESS

    count = limits["processes"] if own >= 0 else 1
    while count > limits["several"] and left(count) < count * SHARE:
        count -= 1
    return {
        **limits,
        **{"disk": disk, "inodes": inodes, "open": descriptors, "space": left(count) // count},
        **{"tight": 1, "alone": int(count == 1)},
        "tasks": limits["tasks"] if count == 1 else count + own,
    }
