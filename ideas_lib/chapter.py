"""What a chapter shows the same way as every other: its prediction, its code, its tables."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from IPython.display import Code, Markdown, display

from ideas_lib.formatting import number
from ideas_lib.results import Results
from ideas_lib.study.study import Study
from ideas_lib.verdict import Verdict

__all__ = ["costs", "prediction", "shrinkage", "source", "table", "verdicts"]


def prediction(study: Study) -> Markdown:
    """Show a study's prediction, or what it measures, and the seal that its results must carry."""
    kind, lines = "prediction", _predicts
    if study.measurement:
        kind, lines = "measurement", _measures
    return Markdown("\n".join([*lines(study), f"Seal of this {kind}: `{study.seal()}`."]))


def _predicts(study: Study) -> list[str]:
    p, deciding = study.prediction, study.experiments[0]
    assert p is not None, "it predicts something"
    sign = "more" if p.higher else "less"
    rule = "paired by seed, a t interval"
    if p.solved:
        rule = "solve-or-fail, Newcombe's interval"
    elif deciding.overlap:
        rule = f"splits, paired, a t interval corrected for an overlap of {deciding.overlap:g}"
    margin = f"Margin, the smallest effect worth having: {p.margin:g}."
    if p.no_worse:
        margin = f"Predicted to be no worse: by less than the margin, {p.margin:g}."
    lines = [
        f"> **{p.claim}**",
        "",
        f"Outcome: {p.outcome} on {deciding.name}, {p.idea} minus {p.baseline}; {sign} is better.",
        margin,
        f"Seeds {deciding.seeds[0]} to {deciding.seeds[-1]}, {rule}.",
        f"What would change our mind: {p.change_our_mind}" if p.change_our_mind else "",
    ]
    if p.confidence is not None:
        lines.append(f"Confidence that it comes out supported: {100 * p.confidence:g} %.")
    return lines


def _measures(study: Study) -> list[str]:
    m, deciding = study.measurement, study.experiments[0]
    assert m is not None, "it measures something"
    rule = {"t": "a t interval", "wilson": "Wilson's interval"}.get(
        m.interval, "Clopper and Pearson's interval"
    )
    seeds = f"Seeds {deciding.seeds[0]} to {deciding.seeds[-1]}"
    return [
        f"> **{m.question}**",
        "",
        f"Outcome: {m.outcome} ({m.unit}) on {deciding.name}, {m.arm}.",
        f"{seeds if len(deciding.seeds) > 1 else f'Seed {deciding.seeds[0]}'}, {rule} over what is"
        f" independent: the {m.independent}.",
        f"How it could have come out otherwise: {m.could_differ}",
    ]


def source(*objects: Any) -> None:
    """Show the source of classes or functions: the page shows what runs."""
    text = "\n\n".join(inspect.getsource(thing).rstrip() for thing in objects)
    display(Code(text, language="python"))


def table(rows: Sequence[Mapping[str, Any]], spec: str = ".3f") -> Markdown:
    """Show rows as a table; `spec` formats the numbers that are not whole."""
    if not rows:
        raise ValueError("a table needs rows, and there are none")
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        lines.append("| " + " | ".join(_cell(row[name], spec) for name in head) + " |")
    return Markdown("\n".join(lines))


def costs(results: Results, experiment: str) -> Markdown:
    """Show what each arm of an experiment costs, and the settings that its tuning chose.

    Parameters, and FLOPs per token, forward. No wall time: studies share their machine, and
    speed is measured side by side in `benchmarks/`.
    """
    rows = []
    for arm, runs in results.frame(experiment).groupby("arm", sort=False):
        chosen = results.select(experiment, arm=arm)[0]["settings"]
        rows.append(
            {"arm": arm, "parameters": int(runs.params.iloc[0])}
            | {"FLOPs a token": int(runs.flops.iloc[0])}
            | {f"best {name}": f"{value:g}" for name, value in chosen.items()}
        )
    return table(rows)


def shrinkage(results: Results, experiment: str, spec: str = ".3f") -> Markdown:
    """Show what tuning promised and the verdict seeds gave: each arm's mean score on both.

    The rate chosen is the best on pilot seeds, which flatters it there. It says where that rate
    lies at an edge of the grid, so that a better one may lie beyond.
    """
    chosen = results.study.experiment(experiment)
    means, tuned, rows = results.means(experiment, chosen.score), results.tuning(experiment), []
    for arm, pilots in tuned.iterrows():
        best = pilots.idxmax() if chosen.score_higher else pilots.idxmin()
        edges = (pilots.index[0], pilots.index[-1])
        rows.append(
            {"arm": arm, "best of the grid": best + (", its edge" if best in edges else "")}
            | {f"{chosen.score}, pilot seeds": float(pilots[best])}
            | {"verdict seeds": means[str(arm)]}
            | {"change": number(means[str(arm)] - pilots[best], f"+{spec}")}
        )
    return table(rows, spec)


def verdicts(found: Mapping[str, Verdict], spec: str = "+.3f") -> Markdown:
    """Show comparisons as a table: effect, interval, margin, seeds and the word they come to.

    That is the verdict's own word where a row is the registered prediction.
    """
    return table(
        [
            {
                "comparison": name,
                "effect": number(v.effect, spec),
                "95 % interval": f"{number(v.low, spec)} to {number(v.high, spec)}",
                "margin": f"{v.margin:g}",
                "seeds": v.n,
                "in a word": v.word,
            }
            for name, v in found.items()
        ]
    )


def _cell(value: Any, spec: str) -> str:
    if isinstance(value, float):
        return "–" if pd.isna(value) else number(value, spec)
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("|", "\\|")
