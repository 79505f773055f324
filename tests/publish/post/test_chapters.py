"""Every chapter's post and every essay stands alone: its length, its names, what it points at."""

from pathlib import Path

import pytest

from ideas_lib.ideas import IDEAS
from ideas_lib.publish.post import opening
from ideas_lib.publish.post.exporter import notes_on

ROOT = Path(__file__).parents[3]
ESSAYS = sorted((ROOT / "posts").glob("*.ipynb"))
NOTEBOOKS = [*sorted((ROOT / "chapters").glob("*/*.ipynb")), *ESSAYS]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: str(path.stem))
def test_a_post_stands_alone(notebook: Path) -> None:
    """At most 1,200 words, or 1,800; no name that is not imported, no "above" that was cut."""
    assert not notes_on(notebook, "jekyll")


@pytest.mark.parametrize("kind", ["a chapter", "an essay"])
def test_one_that_is_too_long_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opening.MOST_WORDS, kind, 100)
    own = {idea.slug for idea in IDEAS if (idea.part == "posts") == (kind == "an essay")}
    notebook = next(path for path in NOTEBOOKS if path.stem in own)
    (note,) = notes_on(notebook, "jekyll")
    assert f"words: the post of {kind} has at most 100; tag cells no-post" in note
