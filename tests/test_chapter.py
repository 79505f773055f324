"""What chapters show: predictions, sources, tables, costs."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import yaml
from docutils.core import publish_string
from myst_nb.docutils_ import Parser
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ideas_lib import chapter
from ideas_lib.results import Results
from ideas_lib.study import Experiment, Measurement, Prediction, Study
from ideas_lib.verdict import paired

TOP = Path(__file__).parents[1]


def measure(arm: str, seed: int) -> dict[str, float]:
    return {"accuracy": 0.5 + (arm == "idea") * 0.1}


STUDY = Study(
    slug="toy",
    title="Toy",
    prediction=Prediction("It helps.", "accuracy", "idea", "none", 0.05, change_our_mind="Harm."),
    experiments=(Experiment("task", ("none", "idea"), measure, seeds=(100, 101)),),
    reader=measure,
)


def record(arm: str, seed: int, seconds: float, params: int) -> dict[str, object]:
    return {
        "experiment": "task",
        "stage": "verdict",
        "arm": arm,
        "seed": seed,
        "settings": {"lr": 0.01},
        "metrics": dict(measure(arm, seed)),
        "params": params,
        "flops": 2 * params,
        "seconds": seconds,
    }


def test_a_prediction_is_shown_with_its_margin_and_seal() -> None:
    text = chapter.prediction(STUDY).data
    for part in ("It helps.", "idea minus none", "0.05", "100 to 101", "Harm.", STUDY.seal()):
        assert part in text


def test_a_prediction_says_that_its_splits_overlap() -> None:
    assert "overlap" not in chapter.prediction(STUDY).data
    splits = replace(STUDY, experiments=(replace(STUDY.experiments[0], overlap=0.25),))
    assert "corrected for an overlap of 0.25" in chapter.prediction(splits).data


def test_a_prediction_says_how_sure_and_that_no_more_is_meant() -> None:
    assert "Confidence" not in chapter.prediction(STUDY).data
    promise = replace(STUDY.prediction, confidence=0.7, no_worse=True)
    text = chapter.prediction(replace(STUDY, prediction=promise)).data
    assert "Confidence that it comes out supported: 70 %." in text
    assert "Predicted to be no worse: by less than the margin, 0.05." in text
    assert "smallest effect worth having" not in text


@pytest.mark.parametrize(
    ("interval", "words"),
    [("t", "a t interval"), ("wilson", "Wilson's"), ("clopper-pearson", "Clopper and Pearson's")],
)
def test_a_measurement_is_shown_with_its_unit_and_seal(interval: str, words: str) -> None:
    how = Measurement(
        "How good is it?", "accuracy", "idea", "of all", "Bad.", "problem", interval=interval
    )
    study = replace(STUDY, prediction=None, measurement=how)
    text = chapter.prediction(study).data
    for part in ("How good is it?", "accuracy (of all) on task, idea", "100 to 101", "Bad.", words):
        assert part in text
    assert "the problem." in text
    assert text.endswith(f"Seal of this measurement: `{study.seal()}`.")


def test_a_source_is_what_runs(capsys: pytest.CaptureFixture[str]) -> None:
    chapter.source(measure)
    assert "def measure(arm: str, seed: int)" in capsys.readouterr().out


def test_a_table_by_hand() -> None:
    rows = [{"arm": "a|b", "share": -0.25, "steps": 1200}, {"arm": "c", "share": 1.0, "steps": 1}]
    assert chapter.table(rows, ".2f").data.splitlines() == [
        "| arm | share | steps |",
        "| --- | --- | --- |",
        "| a\\|b | \N{MINUS SIGN}0.25 | 1,200 |",
        "| c | 1.00 | 1 |",
    ]


def test_a_table_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs rows"):
        chapter.table([])


def test_what_is_missing_is_shown_as_missing() -> None:
    assert chapter.table([{"x": float("nan")}]).data.splitlines()[-1] == "| – |"


def test_costs_name_parameters_operations_and_the_chosen_settings() -> None:
    runs = [record("none", 100, 10, 5), record("none", 101, 10, 5)]
    runs += [record("idea", 100, 12, 6), record("idea", 101, 12, 6)]
    lines = chapter.costs(Results(STUDY, tuple(runs)), "task").data.splitlines()
    assert lines[0] == "| arm | parameters | FLOPs a token | best lr |"
    assert lines[2] == "| none | 5 | 10 | 0.01 |"
    assert lines[3] == "| idea | 6 | 12 | 0.01 |"


def test_verdicts_show_what_the_rule_made_of_them() -> None:
    found = paired([0.60, 0.61, 0.62], [0.50, 0.51, 0.52], margin=0.05)
    table = chapter.verdicts({"idea over none": found.decided(), "other": found}).data
    assert table.splitlines()[2:] == [
        "| idea over none | +0.100 | +0.100 to +0.100 | 0.05 | 3 | supported |",
        "| other | +0.100 | +0.100 to +0.100 | 0.05 | 3 | better |",
    ]


def test_a_page_shows_maths_in_what_a_chapter_shows_and_leaves_money_alone() -> None:
    config = yaml.safe_load((TOP / "_config.yml").read_text())
    sphinx = config["sphinx"]["config"]
    settings = {k: v for k, v in sphinx.items() if k.startswith(("myst_dmath", "nb_render_mark"))}
    settings["myst_enable_extensions"] = config["parse"]["myst_enable_extensions"]
    claim = replace(STUDY.prediction, claim=r"It takes $\mathcal{O}(n^2)$, and $a_1 < b_1$.")
    rows = [{"$h$": "$|k_0|$", "paid": "$200 to $700"}]
    shown = chapter.prediction(replace(STUDY, prediction=claim)), chapter.table(rows)
    outputs = [new_output("display_data", {"text/markdown": each.data}) for each in shown]
    nb = new_notebook(cells=[new_code_cell("1", execution_count=1, outputs=outputs)])
    page = publish_string(
        nbformat.writes(nb),
        parser=Parser(),
        writer_name="html5",
        settings_overrides={"nb_execution_mode": "off", "report_level": 5, **settings}
        | {"math_output": "MathJax /none.js", "output_encoding": "unicode"},
    )
    maths = re.findall(r'<span class="math">\\\((.*?)\\\)</span>', page)
    assert maths == [r"\mathcal{O}(n^2)", "a_1 &lt; b_1", "h", "|k_0|"]
    assert "<td><p>$200 to $700</p></td>" in page


def test_shrinkage_sets_what_tuning_promised_beside_what_came() -> None:
    runs = {("none", 1.0): 0.5, ("none", 2.0): 0.7, ("none", 3.0): 0.6, ("idea", 1.0): 0.9}
    runs |= {("idea", 2.0): 0.8, ("idea", 3.0): 0.1}
    pilots = [
        record(arm, 0, 1, 1)
        | {"stage": "pilot", "settings": {"lr": lr}, "metrics": {"accuracy": score}}
        for (arm, lr), score in runs.items()
    ]
    verdicts = [record(arm, seed, 1, 1) for arm in ("none", "idea") for seed in (100, 101)]
    grid = tuple({"lr": lr} for lr in (1.0, 2.0, 3.0))
    study = replace(
        STUDY, experiments=(replace(STUDY.experiments[0], grid=grid, score="accuracy"),)
    )
    lines = chapter.shrinkage(Results(study, (*pilots, *verdicts)), "task", ".2f").data.splitlines()
    assert lines[2:] == [
        "| none | 2 | 0.70 | 0.50 | −0.20 |",
        "| idea | 1, its edge | 0.90 | 0.60 | −0.30 |",
    ]
