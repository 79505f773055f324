"""What the arms of a study share: made once, and kept in its work folder until its code changes.

    scores = shared_file(STUDY, "scores.sqlite")       # a path, for what keeps itself
    layouts = np.load(shared_file(STUDY, "layouts-100.npy", make))

A study's file runs anew for each run, so what it holds in memory is gone for the next arm.
"""

from collections.abc import Callable
from pathlib import Path

from ideas_lib.caching import replacing
from ideas_lib.study.checkout import root
from ideas_lib.study.study import Study

__all__ = ["shared_file", "work_folder"]


def work_folder(slug: str) -> Path:
    """Return the folder of a study's finished runs, and of what they share; git ignores it."""
    return root() / ".work" / slug


def shared_file(study: Study, name: str, make: Callable[[Path], object] | None = None) -> Path:
    """Return where a file lies that all runs of the study's code as it is now share.

    `make` gets a path with the same suffix, and writes what is missing: once, for a process that
    wants the same meanwhile waits. Without it the file may be missing, but its folder is there.
    What `make` raises is raised, and leaves nothing.
    """
    import fcntl  # which `worker` says the absence of

    path = work_folder(study.slug) / f"shared-{study.code_key()}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if make is not None and not path.is_file():
        with path.with_name(f".{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when the file is closed
            if not path.is_file():
                with replacing(path) as new:
                    make(new)
    return path
