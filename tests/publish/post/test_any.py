"""Notebooks that were never near this book: what is kept, what is replaced, and what says so."""

import base64
import datetime as dt
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from click.testing import CliRunner
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)

from ideas_lib.cli import main
from ideas_lib.publish.post.exporter import PostError, notes_on, write_post
from ideas_lib.publish.post.flavors import FLAVORS
from ideas_lib.publish.post.former import read_notebook

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
OTHER = base64.b64encode(base64.b64decode(PNG) + b"x").decode()
FRAME = """<div>
<style scoped>.dataframe th {vertical-align: top;}</style>
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th>x</th></tr></thead>
<tbody><tr><td>&lt;script&gt;alert(1)&lt;/script&gt;</td></tr>
<tr><td>&lt;img src=x onerror=alert(2)&gt; `a*b` &amp;lt;</td></tr></tbody></table></div>"""
STYLED = "<style>#T td {color: red}</style>\n\n<table id='T'><tr><td>&lt;b&gt;</td></tr></table>"


def write(tmp_path: Path, *cells: NotebookNode | str, name: str = "note", **metadata: Any) -> Path:
    known = [new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
    path = tmp_path / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True, parents=True)
    nbformat.write(new_notebook(cells=known, metadata=metadata), path)
    return path


def parts(page: Path) -> tuple[dict[str, Any], str]:
    _, front, body = page.read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def body_of(tmp_path: Path, flavor: str, *cells: NotebookNode | str, **metadata: Any) -> str:
    return parts(write_post(write(tmp_path, *cells, **metadata), flavor, tmp_path / "out"))[1]


def shown(data: dict[str, Any], **metadata: Any) -> NotebookNode:
    return new_code_cell("x", outputs=[new_output("display_data", data=data, metadata=metadata)])


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize("table", [FRAME, STYLED])
def test_html_in_a_table_stays_escaped(tmp_path: Path, flavor: str, table: str) -> None:
    body = body_of(tmp_path, flavor, shown({"text/html": table, "text/plain": "x"}))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    assert "<script" not in body + html
    assert "<img" not in body + html
    assert "<b>" not in html
    assert "&lt;" in html


@pytest.mark.parametrize(
    "html",
    ["<script>alert(1)</script>", "<details onclick='alert(1)'>a</details>",
     "<iframe srcdoc='<script>1</script>'></iframe>",
     "<u><a href='javascript:alert(1)'>a</a></u>"],
)  # fmt: skip
@pytest.mark.parametrize("flavor", FLAVORS)
def test_scripts_do_not_come_along_and_are_named(tmp_path: Path, flavor: str, html: str) -> None:
    path = write(tmp_path, html, shown({"text/html": html, "text/plain": "x"}))
    body = parts(write_post(path, flavor, tmp_path / "out"))[1]
    assert not [word for word in ("alert", "srcdoc", "<script") if word in body]
    assert notes_on(path, flavor)


@pytest.mark.parametrize("flavor", [name for name, f in FLAVORS.items() if f.raw])
def test_html_is_kept_where_it_is_shown(tmp_path: Path, flavor: str) -> None:
    prose = (
        "H<sub>2</sub>O <mark>m</mark>\n\n<details><summary>More</summary>\n\n*in*\n\n</details>"
    )
    video = "<iframe src='https://e.org/v'></iframe>"
    raw = new_raw_cell("<u>raw</u>", metadata={"format": "text/html"})
    cells = (prose, raw, shown({"text/html": video}), shown({"text/html": STYLED}))
    body = body_of(tmp_path, flavor, *cells)
    for kept in ("<sub>2</sub>", "<mark>", "<details", "<u>raw</u>", "<iframe", "color: red"):
        assert kept in body
    assert not notes_on(tmp_path / "note.ipynb", flavor)


def test_where_html_is_not_shown_each_loss_is_named(tmp_path: Path) -> None:
    prose = (
        "H<sub>2</sub>O <mark>m</mark>\n\n<details><summary>More</summary>\n\n*in*\n\n</details>"
    )
    video = shown({"text/html": "<iframe src='https://e.org/v'></iframe>", "text/plain": "v"})
    raw = new_raw_cell("\\TeX", metadata={"raw_mimetype": "text/latex"})
    body = body_of(tmp_path, "hugo", prose, video, raw, shown({"text/html": STYLED}))
    for kept in ("H₂O m", "**More**", "*in*", "(https://e.org/v)", "\\TeX"):
        assert kept in body
    assert "<" not in body
    notes = notes_on(tmp_path / "note.ipynb", "hugo")
    for cell, word in (
        (1, "<mark>"),
        (1, "<details>"),
        (2, "<iframe>"),
        (3, "latex"),
        (4, "colour"),
    ):
        assert [n for n in notes if n.startswith(f"cell {cell}:") and word in n], word


def test_widgets_and_live_outputs(tmp_path: Path) -> None:
    view = "application/vnd.jupyter.widget-view+json"
    states = {
        "a": {"model_name": "HBoxModel", "state": {"children": ["IPY_MODEL_b", "IPY_MODEL_c"]}},
        "b": {"model_name": "HTMLModel", "state": {"value": "<b>Train</b>"}},
        "c": {"model_name": "FloatProgressModel", "state": {"value": 7.0, "max": 10.0}},
    }
    known = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": states}}}
    cells = [shown({view: {"model_id": name}, "text/plain": "HBox()"}) for name in ("a", "gone")]
    script = shown({"application/javascript": "alert(1)", "text/plain": "<J>"})
    body = body_of(tmp_path, "myst", *cells, script, **known)
    assert "Train 7 of 10" in body
    assert "*(A widget stands here in the notebook.)*" in body
    assert "alert" not in body
    assert len(notes_on(tmp_path / "note.ipynb", "myst")) == 3


def test_long_outputs_are_cut_and_say_so(tmp_path: Path) -> None:
    text = "".join(f"line {n}\n" for n in range(500))
    cell = new_code_cell("x", outputs=[new_output("stream", name="stdout", text=text)])
    path = write(tmp_path, cell)
    body = parts(write_post(path, "hugo", tmp_path / "a", max_output=30))[1]
    assert "[... 470 lines left out ...]" in body
    assert body.count("line ") == 30
    assert parts(write_post(path, "hugo", tmp_path / "b", max_output=0))[1].count("line ") == 500


@pytest.mark.parametrize("flavor", FLAVORS)
def test_pictures_and_files_arrive(tmp_path: Path, flavor: str) -> None:
    (tmp_path / "my pic.png").write_bytes(base64.b64decode(PNG))
    (tmp_path / "my data.csv").write_text("a\n1\n")
    same = [
        new_markdown_cell("![i](attachment:i.png)", attachments={"i.png": {"image/png": data}})
        for data in (PNG, OTHER)
    ]
    text = (
        "![a](my%20pic.png) ![b][r] <img src='my pic.png' width=9> [d](my%20data.csv) "
        f"![e](data:image/png;base64,{OTHER})\n\n[r]: <my pic.png>"
    )
    out = tmp_path / "out"
    page = write_post(write(tmp_path, text, *same), flavor, out)
    files = {p.name: p.read_bytes() for p in out.rglob("*.*") if p.suffix in (".png", ".csv")}
    assert sorted(files) == sorted(parts(page)[0]["ideas_post"]["files"])
    assert files["my-pic.png"] == files["i.png"] == base64.b64decode(PNG)
    assert files["my-data.csv"] == b"a\n1\n"
    assert list(files.values()).count(base64.b64decode(OTHER)) == 2
    assert parts(page)[1].count("my-pic.png") == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [("![a](gone%20here.png)", "gone%20here"), ("[a](gone%20x.csv)", "gone x.csv"),
     ("<img src='gone.png'>", "gone.png"), ("![a](attachment:gone.png)", "gone.png"),
     ("[a](../secret.txt)", "secret.txt"), ("[a](.env)", ".env")],
)  # fmt: skip
def test_what_does_not_arrive_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "secret.txt").write_text("s")
    path = write(tmp_path / "in", text)
    (tmp_path / "in" / ".env").write_text("s")
    with pytest.raises(PostError, match=words):
        write_post(path, "hugo", tmp_path / "out")


def test_two_notebooks_of_one_name_are_two(tmp_path: Path) -> None:
    page = write_post(write(tmp_path / "a", "First words here."), "hugo", tmp_path / "out")
    before = page.read_bytes()
    with pytest.raises(PostError, match="not the former post of b/note.ipynb"):
        write_post(write(tmp_path / "b", "Other words here."), "hugo", tmp_path / "out")
    assert page.read_bytes() == before


FRONT = "---\ntitle: A *title*\ndate: 2024-05-06T10:30+02:00\ncategories: [x, y]\nauthor:\n\
  - name: Jo\ndescription: One sentence.\npublished: false\n---\n"
ZONED = dt.datetime(2024, 5, 6, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize("first", [new_raw_cell(FRONT), FRONT + "\n# Part one"])
def test_front_matter_in_the_first_cell(
    tmp_path: Path, flavor: str, first: NotebookNode | str
) -> None:
    page = write_post(write(tmp_path, first, "Words."), flavor, tmp_path / "out")
    front, body = parts(page)
    assert (front["title"], front["author"], front["description"]) == (
        "A title",
        "Jo",
        "One sentence.",
    )
    assert front["date"] == ZONED
    assert front.get("draft") is True or front.get("published") is False
    assert "date:" not in body
    assert ("# Part one" in body) == isinstance(first, str)


def test_a_dated_name_and_nbdevs_list(tmp_path: Path) -> None:
    path = write(tmp_path, "Words are here.", name="2024-05-06-My Post")
    page = write_post(path, "jekyll", tmp_path / "out")
    assert page.name == "2024-05-06-my-post.md"
    assert parts(page)[0]["title"] == "My Post"
    nbdev = write(tmp_path, "# T\n\n> What it *is*\n\n- date: 2024-01-02\n- tags: [a, b]", name="n")
    front, body = parts(write_post(nbdev, "hugo", tmp_path / "out"))
    assert (front["title"], front["tags"], str(front["date"])) == ("T", ["a", "b"], "2024-01-02")
    assert not body.strip()


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '"x"', '{"cells": 3, "metadata": {}, "nbformat": 4}'),
        '{"cells": [{"cell_type": "markdown", "metadata": {}}], "metadata": {}, "nbformat": 4}',
        '{"cells": [], "metadata": {"ideas": [1]}, "nbformat": 4, "nbformat_minor": 5}',
        '{"cells": [{"cell_type": "raw", "metadata": {}, "source": "é"}], "metadata": {}}',
        '{"cells": [], "metadata": {"kernelspec": [1]}, "nbformat": 4, "nbformat_minor": 4}',
        '{"cells": [{"cell_type": "markdown", "metadata": {"tags": 3}, "source": "x"}],'
        ' "metadata": {}, "nbformat": 4, "nbformat_minor": 4}',
        "[" * 100_000,
    ],
)
def test_what_is_no_notebook_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "note.ipynb"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(PostError, match=r"note.ipynb is not a notebook that can be read"):
        read_notebook(path)


@pytest.mark.parametrize(
    "said",
    [
        *({"tags": {"a": 1}}, {"title": ["a"]}, {"summary": {"a": 1}}, {"date": ["2026"]}),
        *({"slug": ["a"]}, {"category": ["a", "b"]}),
    ],
)
def test_what_is_of_another_kind_is_named(tmp_path: Path, said: dict[str, Any]) -> None:
    with pytest.raises(PostError, match=f"note.ipynb: .*{next(iter(said))}"):
        write_post(write(tmp_path, "# T", ideas={"post": said}), "hugo", tmp_path / "out")


@pytest.mark.parametrize("post", [3, ["a"], "a"])
def test_a_post_that_is_no_object_is_named(tmp_path: Path, post: Any) -> None:
    with pytest.raises(PostError, match=r"note.ipynb: ideas.post is .*, not an object"):
        write_post(write(tmp_path, "# T", ideas={"post": post}), "hugo", tmp_path / "out")


def test_one_number_is_a_tag_and_an_author(tmp_path: Path) -> None:
    post = {"tags": 2024, "authors": 7, "date": "2026-01-02"}
    path = write(tmp_path, "# T", ideas={"post": post})
    front, _ = parts(write_post(path, "hugo", tmp_path / "out"))
    assert (front["tags"], front["author"]) == (["2024"], "7")


def test_broken_front_matter_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, new_raw_cell("---\ntitle: [\n---"))
    with pytest.raises(PostError, match=r"note.ipynb: has front matter that is no YAML"):
        write_post(path, "hugo", tmp_path / "out")


@pytest.mark.parametrize("flavor", FLAVORS)
def test_links_to_headings_resolve(tmp_path: Path, flavor: str) -> None:
    links = "[a](#Über-uns) [b](#%C3%9Cber-uns) [c](#1.-Start) [d](#here) [e](#nowhere)"
    cells = (links, "## Über uns", "## 1. Start", '<a id="here"></a>\n## With *one*')
    body = body_of(tmp_path, flavor, *cells)
    for own in ("uber-uns", "section-1-start", "here"):
        name = f"note-{own}" if flavor == "myst" else own  # a label is a whole book's in Sphinx
        assert f"](#{name})" in body
        assert (f"({name})=\n" if flavor == "myst" else f"{{#{name}}}") in body
    assert "#nowhere" not in body
    assert [n for n in notes_on(tmp_path / "note.ipynb", flavor) if "#nowhere" in n]


@pytest.mark.parametrize("flavor", FLAVORS)
def test_money_stays_money_and_line_ends_leave_no_trace(tmp_path: Path, flavor: str) -> None:
    text = "From $200 million to $700 million.\r\n\r\n## A\r\n"
    body = body_of(tmp_path, flavor, text, new_code_cell("x = 1\r\ny = 2"))
    assert "\r" not in body
    assert body.replace("\\$", "$").count("$200 million to $700 million.") == 1
    assert ("\\$200" in body) == (flavor in ("myst", "quarto"))


def test_liquid_stays_text_and_pictures_follow_the_base(tmp_path: Path) -> None:
    text = "`{% endraw %}` and `{{ x }}` ![i](attachment:i.png)"
    cell = new_markdown_cell(text, attachments={"i.png": {"image/png": PNG}})
    body = body_of(tmp_path, "jekyll", cell)
    assert '`{{ "{%" }} endraw %}` and `{{ "{{" }} x }}`' in body
    assert "![i]({{ site.baseurl }}/assets/posts/note/i.png)" in body


def test_the_command_checks_and_names(tmp_path: Path) -> None:
    path = write(tmp_path, "<mark>m</mark>")
    run = CliRunner().invoke
    checked = run(main, ["post", str(path), "--flavor", "hugo", "--check"])
    assert checked.exit_code == 1
    assert "note.ipynb: cell 1: <mark>" in checked.output
    assert run(main, ["post", str(path), "--check"]).exit_code == 0
    out = str(tmp_path / "out")
    written = run(main, ["post", str(path), "--flavor", "hugo", "--out", out])
    assert written.exit_code == 0
    assert "note.ipynb: cell 1: <mark>" in written.stderr
    assert run(main, ["post", str(path)]).exit_code == 2


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="Pandoc is not installed")
def test_pandoc_shows_what_was_kept(tmp_path: Path) -> None:
    text = "It is $200 million to $700 million.\n\n[a](#Über-uns)\n\n## Über uns"
    cells = (text, shown({"text/html": FRAME}), shown({"text/html": STYLED}))
    page = write_post(write(tmp_path, *cells), "quarto", tmp_path / "out")
    command = ["pandoc", "--fail-if-warnings", "-f", "markdown", "-t", "html", str(page)]
    html = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "$200 million to $700 million." in html
    assert 'id="uber-uns"' in html
    assert "&lt;script&gt;alert" in html
    assert "color: red" in html
    assert "<script" not in html
