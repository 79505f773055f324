import json
import re
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from ideas_lib import results
from ideas_lib.ideas import IDEAS
from ideas_lib.publish.site import catalogue
from ideas_lib.publish.site.catalogue import NOT_TESTED, Row
from ideas_lib.publish.site.scoreboard import short_effect, summary


def row(verdict: str = "supported", *numbers: float) -> Row:
    return Row("a", "A", None, verdict, *(numbers or (0.2, 0.1, 0.3)), seeds=8)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.4471, 0.4302, 0.464), "+0.447 [+0.430, +0.464]"),
        ((-0.31, -0.52, -0.1), "−0.31 [−0.52, −0.10]"),
        ((12.4, -3.1, 28.2), "+12 [−3, +28]"),
        ((1, 1, 1), "+1.00 [+1.00, +1.00]"),
    ],
)
def test_an_interval_is_as_fine_as_it_is_narrow(
    numbers: tuple[float, float, float], text: str
) -> None:
    assert short_effect(row("supported", *numbers)) == text


def test_no_interval_where_there_is_no_verdict() -> None:
    assert short_effect(Row("a", "A", None)) == ""


def test_what_was_measured_stands_with_its_unit_and_without_a_sign() -> None:
    measured = Row("a", "A", None, "measured", 0.82, 0.711, 0.93, seeds=40, unit="of all packages")
    assert short_effect(measured) == "0.82 of all packages [0.71, 0.93]"


def test_the_summary_counts_verdicts_and_what_is_left() -> None:
    table = [row("supported"), row("refuted"), row("refuted"), Row("b", "B", None)]
    assert summary(table) == (
        "3 of 4 ideas tested: 2 refuted, 1 supported. The other 1 is not yet tested."
    )
    assert summary(table[:1]) == "1 of 1 ideas tested: 1 supported."
    assert summary(table[3:]) == "None of the 1 ideas has been tested yet."


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that holds nothing but a front page with a scoreboard."""
    for folder in ("ideas_lib", "chapters/transformers", "results", "studies"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "index.md").write_text("# Book\n\n## Board\n\n```{scoreboard}\n```\n")
    (tmp_path / "other.md").write_text("---\norphan: true\n---\n\n# Another page\n")
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    return tmp_path


def build(book: Path) -> tuple[str, set[str]]:
    """Build the book; return its front page and the names of the pages that were read."""
    status, warnings, read = StringIO(), StringIO(), set()
    with patch_docutils(book), docutils_namespace():
        app = Sphinx(
            book,
            None,
            book / "_build/html",
            book / "_build/doctrees",
            "html",
            confoverrides={
                "extensions": ["myst_parser", "ideas_lib.publish.site.scoreboard"],
                "source_suffix": {".md": "markdown"},
            },
            status=status,
            warning=warnings,
        )
        app.connect("env-before-read-docs", lambda app, env, names: read.update(names))
        app.build()
    assert warnings.getvalue() == ""
    return (book / "_build/html/index.html").read_text(), read


def add_notebook(book: Path) -> None:
    """Add the notebook of idea 4, and the page that Sphinx reads for it here."""
    path = book / IDEAS[3].path
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, path)
    path.with_suffix(".md").write_text("---\norphan: true\n---\n\n# Null attention\n")


def test_ideas_that_are_not_tested_stand_in_a_folded_list(book: Path) -> None:
    page, _ = build(book)
    assert "<summary>26 ideas have not been tested yet</summary>" in page
    assert len(IDEAS) == 26
    assert [int(n) for n in re.findall(r'class="sb-number">(\d+)<', page)] == list(range(1, 27))
    assert all(f'id="idea-{idea.slug}"' in page for idea in IDEAS)
    assert "sb-filter" not in page  # there is nothing to choose from
    assert "None of the 26 ideas has been tested yet." in page


def test_a_notebook_without_results_is_linked_with_its_state(book: Path) -> None:
    add_notebook(book)
    page, _ = build(book)
    assert 'href="chapters/transformers/null-attention.html"' in page
    assert page.count(f">{NOT_TESTED}<") == 1
    assert "<summary>25 ideas have not been tested yet</summary>" in page
    assert page.count("page is stale") == 1


def test_forks_stand_in_a_list_of_their_own(book: Path) -> None:
    add_notebook(book)
    path = book / IDEAS[3].path
    fork = json.loads(path.read_text())
    fork["metadata"]["ideas"] = {"forked_from": "null-attention"}
    path.with_stem("mine").write_text(json.dumps(fork))
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- glob: chapters/transformers/*\n"
    )
    _, _, forks = build(book)[0].partition("<h3>Forks")
    assert "A fork of null-attention." in forks
    assert '<option value="forks">Forks</option>' in build(book)[0]


def test_the_whole_book_has_a_part_once_it_has_a_chapter(book: Path) -> None:
    assert "The whole book" not in build(book)[0]
    path = book / "chapters/book/all-of-it.ipynb"
    path.parent.mkdir()
    cells = [nbformat.v4.new_markdown_cell("# All of it"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/book/all-of-it\n"
    )
    page = build(book)[0]
    _, _, part = page.partition("<h3>The whole book")
    assert "All of it" in part
    assert "None of the 26 ideas has been tested yet." in page


def test_the_page_is_read_again_when_a_row_changes_and_only_then(book: Path) -> None:
    _, read = build(book)
    assert read == {"index", "other"}
    _, read = build(book)
    assert read == set()
    add_notebook(book)
    page, read = build(book)
    assert read == {"index", "chapters/transformers/null-attention"}
    assert 'href="chapters/transformers/null-attention.html"' in page


STUDY = """
from ideas_lib.study import Experiment, Prediction, Study

STUDY = Study(
    slug="null-attention",
    title="Null attention",
    prediction=Prediction("worse", "score", "idea", "none", margin=0.1),
    experiments=(Experiment("only", ("none", "idea"), lambda arm, seed: {}, (100, 101)),),
    reader=lambda arm, seed: {},
)
"""


def write_results(book: Path, scores: dict[tuple[str, int], float]) -> None:
    """Write results of the study above: (arm, seed) -> score."""
    blank = dict.fromkeys(results.FIELDS) | {"experiment": "only", "stage": "verdict"}
    blank |= {"settings": {}}
    records = [
        blank | {"arm": arm, "seed": seed, "metrics": {"score": score}, "code_key": "", "seal": ""}
        for (arm, seed), score in scores.items()
    ]
    lines = "\n".join(map(json.dumps, records))
    (book / "results/null-attention.jsonl").write_text(lines)


@pytest.mark.usefixtures("in_points")
def test_a_verdict_is_shown_with_its_interval_and_what_stands_against_it(book: Path) -> None:
    (book / "studies/null_attention.py").write_text(STUDY)
    scores = {("none", 100): 0.9, ("none", 101): 0.8, ("idea", 100): 0.5, ("idea", 101): 0.39}
    write_results(book, scores)
    page, _ = build(book)
    assert page.count('class="verdict verdict-refuted">refuted<') == 1
    assert "points of accuracy [−47, −34]" in page
    assert "95 % interval, 2 seeds" in page
    assert page.count('<svg class="sb-plot" role="img"') == 1
    assert "With a null column, a GPT counts 44\N{NO-BREAK SPACE}% right" in page
    assert "Measured with earlier code; the prediction was changed after these runs." in page
    assert "1 of 26 ideas tested: 1 refuted. The other 25 are not yet tested." in page


@pytest.mark.usefixtures("in_points")
def test_what_is_picked_for_the_top_must_have_results(book: Path) -> None:
    front = book / "index.md"
    front.write_text("# Book\n\n```{findings} null-attention\n```\n")
    with pytest.raises(AssertionError, match="findings: 'null-attention' has no results to show"):
        build(book)
    (book / "studies/null_attention.py").write_text(STUDY)
    scores = {("none", 100): 0.9, ("none", 101): 0.8, ("idea", 100): 0.5, ("idea", 101): 0.39}
    write_results(book, scores)
    front.write_text("# Book\n\n```{findings} null-attention\n```\n\nAgain.\n")
    page, _ = build(book)
    assert page.count('class="verdict verdict-refuted">refuted<') == 1
    assert "a GPT counts" in page


@pytest.mark.parametrize(
    ("like_earlier", "words"),
    [({}, "reproduced on 2026-01-02"), ({"abc": 8}, "not reproduced on another processor, which")],
)
def test_the_same_code_with_other_numbers_is_not_called_reproduced(
    monkeypatch: pytest.MonkeyPatch, like_earlier: dict[str, int], words: str
) -> None:
    check = {"when": "2026-01-02T03:04", "worst": 0.333, "like_earlier": like_earlier}
    monkeypatch.setattr(catalogue, "read_confirmation", lambda slug: check)
    standing = results.Standing("confirmed", True, "")
    found: Any = SimpleNamespace(study=SimpleNamespace(slug="a"), standing=lambda: standing)
    assert catalogue._reproduced(found).startswith(words)
