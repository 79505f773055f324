import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import pytest

from ideas_lib import results
from ideas_lib.ideas import IDEAS
from ideas_lib.intervals import mean_t
from ideas_lib.publish.site.catalogue import NOT_TESTED, rows
from ideas_lib.publish.site.execute import execute
from ideas_lib.verdict import paired

TOC = "format: jb-book\nroot: index\nchapters:\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with no notebook, no study and no result."""
    for folder in ("ideas_lib", "chapters/transformers", "results", "studies"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    return tmp_path


def write(path: Path, code: str = "1 + 1", title: str = "# A title", **ours: object) -> Path:
    cells = [nbformat.v4.new_markdown_cell(title), nbformat.v4.new_code_cell(code)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["ideas"] = ours
    nbformat.write(notebook, path)
    return path


def test_an_empty_checkout_has_tested_nothing(checkout: Path) -> None:
    assert [(row.slug, row.title) for row in rows()] == [(i.slug, i.title) for i in IDEAS]
    assert {(row.path, row.verdict, row.effect, row.fresh) for row in rows()} == {
        (None, NOT_TESTED, None, None)
    }


def test_a_notebook_is_found_and_fresh_once_executed(checkout: Path) -> None:
    path = write(checkout / "chapters/transformers/null-attention.ipynb")
    assert rows()[3].path == "chapters/transformers/null-attention.ipynb"
    assert rows()[3].fresh is False
    execute(path)
    assert rows()[3].fresh is True
    assert [row.fresh for row in rows() if row.slug != "null-attention"] == [None] * 25


STUDY = """
from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict()
STUDY = Study(
    slug="null-attention",
    title="Null attention",
    prediction=Prediction("better", "accuracy", "idea", "none", margin=0.1),
    experiments=(Experiment("only", ("none", "idea"), lambda arm, seed: {}, (100, 101, 102)),),
    reader=lambda arm, seed: {},
)
"""


def write_results(checkout: Path, values: Mapping[str, Sequence[float]]) -> None:
    """Write results of the study: arm -> accuracy by seed."""
    records = [
        dict.fromkeys(results.FIELDS)
        | {"experiment": "only", "stage": "verdict", "arm": arm, "seed": 100 + i}
        | {"metrics": {"accuracy": value}, "settings": {}}
        for arm, accuracies in values.items()
        for i, value in enumerate(accuracies)
    ]
    lines = [json.dumps(record) + "\n" for record in records]
    (checkout / "results/null-attention.jsonl").write_text("".join(lines))


def test_a_study_that_has_run_gives_its_verdict(checkout: Path) -> None:
    (checkout / "studies/null_attention.py").write_text(STUDY)
    accuracy = {"none": (0.5, 0.6, 0.5), "idea": (0.9, 0.9, 1.0)}
    write_results(checkout, accuracy)
    found = rows()[3]
    expected = paired(accuracy["idea"], accuracy["none"], 0.1).decided()
    assert (found.verdict, found.seeds, found.path) == ("supported", 3, None)
    assert (found.effect, found.low, found.high) == (expected.effect, expected.low, expected.high)
    assert found.effect == pytest.approx(0.4)


def test_a_study_that_measured_gives_the_value_in_its_unit(checkout: Path) -> None:
    measurement = """measurement=Measurement(
        "how accurate?", "accuracy", "idea", unit="of all", could_differ="by chance"
    ),"""
    prediction = 'prediction=Prediction("better", "accuracy", "idea", "none", margin=0.1),'
    assert prediction in STUDY
    study = STUDY.replace(prediction, measurement).replace("Prediction,", "Measurement,")
    (checkout / "studies/null_attention.py").write_text(study)
    write_results(checkout, {"none": (0.5, 0.6, 0.5), "idea": (0.9, 0.9, 1.0)})
    found = rows()[3]
    assert (found.verdict, found.unit, found.seeds) == ("measured", "of all", 3)
    assert (found.effect, found.low, found.high) == mean_t([0.9, 0.9, 1.0])


def test_chapters_that_cross_ideas_follow_the_page(checkout: Path) -> None:
    (checkout / "chapters/book").mkdir()
    write(checkout / "chapters/book/all-of-it.ipynb", title="# All of it")
    write(checkout / "chapters/book/left-out.ipynb", title="# Left out")
    write(checkout / "chapters/transformers/mine.ipynb", forked_from="null-attention")
    entries = "- file: chapters/transformers/mine\n- file: chapters/book/all-of-it\n"
    (checkout / "_toc.yml").write_text(TOC + entries)
    found = rows()[26:]
    assert [(row.slug, row.part, row.forked_from) for row in found] == [
        ("all-of-it", "book", None),
        ("mine", "transformers", "null-attention"),
    ]
    assert (found[0].title, found[0].path) == ("All of it", "chapters/book/all-of-it.ipynb")


def test_forks_in_the_table_of_contents_follow_the_ideas(checkout: Path) -> None:
    folder = checkout / "chapters/transformers"
    write(folder / "mine.ipynb", title="# Mine, all mine", forked_from="null-attention")
    write(folder / "untitled.ipynb", title="No heading", forked_from="null-attention")
    write(folder / "other.ipynb")
    write(folder / "left-out.ipynb", forked_from="null-attention")
    entries = [f"- file: chapters/transformers/{n}\n" for n in ("mine", "untitled", "other")]
    (checkout / "_toc.yml").write_text(TOC + "".join(entries))
    forks = rows()[26:]
    assert [(row.slug, row.title, row.path) for row in forks] == [
        ("mine", "Mine, all mine", "chapters/transformers/mine.ipynb"),
        ("untitled", "untitled", "chapters/transformers/untitled.ipynb"),
    ]
    assert {(row.forked_from, row.fresh, row.verdict) for row in forks} == {
        ("null-attention", False, NOT_TESTED)
    }
