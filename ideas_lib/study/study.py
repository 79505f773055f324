"""Studies: a prediction or a measurement, named arms, seeds, and a measure. `runner` runs them.

A study is a Python file, `studies/<slug>.py`, with two names at top level: `SETTINGS`, a literal
`dict(...)` of the knobs a fork may turn, and `STUDY`. The prediction is part of the file, and its
seal, a hash, goes into every result: a prediction that moves afterwards is seen to have moved.
A study with parts is a package, `studies/<slug>/__init__.py`: `from studies.<slug>.part import x`.
"""

import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ideas_lib.study.checkout import root
from ideas_lib.study.codekey import code_key, digest
from ideas_lib.study.finding import Finding, Measurement, Prediction

__all__ = [
    "Experiment",
    "Run",
    "Study",
    "UnknownStudy",
    "load_study",
    "slugs",
    "study_file",
]

Measure = Callable[..., Mapping[str, Any]]


class UnknownStudy(LookupError):
    """Raised when no study has the slug asked for."""


@dataclass(frozen=True)
class Experiment:
    """Arms x seeds on one task.

    `measure(arm, seed, **settings)` returns metrics: numbers, or lists of numbers for curves;
    `params` and `flops` (per token, forward) among them where they mean something.
    Every arm tries each entry of `grid` on `pilot_seeds`, and goes on where its best lies at an
    edge (see `tuning.beyond`); what has the best mean `score` gets the verdict `seeds`. `seconds`
    is a guess at one run's time, for the estimate before a start.
    `overlap` is n_test / n_train where seeds are splits of the same samples, as in repeated
    cross-validation: their training sets overlap, and intervals are corrected for it. It is 0
    where every seed is a fresh draw.
    """

    name: str
    arms: tuple[str, ...]
    measure: Measure
    seeds: tuple[int, ...]
    grid: tuple[Mapping[str, Any], ...] = ({},)
    pilot_seeds: tuple[int, ...] = (0, 1)
    score: str = ""
    score_higher: bool = True
    seconds: float = 10.0
    overlap: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < math.inf:
            raise ValueError(
                f"experiment {self.name!r}: overlap={self.overlap} must be n_test / n_train, or 0"
                " where every seed is a fresh draw"
            )
        if len(self.grid) > 1 and not self.score:
            raise ValueError(f"experiment {self.name!r} has a grid but no score to choose by")
        early = [seed for seed in self.seeds if seed < 100]
        late = [seed for seed in self.pilot_seeds if seed >= 100]
        if early or late:
            raise ValueError(
                f"experiment {self.name!r}: verdict seeds start at 100 and pilot seeds stay below;"
                f" got {early or late}"
            )

    def pilots(self) -> Iterator["Run"]:
        """Yield the tuning runs; none where the grid has one entry."""
        if len(self.grid) > 1:
            for arm in self.arms:
                for settings in self.grid:
                    for seed in self.pilot_seeds:
                        yield Run(self.name, "pilot", arm, seed, tuple(sorted(settings.items())))

    def verdicts(self, chosen: Mapping[str, Mapping[str, Any]]) -> Iterator["Run"]:
        """Yield the runs the verdict rests on, each arm with its chosen settings."""
        for arm in self.arms:
            for seed in self.seeds:
                yield Run(self.name, "verdict", arm, seed, tuple(sorted(chosen[arm].items())))


@dataclass(frozen=True, order=True)
class Run:
    """One measurement: which experiment, stage (`pilot` or `verdict`), arm, seed and settings."""

    experiment: str
    stage: str
    arm: str
    seed: int
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def id(self) -> str:
        """A file name that no other run shares."""
        words = re.sub(r"\W+", "-", f"{self.experiment}-{self.stage}-{self.arm}-{self.seed}")
        return f"{words}-{digest(json.dumps(asdict(self), sort_keys=True))}"


@dataclass(frozen=True)
class Study:
    """One idea's study; its first experiment decides what is found.

    It has a `prediction` or a `measurement`, and never both. `reader(arm, seed)` is a small
    measurement with the same outcome, for live cells and forks, run on `reader_seeds`. `tolerance`
    is the largest difference in the outcome that counts as reproduced on another machine.
    """

    slug: str
    title: str
    _: KW_ONLY
    prediction: Prediction | None = None
    measurement: Measurement | None = None
    experiments: tuple[Experiment, ...]
    reader: Callable[[str, int], Mapping[str, Any]]
    reader_seeds: tuple[int, ...] = (0, 1, 2, 3)
    tolerance: float = 0.05

    def __post_init__(self) -> None:
        if (self.prediction is None) == (self.measurement is None):
            has = "neither" if self.prediction is None else "both"
            raise ValueError(f"{self.slug} must have a prediction or a measurement: it has {has}")
        what = "measurement" if self.prediction is None else "prediction"
        deciding = self.experiments[0]
        missing = set(self.finding.arms) - set(deciding.arms)
        if missing:
            raise ValueError(f"the {what} names arms that {self.slug} lacks: {sorted(missing)}")
        if self.prediction and self.prediction.solved and deciding.overlap:
            raise ValueError(
                f"{self.slug} is solve-or-fail on seeds that overlap: Newcombe's interval has no"
                " correction for that, so give each seed a fresh draw"
            )
        if self.measurement and deciding.overlap:
            raise ValueError(
                f"{self.slug} is measured on seeds that overlap, and its interval has no"
                " correction for that: give each seed a fresh draw"
            )
        if self.measurement and self.measurement.by_seed and len(deciding.seeds) < 2:
            raise ValueError(
                f"{self.slug} has one seed, which gives no interval over seeds: give it more, or"
                " say what else is independent"
            )

    @property
    def finding(self) -> Finding:
        """The prediction or the measurement."""
        found = self.prediction or self.measurement
        assert found is not None, "it has one of the two"
        return found

    def experiment(self, name: str) -> Experiment:
        """Return the experiment of that name. Raises KeyError, naming those there are."""
        for experiment in self.experiments:
            if experiment.name == name:
                return experiment
        raise KeyError(f"no experiment {name!r}; there are {[e.name for e in self.experiments]}")

    def seal(self) -> str:
        """Hash what was promised: the finding, and the arms, seeds and overlap that decide it.

        Seeds that do not overlap leave no trace: the seals of studies with fresh draws are older.
        """
        deciding = self.experiments[0]
        said = self.finding.promise()
        promise: list[Any] = [said, deciding.name, deciding.arms, deciding.seeds]
        if deciding.overlap:
            promise.append(deciding.overlap)
        return digest(json.dumps(promise, sort_keys=True))

    def code_key(self) -> str:
        """Hash the study's file and all of `ideas_lib` that it imports."""
        return code_key([study_file(self.slug).read_text(encoding="utf-8")], root())


def study_file(slug: str) -> Path:
    """Return the path of a slug's study, whether or not it is there; a package's `__init__.py`."""
    return _source_file(root() / "studies" / _module_name(slug))


def slugs() -> tuple[str, ...]:
    """Return the slugs that have a study, sorted."""
    folder = root() / "studies"
    stems = {file.stem for file in folder.glob("*.py")}
    stems |= {file.parent.name for file in folder.glob("*/__init__.py")}
    return tuple(sorted(s.replace("_", "-") for s in stems if not s.startswith("_")))


def load_study(slug: str) -> Study:
    """Run a study's file and return its `STUDY`. Raises UnknownStudy, naming those there are.

    The study is the module `studies.<slug>` from then on, and its parts, where it is a package,
    are imported anew when they are asked for.
    """
    path = study_file(slug)
    if not path.is_file():
        raise UnknownStudy(f"no study {slug!r}; there are {', '.join(slugs()) or 'none'}")
    if _Parts not in sys.meta_path:
        sys.meta_path.insert(0, _Parts)
    name = f"studies.{_module_name(slug)}"
    for old in [old for old in sys.modules if f"{old}.".startswith(f"{name}.")]:
        del sys.modules[old]
    spec = _spec(name, path)
    module = sys.modules[name] = module_from_spec(spec)
    _FromSource(name, str(path)).exec_module(module)
    study = module.STUDY
    if study.slug != slug:
        raise ValueError(
            f"{path.relative_to(root() / 'studies')} defines the study {study.slug!r}, not {slug!r}"
        )
    return study


class _FromSource(SourceFileLoader):
    """Loads a file as it stands.

    Python's bytecode cache knows a file by time and size, and would give the old code of a study
    that is edited twice within a second.
    """

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


class _Parts(MetaPathFinder):
    """Finds the parts of studies that are packages, wherever their checkout is."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        # A part of a part makes Python import `studies` itself, which is no package on the path.
        if name == "studies" and PathFinder.find_spec(name) is None:
            return ModuleSpec(name, None, is_package=True)
        if path and name.startswith("studies."):
            for folder in path:
                file = _source_file(Path(folder) / name.rpartition(".")[2])
                if file.is_file():
                    return _spec(name, file)
        return None


def _spec(name: str, path: Path) -> ModuleSpec:
    parts = [str(path.parent)] if path.name == "__init__.py" else None
    loader = _FromSource(name, str(path))
    spec = spec_from_file_location(name, path, loader=loader, submodule_search_locations=parts)
    assert spec is not None, "a loader was given"
    return spec


def _source_file(stem: Path) -> Path:
    package = stem / "__init__.py"
    return package if package.is_file() else stem.with_suffix(".py")


def _module_name(slug: str) -> str:
    return slug.replace("-", "_")
