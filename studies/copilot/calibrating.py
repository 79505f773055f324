"""Write what the tool goes by: `python -m studies.copilot.calibrating MODEL ...`.

It reads the evidence in `results/`, and puts what scores were worth into the calibration that ships
with the library.
"""

import json
import sys

from ideas_lib.programs.copilot import calibration
from studies.copilot.selection import best_candidate, load_evidence

__all__ = ["calibrate"]

RULE = "agreement, searched"


def calibrate(*models: str) -> None:
    """Write the calibration of these models, and keep that of others."""
    known = calibration.read_calibration()
    for model in models:
        problems = load_evidence(model)
        found = [best_candidate(RULE, rows) for rows in problems.values()]
        known[model] = {
            "samples": max(map(len, problems.values())),
            "scores": [score for score, _ in found],
            "right": [right for _, right in found],
        }
    calibration.CALIBRATION.write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    calibrate(*sys.argv[1:])
