"""Folded sections and numbered figures, in a book of two notebooks that Sphinx builds."""

import re
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from ideas_lib.publish.site.sections import folded_cells

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PYTHON = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
FOLD = {"tags": ["fold"]}
SETTINGS = {
    "extensions": ["myst_nb", "ideas_lib.publish.site.sections"],
    # What is not given here, Sphinx adds to its defaults, for every build of the process.
    "source_suffix": {".md": "myst-nb", ".ipynb": "myst-nb"},
    "exclude_patterns": ["_build"],
    "nb_execution_mode": "off",
    "nb_code_prompt_show": "Show the {type}",
    "numfig": True,
    "numfig_format": {"figure": "Figure %s"},
    "numfig_secnum_depth": 0,
}


def figure(name: str, caption: str) -> nbformat.NotebookNode:
    page = {"figure": {"caption": caption, "name": name}, "image": {"alt": f"Alt of {name}"}}
    shown = new_output("display_data", {"image/png": DOT})
    return new_code_cell("draw()", outputs=[shown], metadata={"mystnb": page})


def build(book: Path) -> str:
    """Build the book, warnings being errors; return what Sphinx says."""
    status, warnings = StringIO(), StringIO()
    with patch_docutils(book), docutils_namespace():
        out, trees = book / "_build/html", book / "_build/trees"
        app = Sphinx(
            book, None, out, trees, "html", SETTINGS, status, warnings, warningiserror=True
        )
        app.build()
    assert app.statuscode == 0
    assert warnings.getvalue() == ""
    return status.getvalue()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("sections")
    one = [
        new_markdown_cell("# One\n\nSee {numref}`fig-one-2`.\n\n## The study"),
        figure("fig-one-1", "First."),
        new_markdown_cell("### Costs\n\n*No arm cost more.*\n\nIn full.", metadata=FOLD),
        figure("fig-one-2", "Second."),
        new_markdown_cell("#### Deeper\n\nStill folded."),
        new_markdown_cell("### Speed\n\nNo line of its own.", metadata=FOLD),
        new_code_cell("hidden()", metadata={"tags": ["hide-input"]}),
        new_markdown_cell("## After\n\nIn sight."),
    ]
    two = [new_markdown_cell("# Two"), figure("fig-two-1", "Again the first.")]
    for name, cells in {"one": one, "two": two}.items():
        nbformat.write(new_notebook(cells=cells, metadata=PYTHON), top / f"{name}.ipynb")
    (top / "index.md").write_text("# Book\n\n```{toctree}\none\ntwo\n```\n")
    build(top)
    return top


def page(book: Path, name: str) -> str:
    return (book / f"_build/html/{name}.html").read_text(encoding="utf-8")


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>|¶", " ", html).split())


def captions(book: Path, name: str) -> list[str]:
    return [
        text(found)
        for found in re.findall(r"<figcaption>(.*?)</figcaption>", page(book, name), re.S)
    ]


def test_a_fold_shows_its_heading_and_its_line_and_ends_where_the_section_does(book: Path) -> None:
    fold = r"<details><summary>(.*?)</summary>(.*?)</details>\s*</section>"
    costs, speed = re.findall(fold, page(book, "one"), re.S)
    assert text(costs[0]) == "Costs No arm cost more."
    assert "<h3>" in costs[0]
    assert "No arm cost more." not in costs[1]
    for below in ("In full.", "Second.", "Still folded."):
        assert below in costs[1]
    assert text(speed[0]) == "Speed"
    assert "No line of its own." in speed[1]
    assert "In sight." not in speed[1]


def test_a_fold_keeps_its_anchor_and_its_place_in_the_contents(book: Path) -> None:
    html = page(book, "one")
    assert re.search(r'<section class="fold" id="costs">\s*<details>', html)
    assert 'href="#costs">Costs</a>' in html


def test_figures_are_numbered_on_each_page_from_one_and_keep_their_alt_text(book: Path) -> None:
    assert captions(book, "one") == ["Figure 1 First.", "Figure 2 Second."]
    assert captions(book, "two") == ["Figure 1 Again the first."]
    assert "See Figure 2 ." in text(page(book, "one"))
    assert 'alt="Alt of fig-one-2"' in page(book, "one")


def test_what_hides_code_says_so(book: Path) -> None:
    assert "Show the code" in page(book, "one")


def test_nothing_is_written_again_when_nothing_has_changed(book: Path) -> None:
    before = (book / "_build/html/two.html").stat().st_mtime_ns
    assert "0 added, 0 changed, 0 removed" in build(book)
    assert (book / "_build/html/two.html").stat().st_mtime_ns == before


def test_only_markdown_cells_fold() -> None:
    cells = [
        new_code_cell("fold", metadata=FOLD),
        new_markdown_cell("## a"),
        new_markdown_cell("## b", metadata=FOLD),
    ]
    assert folded_cells(new_notebook(cells=cells)) == [3]
