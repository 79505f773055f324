"""What studies measured: `results/<slug>.jsonl`, read back as tables, verdicts and standing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ideas_lib.study.checkout import root
from ideas_lib.study.codekey import digest
from ideas_lib.study.study import Study, load_study
from ideas_lib.verdict import Verdict, paired, solved

__all__ = [
    "BadResults",
    "MissingResults",
    "Results",
    "Standing",
    "confirmation_file",
    "exists",
    "fingerprint",
    "load",
    "results_file",
]

FIELDS = (
    "study", "experiment", "stage", "arm", "seed", "settings", "metrics", "params", "flops",
    "seconds", "versions", "machine", "commit", "prediction_commit", "code_key", "seal", "when",
)  # fmt: skip
RUN = ("experiment", "stage", "arm", "seed", "settings")  # what tells one run from another
CONFIRMATION = ("code_key", "results", "when", "tolerance", "identical")


class MissingResults(FileNotFoundError):
    """Raised when a study has not been run."""


class BadResults(ValueError):
    """Raised when a results file is damaged."""


@dataclass(frozen=True)
class Standing:
    """How results stand to today's code and prediction.

    `code` is `current`, `confirmed` (earlier code, reproduced with today's) or `earlier`;
    `sealed` says that the prediction is the one the runs were made under.
    """

    code: str
    sealed: bool
    words: str


def results_file(slug: str) -> Path:
    """Return where a study's results are kept."""
    return root() / "results" / f"{slug}.jsonl"


def confirmation_file(slug: str) -> Path:
    """Return where a study's last confirmation is kept."""
    return root() / "results" / f"{slug}.confirmed.json"


def exists(slug: str) -> bool:
    """Say whether a study has results."""
    return results_file(slug).is_file()


def fingerprint(slug: str) -> str:
    """Return a hash of a study's results file, so that a confirmation can say what it is of."""
    return digest(results_file(slug).read_text(encoding="utf-8"))


def load(slug: str) -> "Results":
    """Read a study's results.

    Raises MissingResults, naming the command that makes them, and BadResults, naming the line that
    is damaged or is a run for the second time.
    """
    study = load_study(slug)
    path = results_file(slug)
    if not path.is_file():
        raise MissingResults(f"{slug} has not been measured: run `ideas run {slug} --study`")
    lines: dict[str, int] = {}
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = _record(line)
        except ValueError as error:
            raise BadResults(f"results/{path.name}, line {number}: {error}") from error
        run = json.dumps([record[field] for field in RUN], sort_keys=True)
        first = lines.setdefault(run, number)
        if first != number:
            raise BadResults(f"results/{path.name}, line {number}: the same run as line {first}")
        records.append(record)
    if not records:
        raise BadResults(f"results/{path.name} is empty: run `ideas run {slug} --study`")
    return Results(study, tuple(records))


def _record(line: str) -> dict[str, Any]:
    record = json.loads(line, parse_constant=_no_number)
    if not isinstance(record, dict):
        raise ValueError(f"it holds no run: {line[:40]}")
    missing = [field for field in FIELDS if field not in record]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    return record


def _no_number(word: str) -> None:
    raise ValueError(f"it holds {word}, which is no number")


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

        The interval is corrected for the experiment's `overlap`. Raises ValueError for a
        solve-or-fail outcome of seeds that overlap: there is no correction for it.
        """
        a, b = self._column(experiment, outcome, idea), self._column(experiment, outcome, baseline)
        overlap = self.study.experiment(experiment).overlap
        if not solve_or_fail:
            return paired(a, b, margin, higher=higher, overlap=overlap)
        if overlap:
            raise ValueError(
                f"the seeds of {experiment!r} overlap: compare {outcome!r} without solve_or_fail"
            )
        return solved(a, b, margin)

    def over(
        self, baseline: str, *arms: str, experiment: str, outcome: str, margin: float, **how: bool
    ) -> dict[str, Verdict]:
        """Compare arms with one baseline: arm -> verdict; `how` as `compare` takes it."""
        return {
            arm: self.compare(experiment, outcome, arm, baseline, margin, **how) for arm in arms
        }

    def verdict(self) -> Verdict:
        """Return the verdict on the study's prediction."""
        p = self.study.prediction
        name = self.study.experiments[0].name
        return self.compare(name, p.outcome, p.idea, p.baseline, p.margin, p.higher, p.solved)

    def seeds(self) -> int:
        """Return how many seeds the verdict rests on."""
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
            code = "confirmed"
            words += f", confirmed {how} with today's on {check['when'][:10]}"
        if not sealed:
            words += "; the prediction was changed after these runs"
        return Standing(code, sealed, words + ".")

    def _confirmation(self, code_key: str) -> dict[str, Any] | None:
        """Return the last confirmation if it is of these results, with the code of that key."""
        slug, path = self.study.slug, confirmation_file(self.study.slug)
        if not path.is_file():
            return None
        try:
            check = json.loads(path.read_text(encoding="utf-8"))
            missing = [name for name in CONFIRMATION if name not in check]
        except (ValueError, TypeError) as error:
            missing = [str(error)]
        if missing:
            raise BadResults(
                f"results/{path.name} is damaged ({', '.join(missing)}): delete it, or run"
                f" `ideas run {slug} --confirm`"
            )
        current = (check["code_key"], check["results"]) == (code_key, fingerprint(slug))
        return check if current else None

    def _column(self, experiment: str, outcome: str, arm: str) -> list[float]:
        chosen = self.study.experiment(experiment)
        if arm not in chosen.arms:
            raise ValueError(f"{experiment!r} has no arm {arm!r}; it has {list(chosen.arms)}")
        found = {r["seed"]: r["metrics"].get(outcome) for r in self.select(experiment, arm=arm)}
        missing = [s for s in chosen.seeds if not isinstance(found.get(s), int | float)]
        if missing:
            raise BadResults(
                f"{self.study.slug}: arm {arm!r} of {experiment!r} has no number {outcome!r} for"
                f" seeds {missing}: run `ideas run {self.study.slug} --study`"
            )
        return [found[seed] for seed in chosen.seeds]
