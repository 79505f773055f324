"""What studies measured: the records of `results/<slug>.jsonl` as tables, findings and standing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ideas_lib.measured import Measured, measure_units
from ideas_lib.study.finding import Prediction
from ideas_lib.study.records import (
    FIELDS,
    BadResults,
    MissingResults,
    exists,
    fingerprint,
    read_confirmation,
    read_records,
    results_file,
)
from ideas_lib.study.study import Study, load_study
from ideas_lib.verdict import Verdict, compared

__all__ = [
    "FIELDS",
    "BadResults",
    "MissingResults",
    "Results",
    "Standing",
    "exists",
    "load",
    "results_file",
]


@dataclass(frozen=True)
class Standing:
    """How results stand to today's code and prediction.

    `code` is `current`, `confirmed` (earlier code, reproduced with today's) or `earlier`;
    `sealed` says that the prediction is the one the runs were made under.
    """

    code: str
    sealed: bool
    words: str


def load(slug: str) -> "Results":
    """Read a study's results.

    Raises MissingResults, naming the command that makes them, and BadResults, naming the line that
    is damaged or is a run for the second time.
    """
    return Results(load_study(slug), read_records(slug))


@dataclass(frozen=True)
class Results:
    """A study and the records of its runs, each a dict with the keys `FIELDS`."""

    study: Study
    records: tuple[Mapping[str, Any], ...]

    def select(self, experiment: str, stage: str = "verdict", **where: Any) -> list[dict[str, Any]]:
        """Return the records of one experiment and stage, in the study's order of arms, by seed.

        `where` narrows it to records with these values, as `arm="none"`.
        """
        arms = self.study.experiment(experiment).arms
        wanted = {"experiment": experiment, "stage": stage, **where}
        found = [dict(r) for r in self.records if all(r[k] == v for k, v in wanted.items())]
        place = {arm: number for number, arm in enumerate(arms)}
        return sorted(found, key=lambda r: (place.get(r["arm"], len(arms)), r["arm"], r["seed"]))

    def frame(self, experiment: str, stage: str = "verdict") -> pd.DataFrame:
        """Return one row a run: arm, seed, settings, metrics that are numbers, and costs."""
        rows = [
            {"arm": r["arm"], "seed": r["seed"], **r["settings"]}
            | {k: v for k, v in r["metrics"].items() if isinstance(v, int | float)}
            | {k: r[k] for k in ("params", "flops", "seconds")}
            for r in self.select(experiment, stage)
        ]
        return pd.DataFrame(rows)

    def values(self, experiment: str, outcome: str) -> dict[str, NDArray[np.float64]]:
        """Return an outcome of every arm that has it, by seed: (seeds,), or (seeds, ...) if lists.

        Raises KeyError, naming the outcomes there are, if no arm has it.
        """
        records = self.select(experiment)
        found: dict[str, list[Any]] = {}
        for r in records:
            if outcome in r["metrics"]:
                found.setdefault(r["arm"], []).append(r["metrics"][outcome])
        if not found:
            there = sorted({name for r in records for name in r["metrics"]})
            raise KeyError(f"no outcome {outcome!r} in {experiment!r}; there are {there}")
        return {arm: np.array(runs, dtype=np.float64) for arm, runs in found.items()}

    def means(self, experiment: str, outcome: str) -> dict[str, float]:
        """Return an outcome's mean over seeds of every arm that has it, as `values` has them."""
        return {arm: float(runs.mean()) for arm, runs in self.values(experiment, outcome).items()}

    def tuning(self, experiment: str) -> pd.DataFrame:
        """Return the mean score on pilot seeds: a row for each arm, a column for each setting."""
        score = self.study.experiment(experiment).score
        rows = [
            {"arm": r["arm"], "setting": ", ".join(f"{v:g}" for v in r["settings"].values())}
            | {"score": r["metrics"][score]}
            for r in self.select(experiment, "pilot")
        ]
        means = pd.DataFrame(rows).groupby(["arm", "setting"], sort=False).score.mean()
        return means.unstack()

    def compare(
        self, experiment: str, outcome: str, idea: str, baseline: str, margin: float,
        higher: bool = True, solve_or_fail: bool = False,
    ) -> Verdict:  # fmt: skip
        """Compare two arms in one outcome, paired by seed, by the book's one rule.

        The interval is corrected for the experiment's `overlap`. Where it is what the study
        predicts, it is the verdict; else it has a comparison's word. Raises ValueError for a
        solve-or-fail outcome of seeds that overlap: there is no correction for it.
        """
        a, b = self._column(experiment, outcome, idea), self._column(experiment, outcome, baseline)
        overlap = self.study.experiment(experiment).overlap
        if solve_or_fail and overlap:
            raise ValueError(
                f"the seeds of {experiment!r} overlap: compare {outcome!r} without solve_or_fail"
            )
        found = compared(a, b, margin, higher, solve_or_fail, overlap)
        p = self.study.prediction
        asked = (experiment, outcome, idea, baseline, margin, higher, solve_or_fail)
        return found.decided(p.no_worse) if p and asked == self._predicted(p) else found

    def over(
        self, baseline: str, *arms: str, experiment: str, outcome: str, margin: float, **how: bool
    ) -> dict[str, Verdict]:
        """Compare arms with one baseline: arm -> what `compare` says; `how` as it takes it."""
        return {
            arm: self.compare(experiment, outcome, arm, baseline, margin, **how) for arm in arms
        }

    def verdict(self) -> Verdict:
        """Return the verdict on the study's prediction. Raises ValueError where it has none."""
        p = self.study.prediction
        if p is None:
            raise ValueError(f"{self.study.slug} predicts nothing: `finding()` is what it measured")
        return self.compare(*self._predicted(p))

    def finding(self) -> Verdict | Measured:
        """Return what the study found: the verdict on its prediction, or what it measured."""
        return self.verdict() if self.study.prediction else self._measured()

    def seeds(self) -> int:
        """Return how many seeds the finding rests on."""
        return len(self.study.experiments[0].seeds)

    @cached_property
    def code_keys(self) -> tuple[str, ...]:
        """The code keys the records carry, one unless runs were made with different code."""
        return tuple(sorted({r["code_key"] for r in self.records}))

    def standing(self) -> Standing:
        """Compare the records' code key and seal with today's."""
        today = self.study.code_key()
        seals = {r["seal"] for r in self.records if r["stage"] == "verdict"}
        sealed = seals <= {self.study.seal()}
        code, words = "earlier", "Measured with earlier code"
        if self.code_keys == (today,):
            code, words = "current", "Measured with today's code"
        elif (check := self._confirmation(today)) is not None:
            how = "identically" if check["identical"] else f"within {check['tolerance']:g}"
            words += f", confirmed {how} with today's on {check['when'][:10]}"
            if check.get("like_earlier"):
                words = "Measured with earlier code, which gives the same as today's to the last"
                words += f" digit on another machine, confirmed on {check['when'][:10]}"
            code = "confirmed"
        if not sealed:
            words += "; the prediction was changed after these runs"
        return Standing(code, sealed, words + ".")

    def _confirmation(self, code_key: str) -> Mapping[str, Any] | None:
        """Return the last confirmation if it is of these results, with the code of that key."""
        check = read_confirmation(self.study.slug)
        if check is None:
            return None
        same = (check["code_key"], check["results"]) == (code_key, fingerprint(self.study.slug))
        return check if same else None

    def _predicted(self, p: Prediction) -> tuple[str, str, str, str, float, bool, bool]:
        """Return what `compare` takes for the prediction."""
        name = self.study.experiments[0].name
        return name, p.outcome, p.idea, p.baseline, p.margin, p.higher, p.solved

    def _measured(self) -> Measured:
        how, name = self.study.measurement, self.study.experiments[0].name
        assert how is not None, "a study has a prediction or a measurement"
        runs = self._by_seed(name, how.outcome, how.arm, object)
        try:
            units = how.units(runs)
        except (TypeError, ValueError) as error:
            raise BadResults(f"{self.study.slug}: {error}") from error
        return measure_units(units, how.unit, how.independent, how.interval)

    def _column(self, experiment: str, outcome: str, arm: str) -> list[float]:
        return list(self._by_seed(experiment, outcome, arm, int | float).values())

    def _by_seed(self, experiment: str, outcome: str, arm: str, kind: Any) -> dict[int, Any]:
        """Return an outcome of an arm by seed; raise BadResults where one is not of that kind."""
        chosen = self.study.experiment(experiment)
        if arm not in chosen.arms:
            raise ValueError(f"{experiment!r} has no arm {arm!r}; it has {list(chosen.arms)}")
        found = {r["seed"]: r["metrics"].get(outcome) for r in self.select(experiment, arm=arm)}
        missing = [
            s for s in chosen.seeds if found.get(s) is None or not isinstance(found[s], kind)
        ]
        if missing:
            what = "number" if kind is not object else "outcome"
            raise BadResults(
                f"{self.study.slug}: arm {arm!r} of {experiment!r} has no {what} {outcome!r} for"
                f" seeds {missing}: run `ideas run {self.study.slug} --study`"
            )
        return {seed: found[seed] for seed in chosen.seeds}
