import re
from pathlib import Path

import nbformat
import pytest

from ideas_lib.publish.catalogue import NOT_TESTED, PARTS, Row, ideas, rows
from ideas_lib.publish.execute import execute

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


def test_forks_in_the_table_of_contents_follow_the_ideas(checkout: Path) -> None:
    folder = checkout / "chapters/transformers"
    write(folder / "mine.ipynb", title="# Mine, all mine", forked_from="null-attention")
    write(folder / "untitled.ipynb", title="No heading", forked_from="null-attention")
    write(folder / "other.ipynb")
    write(folder / "left-out.ipynb", forked_from="null-attention")
    entries = [f"- file: chapters/transformers/{n}\n" for n in ("mine", "untitled", "other")]
    (checkout / "_toc.yml").write_text(TOC + "".join(entries))
    forks = rows()[26:]
    assert [(row.slug, row.title, row.path, row.fresh) for row in forks] == [
        ("mine", "Mine, all mine", "chapters/transformers/mine.ipynb", False),
        ("untitled", "untitled", "chapters/transformers/untitled.ipynb", False),
    ]
