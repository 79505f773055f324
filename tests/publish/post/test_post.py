"""A notebook as a post, in each flavor: what renders, what is refused, what stays as it was."""

import re
from pathlib import Path
from urllib.parse import unquote

import markdown
import nbformat
import pytest
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_block_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from nbclient import NotebookClient
from nbconvert.nbconvertapp import NbConvertApp
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.publish.post.exporter import PostError, PostExporter, write_post
from ideas_lib.publish.post.flavors import FLAVORS

BIB = """
@misc{gu2024sink, title={When Attention Sink Emerges}, author={Gu, Xiangming and Pang, Tianyu and
  Du, Chao}, year={2024}, eprint={2410.10781}, archiveprefix={arXiv}}
@misc{gu2024other, title={Another {Sink}}, author={Gu, Xiangming and Pang, Tianyu and Du, Chao},
  year={2024}}
@misc{miller2023, title={Attention Is Off By One}, author={Miller, Evan}, year={2023}}
"""
CONFIG = """
title: Book
author: An Author
html: {baseurl: "https://example.org/book/"}
repository: {url: "https://example.org/repo", branch: main}
bibtex_bibfiles: [references.bib]
"""
PROSE = r"""# Null *attention*

The key gains {glue:text}`gain` over zero, says {cite:t}`gu2024sink`; see {ref}`the-code`.

:::{note} Mind this
A **bold** word and {glue:}`gain`.

```python
x = "{glue:text}`gain`"
```
:::

```{warning}
Seeds differ.
```
"""
MATHS = r"""(the-code)=
## The code

For $p(a|b) = x_i$ see {eq}`softmax`, {numref}`drawn`, {numref}`Picture %s <drawn>` and
{cite:p}`gu2024other,miller2023`.

$$
\sum_i |x_i| = 1
$$ (softmax)

```{math}
:label: second
y = \|x\|
```

```{figure} ../../_static/dot.svg
:name: drawn
:alt: A dot in the middle

One dot, by {cite}`miller2023`.
```

% a comment
<span class="badge">beta</span> P(a|b), mail a@b.org, @word, [the index](../../index.md),
[the lib](../../lib.py), {doc}`../../index`, {doc}`the front <../../index>`, {math}`z^2`,
[![Open](https://badge.example/x.svg)](https://example.org/run) and {py:func}`~a.b`.

| a | b |
|---|---|
| {glue:text}`gain` | `x_y` |

<div class="verdict"><b>supported</b></div>
"""
FIGURE = """import matplotlib.pyplot as plt
from IPython.display import HTML, display
display({"image/png": PNG, "text/plain": "fig"}, raw=True,
        metadata={"image/png": {"alt": "A line that [rises] to 0.42"}})"""
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'


def code(source: str, *tags: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"tags": list(tags)})


@pytest.fixture(scope="module")
def executed() -> str:
    """A notebook that holds a little of everything, executed, as JSON."""
    cells = [
        new_markdown_cell(PROSE),
        code(
            "from ideas_lib.claims import Claims\nc = Claims()\n"
            "_ = c.number('gain', 0.42, '+.2f')\n"
            f"PNG = {PNG!r}\nprint('```'); print('{{{{ x }}}} {{{{< y >}}}} a|b')",
            "nbval-check-output",
        ),
        new_markdown_cell(MATHS),
        code(FIGURE.partition("\n")[2], "hide-input"),
        code("print('never seen')", "remove-cell"),
        code("shown = 1\nprint('no output')", "remove-output"),
        code("HTML('<table><tr><th>arm</th></tr><tr><td>a|b</td></tr></table>')"),
        code("HTML('<span class=\"verdict\">refuted</span>')", "hide-input"),
        code(
            "display({'application/vnd.plotly.v1+json': {}, 'text/html': '<script>1</script>',"
            " 'image/png': PNG}, raw=True)",
            "hide-input",
        ),
        new_markdown_cell("## Only in the chapter\n\nLong.", metadata={"tags": ["no-post"]}),
        code("print('left out too')"),
        new_markdown_cell("## After\n\nThe end, {cite:t}`gu2024sink`."),
    ]
    nb = new_notebook(cells=cells)
    nb.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nb.metadata["ideas"] = {
        "slug": "null-attention",
        "post": {"date": "2026-11-22", "tags": ["attention", "sinks"], "category": "Transformers"},
    }
    NotebookClient(nb, kernel_name="python3", record_timing=False).execute()
    return nbformat.writes(nb)


@pytest.fixture
def notebook(tmp_path: Path, executed: str) -> Path:
    """The notebook in a small book."""
    book = tmp_path / "book"
    path = book / "chapters" / "t" / "null-attention.ipynb"
    path.parent.mkdir(parents=True)
    (book / "_static").mkdir()
    (book / "_static" / "dot.svg").write_text(SVG)
    (book / "_toc.yml").write_text("root: index\n")
    (book / "_config.yml").write_text(CONFIG)
    (book / "references.bib").write_text(BIB)
    (book / "index.md").write_text("(front)=\n# Front\n")
    (book / "lib.py").write_text("")
    path.write_text(executed)
    return path


def parts(page: Path) -> tuple[dict[str, object], str]:
    """A post's front matter and body."""
    _, front, body = page.read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def rendered(body: str) -> str:
    """The body as CommonMark with tables, maths and heading ids makes it HTML."""
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    md = md.use(front_matter_plugin).use(dollarmath_plugin).use(attrs_block_plugin)
    return str(md.render(body))


def without_code(html: str) -> str:
    return re.sub(r"<(pre|code)\b.*?</\1>", "", html, flags=re.S)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_every_flavor_renders_and_nothing_of_myst_is_left(
    notebook: Path, tmp_path: Path, flavor: str
) -> None:
    out = tmp_path / "blog"
    page = write_post(notebook, flavor, out)
    front, body = parts(page)
    if flavor == "jekyll":  # Liquid comes first
        body = body.replace("{{ site.baseurl }}", "")
    if flavor == "myst":  # whose labels other readers show
        body = re.sub(r"^\([a-z-]+\)=\n", "", body, flags=re.M)
    for html in (rendered(body), markdown.markdown(body, extensions=["extra"])):
        text = without_code(html)
        for left in (
            "{glue",
            "{cite",
            "{ref",
            "{numref",
            "{eq",
            "{doc",
            ":::",
            "![",
            ")=",
            "{note",
        ):
            assert left not in text
        assert "+0.42 over zero" in text
        assert "Gu et al. (2024a)" in text
        assert "(Gu et al., 2024b; Miller, 2023)" in text
        assert "<table>" in text
        assert "<td>+0.42</td>" in text
        assert "<blockquote>" in text
        assert "<strong>Warning</strong>" in text
        assert 'href="https://example.org/book/index.html">the front' in text
        assert 'href="https://example.org/repo/blob/main/lib.py"' in text
        assert "never seen" not in html
        assert "no output\n" not in html
        assert "left out too" not in html
        assert "Only in the chapter" not in html
    sources = [unquote(s) for s in re.findall(r'<img src="([^"]+)"', rendered(body))]
    assert len(sources) == 3
    for source in sources:
        home = out if source.startswith("/") else page.parent
        assert (home / source.lstrip("/")).stat().st_size > 0
    assert 'alt="A line that (rises) to 0.42"' in rendered(body)
    assert "{glue:text}`gain`" in body, "code that shows a role is left alone"
    assert front["title"] == "Null attention"
    assert str(front["date"]) == "2026-11-22"
    assert str(front["description"]).startswith("The key gains +0.42 over zero")


def test_each_flavor_has_its_own_front_matter_and_places(notebook: Path, tmp_path: Path) -> None:
    out = tmp_path / "blog"
    pages = {flavor: write_post(notebook, flavor, out) for flavor in FLAVORS}
    names = {flavor: page.relative_to(out).as_posix() for flavor, page in pages.items()}
    assert names == {
        "myst": "null-attention.md",
        "hugo": "null-attention/index.md",
        "jekyll": "_posts/2026-11-22-null-attention.md",
        "quarto": "null-attention/index.qmd",
    }
    fronts = {flavor: parts(page)[0] for flavor, page in pages.items()}
    assert fronts["myst"]["blogpost"] is True
    assert fronts["hugo"]["draft"] is False
    assert fronts["hugo"]["math"] is True
    assert fronts["hugo"]["categories"] == ["Transformers"]
    assert fronts["jekyll"]["layout"] == "post"
    assert fronts["jekyll"]["tags"] == ["attention", "sinks"]
    assert fronts["quarto"]["categories"] == ["Transformers", "attention", "sinks"]
    bodies = {flavor: parts(page)[1] for flavor, page in pages.items()}
    assert bodies["myst"].lstrip().startswith("# Null attention")
    assert all("# Null attention" not in bodies[f] for f in ("hugo", "jekyll", "quarto"))
    assert r"\(p(a|b) = x_i\)" in bodies["hugo"]
    assert r"$$p(a\vert b) = x_i$$" in bodies["jekyll"]
    assert r"P(a\|b)" in bodies["jekyll"]
    assert "$p(a|b) = x_i$" in bodies["quarto"]
    assert r"\@word" in bodies["quarto"]
    assert '{{ "{{" }} x }}' in bodies["jekyll"]
    assert "{{</* y */>}}" in bodies["hugo"]
    assert "[The code](#the-code)" in bodies["hugo"]
    assert "{#the-code}" in bodies["hugo"]


def test_jekyll_follows_whatever_base_the_blog_has(notebook: Path, tmp_path: Path) -> None:
    blog = tmp_path / "blog"
    (blog / "_posts").mkdir(parents=True)
    (blog / "_config.yml").write_text("baseurl: /me\n")
    page = write_post(notebook, "jekyll", blog / "_posts")
    assert page.parent == blog / "_posts"
    assert "]({{ site.baseurl }}/assets/posts/null-attention/dot.svg)" in page.read_text()
    assert (blog / "assets" / "posts" / "null-attention" / "dot.svg").is_file()


def test_long_fences_hold_backticks(notebook: Path, tmp_path: Path) -> None:
    html = rendered(parts(write_post(notebook, "myst", tmp_path))[1])
    assert "gain = +0.42\n```\n{{ x }}" in html


def test_numbers_of_figures_and_equations(notebook: Path, tmp_path: Path) -> None:
    body = parts(write_post(notebook, "hugo", tmp_path))[1]
    assert "see (1), Figure 1, Picture 1 and" in body
    assert r"\tag{1}" in body
    assert r"\tag{2}" in body
    assert "*Figure 1. One dot, by (Miller, 2023).*" in body


def test_code_can_be_left_out(notebook: Path, tmp_path: Path) -> None:
    body = parts(write_post(notebook, "myst", tmp_path, code=False))[1]
    assert "c.number" not in body
    assert "gain = +0.42" in body


def test_again_is_the_same_and_touches_nothing(notebook: Path, tmp_path: Path) -> None:
    for flavor in FLAVORS:
        out = tmp_path / flavor
        write_post(notebook, flavor, out)
        before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in out.rglob("*") if p.is_file()}
        write_post(notebook, flavor, out)
        after = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in out.rglob("*") if p.is_file()}
        assert before == after
        assert len(before) == 4


def test_a_changed_notebook_replaces_its_own_post(notebook: Path, tmp_path: Path) -> None:
    page = write_post(notebook, "hugo", tmp_path / "blog")
    nb = nbformat.read(notebook, as_version=4)
    nb.cells = [nb.cells[0], nb.cells[1], new_markdown_cell("(the-code)=\n## New")]
    nbformat.write(nb, notebook)
    assert write_post(notebook, "hugo", tmp_path / "blog") == page
    assert sorted(p.name for p in page.parent.iterdir()) == ["index.md"], "old figures are gone"
    assert "New" in page.read_text()


def test_it_touches_no_file_of_others(notebook: Path, tmp_path: Path) -> None:
    mine = tmp_path / "null-attention.md"
    mine.write_text("---\ntitle: mine\n---\n")
    with pytest.raises(PostError, match=r"null-attention\.md exists"):
        write_post(notebook, "myst", tmp_path)
    assert mine.read_text() == "---\ntitle: mine\n---\n"
    assert not (tmp_path / "null-attention_files").exists()
    mine.unlink()
    dot = tmp_path / "null-attention_files" / "dot.svg"
    dot.parent.mkdir()
    dot.write_text("mine")
    with pytest.raises(PostError, match=r"dot\.svg exists"):
        write_post(notebook, "myst", tmp_path)
    assert dot.read_text() == "mine"
    assert not mine.exists()


def test_the_post_of_another_notebook_is_not_replaced(notebook: Path, tmp_path: Path) -> None:
    page = write_post(notebook, "myst", tmp_path / "blog")
    other = notebook.with_name("other.ipynb")
    other.write_text(notebook.read_text())
    text = page.read_text()
    with pytest.raises(PostError, match="not the former post of chapters/t/other.ipynb"):
        write_post(other, "myst", tmp_path / "blog")
    assert page.read_text() == text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{glue:text}`gone`", "'gone'"),
        ("```{glue:figure} gone\n```", "'gone'"),
        ("{cite:p}`nobody2020`", "'nobody2020'"),
        ("{ref}`nowhere`", "'nowhere'"),
        ("![a](missing.png)", "'missing.png'"),
        ("[a](missing.md)", "'missing.md'"),
        ("{glue:text}`gone.ipynb::x`", "gone.ipynb"),
    ],
)
def test_what_is_missing_is_named(notebook: Path, tmp_path: Path, source: str, words: str) -> None:
    nb = nbformat.read(notebook, as_version=4)
    nb.cells.append(new_markdown_cell(source))
    nbformat.write(nb, notebook)
    with pytest.raises(PostError, match=f"null-attention.ipynb: .*{re.escape(words)}"):
        write_post(notebook, "myst", tmp_path / "blog")
    assert not (tmp_path / "blog").exists()


def test_a_wrong_flavor_is_named_with_the_list(notebook: Path, tmp_path: Path) -> None:
    with pytest.raises(PostError, match="'gatsby': choose one of myst, hugo, jekyll, quarto"):
        write_post(notebook, "gatsby", tmp_path)


def test_what_is_no_notebook_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.ipynb"
    bad.write_text("not json")
    for path in (bad, tmp_path / "none.ipynb"):
        with pytest.raises(PostError, match=path.name):
            write_post(path, "myst", tmp_path / "out")


def test_cells_tagged_post_are_the_whole_post(notebook: Path, tmp_path: Path) -> None:
    nb = nbformat.read(notebook, as_version=4)
    nb.cells[-1].metadata["tags"] = ["post"]
    nbformat.write(nb, notebook)
    body = parts(write_post(notebook, "myst", tmp_path))[1]
    assert "# Null attention" in body
    assert "## After" in body
    assert "+0.42" not in body
    assert "Seeds differ" not in body


def test_a_notebook_with_no_book_and_no_metadata(tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_markdown_cell("# Hello *you*\n\nSome words stand here.")])
    path = tmp_path / "Plain Note.ipynb"
    nbformat.write(nb, path)
    page = write_post(path, "hugo", tmp_path / "out")
    front, body = parts(page)
    assert page.parent.name == "plain-note"
    assert front["title"] == "Hello you"
    assert front["description"] == "Some words stand here."
    assert body.strip() == "Some words stand here."


def test_metadata_of_a_post_written_as_a_notebook(tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_markdown_cell("Words that begin it.")])
    nb.metadata |= {
        "blogpost": True,
        "date": "2026-01-02",
        "tags": "a, b",
        "title": "T",
        "draft": True,
    }
    path = tmp_path / "essay.ipynb"
    nbformat.write(nb, path)
    front = parts(write_post(path, "jekyll", tmp_path / "out"))[0]
    assert (front["title"], front["tags"], front["published"]) == ("T", ["a", "b"], False)
    nb.metadata["date"] = "soon"
    nbformat.write(nb, path)
    with pytest.raises(PostError, match="'soon'"):
        write_post(path, "jekyll", tmp_path / "out")


def test_nbconvert_runs_it_by_name(notebook: Path, tmp_path: Path) -> None:
    command = NbConvertApp()  # what `jupyter nbconvert` starts
    options = ["--to", "ideas_post", "--PostExporter.flavor=quarto", "--output-dir", str(tmp_path)]
    command.initialize([*options, str(notebook)])
    command.start()
    page = tmp_path / "null-attention.qmd"
    front, body = parts(page)
    assert front["from"] == "markdown-implicit_figures"
    for source in re.findall(r'<img src="([^"]+)"', rendered(body)):
        assert (tmp_path / source).is_file()


def test_a_glued_figure_and_a_number_from_another_notebook(notebook: Path, tmp_path: Path) -> None:
    record = {"scrapbook": {"name": "pic", "mime_prefix": ""}}
    cell = new_code_cell("", metadata={"tags": ["remove-cell"]})
    cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": PNG}, metadata=record)]
    text = "```{glue:figure} pic\nA caption.\n```\n\n{glue:text}`null-attention::gain` there."
    other = notebook.with_name("other.ipynb")
    nbformat.write(new_notebook(cells=[cell, new_markdown_cell(text)]), other)
    page = write_post(other, "hugo", tmp_path)
    assert "![pic](pic.png)\n\n*A caption.*" in page.read_text()
    assert "+0.42 there." in page.read_text()
    assert (page.parent / "pic.png").is_file()


def test_links_inside_the_book_stay_relative(notebook: Path) -> None:
    posts = notebook.parents[2] / "posts"
    page = write_post(notebook, "myst", posts, inside=True)
    text = page.read_text()
    assert "(../chapters/t/null-attention.ipynb)" in text
    assert "[the index](../index.md)" in text
    assert "example.org/book" not in text


def test_the_exporter_gives_figures_beside_the_text(executed: str) -> None:
    cells = nbformat.reads(executed, as_version=4)
    cells.cells = [c for c in cells.cells if c.cell_type == "code"]
    body, resources = PostExporter(flavor="myst").from_notebook_node(cells)
    assert len(resources["outputs"]) == 2
    assert resources["output_extension"] == ".md"
    assert body.startswith("---\n")
