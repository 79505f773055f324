"""MyST's constructs one by one, each against the plain Markdown that it should become."""

from pathlib import Path

import pytest

from ideas_lib.publish.post.cite import Citations
from ideas_lib.publish.post.flavors import FLAVORS, PostError
from ideas_lib.publish.post.links import Book, labels_in
from ideas_lib.publish.post.markup import html, slugify
from ideas_lib.publish.post.plain import Plain


def plain(text: str, folder: Path = Path(), flavor: str = "hugo") -> str:
    """Convert one text that stands alone; every glued value is 7."""
    return Plain(
        flavor=FLAVORS[flavor],
        book=Book(),
        folder=folder,
        source=folder / "nb.ipynb",
        glued=lambda key, place: "7",
        keep=lambda stem, suffix, data: stem + suffix,
        citations=Citations(None, []),
        labels=labels_in([text]),
    ).convert(text)


@pytest.mark.parametrize(
    ("myst", "expected"),
    [
        ("plain *words* `{ref}` stay", "plain *words* `{ref}` stay"),
        ("`` {glue:text}`x` `` is code", "`` {glue:text}`x` `` is code"),
        ("**{glue:text}`x`** of [{glue:text}`x`](https://a.b)", "**7** of [7](https://a.b)"),
        ("```python\n{ref}`x`\n```", "```python\n{ref}`x`\n```"),
        ("% gone\nstays", "stays"),
        ("before\n+++\nafter", "before\nafter"),
        ("a <span class='x'>b</span><!-- c --> <https://d.e>", "a b <https://d.e>"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("it costs $5 and $6", "it costs $5 and $6"),
        (r"\$5 is $x_1$", r"\$5 is \(x_1\)"),
        ("H{sub}`2`O", r"H\(_{2}\)O"),
        ("{kbd}`Ctrl`+{kbd}`C` {octicon}`star` {bdg-success}`new`", "`Ctrl`+`C`  **new**"),
        ("{unknown}`words`", "words"),
        ("see\n$$x$$ (e)\nas {eq}`e`", "see\n\n\n$$\nx \\tag{1}\n$$\n\n\nas (1)"),
        (
            "\\begin{align}\na &= b\n\\end{align}",
            "$$\n\\begin{aligned}\na &= b\n\\end{aligned}\n$$",
        ),
        ("- item\n\n  ```{note}\n  in it\n  ```", "- item\n\n  > **Note**\n  >\n  > in it"),
        (
            "::::{tip}\na\n:::{warning}\nb\n:::\n::::",
            "> **Tip**\n>\n> a\n>\n> > **Warning**\n> >\n> > b",
        ),
        (":::{dropdown} More\n:open:\nb\n:::", "> **More**\n>\n> b"),
        (
            "```{list-table} Title\n:header-rows: 1\n* - a\n  - b\n* - {glue:text}`x`\n  - 2\n```",
            "**Title**\n\n| a | b |\n| --- | --- |\n| 7 | 2 |",
        ),
        ("```{code-block} python\n:caption: c\nx = 1\n```", "```python\nx = 1\n```"),
        ("```{math}\nx\n```", "$$\nx\n$$"),
        ("```{toctree}\nx\n```\nafter", "after"),
        ("::::{tab-set}\n:::{tab-item} One\na\n:::\n::::", "> **One**\n>\n> a"),
        (
            "para\n\n    {glue:text}`x` and $y$\n\n{glue:text}`x`",
            "para\n\n    {glue:text}`x` and $y$\n\n7",
        ),
        (
            "````\n```{note}\n{glue:text}`x`\n```\n````",
            "````\n```{note}\n{glue:text}`x`\n```\n````",
        ),
        ('[x](https://e.org "a ) title") {glue:text}`x`', '[x](https://e.org "a ) title") 7'),
        ("[a (b)](https://e.org/a_(b)) $x$", r"[a (b)](https://e.org/a_(b)) \(x\)"),
        ('[{glue:text}`x`][y]\n\n[y]: https://e.org "T"', '[7][y]\n\n[y]: https://e.org "T"'),
        ("[`a]b`](https://e.org) {glue:text}`x`", "[`a]b`](https://e.org) 7"),
        (r"\{glue:text}`x` and \[no](link)", r"\{glue:text}`x` and \[no](link)"),
        ("$a_1 * b$ and $c * d_1$", r"\(a_1 * b\) and \(c * d_1\)"),
        ("so $a +\nb$ holds", "so \\(a +\nb\\) holds"),
        ("> ```{note}\n> a {glue:text}`x`\n> ```", "> > **Note**\n> >\n> > a 7"),
        ("| a | b |\n|---|---|\n| `x` | {glue:text}`z` |", "| a | b |\n|---|---|\n| `x` | 7 |"),
        ("term\n: is {glue:text}`x`", "term\n: is 7"),
        ("text[^1]\n\n[^1]: {glue:text}`x`", "text[^1]\n\n[^1]: 7"),
        ("one  \ntwo\\\nthree {glue:text}`x`", "one  \ntwo\\\nthree 7"),
        ("`unclosed {glue:text}`x and $y and [z](", "`unclosed {glue:text}`x and $y and [z]("),
        ("a {glue:text}`x`\r\n\r\n```{note}\r\nb\r\n```", "a 7\n\n> **Note**\n>\n> b"),
        ("<details>\n<summary>More</summary>\n\n*inner*\n\n</details>", "**More**\n\n*inner*"),
    ],
)
def test_what_becomes_of_it(myst: str, expected: str) -> None:
    assert plain(myst) == expected


def test_a_labelled_heading_is_linked_where_ids_are_understood() -> None:
    text = "(here)=\n## A *place*\n\nSee {ref}`here`, {ref}`that <here>`, [it](#here)."
    assert plain(text).endswith("See [A *place*](#here), [that](#here), [it](#here).")
    assert plain(text).startswith("## A *place* {#here}")
    assert plain(text, flavor="myst").startswith("(here)=\n## A *place*\n\nSee [A *place*](#here),")


def test_a_file_is_included_or_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    text = "```{literalinclude} a.py\n:language: python\n```"
    assert plain(text, tmp_path) == "```python\nx = 1\n```"
    with pytest.raises(PostError, match=r"'b\.py'"):
        plain(text.replace("a.py", "b.py"), tmp_path)


def test_kramdown_makes_no_table_of_a_sentence() -> None:
    assert plain("P(a|b) and `c|d` and $|x|$", flavor="jekyll") == (
        r"P(a\|b) and `c|d` and $$\vert x\vert$$"
    )
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    assert plain(table, flavor="jekyll") == table


def test_html_keeps_tables_and_words() -> None:
    table = "<style>x{}</style><table><tr><th>a</th></tr><tr><td>1|2</td></tr></table>"
    assert html(table) == "| a |\n| --- |\n| 1\\|2 |"
    assert html('<p class="verdict"><span>Refuted</span> effect 1</p><script>x</script>') == (
        "Refuted effect 1"
    )


def test_slugs_are_those_of_headings() -> None:
    assert slugify("What failed, and limits") == "what-failed-and-limits"
