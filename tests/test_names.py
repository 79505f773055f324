"""One word, one thing: the library's names, read from its files; nothing is imported."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "ideas_lib"
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
FACES = [name for name in MODULES if name.endswith("__init__.py")]
LONGEST = 300  # lines
# What somebody else looks for by this very name.
HOOKS = {
    "load_ipython_extension": "IPython, in an extension",
    "main": "a script or a command",
    "setup": "Sphinx, in an extension",
}
# What files of the same name have in common; each is that thing of its own package. A control may
# have the name of the idea that it is for.
SHARED = {
    "base.py": "what the members of a family share",
    "catalogue.py": "what has a name: models, ideas",
    "text.py": "text as the package takes it",
}


def syntax(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def public(tree: ast.Module) -> Iterator[str]:
    """The functions and classes at top level whose names have no underscore before."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.name.startswith("_"):
                yield node.name


def homes(tree: ast.Module) -> Mapping[str, list[str]]:
    """What a face maps: a submodule to its names; nothing where the package has no face."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "face":
            return ast.literal_eval(node.args[1])
    return {}


def bound(tree: ast.Module) -> set[str]:
    """All names that a module gives something to at top level."""
    found = set(public(tree))
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found | {name for names in homes(tree).values() for name in names}


def test_no_two_things_have_one_name():
    where = defaultdict(list)
    for module in MODULES:
        for name in public(syntax(module)):
            where[name].append(module)
    twice = {name: found for name, found in where.items() if len(found) > 1 and name not in HOOKS}
    assert twice == {}


def test_no_two_files_have_one_name_unless_they_are_one_thing():
    where = defaultdict(list)
    for module, path in MODULES.items():
        if module not in FACES and not module.startswith("gpt/controls/"):
            where[path.name].append(module)
    twice = {name: found for name, found in where.items() if len(found) > 1 and name not in SHARED}
    assert twice == {}


def test_no_exemption_has_outlived_its_reason():
    files = [path.name for path in MODULES.values()]
    assert [name for name in SHARED if files.count(name) < 2] == []


def test_no_file_is_too_long_to_read():
    lines = {name: path.read_text("utf-8").count("\n") for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


@pytest.mark.parametrize("name", FACES)
def test_an_init_file_is_a_face_and_nothing_else(name):
    for node in syntax(name).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        names = [ast.unparse(t) for t in node.targets] if isinstance(node, ast.Assign) else []
        given = names in (["__version__"], ["__all__"], ["(__getattr__, __dir__, __all__)"])
        imports = isinstance(node, ast.Import | ast.ImportFrom)
        assert docstring or given or imports, f"{name}:{node.lineno} {ast.unparse(node)}"


@pytest.mark.parametrize("name", FACES)
def test_a_face_names_what_there_is_and_hides_no_module(name):
    folder = MODULES[name].parent
    beside = {path.stem for path in folder.glob("*.py")}
    beside |= {path.parent.name for path in folder.glob("*/__init__.py")}
    for home, names in homes(syntax(name)).items():
        assert home in beside, f"{name} has no module {home}"
        assert not set(names) & beside, "importing a module would take the place of its namesake"
        file = folder / f"{home}.py"
        file = file if file.is_file() else folder / home / "__init__.py"
        there = bound(syntax(file.relative_to(PACKAGE).as_posix()))
        assert set(names) <= there, f"{home} has no {set(names) - there}"
