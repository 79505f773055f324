"""What a program in the sandbox sees of the host: files, read-only, and a few variables."""

import functools
import os
import site
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SYSTEM = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"),
    *("/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/alternatives", "/nix/store"),
    "/proc/cpuinfo",  # torch writes an error to stderr without it
)


def environment() -> dict[str, str]:
    """Return all the variables that a program in the sandbox has."""
    return {
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # the same program does the same
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "2",  # an arena for each thread would use up the address space
        **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
    }


@functools.cache
def visible() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return what a program sees of the host: (real path, path to show it at), (link, target)."""
    binds: dict[str, str] = {}
    links: dict[str, str] = {}

    def add(path: str) -> None:
        real = os.path.realpath(path)
        if os.path.islink(path):
            links[path] = os.readlink(path)
            path = real
        if os.path.exists(real):
            binds.update({path: real, real: real})

    for path in SYSTEM:
        add(path)
    for prefix in (sys.prefix, sys.base_prefix):
        for part in ("bin", "lib", "lib64", "pyvenv.cfg"):
            add(os.path.join(prefix, part))
    for path in site.getsitepackages():
        add(path)
    path = sys.executable
    while os.path.islink(path):
        links[path] = os.readlink(path)
        path = os.path.normpath(os.path.join(os.path.dirname(path), links[path]))
    return list(outermost(binds)), list(links.items())


def outermost(binds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Leave out the folders that a folder above them already shows."""
    for path, real in sorted(binds.items()):
        above = [p for p in map(str, Path(path).parents) if p in binds]
        if not any(binds[p] + path[len(p) :] == real for p in above):
            yield real, path
