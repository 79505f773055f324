"""Every check, the types beside the tests; ends by saying where the time went.

`make test` runs it. All phases run even when one fails, so that one call shows everything.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import together

ROOT = Path(__file__).resolve().parents[1]
STOPPED = -signal.SIGINT
PHASES = {
    "format": ("ruff", "format", "--check"),
    "lint": ("ruff", "check"),
    "layers": ("lint-imports", "--no-logo"),
    "types": ("mypy",),
    "tests": (sys.executable, "tests/together.py", "tests", "chapters", "posts"),
}
# One process that computes for a minute or two: it fills what the tests' workers leave idle.
BESIDE = "types"


def run(
    command: tuple[str, ...], limit: float | None = None, said: IO[str] | None = None
) -> tuple[int, float]:
    """Run a command with the tools of this environment; return its exit status and seconds.

    At the limit it is interrupted, as by Ctrl-C, and says what it has; its status is STOPPED.
    What it says goes into the file `said`, if there is one.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.monotonic()
    environment = os.environ | {"PATH": path}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=said, stderr=said and subprocess.STDOUT
    ) as process:
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            code = STOPPED
    return code, time.monotonic() - start


def folder_of(file: str) -> str:
    """Return the folder that stands for a file in the table: tests/gpt, chapters/trees, tests."""
    return "/".join(Path(file).parts[:-1][:2])


def run_phases() -> dict[str, tuple[int, float]]:
    """Run every phase; return exit status and seconds of each."""
    done = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said, ThreadPoolExecutor(1) as aside:
        for name, command in PHASES.items():
            if name == BESIDE:
                types = aside.submit(run, command, said=said)
                continue
            print(f"\n== {name}: {' '.join(command)}", flush=True)
            done[name] = run(command)
        print(f"\n== {BESIDE}, beside them: {' '.join(PHASES[BESIDE])}", flush=True)
        done[BESIDE] = types.result()
        said.seek(0)
        print(said.read())
    return done


def main() -> int:
    """Run the phases; return 1 if any failed, else 0."""
    done = run_phases()
    failed = [name for name, (code, _) in done.items() if code]
    lines = [
        f"{name:24}{seconds:8.1f} s  {'failed' if code else 'ok'}"
        for name, (code, seconds) in done.items()
    ]
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
