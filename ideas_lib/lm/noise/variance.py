"""Where differences come from: the variance that context, noise and phrase each bring."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ideas_lib.lm.noise.bounds import checked

__all__ = ["decompose", "variance", "variance_of_difference"]

TIMES = " \N{MULTIPLICATION SIGN} "


def variance(noisy: pd.DataFrame) -> pd.DataFrame:
    """Split the variance of log-probabilities (nats squared) by context, family and phrase.

    `noisy` has a row a variant and phrase: `context, variant, family, phrase, logprob`, NaN where
    a score is censored, and then every number is NaN: it is not to be dropped. Context, family
    and phrase are crossed, a variant lies within its context and family, and the residual is what
    one variant does to one phrase. Terms with phrase are what a difference of phrases is made of.
    Returns what `decompose` does.
    """
    names = ("context", "family", "phrase")
    factors = _crossed(noisy, names)
    factors["variant"] = _joined(noisy, ("context", "family", "variant"))
    return decompose(noisy["logprob"], factors)


def variance_of_difference(rows: pd.DataFrame) -> pd.DataFrame:
    """Split the variance of a difference (nats squared) by context, family, both, and variant.

    `rows` as `noise_bounds` takes them. Returns what `decompose` does.
    """
    factors = _crossed(checked(rows), ("context", "family"))
    return decompose(rows["difference"], factors, rest="variant")


def decompose(
    values: ArrayLike, factors: Mapping[str, Sequence], rest: str = "residual"
) -> pd.DataFrame:
    """Estimate the components of variance of random effects, crossed or nested.

    `factors` maps each effect's name to a label a value; `rest` names what is left. The method of
    moments: for each effect, the sum of squares of its centred totals is set equal to what it is
    expected to be (MINQUE, Rao 1971, with prior weight on the rest alone). It is the ANOVA
    estimator where the design is balanced, and unbiased where it is not.

    Returns a row an effect: `variance`, `share` of their sum, `estimate` (the variance before a
    negative one was cut off at 0), `truncated`, and `levels`, of which few say little. NaN for an
    effect with one level, or with the groups of another one, and everywhere where these data tell
    effects apart no more than that, or a value is missing. Raises ValueError for labels that are
    not one a value.
    """
    y = np.asarray(values, float)
    codes = {name: pd.factorize(pd.Series(list(labels)))[0] for name, labels in factors.items()}
    for name, code in codes.items():
        if len(code) != len(y):
            raise ValueError(f"factor {name!r} has {len(code)} labels for {len(y)} values")
    codes[rest] = np.arange(len(y))
    used = _told_apart(codes)
    estimate = pd.Series(_solved(y, [codes[name] for name in used]), used).reindex(list(codes))
    cut = estimate.clip(lower=0)
    return pd.DataFrame(
        {
            "variance": cut,
            "share": cut / cut.sum() if cut.sum() > 0 else np.nan,
            "estimate": estimate,
            "truncated": estimate < 0,
            "levels": [int(code.max()) + 1 for code in codes.values()],
        }
    )


def _solved(y: NDArray[np.float64], codes: list[NDArray[np.int_]]) -> NDArray[np.float64]:
    """Equate sums of squares with what they are expected to be, and solve for the components."""
    unknown = np.full(len(codes), np.nan)
    if not codes or not np.isfinite(y).all():
        return unknown
    observed = np.array([(np.bincount(code, y - y.mean()) ** 2).sum() for code in codes])
    expected = np.array([[_overlap(one, other) for other in codes] for one in codes])
    scale = np.sqrt(np.diag(expected))
    solution, _, rank, _ = np.linalg.lstsq(
        expected / np.outer(scale, scale), observed / scale, rcond=1e-10
    )
    return solution / scale if rank == len(codes) else unknown


def _crossed(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, Sequence]:
    return {
        TIMES.join(some): _joined(rows, some)
        for count in range(1, len(names) + 1)
        for some in combinations(names, count)
    }


def _joined(rows: pd.DataFrame, names: Sequence[str]) -> Sequence:
    return list(zip(*(rows[name] for name in names), strict=True))


def _told_apart(codes: Mapping[str, NDArray[np.int_]]) -> list[str]:
    """Leave out effects of one level, and those that group the values as a later one does."""
    names, used = list(codes), []
    for place, name in enumerate(names):
        later = (codes[other] for other in names[place + 1 :])
        if codes[name].max() > 0 and not any(np.array_equal(codes[name], each) for each in later):
            used.append(name)
    return used


def _overlap(one: NDArray[np.int_], other: NDArray[np.int_]) -> float:
    """The squared norm of Z'MW: Z and W the indicators of two groupings, M the centring matrix."""
    n, width = len(one), int(other.max()) + 1
    _, place, both = np.unique(one * width + other, return_index=True, return_counts=True)
    first, second = np.bincount(one).astype(float), np.bincount(other).astype(float)
    cross = (both * first[one[place]] * second[other[place]]).sum()
    ends = (first**2).sum() * (second**2).sum()
    return float((both.astype(float) ** 2).sum() - 2 * cross / n + ends / n**2)
