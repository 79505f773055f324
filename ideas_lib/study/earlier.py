"""Runs with the code of an earlier commit, here and now: they tell code from processor.

Another processor rounds otherwise, and a training run may end far from where it ended. Then only
the code that measured a result, run on the same machine, says whether today's does the same.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.study import Run
from ideas_lib.study.worker import plain_metrics

__all__ = ["NoEarlierCode", "checkout_earlier", "measure_earlier"]

MARK = "metrics: "
# The names have been the same in every version of the library.
SCRIPT = f"""\
import json, sys
from ideas_lib.study import load_study

run = json.loads(sys.argv[1])
study = load_study(run["slug"])
if "torch" in sys.modules:
    sys.modules["torch"].set_num_threads(1)
measure = study.experiment(run["experiment"]).measure
found = measure(run["arm"], run["seed"], **run["settings"])
print("\\n" + {MARK!r} + json.dumps(found, default=lambda value: value.tolist()))
"""


class NoEarlierCode(RuntimeError):
    """Raised when a commit is not in this repository, or its code does not run any more."""


def checkout_earlier(slug: str, commit: str) -> Path:
    """Return a folder of the study's work folder with a commit's code. Raises NoEarlierCode."""
    folder = work_folder(slug) / f"code-{commit[:12]}"
    if not folder.is_dir():
        made = subprocess.run(["git", "archive", commit], cwd=root(), capture_output=True)
        if made.returncode:
            said = made.stderr.decode(errors="replace").strip()
            raise NoEarlierCode(f"git has no commit {commit[:12]}: {said}")
        half = folder.with_name(f"{folder.name}-{os.getpid()}")
        with tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
            archive.extractall(half, filter="data")
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    return folder


def measure_earlier(slug: str, folder: str, run: Run) -> dict[str, Any]:
    """Make a run with the code in `folder`, and return its metrics as records keep them.

    Raises NoEarlierCode, with the last line that it said.
    """
    asked = {"slug": slug, "experiment": run.experiment, "arm": run.arm, "seed": run.seed}
    asked["settings"] = dict(run.settings)
    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    env = os.environ | one | {"IDEAS_ROOT": folder, "PYTHONPATH": folder}
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(asked)],
        cwd=folder, env=env, capture_output=True, text=True,
    )  # fmt: skip
    lines = [line for line in made.stdout.splitlines() if line.startswith(MARK)]
    if made.returncode or not lines:
        said = made.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise NoEarlierCode(f"the earlier code does not run here: {said[0]}")
    return plain_metrics(json.loads(lines[-1].removeprefix(MARK)))
