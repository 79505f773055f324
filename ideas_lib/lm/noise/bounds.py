"""Bounds on the difference between two phrases, when contexts and noise are samples.

    noise_bounds(rows)                     # other contexts, the same families of noise
    noise_bounds(rows, over="new family")  # what a family of noise that was not tried would give

A context's variants are no independent samples: contexts are the clusters. Families of noise are
clusters as well where the claim is to hold for other families, and there are few of them.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

__all__ = ["Bounds", "CellMeans", "checked", "noise_bounds", "random_effects_interval"]

LEVEL = 0.95
DRAWS = 1999
# With fewer contexts, resamples that all but repeat one of them stretch a bootstrap-t at random.
ENOUGH = 8
METHODS = {
    "variants": f"cluster t, from {ENOUGH} contexts its ends or cluster bootstrap-t's, the wider",
    "families": "crossed random effects, Satterthwaite t",
    "new family": "crossed random effects, Satterthwaite t, prediction",
    "rows": "t, variants taken for independent",
}
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """A mean difference in nats, and where it lies at `level`; `over` and `contexts` say of what.

    An end is infinite where too little is known: one context, one family, a censored score.
    """

    mean: float
    low: float
    high: float
    over: str
    contexts: str
    level: float
    method: str
    n_contexts: int
    n_families: int
    n_rows: int

    def __str__(self) -> str:
        return (
            f"{self.mean:+.2f} nats [{self.low:+.2f}, {self.high:+.2f}] over {self.over}, "
            f"{self.n_rows} variants of {self.n_contexts} contexts in {self.n_families} families"
        )


@dataclass(frozen=True)
class CellMeans:
    """Contexts by families: the mean of each cell's variants, and what a missing cell would have.

    A cell without variants gets its least-squares value (context's effect plus family's), so that
    a family that only some contexts have is compared within these. `spare` is the degrees of
    freedom that are left for context-by-family.
    """

    cells: Array
    spare: int

    @staticmethod
    def of(rows: pd.DataFrame, column: str) -> "CellMeans":
        """Lay out one column. Raises ValueError where some families share no context."""
        context, contexts = pd.factorize(rows["context"])
        family, families = pd.factorize(rows["family"])
        shape = len(contexts), len(families)
        place = context * shape[1] + family
        size = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
        total = np.bincount(place, rows[column].to_numpy(float), shape[0] * shape[1])
        there = size > 0
        cells = np.divide(total.reshape(shape), size, where=there, out=np.zeros(shape))
        effects, linked = _effects(cells, there)
        if not linked:
            raise ValueError(
                f"families {', '.join(map(repr, families))} cannot be compared: some have no "
                "context in common with the others; leave them out, or use contexts that have all"
            )
        spare = int(there.sum()) - sum(shape) + 1
        return CellMeans(np.where(there, cells, effects), spare)

    def squares(self) -> tuple[float, float, float]:
        """Return the mean squares: of contexts, of families, and of what neither explains."""
        n, families = self.cells.shape
        by_context, by_family = self.cells.mean(1), self.cells.mean(0)
        rest = self.cells - by_context[:, None] - by_family + self.cells.mean()
        return (
            families * float(by_context.var(ddof=1)) if n > 1 else math.inf,
            n * float(by_family.var(ddof=1)),
            float((rest**2).sum()) / self.spare if self.spare else 0.0,
        )


def noise_bounds(
    rows: pd.DataFrame,
    *,
    over: str = "variants",
    contexts: str = "others",
    level: float = LEVEL,
    seed: int = 0,
) -> Bounds:
    """Return the mean difference over contexts, and an interval for it.

    `rows` has a row a variant: `context`, `family`, `difference` in nats, and, unless scores are
    free of errors, `low` and `high`, what the difference lies between: the numerical floor, with
    one side infinite, and `difference` NaN, where a score is censored. The lower end comes from
    the lows and the upper one from the highs, so that no bound forgets them. Contexts count
    equally, and so do families.

    `over` says what the interval is for. variants: the mean over contexts under the families that
    were tried: a t interval over contexts, and from 8 contexts each end the wider one of it and
    of a studentised bootstrap of contexts, for the one misses too often with skewed contexts and
    the other with long tails. families: the mean over all families of which those tried are a
    sample. new family: a prediction, the mean that one family gives that was not tried. rows:
    variants as if independent, which they are not: the baseline to be better than.

    `contexts` is others, of their kind, or these, for families and new family: the very same
    contexts, with as many variants. Families and contexts are crossed random effects; mean
    squares give the variance, cut off at none between families, and Satterthwaite's degrees of
    freedom its t, no fewer than the smaller one's. That supposes effects without long tails,
    which few families cannot show.

    Raises ValueError for rows, words or a level that make no sense.
    """
    rows = checked(rows)
    if over not in METHODS:
        raise ValueError(f"over={over!r} is none of {', '.join(METHODS)}")
    if contexts not in ("others", "these"):
        raise ValueError(f"contexts={contexts!r} is neither 'others' nor 'these'")
    if contexts == "these" and over in ("variants", "rows"):
        raise ValueError(f"over={over!r} is about other contexts: contexts='these' needs families")
    if not 0 < level < 1:
        raise ValueError(f"level={level} must lie between 0 and 1, as 0.95 does")
    low, high = _interval(rows, "low", over, contexts, level, seed)
    if not rows["low"].equals(rows["high"]):
        high = _interval(rows, "high", over, contexts, level, seed)[1]
    given = rows["difference"]
    mean = float(given.mean(skipna=False))
    if over != "rows" and math.isfinite(mean):
        mean = float(CellMeans.of(rows, "difference").cells.mean())
    counts = rows["context"].nunique(), rows["family"].nunique(), len(rows)
    return Bounds(mean, low, high, over, contexts, level, METHODS[over], *counts)


def checked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with `low` and `high`. Raises ValueError for what is none."""
    missing = {"context", "family", "difference"} - set(rows.columns)
    if missing or not len(rows):
        raise ValueError(f"rows lack {', '.join(sorted(missing)) or 'rows'}: a row is a variant")
    if not {"low", "high"} <= set(rows.columns):
        if rows["difference"].isna().any():
            raise ValueError("a difference is NaN: say by low and high what it lies between")
        return rows.assign(low=rows["difference"], high=rows["difference"])
    ends = rows[["low", "high"]].to_numpy(float)
    if np.isnan(ends).any() or (ends[:, 0] > ends[:, 1]).any():
        raise ValueError("low and high must be numbers, or infinite, and low no more than high")
    return rows


def _interval(
    rows: pd.DataFrame, column: str, over: str, contexts: str, level: float, seed: int
) -> tuple[float, float]:
    values = rows[column].to_numpy(float)
    if not np.isfinite(values).all():
        return -math.inf, math.inf
    if over == "rows":
        return _t(values, level)
    layout = CellMeans.of(rows, column)
    if over == "variants":
        return _clustered(layout.cells.mean(1), level, seed)
    return random_effects_interval(layout, over, contexts, level)


def random_effects_interval(
    layout: CellMeans, over: str, contexts: str, level: float
) -> tuple[float, float]:
    """Return the ends of the interval for "families" or a "new family", as `noise_bounds` says."""
    n, families = layout.cells.shape
    if families < 2 or (n < 2 and contexts == "others"):
        return -math.inf, math.inf
    share = 1 / families + (over == "new family")
    by_context, by_family, rest = layout.squares()
    parts = [(share * by_family / n, families - 1)]
    if contexts == "others":
        # The family mean square holds context-by-family too, which other contexts average out.
        between = max(0.0, parts[0][0] - share * rest / n)
        parts = [*parts, (-share * rest / n, layout.spare)] if between else []
        parts = [(by_context / (n * families), n - 1), *parts]
    variance = sum(part for part, _ in parts)
    doubt = sum(part**2 / its for part, its in parts if its)
    mean = float(layout.cells.mean())
    if variance <= 0 or doubt <= 0:
        return mean, mean
    # A difference of mean squares may leave fewer degrees of freedom than any of them has.
    fewest = families - 1 if contexts == "these" else min(n, families) - 1
    freedom = max(variance**2 / doubt, fewest)
    reach = stats.t.ppf((1 + level) / 2, freedom) * math.sqrt(variance)
    return mean - reach, mean + reach


def _t(values: Array, level: float) -> tuple[float, float]:
    if len(values) < 2:
        return -math.inf, math.inf
    reach = stats.t.ppf((1 + level) / 2, len(values) - 1) * stats.sem(values)
    return float(values.mean() - reach), float(values.mean() + reach)


def _clustered(means: Array, level: float, seed: int) -> tuple[float, float]:
    """Take each end from t or from bootstrap-t, whichever is the wider.

    Bootstrap-t resamples contexts, and has the quantiles of (mean - true mean) / its error from
    them instead of a table (Cameron, Gelbach and Miller 2008, doi:10.1162/rest.90.3.414).
    """
    n, (low, high) = len(means), _t(means, level)
    if n < ENOUGH or np.ptp(means) == 0:
        return low, high
    generator = np.random.default_rng(seed)
    found: list[Array] = []
    at_once = max(1, 4_000_000 // n)
    for start in range(0, DRAWS, at_once):
        sample = means[generator.integers(0, n, (min(at_once, DRAWS - start), n))]
        error = sample.std(1, ddof=1)
        kept = error > 1e-9 * means.std()  # a context drawn n times has no error of its own
        found.append((sample.mean(1) - means.mean())[kept] / error[kept])
    below, above = np.quantile(np.concatenate(found), [(1 - level) / 2, (1 + level) / 2])
    mean, error = float(means.mean()), float(means.std(ddof=1))
    return min(low, mean - above * error), max(high, mean - below * error)


def _effects(cells: Array, there: NDArray[np.bool_]) -> tuple[Array, bool]:
    """Fit context plus family by least squares: the fit, and whether all cells are linked."""
    count = there.sum(1, keepdims=True)
    share = there / count
    left = np.diag(there.sum(0)) - there.T @ share
    right = cells.sum(0) - share.T @ cells.sum(1)
    family, _, rank, _ = np.linalg.lstsq(left, right, rcond=1e-10)
    context = (cells.sum(1, keepdims=True) - (there @ family)[:, None]) / count
    return context + family, rank == there.shape[1] - 1
