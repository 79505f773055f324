"""Every notebook of the book keeps the contract. A rule returns what is wrong; best is nothing."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ideas_lib.claims import unbound
from ideas_lib.ideas import IDEAS, find_idea
from ideas_lib.publish.site.components import code_cells
from ideas_lib.publish.site.freshness import check, notebooks
from ideas_lib.study.codekey import source_hash
from tests.noise import REASON, registered_words, unborne

TOP = Path(__file__).parents[1]
BOOKS = notebooks(TOP)
LONGEST_CELL = 25
CHAPTER = (
    *("idea", "prediction", "the code", "try it", "the study", "failed", "prior art"),
    "steal it",
)
POST = ("how this was measured",)
OPENS = {  # what a page shows first, by its part: tags that one cell has
    "programs": ("use", "hero"),  # these ideas are commands, too
    "tools": ("use", "hero"),
    "posts": ("hero",),
}
RECORD = {"slug", "key", "executed", "seconds", "where", "versions", "components", "outputs"}
ABSOLUTE = re.compile(r"(?<![\w.~/:])/(?:home|Users|root|tmp|mnt|opt|var|usr)/|\b[A-Z]:\\\\?\w")
SECRET = re.compile(
    r"\bsk-[\w-]{16,}|\bhf_\w{16,}|api_key\s*=\s*f?[\"'](?!none|unused)\w{8,}", re.I
)
INSTALL = re.compile(r"^\s*[!%]+\s*(?:python -m )?(?:pip|conda|mamba|uv|apt)\b", re.M)


def run_through(nb: NotebookNode) -> Iterator[str]:
    """Every cell was run, once, in order, without an error or a warning."""
    counts = [cell.execution_count for cell in code_cells(nb)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"its cells ran in the order {counts}, not from first to last"
    for cell in code_cells(nb):
        tags = cell.metadata.get("tags", [])
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags:
                yield f"In [{cell.execution_count}] shows {output.ename}"
            if output.get("name") == "stderr" and "remove-stderr" not in tags:
                yield f"In [{cell.execution_count}] warns: {output.text.strip()[:80]}"
    if code_cells(nb) and not any(cell.outputs for cell in code_cells(nb)):
        yield "no cell shows anything"


def recorded(nb: NotebookNode) -> Iterator[str]:
    """The record is whole and the kernel is python3."""
    missing = RECORD - nb.metadata.get("ideas", {}).keys()
    if missing:
        yield f"its metadata `ideas` lack {sorted(missing)}"
    if nb.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "its kernel is not python3"
    if "execution" in {name for cell in nb.cells for name in cell.metadata}:
        yield "its cells carry timings, which change with every run"


def titled(nb: NotebookNode) -> Iterator[str]:
    """The first line is the one title."""
    titles = [text for level, text in headings(nb) if level == 1]
    if len(titles) != 1 or not nb.cells[0].source.lstrip().startswith("# "):
        yield f"it must begin with its title and have no other; it has {titles}"


def pictured(nb: NotebookNode) -> Iterator[str]:
    """Every picture says in words what it shows."""
    for cell in code_cells(nb):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
        for output in cell.outputs:
            data = output.get("data", {})
            if any(kind.startswith("image/") for kind in data) and not alt:
                yield f"In [{cell.execution_count}] has a figure without alt text"
            for tag in re.findall(r"<img\b[^>]*>", str(data.get("text/html", ""))):
                if not re.search(r"\balt=[\"'][^\"']", tag):
                    yield f"In [{cell.execution_count}] has an <img> without alt text"


def bound(nb: NotebookNode) -> Iterator[str]:
    """No measured number is typed, and cells that print claims are compared when run again."""
    yield from unbound(nb)
    for cell in code_cells(nb):
        claims = any(output.get("metadata", {}).get("scrapbook") for output in cell.outputs)
        if claims and "nbval-check-output" not in cell.metadata.get("tags", []):
            yield f"In [{cell.execution_count}] prints claims: tag it nbval-check-output"


def short(nb: NotebookNode) -> Iterator[str]:
    """Cells can be read at a glance."""
    for cell in code_cells(nb):
        lines = len(cell.source.splitlines())
        if lines > LONGEST_CELL:
            yield f"In [{cell.execution_count}] has {lines} lines, more than {LONGEST_CELL}"


def portable(nb: NotebookNode) -> Iterator[str]:
    """Nothing ties it to one machine or one person."""
    for cell in code_cells(nb):
        place = f"In [{cell.execution_count}]"
        for pattern, what in [
            (INSTALL, "installs something: the extras of pyproject.toml do that"),
            (SECRET, "holds what looks like a key"),
            (
                ABSOLUTE,
                "names an absolute path: ideas_lib.study.checkout.root() / ... finds the checkout",
            ),
        ]:
            if pattern.search(cell.source) or any(map(pattern.search, shown(cell))):
                yield f"{place} {what}"
        yield from (f"{place} guards an import: name the extra instead" for _ in guards(cell))


def borne(nb: NotebookNode) -> Iterator[str]:
    """What compares asks the interval, and only the prediction is called supported."""
    for count, sentence, code in unborne(nb):
        yield (
            f"In [{count}] holds {sentence} by {code}, which is noise as much as not: ask the"
            f" interval by say.above, below or within, or say `{REASON} why`"
        )
    for count, code in registered_words(nb):
        yield f"In [{count}] asks {code}: other comparisons have the words of `.comparison`"


def opens(nb: NotebookNode) -> Iterator[str]:
    """A page opens with its question and what was found, and as its part does beside that."""
    tags = Counter(tag for cell in nb.cells for tag in cell.metadata.get("tags", []))
    question = re.fullmatch(r"# .+\n+\*[^*]+\?\*\s*", nb.cells[0].source)
    if not question:
        yield "its first cell is not a title and a question in italics"
    wanted = ("headline", *OPENS.get(find_idea(nb.metadata.ideas.slug, TOP).part, ()))
    yield from (f"{tags[tag]} cells are tagged {tag}, not 1" for tag in wanted if tags[tag] != 1)


def captioned(nb: NotebookNode) -> Iterator[str]:
    """Figures have a caption, and no two one name; what is folded says what it found."""
    about = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in code_cells(nb)]
    for cell, figure in zip(code_cells(nb), about, strict=True):
        drawn = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if drawn and not {"caption", "name"} <= figure.keys():
            yield f"In [{cell.execution_count}] has a figure without caption or name"
    names = Counter(figure["name"] for figure in about if figure)
    yield from (f"{count} figures are named {name}" for name, count in names.items() if count > 1)
    for cell in nb.cells:
        if "fold" in cell.metadata.get("tags", []):
            if not re.match(r"###? .+\n+\*[^*]", cell.source):
                yield f"{cell.source[:40]!r} folds, without one line in italics on what it found"


def summarised(nb: NotebookNode) -> Iterator[str]:
    """An essay has two sentences for the feeds, and tags to be found by."""
    post = nb.metadata.ideas.get("post", {})
    said = post.get("summary") or nb.metadata.get("summary", "")
    count = len(re.findall(r"[.!?](?=\s|$)", said))
    if count != 2:
        yield f"its summary has {count} sentences, not 2: {said!r}"
    if not (post.get("tags") or nb.metadata.get("tags")):
        yield "it has no tags"


RULES = (run_through, recorded, titled, pictured, bound, borne, short, portable)
OF_IDEAS = (opens, captioned)


def headings(nb: NotebookNode) -> list[tuple[int, str]]:
    text = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", text, flags=re.M | re.S)
    return [(len(m[1]), m[2]) for m in re.finditer(r"^(#+) +(.+)$", text, re.M)]


def lacking(nb: NotebookNode, sections: tuple[str, ...]) -> list[str]:
    """Return the sections that are missing, or stand before one they should follow."""
    texts = [text.lower() for level, text in headings(nb) if level == 2]
    missing, here = [], 0
    for section in sections:
        found = [i for i, text in enumerate(texts) if i >= here and section in text]
        if found:
            here = found[0] + 1
        else:
            missing.append(section)
    return missing


def shown(cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        yield output.get("text", "")
        for kind, value in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield value


def trees(nb: NotebookNode) -> Iterator[ast.AST]:
    for cell in code_cells(nb):
        yield from parsed(cell)


def parsed(cell: NotebookNode) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(cell.source)))
    except SyntaxError:  # a magic
        return []


def guards(cell: NotebookNode) -> Iterator[ast.Try]:
    for node in parsed(cell):
        if isinstance(node, ast.Try):
            if any(isinstance(part, ast.Import | ast.ImportFrom) for part in node.body):
                yield node


def definitions(nodes: Iterator[ast.AST]) -> dict[str, str]:
    """Return hash -> name of the functions and classes of more than one statement."""
    kinds = ast.FunctionDef | ast.ClassDef
    found = (node for node in nodes if isinstance(node, kinds) and len(node.body) > 1)
    return {source_hash(ast.unparse(node)): node.name for node in found}


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


every_notebook = pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.relative_to(TOP).as_posix()) for path in BOOKS]
)


@every_notebook
def test_it_is_fresh(path: Path) -> None:
    found = check(path, TOP)
    assert found.state == "fresh", (
        f"{path.relative_to(TOP)} is {found.state}: {'; '.join(found.reasons)}.\n"
        f"Run `ideas run {path.relative_to(TOP)}`, or `jupyter-book build .` for all that are"
        " stale, read what changed, and commit it."
    )


@every_notebook
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_rule(path: Path, rule: Callable[[NotebookNode], Iterator[str]]) -> None:
    wrong = list(rule(read(path)))
    assert not wrong, (
        f"{path.relative_to(TOP)}:\n  " + "\n  ".join(wrong) + "\nMend it, then run"
        f" `ideas run {path.relative_to(TOP)}`."
    )


def own_notebooks(folder: str) -> dict[str, NotebookNode]:
    """Return the notebooks of a folder that are no forks, by slug."""
    found = {path.stem: read(path) for path in BOOKS if path.is_relative_to(TOP / folder)}
    return {slug: nb for slug, nb in found.items() if not nb.metadata.ideas.get("forked_from")}


@pytest.mark.parametrize("folder", ["chapters", "posts"])
@pytest.mark.parametrize("rule", OF_IDEAS, ids=lambda rule: rule.__name__)
def test_an_ideas_notebook_keeps_the_rule(
    rule: Callable[[NotebookNode], Iterator[str]], folder: str
) -> None:
    own = own_notebooks(folder)
    wrong = {slug: found for slug, nb in own.items() if (found := list(rule(nb)))}
    assert not wrong


def test_an_essay_has_its_summary() -> None:
    essays = own_notebooks("posts")
    wrong = {slug: found for slug, nb in essays.items() if (found := list(summarised(nb)))}
    assert not wrong


@every_notebook
def test_it_has_its_sections(path: Path) -> None:
    wanted = POST if path.is_relative_to(TOP / "posts") else CHAPTER
    missing = lacking(read(path), wanted)
    assert not missing, (
        f"{path.relative_to(TOP)} lacks the sections (`## ...`) {missing}, or has them out of"
        f" order: {', '.join(wanted)}"
    )


def test_a_chapter_has_its_ideas_title_and_the_contents_the_ideas_order() -> None:
    titles = {TOP / idea.path: idea.title for idea in IDEAS}
    chapters = [path for path in BOOKS if path in titles and path.parent.name != "posts"]
    for path in chapters:
        first = nbformat.read(path, 4).cells[0].source.lstrip().splitlines()[0]
        assert first == f"# {titles[path]}"
    assert chapters == [path for path in titles if path in chapters]


def test_no_notebook_repeats_a_definition() -> None:
    library = [ast.parse(path.read_text()) for path in (TOP / "ideas_lib").rglob("*.py")]
    ours = definitions(node for tree in library for node in ast.walk(tree))
    books = [read(path) for path in BOOKS]
    known = [
        definitions(trees(nb))
        for nb in books
        if not nb.metadata.get("ideas", {}).get("forked_from")
    ]
    counts = Counter(key for found in known for key in found)
    twice = {name for found in known for key, name in found.items() if counts[key] > 1}
    twice |= {name for found in known for key, name in found.items() if key in ours}
    assert not twice, f"defined twice: {sorted(twice)}. Move them to ideas_lib and import them."


def good() -> NotebookNode:
    """Return a notebook that keeps every rule."""
    text = [new_markdown_cell("# A title"), new_markdown_cell("## The study\n\nIt is {glue}`gain`")]
    record = {"name": "gain", "mime_prefix": "p/"}
    output = new_output("display_data", {"p/text/plain": "'1'"}, metadata={"scrapbook": record})
    code = new_code_cell("1", execution_count=1, outputs=[output])
    code.metadata = {"tags": ["nbval-check-output"]}
    nb = new_notebook(cells=[*text, code])
    nb.metadata = nbformat.from_dict(
        {"ideas": dict.fromkeys(RECORD, "x"), "kernelspec": {"name": "python3"}}
    )
    return nb


def test_a_good_notebook_keeps_every_rule() -> None:
    assert [wrong for rule in RULES for wrong in rule(good())] == []


def stream(nb: NotebookNode, name: str, text: str) -> None:
    nb.cells[-1].outputs.append(new_output("stream", name=name, text=text))


def show(nb: NotebookNode, kind: str, value: str) -> None:
    nb.cells[-1].outputs.append(new_output("display_data", {kind: value}))


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        (run_through, lambda nb: nb.cells[-1].update(execution_count=None)),
        (run_through, lambda nb: nb.cells[-1].update(execution_count=2)),
        (run_through, lambda nb: nb.cells[-1].update(outputs=[])),
        (run_through, lambda nb: stream(nb, "stderr", "UserWarning")),
        (run_through, lambda nb: nb.cells[-1].outputs.append(new_output("error", ename="E"))),
        (recorded, lambda nb: nb.metadata.ideas.pop("key")),
        (recorded, lambda nb: nb.metadata.kernelspec.update(name="mine")),
        (recorded, lambda nb: nb.cells[-1].metadata.update(execution={"shell": "2026"})),
        (titled, lambda nb: nb.cells.pop(0)),
        (titled, lambda nb: nb.cells[1].update(source="# Another")),
        (pictured, lambda nb: show(nb, "image/png", "iVBORw0KGgo=")),
        (pictured, lambda nb: show(nb, "text/html", "<img src='x.png'>")),
        (bound, lambda nb: nb.cells[1].update(source="## The study\n\nIt gained 0.31 nats.")),
        (bound, lambda nb: nb.cells[-1].metadata.clear()),
        (borne, lambda nb: nb.cells[-1].update(source="say.holds('so', found.effect > 0)")),
        (borne, lambda nb: nb.cells[-1].update(source="ok = found.word == 'supported'")),
        (short, lambda nb: nb.cells[-1].update(source="1\n" * 26)),
        (portable, lambda nb: nb.cells[-1].update(source="!pip install torch")),
        (portable, lambda nb: nb.cells[-1].update(source="%pip install torch")),
        (portable, lambda nb: nb.cells[-1].update(source="key = 'sk-" + "a1" * 12 + "'")),
        (portable, lambda nb: nb.cells[-1].update(source="open('/home/me/data')")),
        (portable, lambda nb: stream(nb, "stdout", "saved to /home/me/x.png")),
        (
            portable,
            lambda nb: nb.cells[-1].update(source="try:\n    import x\nexcept ImportError:\n    0"),
        ),
    ],
)
def test_a_rule_sees_what_breaks_it(
    rule: Callable[[NotebookNode], Iterator[str]], spoil: Callable[[NotebookNode], None]
) -> None:
    nb = good()
    spoil(nb)
    assert list(rule(nb))


def untag(nb: NotebookNode, tag: str) -> None:
    for cell in nb.cells:
        cell.metadata["tags"] = [each for each in cell.metadata.get("tags", []) if each != tag]


def change(nb: NotebookNode, what: Callable[[NotebookNode], bool], **to: object) -> None:
    next(cell for cell in nb.cells if what(cell)).update(to)


def is_figure(cell: NotebookNode) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        (opens, lambda nb: nb.cells[0].update(source="# Comparing log-probabilities")),
        (opens, lambda nb: untag(nb, "headline")),
        (opens, lambda nb: untag(nb, "use")),
        (opens, lambda nb: untag(nb, "hero")),
        (captioned, lambda nb: change(nb, is_figure, metadata={})),
        (captioned, lambda nb: nb.cells.append(next(filter(is_figure, nb.cells)))),
        (
            captioned,
            lambda nb: change(
                nb, lambda c: "fold" in c.metadata.get("tags", []), source="### It\n\nThen more."
            ),
        ),
    ],
)
def test_a_chapters_rule_sees_what_breaks_it(
    rule: Callable[[NotebookNode], Iterator[str]], spoil: Callable[[NotebookNode], None]
) -> None:
    nb = read(TOP / "chapters/tools/logprobs.ipynb")
    assert not list(rule(nb))
    spoil(nb)
    assert list(rule(nb))


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        (opens, lambda nb: nb.cells[0].update(source="# Low-value work")),
        (opens, lambda nb: untag(nb, "headline")),
        (opens, lambda nb: untag(nb, "hero")),
        (captioned, lambda nb: change(nb, is_figure, metadata={})),
        (summarised, lambda nb: nb.metadata.pop("summary")),
        (summarised, lambda nb: nb.metadata.update(summary="One sentence, of 0.5 lines.")),
        (summarised, lambda nb: nb.metadata.pop("tags")),
    ],
)
def test_an_essays_rule_sees_what_breaks_it(
    rule: Callable[[NotebookNode], Iterator[str]], spoil: Callable[[NotebookNode], None]
) -> None:
    nb = read(TOP / "posts/low-value-work.ipynb")
    assert not list(rule(nb))
    spoil(nb)
    assert list(rule(nb))


@pytest.mark.parametrize(
    "source",
    [
        "say.holds('so', x.mean() > 0)",
        "say.holds('so', np.mean(x) <= y.mean())",
        "say.holds('so', 0 < found.value < 1)",
        "say.holds('so', bool(abs(a.effect - b.effect) < 0.1))",
        "means = results.means('e', 'o')\nbest = max(means.values())\nsay.holds('so', best < 1)",
        "a, b = x.mean(0), y\nup = a[0] > 2\nsay.holds('so', up and b.low > 0)",
        "best = max(x, key=lambda arm: x[arm].mean())\nsay.holds('so', best == 'idea')",
        "loss = {n: {a: v.mean()} for n, v in x.items()}\nm = all(loss[n][a] > 0 for n in x)\n"
        "say.holds('so', m)",
        "for name, mean in frame.groupby('arm').mean().items():\n    say.holds('so', mean > 0)",
        "effects = [v.effect for v in found]\nsay.holds('so', effects == sorted(effects))",
        f"say.holds('so', x.mean() > 0)  {REASON}",
        f"{REASON} another line\n\nsay.holds('so', x.mean() > 0)",
    ],
)
def test_a_sentence_on_a_mean_is_seen(source: str) -> None:
    nb = new_notebook(cells=[new_code_cell(source)])
    assert [sentence for _, sentence, _ in unborne(nb)] == ["'so'"]


@pytest.mark.parametrize(
    "source",
    [
        "say.holds('so', found.low > 0)",
        "found = paired(x.mean(axis=1), 0, margin=1)\nsay.holds('so', found.high < found.margin)",
        "say.above('so', x.mean())",
        "say.holds('so', len(x) > 3)",
        "say.holds('so', found.comparison == 'better')",
        "best = tuning.astype(float).idxmax(axis=1)\nsay.holds('so', best['idea'] == '0.1')",
        f"say.holds('so', x.mean() > 0)  {REASON} every case there is was counted",
        f"{REASON} counted\nsay.holds('so', size.mean() > 0)",
        "%timeit x",
    ],
)
def test_a_sentence_on_an_interval_or_a_fact_is_not(source: str) -> None:
    nb = new_notebook(cells=[new_code_cell(source)])
    assert list(unborne(nb)) == []


def test_a_mean_is_known_in_the_cells_below() -> None:
    cells = ["up = x.mean()", "say.holds('so', up > 0)"]
    nb = new_notebook(cells=[new_code_cell(source) for source in cells])
    assert len(list(unborne(nb))) == 1
    assert not list(unborne(new_notebook(cells=nb.cells[::-1])))


def test_sections_must_be_there_and_in_order() -> None:
    nb = new_notebook(cells=[new_markdown_cell(f"## {name.title()}") for name in CHAPTER])
    assert lacking(nb, CHAPTER) == []
    del nb.cells[1]
    assert lacking(nb, CHAPTER) == ["prediction"]
    nb.cells.append(nb.cells.pop(3))
    assert len(lacking(nb, CHAPTER)) > 1


def test_a_copied_definition_is_known_by_what_it_does() -> None:
    first = ast.parse('def f(x):\n    """Double."""\n    y = x + x\n    return y')
    again = ast.parse("def f(x):  # twice\n    y = x + x\n    return y")
    other = ast.parse("def f(x):\n    y = x * x\n    return y")
    keys = [set(definitions(ast.walk(tree))) for tree in (first, again, other)]
    assert keys[0] == keys[1]
    assert keys[0].isdisjoint(keys[2])
