"""An idea's page opens with what was found, and with nothing that is not so any more."""

import json
import re
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from ideas_lib.ideas import find_idea
from ideas_lib.publish.site.page_top import follows_from, idea_of
from ideas_lib.results import FIELDS

STUDY = """
from ideas_lib.study import Experiment, Prediction, Study

STUDY = Study(
    slug="SLUG",
    title="A study",
    prediction=Prediction("better", "accuracy", "idea", "none", margin=0.1),
    experiments=(Experiment("only", ("none", "idea"), dict, (100, 101)),),
    reader=dict,
)
"""


def write_results(book: Path, slug: str, idea: tuple[float, ...]) -> None:
    blank = dict.fromkeys(FIELDS) | {"experiment": "only", "stage": "verdict", "settings": {}}
    blank |= {"code_key": "", "seal": ""}
    values = {"none": (0.5, 0.5), "idea": idea}
    lines = [
        json.dumps(blank | {"arm": arm, "seed": 100 + k, "metrics": {"accuracy": value}})
        for arm, runs in values.items()
        for k, value in enumerate(runs)
    ]
    (book / f"results/{slug}.jsonl").write_text("\n".join(lines))


def shown(text: str, code: str, *tags: str) -> nbformat.NotebookNode:
    """Return a cell that showed a text."""
    output = new_output("display_data", {"text/plain": text})
    return new_code_cell(code, outputs=[output], metadata={"tags": list(tags)})


def write_page(book: Path, part: str, slug: str, **ours: str) -> None:
    """Write an idea's study and its notebook, with a cell of each kind."""
    (book / f"studies/{slug.replace('-', '_')}.py").write_text(STUDY.replace("SLUG", slug))
    cells = [
        new_markdown_cell(f"# Title of {slug}\n\n*Is it so?*\n\nMore words."),
        new_code_cell("import this"),
        shown("the verdict", "verdict()", "headline", "remove-input"),
        new_markdown_cell(
            "```console\n$ use it\n```\n\nUse it like that.", metadata={"tags": ["use"]}
        ),
        new_markdown_cell("## The study"),
        shown("a picture", "draw()", "hero", "hide-output"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["ideas"] = ours
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    path = book / ("posts" if part == "posts" else f"chapters/{part}") / f"{slug}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of an idea and its post, a tool, an essay, a fork without results, and notes."""
    top = tmp_path_factory.mktemp("book")
    for folder in ("ideas_lib", "results", "studies"):
        (top / folder).mkdir()
    write_page(top, "transformers", "null-attention")
    write_page(top, "tools", "embeddings")
    write_page(top, "posts", "low-value-work")
    (top / "posts/null-attention.md").write_text("# Null attention\n\nThe post.\n")
    write_page(top, "transformers", "mine", forked_from="null-attention")
    write_page(top, "transformers", "notes")
    (top / "studies/notes.py").unlink()
    write_results(top, "null-attention", (0.9, 0.92))
    write_results(top, "embeddings", (0.52, 0.5))
    write_results(top, "low-value-work", (0.9, 0.92))
    toc = "format: jb-book\nroot: index\nchapters:\n- glob: chapters/*/*\n- glob: posts/*\n"
    (top / "_toc.yml").write_text(toc)
    (top / "index.md").write_text("# Book\n\n```{toctree}\n:glob:\n\nchapters/*/*\nposts/*\n```\n")
    return top


@pytest.fixture
def here(book: Path, monkeypatch: pytest.MonkeyPatch, in_points: None) -> Path:
    monkeypatch.setenv("IDEAS_ROOT", str(book))
    return book


def build(book: Path) -> tuple[dict[str, str], set[str]]:
    """Build the book; return its pages by slug, posts by path, and the slugs that were read."""
    read: set[str] = set()
    own = ("ideas_lib.publish.site.card", "ideas_lib.publish.site.link_preview")
    extensions = ["myst_nb", "sphinxext.opengraph", *own]
    options = {
        "extensions": extensions,
        # What is not given here, Sphinx adds to its defaults, for every build of the process.
        "source_suffix": {".md": "myst-nb", ".ipynb": "myst-nb"},
        "nb_execution_mode": "off",
        "exclude_patterns": ["_build"],
        "ogp_site_url": "https://example.org/",
        "ogp_social_cards": {"enable": False},
        "project": "Book",
    }
    warnings = StringIO()
    with patch_docutils(book), docutils_namespace():
        out = book / "_build"
        app = Sphinx(book, None, out / "html", out / "trees", "html", options, StringIO(), warnings)
        app.connect("env-before-read-docs", lambda app, env, names: read.update(names))
        app.build()
    assert warnings.getvalue() == ""
    pages = {p.stem: p.read_text(encoding="utf-8") for p in out.glob("html/chapters/*/*.html")}
    pages |= {f"posts/{p.stem}": p.read_text("utf-8") for p in out.glob("html/posts/*.html")}
    return pages, {Path(name).name for name in read}


def in_order(page: str, *parts: str) -> None:
    """Assert that a page's body has these, each once, one after the other."""
    body = page[page.index("<h1") :]
    for part in parts:
        assert body.count(part) == 1, part
    places = [body.index(part) for part in parts]
    assert places == sorted(places), dict(zip(parts, places, strict=True))


def test_a_page_opens_with_the_question_what_was_found_and_the_figure(here: Path) -> None:
    pages, _ = build(here)
    found = "With a null column, a GPT counts 91\xa0% right; without it, 50\xa0%: +41 points"
    first = ("Is it so?", "Use it like that.", found, "It speaks of one task")
    last = ("More words.", "a picture")
    page = pages["null-attention"]
    in_order(page, *first, '<svg class="fs-figure"', "This page was never executed", *last)
    assert 'class="verdict verdict-supported">supported<' in page
    assert "the verdict" not in page
    described = re.findall(r'<meta [^>]*content="(Supported: With a null column[^"]*)"', page)
    assert len(described) == 2
    assert all(text.endswith("catch up.") for text in described)

    tool = pages["embeddings"]
    in_order(tool, "Use it like that.", "verdict-inconclusive", "a picture", "More words.")
    assert "<svg" not in tool
    assert "Hide code cell output" not in tool, "nothing hides what opens the page"

    essay = pages["posts/low-value-work"]
    found = "When small tasks get ten times faster, 91.00"
    in_order(essay, "Is it so?", "verdict-supported", found, "a picture", "More words.")
    assert "<svg" not in essay

    fork = pages["mine"]
    in_order(fork, "Is it so?", ">not measured yet<", "This page was never executed")
    assert "the verdict" in fork
    assert "og:description" in fork
    assert "<svg" not in fork

    other = pages["notes"]
    in_order(other, "Is it so?", "This page was never executed", "More words.", "the verdict")
    assert "fs-bottom-line" not in other


def test_a_link_to_an_idea_shows_its_card(here: Path) -> None:
    pages, _ = build(here)
    shown = {
        name: re.findall(r'"og:image" content="([^"]*)"', html) for name, html in pages.items()
    }
    cards = "https://example.org/_images/cards"
    assert shown == {
        "null-attention": [f"{cards}/null-attention.png"],
        "posts/null-attention": [f"{cards}/null-attention.png"],
        "embeddings": [f"{cards}/embeddings.png"],
        "posts/low-value-work": [f"{cards}/low-value-work.png"],
        "mine": [],
        "notes": [],
    }
    for name, urls in shown.items():
        assert ('"twitter:card" content="summary_large_image"' in pages[name]) == bool(urls)
    post = pages["posts/null-attention"]
    for kind in ("og:description", "description"):
        assert f'"{kind}" content="Supported: With a null column' in post, "not its byline"
    html = pages["null-attention"]
    assert '"og:image:width" content="1200"' in html
    assert '"og:image:height" content="630"' in html
    assert re.search(r'"og:image:alt" content="Null attention. Supported: With a null', html)
    folder = here / "_build/html/_images/cards"
    assert len(list(folder.iterdir())) == 3
    card = folder / "null-attention.png"
    with Image.open(card) as image:
        assert image.size == (1200, 630)
    before = card.read_bytes()
    write_results(here, "null-attention", (0.4, 0.42))
    build(here)
    assert card.read_bytes() != before, "it is drawn again when what was found has changed"
    write_results(here, "null-attention", (0.9, 0.92))
    build(here)
    assert card.read_bytes() == before


def test_a_page_is_read_again_when_what_it_opens_with_has_changed(here: Path) -> None:
    build(here)
    assert build(here)[1] == set()
    write_results(here, "null-attention", (0.4, 0.42))
    pages, read = build(here)
    assert read == {"null-attention"}
    assert "counts 41\xa0% right; without it, 50\xa0%: −9 points" in pages["null-attention"]
    write_results(here, "mine", (0.9, 0.92))
    pages, read = build(here)
    assert read == {"mine"}
    assert "Accuracy of “idea” 91\xa0%, of “none” 50\xa0%: +41 points of accuracy" in pages["mine"]
    assert "the verdict" not in pages["mine"]
    study = here / "studies/embeddings.py"
    study.write_text(study.read_text().replace("margin=0.1", "margin=0.2"))
    pages, read = build(here)
    assert read == {"embeddings"}
    assert "margin 20)" in pages["embeddings"]


def test_a_page_follows_from_its_words_and_its_originals_unit(here: Path) -> None:
    fork = find_idea("mine", here)
    before = follows_from(fork, here)
    study = here / "studies/null_attention.py"
    study.write_text(study.read_text() + "\n# Another word.\n")
    assert follows_from(fork, here) != before


def test_whose_page_it_is(here: Path) -> None:
    path = here / "chapters/transformers/null-attention.ipynb"
    found = idea_of(path, here)
    assert found
    assert found.number == 4
    assert idea_of(here / "chapters/transformers/notes.ipynb", here) is None
    assert idea_of(here / "chapters/trees/null-attention.ipynb", here) is None
    assert idea_of(here / "chapters/trees/nobody.ipynb", here) is None
