import json
import re
from pathlib import Path

import nbformat
import pytest

from ideas_lib import results
from ideas_lib.publish.site.catalogue import NOT_TESTED, PARTS, Row, ideas, rows
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


def test_the_page_has_26_ideas_in_its_order() -> None:
    assert [idea.number for idea in ideas()] == list(range(1, 27))
    assert len({idea.slug for idea in ideas()}) == 26
    assert list(dict.fromkeys(idea.part for idea in ideas())) == list(PARTS)


def test_slugs_are_slugs_titles_are_short_and_quotes_are_there() -> None:
    for idea in ideas():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", idea.slug)
        assert 3 <= len(idea.title) <= 32
        assert len(idea.quote) >= 15


def test_posts_live_in_posts_and_all_else_in_a_chapter() -> None:
    paths = {idea.slug: idea.path for idea in ideas()}
    assert paths["null-attention"] == "chapters/transformers/null-attention.ipynb"
    assert paths["soft-trees"] == "chapters/trees/soft-trees.ipynb"
    assert paths["low-value-work"] == "posts/low-value-work.ipynb"


def test_an_empty_checkout_has_tested_nothing(checkout: Path) -> None:
    assert rows() == [Row(idea.slug, idea.title, None) for idea in ideas()]
    assert {row.verdict for row in rows()} == {NOT_TESTED}


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


def test_a_study_that_has_run_gives_its_verdict(checkout: Path) -> None:
    (checkout / "studies/null_attention.py").write_text(STUDY)
    accuracy = {"none": (0.5, 0.6, 0.5), "idea": (0.9, 0.9, 1.0)}
    records = [
        dict.fromkeys(results.FIELDS)
        | {"experiment": "only", "stage": "verdict", "arm": arm, "seed": 100 + i}
        | {"metrics": {"accuracy": value}}
        for arm, values in accuracy.items()
        for i, value in enumerate(values)
    ]
    lines = [json.dumps(record) + "\n" for record in records]
    (checkout / "results/null-attention.jsonl").write_text("".join(lines))
    found = rows()[3]
    expected = paired(accuracy["idea"], accuracy["none"], 0.1)
    assert (found.verdict, found.seeds, found.path) == ("supported", 3, None)
    assert (found.effect, found.low, found.high) == (expected.effect, expected.low, expected.high)
    assert found.effect == pytest.approx(0.4)


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
