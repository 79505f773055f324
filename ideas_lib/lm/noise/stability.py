"""How often the sign of a difference stands: among variants, and among contexts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ideas_lib.intervals import wilson
from ideas_lib.lm.noise.bounds import LEVEL, checked

__all__ = ["Share", "Stability", "sign_stability"]


@dataclass(frozen=True)
class Share:
    """A share of `n`, between 0 and 1, with its interval."""

    share: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.share:.0%} of {self.n} [{self.low:.0%}, {self.high:.0%}]"


@dataclass(frozen=True)
class Stability:
    """Which sign the mean difference has (1, -1, or 0: unknown), and what shares agree with it."""

    sign: int
    variants: Share
    contexts: Share


def sign_stability(rows: pd.DataFrame, *, level: float = LEVEL) -> Stability:
    """Return the shares of variants and of contexts whose difference has the mean's sign.

    `rows` as `noise_bounds` takes them. A sign is known where `low` and `high` have the same: one
    within the numerical floor, or hidden by a censored score, counts as no agreement in the share
    and its lower end, and as agreement in the upper one. The intervals are Wilson's; for variants
    with as many as they are worth, given that those of one context agree. The sign is taken from
    the same rows, so a share near one half looks a little better than it is.
    """
    rows = checked(rows)
    context, contexts = pd.factorize(rows["context"])
    low, high = rows["low"].to_numpy(float), rows["high"].to_numpy(float)
    size = np.bincount(context)
    signs = _signs(low, high)
    of_contexts = _signs(np.bincount(context, low) / size, np.bincount(context, high) / size)
    means = np.bincount(context, rows["difference"].to_numpy(float)) / size
    # No mean is known where one score is censored: the contexts' signs decide.
    sign = int(np.sign(of_contexts.sum() if np.isnan(means).any() else means.mean()))
    alone = np.arange(len(contexts))
    return Stability(
        sign, _share(signs, sign, context, level), _share(of_contexts, sign, alone, level)
    )


def _signs(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int_]:
    return (low > 0).astype(int) - (high < 0)


def _share(signs: NDArray[np.int_], sign: int, cluster: NDArray[np.int_], level: float) -> Share:
    sure = (signs == sign) & (sign != 0)
    most = sure | (signs == 0) | (sign == 0)
    low, high = _wilson(sure, cluster, level)[1], _wilson(most, cluster, level)[2]
    return Share(float(sure.mean()), low, high, len(signs))


def _wilson(
    agrees: NDArray[np.bool_], cluster: NDArray[np.int_], level: float
) -> tuple[float, float, float]:
    worth = _worth(agrees, cluster)
    return wilson(float(agrees.mean()) * worth, worth, level)


def _worth(agrees: NDArray[np.bool_], cluster: NDArray[np.int_]) -> float:
    """How many independent ones they are worth: from the variance of the share over clusters.

    Where all agree, or none, nothing shows how alike those of a cluster are: one a cluster.
    """
    share, clusters = float(agrees.mean()), int(cluster.max()) + 1
    if share in (0.0, 1.0) or clusters < 2:
        return clusters
    beyond = np.bincount(cluster, agrees - share)
    variance = clusters / (clusters - 1) * float((beyond**2).sum()) / len(agrees) ** 2
    return float(np.clip(share * (1 - share) / max(variance, 1e-12), 1, len(agrees)))
