from pathlib import Path
from textwrap import dedent

import pytest

from ideas_lib.study.codekey import closure, code_key, digest, imports_of, module_hash, source_hash

ROOT = Path(__file__).parents[2]
SOURCE = dedent('''
    """A module."""
    import math

    class Thing:
        """A thing."""

        def size(self, x: float = 1.0) -> float:
            """Its size."""
            return math.sqrt(x)  # a comment
''')


@pytest.mark.parametrize(
    "same",
    [
        SOURCE.replace("# a comment", "# another"),
        SOURCE.replace('"""A thing."""', '"""Another."""'),
        SOURCE.replace('"""Its size."""', ""),
        SOURCE.replace("x: float = 1.0", "\n            x : float=1.0,\n        "),
        SOURCE.replace("import math\n", "import math\n\n\n\n"),
        SOURCE.replace("'", '"'),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(same):
    assert source_hash(same) == source_hash(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sqrt", "exp"),
        ("1.0", "2.0"),
        ("1.0", "1"),
        ("size", "sizes"),
        (" -> float", ""),
        ("class Thing:", "class Thing(object):"),
        ("return math", "math"),
        ("    def", "    @staticmethod\n    def"),
        ("import math", "import math as math"),
        ("import math", "x = 'A module.'"),
    ],
)
def test_code_counts(old, new):
    assert old in SOURCE
    assert source_hash(SOURCE.replace(old, new)) != source_hash(SOURCE)


def test_a_string_that_is_no_docstring_counts():
    assert source_hash("x = 1\n'a'") != source_hash("x = 1\n'b'")
    assert source_hash("def f():\n    x = 1\n    'a'") != source_hash(
        "def f():\n    x = 1\n    'b'"
    )
    assert source_hash("def f():\n    'a'") == source_hash("def f():\n    pass")


def test_a_key_is_the_same_in_every_version_of_python():
    # What a version adds, such as type_params, is empty where it is not used, and left out.
    assert source_hash("def f(a, /, b=1, *, c): return a") == digest(
        "Module(body=[FunctionDef(name='f',args=arguments(posonlyargs=[arg(arg='a')],"
        "args=[arg(arg='b')],kwonlyargs=[arg(arg='c')],kw_defaults=[None],"
        "defaults=[Constant(value=1)]),body=[Return(value=Name(id='a',ctx=Load()))])])"
    )


def test_parts_of_a_digest_are_kept_apart():
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert len(digest()) == 16


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import ideas_lib", {"ideas_lib"}),
        ("import ideas_lib.gpt.train as t, os", {"ideas_lib.gpt.train"}),
        (
            "from ideas_lib import root, study",
            {"ideas_lib", "ideas_lib.study.checkout", "ideas_lib.study.study"},
        ),
        (
            "def f():\n    from ideas_lib.root import root",
            {"ideas_lib.study.checkout", "ideas_lib.study.checkout.root"},
        ),
        ("if x:\n    import ideas_lib.root", {"ideas_lib.study.checkout"}),
        ("import ideas_library, numpy\nfrom os import path", set()),
        ("from . import root", set()),
        ("'import ideas_lib'", set()),
    ],
)
def test_imports_are_found_wherever_they_stand(source, names):
    assert imports_of(source) == names


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Make a package of modules that import each other."""
    modules = {
        "__init__": "",
        "low": "X = 1",
        "middle": "from ideas_lib.low import X",
        "alone": "Y = 1",
        "round": "import ideas_lib.about",
        "about": "import ideas_lib.round",
        "deep/__init__": "from ideas_lib.deep.first import A",
        "deep/first": "A = 1",
        "deep/second": "def f():\n    from ideas_lib import middle",
    }
    for name, text in modules.items():
        path = tmp_path / f"ideas_lib/{name}.py"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return tmp_path


def names(found: dict[str, Path]) -> str:
    return " ".join(name.removeprefix("ideas_lib") for name in found)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("ideas_lib.low", " .low"),
        ("ideas_lib.middle", " .low .middle"),
        ("ideas_lib.round", " .about .round"),
        ("ideas_lib.deep.second", " .deep .deep.first .deep.second .low .middle"),
        ("ideas_lib.low.X", ""),
        ("numpy", ""),
    ],
)
def test_the_closure_is_all_that_an_import_runs(package, module, expected):
    assert names(closure([module], package)) == expected


def test_the_closure_names_the_files(package):
    assert closure(["ideas_lib.deep"], package) == {
        "ideas_lib": package / "ideas_lib/__init__.py",
        "ideas_lib.deep": package / "ideas_lib/deep/__init__.py",
        "ideas_lib.deep.first": package / "ideas_lib/deep/first.py",
    }


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("low", True),
        ("middle", True),
        ("deep/first", True),  # its parent package imports it
        ("deep/second", True),
        ("__init__", True),
        ("alone", False),
        ("about", False),
    ],
)
def test_a_key_follows_every_module_that_a_source_imports_and_no_other(package, changed, counts):
    sources = ["from ideas_lib.deep.second import f"]
    before = code_key(sources, package)
    path = package / f"ideas_lib/{changed}.py"
    path.write_text(path.read_text() + "\n# a comment")
    assert code_key(sources, package) == before
    path.write_text(path.read_text() + "\nmore = 1")
    assert (code_key(sources, package) != before) is counts


def test_a_module_that_moves_changes_the_key(package):
    sources = ["from ideas_lib import low, alone"]
    before = code_key(sources, package)
    (package / "ideas_lib/low.py").write_text("Y = 1")
    (package / "ideas_lib/alone.py").write_text("X = 1")
    assert code_key(sources, package) != before


def test_the_books_own_modules_are_found_with_their_parents():
    found = closure(["ideas_lib.gpt.model"], ROOT)
    assert {"ideas_lib", "ideas_lib.gpt", "ideas_lib.gpt.model"} <= set(found)
    assert module_hash(found["ideas_lib.gpt.model"]) == source_hash(
        (ROOT / "ideas_lib/gpt/model.py").read_text()
    )
    assert "ideas_lib.cli" not in found
