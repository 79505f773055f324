"""Choose the score above which programs are shown, with a guarantee that holds for any sample.

    >>> upper = clopper_pearson_upper
    >>> upper(0, 29, confidence=0.95) < 0.1 < upper(0, 28, confidence=0.95)
    True

Learn then Test (Angelopoulos et al., arXiv:2110.01052) with exact binomial tests and fixed
sequences from several starts: each sequence of thresholds is tried in its order, at its part of the
error probability, until the error among what is shown may be above the level; the lowest threshold
that was reached is taken. Then, with the confidence asked for over draws of the calibration tasks,
the share of wrong programs among those shown is at most the level, **for tasks drawn like those of
the calibration**. For others nothing is guaranteed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ideas_lib.intervals import clopper_pearson_upper

__all__ = ["SEQUENCES", "Threshold", "choose_threshold"]

# Shares of candidates that agree. One sequence alone fails at its start: where that is too high,
# too few are shown to test anything; where it is too low, more than the level may be wrong.
SEQUENCES = ((0.75, 0.625), (0.5, 0.375, 0.25, 0.125))


@dataclass(frozen=True)
class Threshold:
    """A threshold and why: programs with this `score` or more are shown; None shows none.

    Of `shown` calibration tasks at this threshold `wrong` were wrong; `bound` is the upper limit of
    the error, at most `level`. All thresholds together are wrong about theirs with a probability
    of at most 1 - `confidence`.
    """

    score: float | None
    shown: int
    wrong: int
    bound: float
    level: float
    confidence: float


def choose_threshold(
    scores: Sequence[float],
    right: Sequence[bool],
    sequences: Sequence[Sequence[float]] = SEQUENCES,
    *,
    level: float = 0.1,
    confidence: float = 0.9,
) -> Threshold:
    """Return the lowest threshold up to which every test of its sequence rejects.

    Args:
        scores: Of one program for each calibration task; below all thresholds it is never shown.
        right: Whether that program is right.
        sequences: Thresholds in the order in which they are tried, fixed before the labels were
            seen; each sequence gets an equal part of 1 - `confidence`.
        level: The share of wrong programs among those shown, above 0 and below 1.
        confidence: Above 0 and below 1.
    """
    if len(scores) != len(right):
        raise ValueError(f"{len(scores)} scores and {len(right)} labels: there must be one each")
    if not 0 < level < 1:
        raise ValueError(f"level={level} must lie between 0 and 1, as 0.1 does")
    best = Threshold(None, 0, 0, 1.0, level, confidence)
    each = 1 - (1 - confidence) / len(sequences)
    for sequence in sequences:
        for threshold in sequence:
            labels = [ok for found, ok in zip(scores, right, strict=True) if found >= threshold]
            wrong = len(labels) - sum(labels)
            bound = clopper_pearson_upper(wrong, len(labels), each)
            if bound > level:
                break
            if best.score is None or threshold < best.score:
                best = Threshold(threshold, len(labels), wrong, bound, level, confidence)
    return best
