"""Every chapter's post stands alone: its length, its names, where its words point."""

from pathlib import Path

import pytest

from ideas_lib.publish.post.exporter import notes_on

ROOT = Path(__file__).parents[3]
CHAPTERS = sorted((ROOT / "chapters").glob("*/*.ipynb"))


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda path: str(path.stem))
def test_a_chapters_post_stands_alone(notebook: Path) -> None:
    """At most 1,200 words, no name that is not imported, no "above" that was cut."""
    assert not notes_on(notebook, "jekyll")
