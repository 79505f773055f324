"""What scores were worth on HumanEval: the calibration that ships with the library.

`calibration.json` has, for each model, how many candidates there were for a problem, and for each
problem that no rule was made on the best score and whether that program was right: by HumanEval's
own tests, and by stricter ones (`ideas_lib.programs.strict`). The study of the copilot writes it,
from what stands in `results/`: see `studies/copilot/calibrating.py`.
"""

import json
from typing import Any

from ideas_lib.programs.copilot.rule import SEQUENCES, Threshold, choose_threshold
from ideas_lib.resources import resource

__all__ = ["CALIBRATION", "LEAST", "LEVEL", "calibrated_coverage", "calibrated_samples"]
__all__ += ["calibrated_threshold", "read_calibration"]

# The share of wrong programs among those shown that is allowed unless somebody says otherwise. It
# would be vouched for, for each model, with one more program wrong than the stricter tests found:
# they are no proof either. Of a fifth that cannot be said.
LEVEL = 0.25

# A program that few others agree with may be right often enough on HumanEval, and is the luckiest
# of many wrong ones on functions that are beyond the model. Half have to agree in any case.
LEAST = 0.5
ASKED = tuple(tuple(score for score in some if score >= LEAST) for some in SEQUENCES)
CALIBRATION = resource(__file__, "calibration.json")


def calibrated_threshold(
    model: str, samples: int, level: float, confidence: float
) -> Threshold | None:
    """Return the threshold for a model, sampled so often, at least LEAST; None: not calibrated."""
    known = read_calibration().get(model)
    if known is None or known["samples"] != samples:
        return None
    scores, right = known["scores"], known["right"]
    return choose_threshold(scores, right, ASKED, level=level, confidence=confidence)


def calibrated_coverage(model: str, threshold: Threshold) -> float:
    """Return the share of HumanEval's problems for which a model gets a program shown."""
    return threshold.shown / len(read_calibration()[model]["scores"])


def calibrated_samples(model: str) -> int:
    """Return how many candidates for a problem a model was calibrated with, 0 where it was not."""
    return int(read_calibration().get(model, {"samples": 0})["samples"])


def read_calibration() -> dict[str, Any]:
    """Return the file's content: by model, `samples`, and `scores` and `right` of each problem."""
    return json.loads(CALIBRATION.read_text(encoding="utf-8"))
