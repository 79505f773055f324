"""Every check, one phase after the other; ends by saying where the time went.

`make test` runs it. All phases run even when one fails, so that one call shows everything.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = ("-n", "2", "--dist", "loadscope", "--durations", "10")
PHASES = {
    "format": ("ruff", "format", "--check"),
    "lint": ("ruff", "check"),
    "types": ("mypy",),
    "layers": ("lint-imports", "--no-logo"),
    "unit tests": ("pytest", *WORKERS, "tests"),
    "notebooks": (
        *("pytest", *WORKERS, "--nbval-lax", "--nbval-current-env"),
        # A fork's last cell compares it with its original, which may take ten minutes.
        *("--nbval-cell-timeout", "660", "--timeout", "720", "chapters", "posts"),
    ),
}


def main() -> int:
    """Run the phases; return 1 if any failed, else 0."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    lines, failed = [], []
    for name, command in PHASES.items():
        print(f"\n== {name}: {' '.join(command)}", flush=True)
        start = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": path}).returncode
        lines.append(f"{name:12}{time.monotonic() - start:8.1f} s  {'failed' if code else 'ok'}")
        if code:
            failed.append(name)
    print("\n== where the time went", *lines, sep="\n")
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
