"""What a study is to find: a prediction, which can fail, or the measurement of one quantity."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["INTERVALS", "Finding", "Measurement", "Prediction"]

INTERVALS = ("t", "wilson", "clopper-pearson")
SEED = "seed"


@dataclass(frozen=True)
class Prediction:
    """What is expected, before it is measured.

    `outcome` names a metric; the effect is arm `idea` minus arm `baseline` in it, paired by seed,
    its sign turned where lower is better. `margin`, above 0 and in the outcome's unit, is the
    smallest effect worth having. `solved` says that the outcome is solve-or-fail (0 or 1).
    `confidence` is the probability, above 0 and below 1, that it comes out supported; the first
    predictions have none. `no_worse` registers that the idea is no worse, by less than the margin,
    where a gain cannot be expected.
    """

    claim: str
    outcome: str
    idea: str
    baseline: str
    margin: float
    higher: bool = True
    solved: bool = False
    change_our_mind: str = ""
    confidence: float | None = None
    no_worse: bool = False

    def __post_init__(self) -> None:
        if not self.margin > 0:
            raise ValueError(f"margin={self.margin} must be above 0")
        if self.confidence is not None and not 0 < self.confidence < 1:
            raise ValueError(
                f"confidence={self.confidence} must lie between 0 and 1, as 0.7 does: it is the"
                " probability that the prediction comes out supported"
            )

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that decide."""
        return self.idea, self.baseline

    def promise(self) -> Mapping[str, Any]:
        """Return what the seal covers; what came later leaves no trace where it is not used."""
        later = {f.name: f.default for f in fields(self) if f.name in ("confidence", "no_worse")}
        said = asdict(self).items()
        return {name: v for name, v in said if name not in later or v != later[name]}


@dataclass(frozen=True)
class Measurement:
    """One quantity to be measured, where nothing is predicted: for tools and essays.

    `question` says in one sentence what is measured, `could_differ` how it could have come out
    otherwise. The quantity is the mean of the metric `outcome` in `arm` of the first experiment;
    `unit` is the text that follows its number, "nats" or "of all packages".

    `independent` is the independent unit, over which the interval is: "seed", or whatever else was
    sampled, "package", "problem", "person". Where it is the seed, each run reports a number. Where
    it is not, each run reports one value a unit: a mapping from the unit's name to its value or to
    a list of its values, or a list, if all runs have the same units in the same order. A unit's
    values in all runs are then one, their mean, and the quantity is the mean over units.

    `interval` is "t", or, for shares, whose values are 0 or 1, "wilson" or "clopper-pearson", which
    is exact and takes units that are 0 or 1 in all of their values alone. Wilson's counts units
    whose values differ by their means, which makes it too wide rather than too narrow.
    """

    question: str
    outcome: str
    arm: str
    unit: str
    could_differ: str
    independent: str = SEED
    interval: str = "t"

    def __post_init__(self) -> None:
        for name in ("question", "could_differ", "independent"):
            if not getattr(self, name).strip():
                raise ValueError(f"a measurement needs {name}: it is empty")
        if self.interval not in INTERVALS:
            raise ValueError(f"interval={self.interval!r} is none of {', '.join(INTERVALS)}")

    @property
    def by_seed(self) -> bool:
        """Whether the seed is the independent unit."""
        return self.independent == SEED

    @property
    def arms(self) -> tuple[str, ...]:
        """The arm that is measured."""
        return (self.arm,)

    def promise(self) -> Mapping[str, Any]:
        """Return what the seal covers."""
        return asdict(self)

    def units(self, runs: Mapping[int, Any]) -> dict[str, list[float]]:
        """Return unit -> its values in all runs, of seed -> what that run reports as the outcome.

        Raises TypeError where a run reports no number, list or mapping of them, as it should, and
        ValueError where lists differ in length, so that their places name no units.
        """
        lengths = {len(found) for found in runs.values() if isinstance(found, list)}
        if len(lengths) > 1:
            raise ValueError(
                f"{self.outcome!r} is in lists of {min(lengths)} to {max(lengths)} values: name"
                f" each {self.independent}, by a mapping, or report the same ones in every run"
            )
        units: dict[str, list[float]] = {}
        for seed, found in runs.items():
            for unit, values in self._of_run(seed, found).items():
                units.setdefault(unit, []).extend(values)
        return units

    def _of_run(self, seed: int, found: Any) -> dict[str, list[float]]:
        if self.by_seed:
            what, units = "be a number", {str(seed): [found]}
        else:
            what = f"hold a number, or a list of them, for each {self.independent}"
            places = enumerate(found) if isinstance(found, list) else ()
            named = found if isinstance(found, Mapping) else {str(k): v for k, v in places}
            units = {unit: v if isinstance(v, list) else [v] for unit, v in named.items()}
        if not units or not all(v and all(map(_is_number, v)) for v in units.values()):
            raise TypeError(f"{self.outcome!r}, which decides, must {what}: got {found!r:.200}")
        return units


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


Finding = Prediction | Measurement
