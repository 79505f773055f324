"""What scores were worth on HumanEval: the calibration that ships with the library.

`calibration.json` has, for each model, how many candidates there were for a problem, and for each
problem that no rule was made on the best score and whether that program was right. `python -m
ideas_lib.programs.copilot.calibration MODEL ...` writes it from the evidence in `results/`.
"""

import json
import sys
from typing import Any

from ideas_lib.programs.copilot.rule import SEQUENCES, Threshold, choose_threshold
from ideas_lib.programs.copilot.shown import best_candidate, load_evidence
from ideas_lib.resources import resource

__all__ = ["LEAST", "calibrated", "usual"]

# A program that few others agree with may be right often enough on HumanEval, and is the luckiest
# of many wrong ones on functions that are beyond the model. Half have to agree in any case.
LEAST = 0.5
ASKED = tuple(tuple(score for score in some if score >= LEAST) for some in SEQUENCES)
RULE = "agreement, searched"
FILE = resource(__file__, "calibration.json")


def calibrated(model: str, samples: int, level: float, confidence: float) -> Threshold | None:
    """Return the threshold for a model, sampled so often, at least LEAST; None: not calibrated."""
    known = _known().get(model)
    if known is None or known["samples"] != samples:
        return None
    scores, right = known["scores"], known["right"]
    return choose_threshold(scores, right, ASKED, level=level, confidence=confidence)


def usual(model: str) -> int:
    """Return how many candidates for a problem a model was calibrated with, 0 where it was not."""
    return int(_known().get(model, {"samples": 0})["samples"])


def _known() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def main() -> None:
    """Write the file for the models named."""
    known = _known()
    for model in sys.argv[1:]:
        problems = load_evidence(model)
        found = [best_candidate(RULE, rows) for rows in problems.values()]
        known[model] = {
            "samples": max(map(len, problems.values())),
            "scores": [score for score, _ in found],
            "right": [right for _, right in found],
        }
    FILE.write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
