"""Rehearse a study: a share of its steps, rates, seeds and arms, without editing it.

A copy of the study's file, scaled, lies in `.work/<slug>/reduced-<share>/`, a checkout of its own
whose library is this one's by a link. Its runs and its results are kept there: no page and no
verdict ever reads them.

Scaled are whole numbers that the study's file gives to a name of `STEPS`, or one that ends in it
after an underscore, in `SETTINGS` or anywhere else: `steps=600`, `{"pilot_steps": 100}`.
"""

import ast
import json
import math
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ideas_lib import verdict
from ideas_lib.formatting import number
from ideas_lib.measured import Measured, measure_units
from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.finding import Prediction
from ideas_lib.study.runner import run_all
from ideas_lib.study.study import Experiment, Study, load_study, study_file
from ideas_lib.study.worker import inside
from ideas_lib.verdict import Verdict

__all__ = ["STEPS", "plan", "reduce_checkout", "run_reduced", "scaled"]

STEPS = ("steps", "epochs", "iterations")
READER = "reader"  # what a reader-tier run takes is not the study's
LAST = (
    "\n\nfrom ideas_lib.study.reduced import scaled as _scaled\n\nSTUDY = _scaled(STUDY, {share})\n"
)
T = TypeVar("T")


@dataclass(frozen=True)
class ScaledNumber:
    """One number that was scaled, where its file has it."""

    name: str
    line: int
    old: int
    new: int


def run_reduced(
    slug: str,
    share: float,
    jobs: int | None = None,
    backend: str = "loky",
    address: str | None = None,
) -> str:
    """Run a share of a study, 0 < `share` < 1, and return in words what came out: no verdict.

    Says on stderr first what is scaled. Stopped, the same command resumes it. Raises ValueError for
    another share, UnknownStudy, and what runs raise.
    """
    top = reduce_checkout(slug, share)
    for line in plan(slug, share):
        print(line, file=sys.stderr)
    with inside(str(top)):
        study = load_study(slug)
        stamp = {
            "commit": "", "prediction_commit": "", "seal": "",
            "code_key": study.code_key(), "reduced": share,
        }  # fmt: skip
        path = run_all(study, stamp, jobs, backend, address)
        text = _finding(study, path)
    return f"{slug}, reduced to {share:g}, no verdict: {text}. Kept in {path.relative_to(root())}"


def reduce_checkout(slug: str, share: float) -> Path:
    """Make the checkout of a study reduced to a share, or make it anew, and return its folder.

    Finished runs in it stay. Raises ValueError unless 0 < `share` < 1, and UnknownStudy.
    """
    if not 0 < share < 1:
        raise ValueError(f"reduce a study to a share between 0 and 1, as 0.25 is: not to {share:g}")
    load_study(slug)  # says which studies there are
    here, top = root(), work_folder(slug) / f"reduced-{share:g}"
    for folder in ("studies", "results"):
        shutil.rmtree(top / folder, ignore_errors=True)
        (top / folder).mkdir(parents=True)
    own = _own_files(slug)
    for entry in here.iterdir():
        if entry.name not in ("studies", "results") and entry.name[0] != ".":
            _link(top / entry.name, entry)
    for entry in (here / "studies").iterdir():
        if entry.name not in (study_file(slug).name, study_file(slug).parent.name, "__pycache__"):
            _link(top / "studies" / entry.name, entry)
    for entry in (here / "results").glob("*"):
        if entry.name not in (f"{slug}.jsonl", f"{slug}.confirmed.json"):
            _link(top / "results" / entry.name, entry)
    for path in own:
        target = top / path.relative_to(here)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py":
            tree, _ = _rewritten(path, share)
            last = LAST.format(share=share) if path == study_file(slug) else ""
            target.write_text(ast.unparse(tree) + last, encoding="utf-8")
        else:
            shutil.copy(path, target)
    return top


def plan(slug: str, share: float) -> Iterator[str]:
    """Yield, a line each, what a reduced study scales, and what it cannot."""
    study = load_study(slug)
    less = scaled(study, share)
    yield f"{slug}, reduced to {share:g}: a rehearsal, no verdict"
    found = {path: _rewritten(path, share)[1] for path in _own_files(slug) if path.suffix == ".py"}
    for path, numbers in found.items():
        for each in sorted(numbers, key=lambda each: each.line):
            place = f"{path.relative_to(root()).as_posix()}, line {each.line}"
            yield f"  {each.name}: {each.old} to {each.new} ({place})"
    for was, now in zip(study.experiments, less.experiments, strict=True):
        yield f"  {was.name}: {_shorter(was, now)}"
    names = ", ".join(STEPS)
    if not any(found.values()):
        yield f"  steps are not scaled: no number in the study is called {names}"
        return
    left = _unscaled(study, study_file(slug), share)
    if left:
        yield f"  steps are not scaled in {', '.join(left)}: no number there is called {names}"


def scaled(study: Study, share: float) -> Study:
    """Return a study with a share of each experiment's arms, seeds, rates and pilot seeds.

    The arms that decide stay; of other arms, seeds and pilot seeds the first are taken, of rates
    those in the middle. Two seeds and two arms are left at least, where there were as many.
    """
    deciding = study.finding.arms
    return replace(study, experiments=tuple(_less(e, share, deciding) for e in study.experiments))


def _less(experiment: Experiment, share: float, deciding: tuple[str, ...]) -> Experiment:
    own = [arm for arm in experiment.arms if arm in deciding]
    rest = [arm for arm in experiment.arms if arm not in deciding]
    wanted = (*own, *rest)[: max(len(own), _count(experiment.arms, share, 2))]
    return replace(
        experiment,
        arms=tuple(arm for arm in experiment.arms if arm in wanted),
        seeds=experiment.seeds[: _count(experiment.seeds, share, 2)],
        grid=_middle(experiment.grid, _count(experiment.grid, share, 1)),
        pilot_seeds=experiment.pilot_seeds[: _count(experiment.pilot_seeds, share, 1)],
    )


def _count(items: tuple[Any, ...], share: float, least: int) -> int:
    return min(len(items), max(least, math.ceil(share * len(items) - 1e-9)))


def _middle(items: tuple[T, ...], count: int) -> tuple[T, ...]:
    """Return as many items, evenly spread: of three the second, or the first and the third."""
    places = (int((k + 0.5) * len(items) / count) for k in range(count))
    return tuple(items[place] for place in places)


def _shorter(was: Experiment, now: Experiment) -> str:
    said = [
        f"{len(now.arms)} of {len(was.arms)} arms ({'; '.join(now.arms)})",
        f"{len(now.seeds)} of {len(was.seeds)} seeds",
    ]
    if len(was.grid) > 1:
        rates = "; ".join(", ".join(f"{k}={v!r}" for k, v in each.items()) for each in now.grid)
        said.append(f"{len(now.grid)} of {len(was.grid)} settings to choose from ({rates})")
    if len(now.grid) > 1:
        said.append(f"{len(now.pilot_seeds)} of {len(was.pilot_seeds)} pilot seeds")
    return ", ".join(said)


def _own_files(slug: str) -> list[Path]:
    """Return a study's file, or all files of its package."""
    path = study_file(slug)
    if path.name != "__init__.py":
        return [path]
    inside_it = (file for file in sorted(path.parent.rglob("*")) if file.is_file())
    return [file for file in inside_it if "__pycache__" not in file.parts]


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target, target_is_directory=target.is_dir())


def _rewritten(path: Path, share: float) -> tuple[ast.Module, list[ScaledNumber]]:
    """Return a file's tree with its numbers of steps scaled, and what they were."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for name, node in _named_numbers(tree):
        old = node.value
        assert isinstance(old, int)
        node.value = max(1, round(share * old))
        found.append(ScaledNumber(name, node.lineno, old, node.value))
    return tree, found


def _named_numbers(tree: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Yield (name, whole number) of the steps that a file gives."""
    for node in ast.walk(tree):
        pairs: list[tuple[str | None, ast.AST | None]] = []
        if isinstance(node, ast.keyword):
            pairs = [(node.arg, node.value)]
        elif isinstance(node, ast.Dict):
            keys = (key.value if isinstance(key, ast.Constant) else None for key in node.keys)
            pairs = [(str(key), value) for key, value in zip(keys, node.values, strict=True)]
        elif isinstance(node, ast.arguments):
            own = [*node.posonlyargs, *node.args]
            late = own[len(own) - len(node.defaults) :]
            both = (*zip(late, node.defaults, strict=True),
                    *zip(node.kwonlyargs, node.kw_defaults, strict=True))  # fmt: skip
            pairs = [(argument.arg, value) for argument, value in both]
        elif isinstance(node, ast.Assign):
            pairs = [(t.id.lower(), node.value) for t in node.targets if isinstance(t, ast.Name)]
        for name, value in pairs:
            if name and _counts_steps(name) and isinstance(value, ast.Constant):
                if type(value.value) is int and value.value > 1:
                    yield name, value


def _counts_steps(name: str) -> bool:
    return not name.startswith(READER) and any(
        name == word or name.endswith(f"_{word}") for word in STEPS
    )


def _unscaled(study: Study, path: Path, share: float) -> list[str]:
    """Return the experiments whose measure comes upon none of the numbers that were scaled."""
    tree, numbers = _rewritten(path, share)
    lines = {each.line for each in numbers}
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    left = []
    for experiment in study.experiments:
        measure = experiment.measure
        while isinstance(measure, partial):
            measure = measure.func
        todo, seen = [getattr(measure, "__name__", "")], set[str]()
        reached = False
        while todo:
            name = todo.pop()
            if name in functions and name not in seen:
                seen.add(name)
                reached |= any(_takes_steps(node, lines) for node in ast.walk(functions[name]))
                todo += [n.id for n in ast.walk(functions[name]) if isinstance(n, ast.Name)]
        if not reached:
            left.append(experiment.name)
    return left


def _takes_steps(node: ast.AST, lines: set[int]) -> bool:
    """Say whether a node is a number that was scaled, a setting of steps, or all settings."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return isinstance(node.slice.value, str) and _counts_steps(node.slice.value)
    if isinstance(node, ast.Call | ast.BinOp):
        given = node.args if isinstance(node, ast.Call) else [node.left, node.right]
        return any(isinstance(each, ast.Name) and each.id == "SETTINGS" for each in given)
    return isinstance(node, ast.Constant) and type(node.value) is int and node.lineno in lines


def _finding(study: Study, path: Path) -> str:
    """Say what the runs came to, in numbers and without a word that decides."""
    asked, deciding = study.finding, study.experiments[0].name
    found: dict[str, dict[int, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record: Mapping[str, Any] = json.loads(line)
        if (record["experiment"], record["stage"]) == (deciding, "verdict"):
            if record["arm"] in asked.arms:
                outcome = record["metrics"][asked.outcome]
                found.setdefault(record["arm"], {})[record["seed"]] = outcome
    effect: Verdict | Measured
    if isinstance(asked, Prediction):
        idea, baseline = (list(found[arm].values()) for arm in asked.arms)
        how = (asked.margin, asked.higher, asked.solved, study.experiments[0].overlap)
        effect = verdict.compared(idea, baseline, *how)
        what = f"{asked.outcome}, {asked.idea} minus {asked.baseline}"
    else:
        units = asked.units(found[asked.arm])
        effect = measure_units(units, asked.unit, asked.independent, asked.interval)
        what = f"{asked.outcome} in {asked.unit}"
    signed = "+" if isinstance(effect, Verdict) else ""
    spec = f"{signed}.{effect.digits()}f"
    shown, low, high = (number(x, spec) for x in (effect.effect, effect.low, effect.high))
    return f"{what}: {shown}, 95 % interval {low} to {high} ({effect.n} pairs, {effect.method})"
