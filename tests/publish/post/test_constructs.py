"""What Markdown means decides what is rewritten: code, links, quotes, tables, and hostile text."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from ideas_lib.publish.post.cite import Citations, cited
from ideas_lib.publish.post.flavors import FLAVORS, PostError
from ideas_lib.publish.post.links import Book, labels_in
from ideas_lib.publish.post.markup import html
from ideas_lib.publish.post.meta import title_in
from ideas_lib.publish.post.myst import headings, links_of, starts_with
from ideas_lib.publish.post.plain import Plain

CONFIG = 'html: {baseurl: "https://b.org"}\nrepository: {url: "https://r.org"}\n'
BIB = "@misc{gu, title={T}, author={Gu, Xi}, year={2024}}\n"
ROLE = "{glue:text}`x`"
Convert = Callable[..., str]


def convert(root: Path, text: str, flavor: str = "hugo", *others: str) -> str:
    """Convert a cell of `root`/nb.ipynb, whose `others` stand beside it; every value is 7."""
    book = Book(root) if (root / "_config.yml").is_file() else Book()
    return Plain(
        flavor=FLAVORS[flavor],
        book=book,
        folder=root,
        source=root / "nb.ipynb",
        glued=lambda key, place: "7",
        keep=lambda stem, suffix, data: f"post/{stem}{suffix}",
        citations=Citations(book.bibliography, cited([text])),
        labels=labels_in([text, *others]),
        definitions=links_of([text, *others]),
    ).convert(text)


@pytest.fixture
def plain(tmp_path: Path) -> Convert:
    """`convert` in a book of two pages and a picture."""
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "references.bib").write_text(BIB)
    (tmp_path / "page.md").write_text("(far)=\n# Far away\n")
    (tmp_path / "a page (1).md").write_text("")
    (tmp_path / "dot.svg").write_text("")
    return lambda text, *more: convert(tmp_path, text, *more)


# dollars that MyST would read as maths, and its notebook did not
MONEY = (
    "It costs $5, not $6, US$7 or US$8; $ a $ is none.",
    "{ref}`open [a](b $x and **c {d} ![e] ::: <f",
    "$$\nnever closed",
)


@pytest.mark.parametrize(
    "text",
    [
        "Words,  with   their own\nlayout *here* and __there__.\n\n\n\n* a\n+ b\n\n   1) c",
        "```text\n$x$ {ref}`a` [b](gone.md) ![c](gone.png) <br> %\n\n\n(a)=\n# d\n```",
        "````md\n```{note}\n$x$\n```\n````",
        "~~~\n:::{note}\n:::\n~~~",
        "- a\n\n      {ref}`a` $x$\n\n- `` {ref}`a` `` `$x$` ``[a`](gone.md)``",
        '[a `]` b](https://e.org/(x)_(y) "a ) title") and [c](<https://e.org/a b>)',
        "[a][r] [r][] [r]\n\n[r]: https://e.org 'T'",
        "[![a](https://e.org/a.png) words](https://e.org)",
        r"\[a](gone.md) \$x\$ \{ref}\`a\` !\[a](gone.png) \<br> &lt;br>",
        MONEY[0],
        "| a | `b\\|c` |\n|:--|--:|\n|  d  | e\\|f|\n| g |",
        "a[^1] and b[^note]\n\n[^1]: One.\n[^note]: Two\n    lines.",
        "Term\n: One  \n  way\n\n: Other",
        "hard  \nbreak\\\nsoft\nbreak &amp; &#36; <https://e.org/$x$> <a@b.org>",
        MONEY[1],
        MONEY[2],
        "```{note never closed\ntext",
        "Title\n=====\n\nOther\n-----\n\n***\n\n# # Shut #",
        "- [ ] task\n- [x] done ~~no~~",
        "{{ name }} and { } and {not-a-role} `x`",
    ],
)
@pytest.mark.parametrize("flavor", ["myst", "hugo"])
def test_plain_markdown_stays_as_it_is(plain: Convert, text: str, flavor: str) -> None:
    expected = re.sub(r"(?<!\\)\$", r"\\$", text) if text in MONEY and flavor == "myst" else text
    assert plain(text, flavor) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[see](page.md)", "[see](https://b.org/page.html)"),
        ('[see](page.md#x "T \\"q\\"")', r'[see](https://b.org/page.html#x "T \"q\"")'),
        ("[a](<a page (1).md>)", "[a](https://b.org/a%20page%20%281%29.html)"),
        ("[a][r] [r]\n\n[r]: page", "[a](https://b.org/page.html) [r](https://b.org/page.html)"),
        ("[*a* {ref}`b`](page)\n\n(b)=\n# B", "[*a* B](https://b.org/page.html)"),
        ("*as {cite:t}`gu` says*", "*as Gu (2024) says*"),
        ("**[in {cite:p}`gu`](https://e.org)**", "**[in (Gu, 2024)](https://e.org)**"),
        ("{ref}`far` {doc}`page`", "[Far away](https://b.org/page.html#far) [Page]("),
        ("![a $x$](dot.svg 'T')", r'![a \(x\)](post/dot.svg "T")'),
        ("[![a](dot.svg)](page)", "[![a](post/dot.svg)](https://b.org/page.html)"),
        ("![a](dot.svg){w=9px} [b]{.c} `d`{l=py}", "![a](post/dot.svg) b `d`"),
        (
            "<a href='page.md'>a <b>c</b></a> <img alt='e' src=dot.svg>",
            "[a **c**](https://b.org/page",
        ),
        ("<a href='https://e.org'>a</a> <a>b</a>", "[a](https://e.org) b"),
        ("<p><img src='dot.svg'><a href='page'>c</a></p>", "![](post/dot.svg)[c](https://b.org"),
        ("[a](https://e.org/$x$) $x$ `$x$` $y\nz$", "[a](https://e.org/$x$) \\(x\\) `$x$` \\(y\nz"),
        ("H$_2$O", "H\\(_2\\)O"),
        ("$a$, not $5; $b\\$$ and \\$$c$", "\\(a\\), not $5; \\(b\\$\\) and \\$\\(c\\)"),
        ("{code}```a``b``` {kbd}`<Enter>` {samp}``a`b``", "```a``b``` `<Enter>` ``a`b``"),
        ("# A\n\n<!-- gone\n\nall of it -->\n\nb", "# A\n\nb"),
        ("(a)=\n\nTitle\n=====\n\n{ref}`a`", "Title {#a}\n=====\n\n[Title](#a)"),
        ("(a)=\n(b)=\n# H {ref}`a`\n\n[](#a)", "# H [H b](#b) {#b}\n\n[H b](#b)"),
        ("# A [l](page) {#c}\n\n(h)=\n## B [l](https://e.org)\n\n{ref}`h`", "# A [l](https://b.or"),
        ("\\begin{align*}\na\n\\end{align*}", "$$\n\\begin{aligned}\na\n\\end{aligned}\n$$"),
    ],
)
def test_links_pictures_and_maths(plain: Convert, text: str, expected: str) -> None:
    assert plain(text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n```{note}\nb\n```\nc", "a\n\n> **Note**\n>\n> b\n\nc"),
        ("> a\n> ```{tip}\n> $x$\n> ```\n> b", "> a\n>\n> > **Tip**\n> >\n> > \\(x\\)\n>\n> b"),
        ("1. ```{tip}\n   b\n   ```\n   c\n2. d", "1. > **Tip**\n   >\n   > b\n\n   c\n2. d"),
        ("- > :::{tip}\n  > b\n  > :::", "- > > **Tip**\n  > >\n  > > b"),
        ("t\n: ```{tip}\n  b\n  ```", "t\n: > **Tip**\n  >\n  > b"),
        ("[^n]: a\n\n    ```{tip}\n    b\n    ```", "[^n]: a\n\n    > **Tip**\n    >\n    > b"),
        ("> a\n> [b\n> $x$](https://e.org)", "> a\n> [b\n> \\(x\\)](https://e.org)"),
        ("> a\nlazy $x$", "> a\nlazy \\(x\\)"),
        ("> $$\n> x\n> $$ (e)\n\n{eq}`e`", "> $$\n> x \\tag{1}\n> $$\n\n(1)"),
        ("- $$x$$\n- b", "- $$\n  x\n  $$\n\n- b"),
        ("a\n```{toctree}\nx\n```\nb", "a\n\nb"),
        ("a\n\n```{toctree}\n```\n\n\nb", "a\n\nb"),
        ("> a\n>\n> % gone\n>\n> b", "> a\n>\n> b"),
        ("- % gone\n- b", "-\n- b"),
        (
            ":::::{note}\n````{tip}\n```py\n$x$\n```\n````\n:::::",
            "> **Note**\n>\n> > **Tip**\n> >\n> > ```py\n> > $x$",
        ),
        (":::{admonition} A *b* $x$\n:class: tip\nc\n:::", "> **A *b* \\(x\\)**\n>\n> c"),
        ("```{note}\n---\nclass: a\n---\nb\n```", "> **Note**\n>\n> b"),
        ("```{note}\n---\n- a: [\n---\nb\n```", "> **Note**\n>\n> ---\n> - a: ["),
        (
            "```{figure} dot.svg\n:alt: a [b]\n\nC *d*.\n\nE\n```",
            "![a (b)](post/dot.svg)\n\n*C *d*.*\n\nE",
        ),
        ("```{figure} dot.svg\n\nC `d` $e$\n```", "![C d (e)](post/dot.svg)\n\n*C `d` \\(e\\)*"),
        (
            "```{list-table}\n:header-rows: 1\n* - a|b\n  - `c|d`\n* - e\n\n    f\n```",
            "| a\\|b | `c\\|d` |\n| --- | --- |\n| e f |  |",
        ),
        (
            '```{csv-table}\n:header: a, "b, c"\n1, $x$\n```',
            "| a | b, c |\n| --- | --- |\n| 1 | \\(x\\) |",
        ),
        ("a $x$\r\n\r\n```{tip}\r\nb\r\n```\r\n", "a \\(x\\)\n\n> **Tip**\n>\n> b"),
        ("```{note}\nnever closed $x$", "> **Note**\n>\n> never closed \\(x\\)"),
    ],
)
def test_blocks_keep_to_their_quotes_and_lists(plain: Convert, text: str, expected: str) -> None:
    assert plain(text).startswith(expected)


@pytest.mark.parametrize("name", ["list-table", "csv-table"])
def test_a_table_without_rows_is_named(plain: Convert, name: str) -> None:
    with pytest.raises(PostError, match=name):
        plain(f"```{{{name}}} Title\n:file: rows.csv\n\n```")


@pytest.mark.parametrize(
    ("flavor", "text", "expected"),
    [
        ("jekyll", "a|b `c|d` [e|f](https://e.org/g|h)", r"a\|b `c|d` [e\|f](https://e.org/g|h)"),
        ("jekyll", "- a | b\n- | c", "- a \\| b\n- \\| c"),
        ("jekyll", "| a | $p(a\\|b)$ |\n|---|---|", "| a | $$p(a\\vert b)$$ |\n|---|---|"),
        ("quarto", "@a `@b` [@c](https://e.org/@d)", r"\@a `@b` [\@c](https://e.org/@d)"),
        ("quarto", r"a@b.org \@c <https://e.org/@d>", r"a@b.org \@c <https://e.org/@d>"),
        ("quarto", "| @a | b |\n|---|---|", "| \\@a | b |\n|---|---|"),
        ("quarto", "`a\n@b` and\n@c", "`a\n@b` and\n\\@c"),
    ],
)
def test_an_engines_escapes_are_for_words(
    plain: Convert, flavor: str, text: str, expected: str
) -> None:
    assert plain(text, flavor) == expected


def test_links_are_found_where_another_cell_defines_them(plain: Convert) -> None:
    assert plain("[a][r]", "hugo", "[r]: page.md") == "[a](https://b.org/page.html)"


def test_what_is_code_is_no_citation_label_or_title() -> None:
    code = "```md\n# No\n(no)=\n## No\n{cite}`no`\n$$x$$ (no)\n```\n\n`` {cite}`no` ``"
    text = (
        f"{code}\n\n> {{cite}}`a,b` *[{{cite:t}}`c`](https://e.org)* ![{{cite}}`d`](https://e.org)"
    )
    assert cited([text, "```{note} {cite}`e`\n{cite}`f`\n```"]) == ["a", "b", "c", "d", "e", "f"]
    assert list(labels_in([code, "> ```{note}\n> (yes)=\n> ## A *title*\n> ```"])) == ["yes"]
    assert [h.title for h in headings(f"{code}\n\n# A *b* `c` $d$\n")] == ["A b c $d$"]
    found = title_in([code, "T {kbd}`x`\n==="])
    assert found is not None
    assert found[1].title == "T x"
    assert [starts_with(t) for t in (code, "(a)=\n% b\n\n## C", "a\n\n# B", "")] == [0, 2, 0, 0]


HOSTILE = {
    "quotes": ">" * 10_000 + " a",
    "brackets": "[" * 10_000,
    "brackets, closed": "[" * 10_000 + "]" * 10_000,
    "links in links": "[" * 3_000 + "a" + "](https://e.org)" * 3_000,
    "images in images": "![" * 3_000 + "a" + "](https://e.org)" * 3_000,
    "lists": "- " * 10_000 + "a",
    "directives": "```{note}\n" * 3_000,
    "directives of two marks": "```{note}\n~~~{note}\n" * 1_500,
    "directives of fewer marks": "".join(f"{':' * n}{{note}}\n" for n in range(303, 3, -1)),
    "stars": "*a " * 5_000,
    "backticks": "`" * 10_001 + "a",
    "targets of links": "[a](" * 3_000,
    "dollars": "$a " * 10_000 + "$" * 10_000,
    "roles": "{kbd}`" * 10_000,
    "titles": "{abbr}`" + "<" * 10_000 + "`",
    "anchors": "<a href='https://e.org'>" * 3_000 + "</a>" * 3_000,
    "tags": "<div>" * 10_000,
    "cells": "|a" * 10_000 + "\n" + "|-" * 10_000,
    "targets": "(a)=\n" * 3_000 + "# b",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_depth_and_length_break_nothing(name: str) -> None:
    assert convert(Path(), HOSTILE[name])


def test_html_too_deep_to_read_stays() -> None:
    deep = "<div>" * 10_000
    assert html(deep) == deep


# no lone backtick: it would pair with a role's own, and mean something else once the role is gone
SPANS = ["a", "word", "*", "**", "[", "](https://e.org)", "[y]", "!", "\\", "&amp;", "`b`", "[^1]"]
BLOCKS = ["- ", "> ", "1. ", "10) ", "# ", ": ", "===\n", "~~~\n", "  ", "    ", "\n", "\n"]
WHOLE = [
    "\n\n[y]: https://e.org 't'\n",
    "\n\n[^1]: ",
    "\n| a | b |\n|--|--|\n| ",
    " | ",
    "\t",
    "> ",
]
PIECES = [f" {ROLE} "] * 4 + SPANS + [f"\n{block}" for block in BLOCKS] + WHOLE


def reader(roles: bool) -> MarkdownIt:
    md = MarkdownIt("commonmark").enable("table").use(deflist_plugin).use(footnote_plugin)
    md.disable(["footnote_inline", "html_block", "html_inline"])
    if roles:
        md.use(myst_role_plugin)
        md.add_render_rule("myst_role", lambda self, tokens, n, options, env: "7")
    return md


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example(f"> - a\n>   lazy {ROLE}\n{ROLE}\n\n\t{ROLE}")
@example(f"1.  a\n\t\tb {ROLE}\n\n\tc {ROLE}")
def test_a_value_stands_where_its_role_stood(text: str) -> None:
    """Filled in and then rendered, or rendered and then filled in: it is the same page."""
    text = text.strip("\n")
    before, after = reader(True).render(text), reader(False).render(convert(Path(), text))
    if "{glue" not in before:  # markdown-it drops what is nested too deep
        assert after.split() == before.split()
