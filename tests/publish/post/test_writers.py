"""What other writers' notebooks hold: ids, widths, options of cells, notes, folders."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_output

from ideas_lib.cli import main
from ideas_lib.publish.post.exporter import PostError, notes_on, write_post
from ideas_lib.publish.post.flavors import FLAVORS
from tests.publish.post.test_any import OTHER, PNG, body_of, shown, write


@pytest.mark.parametrize("flavor", FLAVORS)
def test_links_to_the_title_and_to_headings_own_ids(tmp_path: Path, flavor: str) -> None:
    links = "[t](#The-title) [o](#own) [s](#Same-1) [u](#Under-line)"
    cells = ("# The *title*", links, "## A {#own .x}\n\n## Same\n\n## Same\n\nUnder line\n---")
    body = body_of(tmp_path, flavor, *cells)
    before = "note-" if flavor == "myst" else ""
    for name in ("own", "same-1", "under-line"):
        assert f"](#{before}{name})" in body
        assert (f"({before}{name})=\n" if before else f"{{#{name}}}") in body
    assert ("[t](#note-top)" if before else "[t](#)") in body
    assert ("(note-top)=\n# The title" in body) == (flavor == "myst")
    assert ".x" not in body
    assert not notes_on(tmp_path / "note.ipynb", flavor)


@pytest.mark.parametrize(
    "text",
    ["![a](../secret.png)", "<img src='../secret.png'>", "![a](link.png)", "<img src='file:///etc/passwd'>",
     "```{literalinclude} ../secret.png\n```", "```{figure} ../secret.png\n```"],
)  # fmt: skip
def test_nothing_from_outside_comes_along(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.png").write_text("s")
    path = write(tmp_path / "in", text)
    (tmp_path / "in" / "link.png").symlink_to("../secret.png")
    with pytest.raises(PostError, match=r"outside its folder|of one machine"):
        write_post(path, "hugo", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("flavor", FLAVORS)
def test_a_pictures_width_is_written_as_the_flavor_does(tmp_path: Path, flavor: str) -> None:
    cell = shown(
        {"image/png": PNG, "text/plain": "x"}, **{"image/png": {"width": 30, "alt": 'a "b"'}}
    )
    body = body_of(tmp_path, flavor, cell, f"<img src='data:image/png;base64,{OTHER}' width='40'>")
    for width in (30, 40):
        assert {
            "myst": f":width: {width}px",
            "hugo": f'width="{width}" >}}}}',
            "jekyll": f'{{: width="{width}"}}',
            "quarto": f"{{width={width}}}",
        }[flavor] in body
    assert not notes_on(tmp_path / "note.ipynb", flavor)


def test_what_a_cell_says_of_itself_is_followed_and_not_shown(tmp_path: Path) -> None:
    out = [new_output("stream", name="stdout", text="said\n")]
    picture = [new_output("display_data", data={"image/png": PNG})]
    cells = [
        new_code_cell("#| echo: false\none = 1", outputs=out),
        new_code_cell("#| output: false\ntwo = 2", outputs=out),
        new_code_cell("#| include: false\nthree = 3", outputs=out),
        new_code_cell("#|hide\nfour = 4", outputs=out),
        new_code_cell("#hide_input\nfive = 5", outputs=out),
        new_code_cell('#| fig-cap: "A cap"\n#| fig-alt: An alt\nsix = 6', outputs=picture),
        new_code_cell("seven = 7", outputs=out, metadata={"jupyter": {"source_hidden": True}}),
    ]
    body = body_of(tmp_path, "hugo", *cells)
    shown_ = [
        word for word in ["one", "two", "three", "four", "five", "six", "seven"] if word in body
    ]
    assert shown_ == ["two", "six"]
    assert body.count("said") == 3
    assert "![An alt](" in body
    assert "*A cap*" in body
    assert "#|" not in body


def test_what_a_terminal_would_not_show_is_not_shown(tmp_path: Path) -> None:
    link = "\x1b[31mred\x1b[0m \x1b]8;;http://e.org\x07link\x1b]8;;\x07 ab\b\bcd \x00"
    cells = [new_code_cell("x", outputs=[new_output("stream", name="stdout", text=link)])]
    body = body_of(tmp_path, "hugo", *cells, shown({"text/plain": "\x1b[1mbold\x1b[0m"}))
    assert "red link cd" in body
    assert "\nbold\n" in body
    assert not set(body) & set("\x1b\x00\b\x07")


@pytest.mark.parametrize("flavor", FLAVORS)
def test_notes_of_other_writers_become_quotes(tmp_path: Path, flavor: str) -> None:
    text = "> [!NOTE]\n> Useful.\n\n::: {.callout-tip title='A tip'}\nTry it.\n:::\n"
    text += "\n```math\nx_1\n```"
    body = body_of(tmp_path, flavor, text)
    assert "[!NOTE]" not in body
    assert "**Note**\n>\n>" in body
    assert ("> **A tip**" in body) == (flavor != "quarto")
    assert (".callout-tip" in body) == (flavor == "quarto")
    assert "$$\nx_1\n$$" in body


def test_a_folder_becomes_posts_and_no_two_are_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / "in" / name, f"Words of {name} are here.")
    write(tmp_path / "in", "![gone](gone.png)", name="broken")
    run = CliRunner().invoke(
        main, ["post", str(tmp_path / "in"), "--flavor", "hugo", "--out", str(tmp_path / "out")]
    )
    assert run.exit_code == 2
    assert "gone.png" in run.stderr
    assert "1 of 3" in run.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a-note", "b-note"]


def test_names_that_a_cut_took_along_are_named(tmp_path: Path) -> None:
    cells = (
        new_code_cell("import numpy as np", metadata={"tags": ["no-post"]}),
        new_code_cell("np.ones(1)"),
        "As the figure above says, the margin is at or above 3.",
    )
    notes = notes_on(write(tmp_path, *cells), "hugo")
    assert [n for n in notes if n.startswith("cell 2") and " np," in n]
    assert [n for n in notes if "figure above" in n]
    assert len(notes) == 2
