"""The table of contents: one line in, one line out, and every other byte as it was."""

from pathlib import Path

import pytest
import yaml

from ideas_lib.ideas import IDEAS, PARTS
from ideas_lib.publish.site.toc import NotInContents, entries, holds, with_entry, without_entry

TEXT = """\
# a comment
format: jb-book
root: index
parts:
  - caption: One   # another
    chapters:
    - file: chapters/a/old  # why
      title: Old
      sections:
      - file: 'chapters/a/deep'

    - file: "chapters/a/quoted"
  - caption: Two
    chapters:
    - file: chapters/a/notebook.ipynb
    - glob: posts/*"""


@pytest.mark.parametrize(
    ("after", "line", "follows"),
    [
        ("chapters/a/old", "    - file: chapters/a/new", "      - file: 'chapters/a/deep'"),
        ("chapters/a/deep", "      - file: 'chapters/a/new'", "      - file: 'chapters/a/deep'"),
        ("chapters/a/quoted", '    - file: "chapters/a/new"', '    - file: "chapters/a/quoted"'),
        (
            "chapters/a/notebook",
            "    - file: chapters/a/new.ipynb",
            "    - file: chapters/a/notebook.ipynb",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_an_entry_follows_its_original_and_leaves_again(
    after: str, line: str, follows: str, ending: str, last: str
) -> None:
    text = (TEXT + last).replace("\n", ending)
    text = (
        text if after != "chapters/a/notebook" else text.replace(f"{ending}  - glob: posts/*", "")
    )
    added = with_entry(text, "chapters/a/new", after)
    lines = added.split(ending)
    assert lines[lines.index(follows) + 1] == line
    assert holds(added, "chapters/a/new")
    assert [*entries(yaml.safe_load(added))] != [*entries(yaml.safe_load(text))]
    assert without_entry(added, "chapters/a/new") == text


def test_a_glob_needs_no_entry() -> None:
    assert with_entry(TEXT, "posts/new", "posts/old") == TEXT
    assert without_entry(TEXT, "posts/new") == TEXT


def test_what_cannot_be_edited_is_refused() -> None:
    with pytest.raises(NotInContents, match="chapters/a/absent"):
        with_entry(TEXT, "chapters/a/new", "chapters/a/absent")
    with pytest.raises(NotInContents, match="chapters/a/flow"):
        with_entry("chapters: [{file: chapters/a/flow}]", "chapters/a/new", "chapters/a/flow")
    with pytest.raises(NotInContents, match="pages below"):
        without_entry(TEXT, "chapters/a/old")


def test_entries_come_in_order() -> None:
    kinds = [kind for kind, _ in entries(yaml.safe_load(TEXT))]
    assert kinds == ["root", "file", "file", "file", "file", "glob"]


def test_the_book_names_its_parts_as_the_ideas_do_and_lists_each_chapter_in_its_own() -> None:
    toc = yaml.safe_load((Path(__file__).parents[3] / "_toc.yml").read_text(encoding="utf-8"))
    pages = {part["caption"]: [page for _, page in entries(part)] for part in toc["parts"]}
    names = list(PARTS.values())
    assert [name for name in pages if name in names] == [name for name in names if name in pages]
    listed = {page for chapters in pages.values() for page in chapters}
    for idea in IDEAS:
        page = f"chapters/{idea.part}/{idea.slug}"
        assert page not in listed or page in pages[PARTS[idea.part]], page
    assert any(f"chapters/{idea.part}/{idea.slug}" in listed for idea in IDEAS)
