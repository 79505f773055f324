"""Write what the tool goes by: `python -m studies.copilot.calibrating MODEL ...`.

It reads the evidence in `results/`, and puts what scores were worth into the calibration that ships
with the library. A program counts as right if HumanEval's own tests find it so *and* the stricter
ones do, see `strictness`. What these did not judge counts as wrong: that holds of no program which
the tool may show.
"""

import json
import sys

from ideas_lib.programs.copilot import calibration
from studies.copilot.selection import best_candidate, load_evidence, strict_labels

__all__ = ["calibrate"]

RULE = "agreement, searched"


def calibrate(*models: str) -> None:
    """Write the calibration of these models, and keep that of others."""
    known = calibration.read_calibration()
    for model in models:
        problems = load_evidence(model)
        found = [best_candidate(RULE, rows) for rows in problems.values()]
        strict = strict_labels(model)
        known[model] = {
            "samples": max(map(len, problems.values())),
            "scores": [score for score, _ in found],
            "right": [
                right and strict.get(name) is True
                for name, (_, right) in zip(problems, found, strict=True)
            ],
        }
    calibration.CALIBRATION.write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    calibrate(*sys.argv[1:])
