"""Three chapters as posts, read by blog engines themselves, where these are installed."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from ideas_lib.publish.post.exporter import write_post

ROOT = Path(__file__).parents[3]
CHAPTERS = ("transformers/null-attention", "trees/soft-trees", "tools/noise-bounds")
MYST = ("{glue", "{cite", "{ref", "{eq", "{math", ":::", ")=", "](")  # what no page may show
HUGO = r"""
baseURL = "https://example.org/"
disableKinds = ["taxonomy", "term", "RSS", "sitemap"]
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [["$$", "$$"]]
inline = [["\\(", "\\)"]]
"""


def post(name: str, flavor: str, out: Path) -> Path:
    return write_post(ROOT / "chapters" / f"{name}.ipynb", flavor, out)


def run(*command: str, cwd: Path) -> str:
    """What a program says; no warning may be in it."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search("warn", done.stderr + done.stdout[:2000], re.I)
    return done.stdout


@pytest.mark.skipif(shutil.which("hugo") is None, reason="Hugo is not installed")
def test_hugo_renders_it_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(HUGO)
    for layout in ("index", "_default/single", "_default/list"):
        path = tmp_path / "layouts" / f"{layout}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{{ .Content }}")
    pages = [post(name, "hugo", tmp_path / "content" / "posts") for name in CHAPTERS]
    run("hugo", "--panicOnWarning", "--printPathWarnings", cwd=tmp_path)
    for page in pages:
        made = tmp_path / "public" / "posts" / page.parent.name
        html = (made / "index.html").read_text("utf-8")
        assert "raw HTML omitted" not in html
        for source in re.findall(r'<img src="([^"]+)"', html):
            assert (made / source).is_file()
        code = re.sub(r"<(pre|code)\b.*?</\1>|\$\$.*?\$\$", "", html, flags=re.S)
        words = unescape(re.sub(r"<[^>]*>", "", code))
        assert not [left for left in MYST if left in words]


@pytest.mark.skipif(shutil.which("jekyll") is None, reason="Jekyll is not installed")
def test_jekyll_renders_it_under_a_base_url(tmp_path: Path) -> None:
    for name in CHAPTERS:
        post(name, "jekyll", tmp_path)
    (tmp_path / "_layouts").mkdir()
    (tmp_path / "_layouts/post.html").write_text("{{ content }}")
    (tmp_path / "_config.yml").write_text("baseurl: /blog\npermalink: /:title.html\n")
    run("jekyll", "build", "--strict_front_matter", cwd=tmp_path)
    for name in CHAPTERS:
        html = (tmp_path / "_site" / f"{Path(name).name}.html").read_text("utf-8")
        sources = re.findall(r'<img src="([^"]+)"', html)
        assert sources
        for source in sources:
            assert (tmp_path / "_site" / source.removeprefix("/blog/")).is_file()
        anchors = set(re.findall(r'id="([^"]+)"', html))
        assert {
            a for a in re.findall(r'href="#([^"]+)"', html) if not a.startswith("fn")
        } <= anchors
        code = re.sub(r"<(pre|code)\b.*?</\1>|\\\[.*?\\\]|\\\(.*?\\\)", "", html, flags=re.S)
        words = unescape(re.sub(r"<[^>]*>", "", code))
        assert not [left for left in (*MYST, "{{", "{%") if left in words]


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="Pandoc is not installed")
@pytest.mark.parametrize(
    ("flavor", "reader"),
    [("quarto", "markdown-implicit_figures"), ("myst", "commonmark_x"), ("jekyll", "gfm")],
)
@pytest.mark.parametrize("name", CHAPTERS)
def test_pandoc_reads_it_without_a_warning(
    tmp_path: Path, name: str, flavor: str, reader: str
) -> None:
    page = post(name, flavor, tmp_path)
    if flavor == "jekyll":  # Liquid comes first
        text = page.read_text("utf-8").replace("{{ site.baseurl }}", "")
        page.write_text(text, "utf-8")
    pandoc = ("pandoc", "--fail-if-warnings", "--from", reader, str(page))
    if flavor != "jekyll":  # whose pictures are the site's, and whose maths is kramdown's
        # an e-book takes in every picture and every formula
        run(*pandoc, "--output", str(tmp_path / "post.epub"), cwd=page.parent)
    tree = json.loads(run(*pandoc, "--to", "json", cwd=page.parent))
    kinds, words = parts(tree["blocks"])
    assert "Cite" not in kinds
    assert {"Header", "BlockQuote", "Emph"} <= kinds
    # MyST's directive is no picture to Pandoc
    picture = {"quarto": "](", "myst": "```{image} ", "jekyll": "](/assets/"}[flavor]
    assert picture in page.read_text("utf-8")
    assert flavor == "myst" or "Image" in kinds
    assert not [left for left in MYST if left in words]


def parts(tree: object) -> tuple[set[str], str]:
    """The kinds of all elements of a document, and its words outside code and maths."""
    kinds, words, left = set(), [], [tree]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += reversed(node)
        elif isinstance(node, dict):
            kinds.add(node["t"])
            if node["t"] == "Str":
                words.append(node["c"])
            elif node["t"] not in ("Code", "CodeBlock", "Math") and "c" in node:
                left.append(node["c"])
            elif node["t"] not in ("Code", "CodeBlock", "Math"):
                words.append(" ")
    return kinds, "".join(words)
