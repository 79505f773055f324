"""The one closure under the keys of studies and of pages: nothing loaded is missed, and no more."""

import ast
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.publish.site.components import components, unread
from ideas_lib.publish.site.freshness import notebooks
from ideas_lib.study.closure import Checkout
from ideas_lib.study.codekey import SCHEME, code_key, digest
from ideas_lib.study.syntax import PACKAGES, syntax_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Make a package of modules that load each other in every way."""
    modules = {
        "__init__": "__version__ = '1'",
        "low": "X = 1\nZ = 2",
        "middle": "from ideas_lib.low import X",
        "alone": "Y = 1",
        "round": "import ideas_lib.about as a\nR = 1",
        "about": "from ideas_lib import round\nS = 2",
        "face/__init__": "from ideas_lib.faces import face\n__getattr__, __dir__, __all__ = face("
        "__name__, {'one': ['One', 'Uno'], 'two': ['Two']})",
        "face/one": "One = Uno = 1",
        "face/two": "from ideas_lib.low import X\nTwo = 2",
        "static/__init__": "from ideas_lib.static.first import A\n"
        "from ideas_lib.static.last import B",
        "static/first": "A = 1",
        "static/last": "B = 1",
        "busy/__init__": "import warnings\nwarnings.simplefilter('ignore')",
        "busy/inner": "C = 1",
        "lazy": "from importlib import import_module\nL = import_module('ideas_lib.alone').Y",
        "files": "from ideas_lib.resources import resource, resources\nNAME = 'a.js'\n"
        "ONE = resource(__file__, NAME)\nMORE = resources(__file__, 'page/*.css')\n"
        "CODE = resource(__file__, 'face/one.py')",
        "typed": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from ideas_lib.alone import Y\nT = 1",
    }
    files = {f"{name}.py": text for name, text in modules.items()}
    files |= {"a.js": "1", "b.js": "1", "page/a.css": "1", "page/b.txt": "1"}
    for name, text in files.items():
        path = tmp_path / "ideas_lib" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from ideas_lib.low import X", "low.py"),
        ("from ideas_lib import middle", "low.py middle.py"),
        ("import ideas_lib.middle", "low.py middle.py"),
        ("def f():\n    import ideas_lib.low as low", "low.py"),
        ("from ideas_lib.round import R", "about.py round.py"),
        ("from ideas_lib.face import One", "face/one.py"),
        ("from ideas_lib.face import Two as T", "face/two.py low.py"),
        ("from ideas_lib import face\nface.Uno", "face/one.py"),
        (
            "from ideas_lib import face\nprint(face)",
            "face/__init__.py face/one.py face/two.py low.py",
        ),
        ("from ideas_lib.static import A", "static/first.py"),
        ("from ideas_lib.busy.inner import C", "busy/__init__.py busy/inner.py"),
        ("from ideas_lib.lazy import L", "alone.py lazy.py"),
        ("from ideas_lib.files import ONE", "a.js face/one.py files.py page/a.css"),
        ("from ideas_lib.typed import T", "typed.py"),
        ("from ideas_lib import __version__", "__init__.py"),
        ("import numpy, ideas_library\nfrom ideas_lib.gone import X", ""),
        ("'from ideas_lib import low', 'ideas_lib.low', 'low'", ""),
    ],
)  # fmt: skip
def test_the_closure_is_what_is_loaded(package, source, expected):
    found = Checkout(package).loads(source)
    assert " ".join(name.removeprefix("ideas_lib/") for name in found) == expected


@pytest.mark.parametrize(
    ("source", "file", "counts"),
    [
        ("from ideas_lib.face import Two", "low.py", True),
        ("from ideas_lib.face import Two", "face/one.py", False),
        ("from ideas_lib.round import R", "about.py", True),
        ("from ideas_lib.about import S", "round.py", True),
        ("from ideas_lib.busy.inner import C", "busy/__init__.py", True),
        ("from ideas_lib.lazy import L", "alone.py", True),
        ("from ideas_lib.files import ONE", "a.js", True),
        ("from ideas_lib.files import ONE", "b.js", False),
        ("from ideas_lib.files import ONE", "page/a.css", True),
        ("from ideas_lib.files import ONE", "page/b.txt", False),
        ("from ideas_lib.files import ONE", "face/one.py", True),
        ("from ideas_lib.typed import T", "alone.py", False),
    ],
)
def test_a_key_follows_what_is_loaded_and_nothing_else(package, source, file, counts):
    before = code_key([source], package)
    path = package / "ideas_lib" / file
    if path.suffix == ".py":
        path.write_text(path.read_text() + "\n# a comment")
        assert code_key([source], package) == before
    path.write_text(path.read_text() + "\nmore = [1]")
    assert (code_key([source], package) != before) is counts


def test_a_new_file_that_a_pattern_takes_counts(package):
    before = code_key(["from ideas_lib.files import ONE"], package)
    (package / "ideas_lib/page/c.css").write_text("2")
    assert code_key(["from ideas_lib.files import ONE"], package) != before


def test_which_of_two_alike_is_meant_counts(package):
    (package / "ideas_lib/low.py").write_text("X = 1\nY = 2")
    (package / "ideas_lib/alone.py").write_text("X = 2\nY = 1")
    texts = ["from ideas_lib.low import X\nprint(X)", "from ideas_lib.alone import X\nprint(X)"]
    texts += ["from ideas_lib.low import Y\nprint(Y)", "from ideas_lib.low import X, Y\nprint(Y)"]
    assert len({code_key([text], package) for text in texts}) == 4


def test_members_of_a_circle_are_told_apart(package):
    texts = ["from ideas_lib.round import R", "from ideas_lib.about import S"]
    one, other = (code_key([text], package) for text in texts)
    assert one != other
    # The same two bodies, each in the other's place, are another program.
    round, about = (package / f"ideas_lib/{name}.py" for name in ("round", "about"))
    a, b = round.read_text(), about.read_text()
    round.write_text(b.replace("import round", "import about"))
    about.write_text(a.replace("about", "round"))
    assert code_key(texts[:1], package) not in (one, other)


def test_the_order_of_imports_and_the_names_they_are_given_do_not_count(package):
    texts = [
        "import os\nimport sys\nfrom ideas_lib.low import X, Z\nprint(X, Z)",
        "import sys\nfrom ideas_lib.low import Z\nimport os\n"
        "from ideas_lib.low import X\nprint(X, Z)",
        "import os, sys\nfrom ideas_lib import low\nprint(low.X, low.Z)",
        "import os, sys\nimport ideas_lib.low as ground\nprint(ground.X, ground.Z)",
    ]  # fmt: skip
    assert len({code_key([text], package) for text in texts}) == 1
    assert code_key([texts[0].replace("(X, Z)", "(Z, X)")], package) != code_key(texts[:1], package)


def test_a_scheme_stands_before_a_key():
    assert re.fullmatch(rf"{SCHEME}-[0-9a-f]{{16}}", code_key(["1"], ROOT))
    assert digest("ab", "c") != digest("a", "bc")


def test_a_module_that_cannot_be_read_is_named(package):
    (package / "ideas_lib/low.py").write_text("X = = 1")
    with pytest.raises(SyntaxError, match=r"ideas_lib/low\.py, line 1"):
        code_key(["from ideas_lib.face import Two"], package)


def test_what_makes_keys_is_no_part_of_them(tmp_path):
    for name in ("closure", "codekey", "other"):
        path = tmp_path / f"ideas_lib/study/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a = 1")
    text = "from ideas_lib.study.{0} import a\nprint(a)"
    before = {name: code_key([text.format(name)], tmp_path) for name in ("codekey", "other")}
    for name in before:
        (tmp_path / f"ideas_lib/study/{name}.py").write_text("a = 2")
    changed = {n for n in before if code_key([text.format(n)], tmp_path) != before[n]}
    assert changed == {"other"}


# The book itself ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what keys are made of."""
    top = tmp_path_factory.mktemp("book")
    ignore = shutil.ignore_patterns("__pycache__", ".*", "_build")
    for folder in (*PACKAGES, "chapters", "posts", "results"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, top / folder, ignore=ignore)
    shutil.copy(ROOT / "_toc.yml", top)
    return top


def keys(top: Path) -> dict[str, str]:
    """Return the key of every page and of every study."""
    checkout = Checkout(top)
    pages = {path.stem: components(_json(path), checkout)[0] for path in notebooks(top)}
    studies = (name for name in checkout.modules if name.count(".") == 1 and name[:8] == "studies.")
    return pages | {name: checkout.module_key(name) for name in studies}


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("file", "page"),
    [
        ("trees/tree_plot.py", "soft-trees"),
        ("trees/pen.py", "soft-trees"),
        ("trees/shape.py", "soft-trees"),
        ("lm/maps/viewer.js", "embeddings"),
        ("lm/maps/points.js", "embeddings"),
        ("programs/judge/harness/tester.py", "copilot"),
        ("programs/judge/harness/candidate.py", "copilot"),
        ("programs/sandbox/jail/inside.py", "copilot"),
    ],
)
def test_what_pages_once_missed_makes_page_and_study_stale(book, file, page):
    study, name = f"studies.{page.replace('-', '_')}", f"ideas_lib/{file}"
    (notebook,) = book.glob(f"chapters/*/{page}.ipynb")
    before, parts = keys(book), components(_json(notebook), Checkout(book))[1]
    path = book / name
    text = path.read_text()
    path.write_text(text + "\nlet_more = [1];\n")
    try:
        after, changed = keys(book), components(_json(notebook), Checkout(book))[1]
    finally:
        path.write_text(text)
    assert {part for part in parts if parts[part] != changed[part]} == {name}
    assert after[page] != before[page]
    checkout = Checkout(book)
    loaded = checkout.loads(checkout.modules[study].read_text())
    assert (after[study] != before[study]) is (name in loaded)


def test_a_rename_and_a_move_change_no_key(book):
    before = keys(book)
    library = book / "ideas_lib"
    moves = {
        "ideas_lib.formatting": "ideas_lib.figures.spelling",
        "ideas_lib.trees.preprocessing": "ideas_lib.datasets.rows",
    }
    for old, new in moves.items():
        path = book.joinpath(*new.split(".")).with_suffix(".py")
        book.joinpath(*old.split(".")).with_suffix(".py").rename(path)
    pages = [path for part in ("chapters", "posts") for path in (book / part).rglob("*.ipynb")]
    for path in [*library.rglob("*.py"), *(book / "studies").rglob("*.py"), *pages]:
        text = path.read_text()
        for old, new in moves.items():
            text = re.sub(rf"\b{re.escape(old)}\b", new, text)
        path.write_text(text)
    assert keys(book) == before
    assert before


# What no page and no study loads, and why that is no hole in their keys.
NOT_LOADED = {
    "cli.py": "the command line",
    "ideas.py": "says where an idea's files are; no number follows from it",
    "ideas.toml": "the rows of the front page, read at every build",
    "publish/": "makes pages of notebooks, at every build",
    "py.typed": "a marker",
    "__init__.py": "names alone: each leads to where it is at home",
    "study/": "keeps the books of a study: what it measures is in the study and what that imports",
    "_command.py": "a command of the command line",
    "lm/report/": "the report of `ideas logprobs`",
    "programs/copilot/magic.py": "`%%copilot`",
    "gpt/tasks/copying.py": "a task that no study has taken yet",
    "claims/prose.py": "what posts and tests read in an executed notebook",
    "lm/writer_options.py": "options of commands",
    "lm/maps/texts_table.py": "the tables that `ideas embed` reads",
    "lm/maps/long_texts.py": "what `ideas embed` does with texts above the window",
    "gpt/variants.py": "the tweaks by name, for tests",
    "programs/mutate": "for `ideas what-if`, whose study is to come",
    "programs/ambiguity/": "`ideas ambiguity`, whose study is to come",
    "programs/reference/": "`ideas reference`, beyond what its study measures",
    "programs/compilation/": "`ideas compile`, whose study is to come",
    "programs/dsl/": "`ideas dsl`, beyond what its study measures",
    "programs/what_if/": "`ideas what-if`, whose study is to come",
    "exercises/": "`ideas exercises`, whose study is to come",
    "lm/generate.py": "the record of what models said; studies pin it by its hash",
    "faces.py": "how `__init__` files are read; `study.syntax` reads them too",
}


def test_every_file_is_loaded_by_a_page_or_a_study_or_exempted():
    checkout = Checkout(ROOT)
    loaded: set[str] = set()
    for path in notebooks(ROOT):
        loaded |= set(components(_json(path), checkout)[1])
    for name, path in checkout.modules.items():
        if name.startswith("studies."):
            loaded |= set(checkout.loads(path.read_text()))
    files = [p for p in (ROOT / "ideas_lib").rglob("*") if p.is_file() and ".pyc" not in p.name]
    names = {path.relative_to(ROOT / "ideas_lib").as_posix() for path in files}
    missed = {
        name
        for name in names - {file.removeprefix("ideas_lib/") for file in loaded}
        if not any(name.startswith(rule) or name.endswith(rule) for rule in NOT_LOADED)
    }
    assert not missed, f"no page and no study loads {sorted(missed)}: delete them, or say why not"


def test_the_library_reads_its_files_and_imports_by_literals_alone():
    """What cannot be read off the code would be missed; the exceptions are listed."""
    known = {"faces.py", "gpt/variants.py", "programs/judge/harness/candidate.py"}
    known |= {f"programs/reference/inside/{name}.py" for name in ("following", "replaying")}
    known |= {f"programs/dsl/{name}.py" for name in ("harness/replay", "runtime/tree_running")}
    known.add("programs/what_if/harness/trial_worker.py")
    known.add("essays/boring_parts/limited.py")  # its process finds the library beside it
    found = set()
    for path in (ROOT / "ideas_lib").rglob("*.py"):
        name = path.relative_to(ROOT / "ideas_lib").as_posix()
        if syntax_of(path.read_text()).unread:
            found.add(name)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and any(map(_is_file, node.args)):
                if getattr(node.func, "id", "") not in ("resource", "resources"):
                    found.add(name)
    assert found <= known


def _is_file(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "__file__"


@pytest.mark.parametrize("path", [pytest.param(p, id=p.stem) for p in notebooks(ROOT)])
def test_a_notebook_names_what_it_loads(path):
    assert not unread(_json(path)), "give load_study and results.load a literal slug"
