"""Every check, one phase after the other; ends by saying where the time went.

`make test` runs it. All phases run even when one fails, so that one call shows everything.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import together

ROOT = Path(__file__).resolve().parents[1]
STOPPED = -signal.SIGINT
PHASES = {
    "format": ("ruff", "format", "--check"),
    "lint": ("ruff", "check"),
    "types": ("mypy",),
    "layers": ("lint-imports", "--no-logo"),
    "tests": (sys.executable, "tests/together.py", "tests", "chapters", "posts"),
}


def run(command: tuple[str, ...], limit: float | None = None) -> tuple[int, float]:
    """Run a command with the tools of this environment; return its exit status and seconds.

    At the limit it is interrupted, as by Ctrl-C, and says what it has; its status is STOPPED.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PATH": path}) as process:
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            code = STOPPED
    return code, time.monotonic() - start


def folder_of(file: str) -> str:
    """Return the folder that stands for a file in the table: tests/gpt, chapters/trees, tests."""
    return "/".join(Path(file).parts[:-1][:2])


def main() -> int:
    """Run the phases; return 1 if any failed, else 0."""
    lines, failed = [], []
    for name, command in PHASES.items():
        print(f"\n== {name}: {' '.join(command)}", flush=True)
        code, seconds = run(command)
        lines.append(f"{name:24}{seconds:8.1f} s  {'failed' if code else 'ok'}")
        if code:
            failed.append(name)
    times = together.times()
    folders, tests = Counter[str](), Counter[str]()
    for nodeid, seconds in times.items():
        folders[folder_of(together.file_of(nodeid))] += seconds
        tests[folder_of(together.file_of(nodeid))] += 1
    print("\n== where the time went", *lines, sep="\n")
    print("\n== the tests, by folder: seconds in the two workers together")
    for folder, seconds in folders.most_common():
        print(f"{folder:24}{seconds:8.1f} s{tests[folder]:6} tests")
    print("\n== the ten slowest tests")
    for nodeid, seconds in Counter(times).most_common(10):
        print(f"{seconds:8.1f} s  {nodeid}")
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
