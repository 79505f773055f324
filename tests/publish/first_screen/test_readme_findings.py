"""README opens with the front page's picks, and says what the results say."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ideas_lib.publish.first_screen import readme
from ideas_lib.publish.first_screen.bottom import line_of
from ideas_lib.study.checkout import root

ANEW = "run `python -m ideas_lib.publish.first_screen.readme`"


def test_readme_and_its_picture_follow_from_results() -> None:
    found = readme.picks(root())
    text = (root() / "README.md").read_text(encoding="utf-8")
    assert readme.with_findings(text, found) == text, ANEW
    assert (root() / readme.PICTURE).read_text(encoding="utf-8") == readme.picture(found), ANEW
    for one in found:
        assert line_of(one).finding in text
        assert (root() / one.idea.path).is_file()


def test_other_findings_give_another_block_and_picture() -> None:
    found = readme.picks(root())
    other = [*found[:-1], replace(found[-1], finding=replace(found[0].finding, effect=0.2))]
    assert readme.block(other) != readme.block(found)
    assert readme.picture(other) != readme.picture(found)


def test_the_picture_reads_on_any_background() -> None:
    svg = ElementTree.fromstring(readme.picture(readme.picks(root())))
    for card in svg:
        assert card[0].attrib["fill"] == "#ffffff"
    label = svg.attrib["aria-label"]
    assert re.search(r"Null attention\. With a null.{,200}margin 0\.5\), 8 seeds\.", label)


@pytest.mark.parametrize(("front", "missing"), [("causal-mask", "causal-mask"), ("", "nothing")])
def test_what_is_picked_must_have_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, front: str, missing: str
) -> None:
    monkeypatch.setattr("ideas_lib.results.exists", lambda slug: False)
    (tmp_path / "index.md").write_text(f"```{{findings}} {front}\n```\n" if front else "# Book\n")
    with pytest.raises(ValueError, match=missing):
        readme.picks(tmp_path)


def test_a_readme_without_the_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="end of findings"):
        readme.with_findings("# Book\n", [])
