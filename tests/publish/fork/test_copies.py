"""A fork has code of its own: changing the copy changes the fork, all of it, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.publish.fork.forking import ForkError, fork, unfork
from ideas_lib.publish.site import freshness

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = "chapters/trees/stump.ipynb"

# An idea with modules that import each other, through a face and not, a script that one of them
# reads, a folder, and a study with parts.
FILES = {
    "ideas_lib/trees/__init__.py": '''"""Trees."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__, {"leaves": ["Leaf"], "shared": ["double"], "stump": ["Stump"]}
)
''',
    "ideas_lib/trees/shared.py": '''"""What other ideas use as well."""


def double(value: float) -> float:
    """Return twice the value."""
    return 2 * value
''',
    "ideas_lib/trees/leaves.py": '''"""Leaves."""

from ideas_lib.resources import resource

GAIN = 3.0


class Leaf:
    """A leaf."""

    def grow(self) -> float:
        """Return its size, and the script's."""
        return GAIN + len(resource(__file__, "leaves.js").read_text())
''',
    "ideas_lib/trees/leaves.js": "12345",
    "ideas_lib/trees/stump.py": '''"""A stump, the idea."""

from ideas_lib.trees import Leaf, double


class Stump:
    """Two leaves."""

    def grow(self) -> float:
        """Return the size of it."""
        return double(Leaf().grow())
''',
    "ideas_lib/trees/tools/__init__.py": '"""Tools."""\n',
    "ideas_lib/trees/tools/saw.py": '''"""A saw."""

from ideas_lib.trees.tools import wood


def saw(size: float) -> float:
    """Return what is left."""
    return size - wood.DUST
''',
    "ideas_lib/trees/tools/wood.py": '"""Wood."""\n\nDUST = 1.0\n',
    "studies/stump/__init__.py": '''"""A study with parts."""

from ideas_lib.study import Experiment, Prediction, Study
from ideas_lib.trees import Stump, double
from studies.stump.apparatus import measured

SETTINGS = dict(times=1)


def measure(arm: str, seed: int) -> dict[str, float]:
    """Grow a stump."""
    size = Stump().grow() if arm == "stump" else double(0)
    return {"size": measured(size * SETTINGS["times"]) + seed / 10}


STUDY = Study(
    slug="stump",
    title="A stump",
    prediction=Prediction("more", "size", "stump", "none", margin=0.1),
    experiments=(Experiment("toy", ("none", "stump"), measure, seeds=(100, 101)),),
    reader=measure,
    reader_seeds=(0, 1),
)
''',
    "studies/stump/apparatus.py": '''"""The apparatus of one study."""

from ideas_lib.trees.tools.saw import saw


def measured(size: float) -> float:
    """Return the size without the dust."""
    return saw(size)
''',
}
CODE = ["trees/stump.py", "trees/leaves.py", "trees/tools"]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the idea above, and an essay that speaks of accuracy and of wider things."""
    top = tmp_path / "book"
    # With the bytecode, which holds while a file has its time, but for what is being written now.
    fields = shutil.ignore_patterns("*.pyc.*", "exercises", "gpt", "lm", "trees", "programs")
    shutil.copytree(REPOSITORY / "ideas_lib", top / "ideas_lib", ignore=fields)
    shutil.copy(REPOSITORY / "pyproject.toml", top)
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    cells = [
        new_markdown_cell("# A stump", id="title"),
        new_code_cell("from ideas_lib.trees import Leaf, Stump\n\nStump().grow(), Leaf().grow()"),
        new_code_cell('from ideas_lib.study import load_study\n\nload_study("stump").seal()'),
    ]
    write(top / PAGE, cells, {"code": CODE})
    cells = [new_code_cell('words = ["accuracy", "wider", "stump"]\nwords')]
    write(top / "posts/essay.ipynb", cells, {})
    pages = "".join(f"- file: {page}\n" for page in ("chapters/trees/stump", "posts/essay"))
    (top / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{pages}")
    monkeypatch.setenv("IDEAS_ROOT", str(top))
    monkeypatch.chdir(top)
    return top


def write(path: Path, cells: list[nbformat.NotebookNode], about: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=cells)
    notebook.metadata["ideas"] = about
    nbformat.write(notebook, path)


def sizes(book: Path) -> dict[str, list[object]]:
    """Return the size and the code key of both studies, as a fresh process has them."""
    code = """
import json
from ideas_lib.study import load_study
studies = {slug: load_study(slug) for slug in ("stump", "my-idea")}
print(json.dumps({n: [s.reader("stump", 0)["size"], s.code_key()] for n, s in studies.items()}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(book), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_fork_copies_what_is_the_ideas_own(book: Path) -> None:
    made = fork("stump", "my-idea")
    names = [path.relative_to(book).as_posix() for path in made]
    assert names == ["chapters/trees/my-idea.ipynb", "studies/my_idea", "ideas_lib/trees/my_idea"]
    files = {path.relative_to(book).as_posix() for path in book.rglob("my_idea/**/*.*")}
    assert files == {
        *("studies/my_idea/__init__.py", "studies/my_idea/apparatus.py"),
        *(f"ideas_lib/trees/my_idea/{name}" for name in ("__init__.py", "stump.py", "leaves.py")),
        "ideas_lib/trees/my_idea/leaves.js",
        *(f"ideas_lib/trees/my_idea/tools/{name}.py" for name in ("__init__", "saw", "wood")),
    }
    notebook = nbformat.read(made[0], as_version=4)
    assert notebook.metadata["ideas"]["code"] == ["trees/my_idea"]
    prose = next(cell.source for cell in notebook.cells if cell.id == "fork-ancestry")
    assert prose.endswith("Its own copy of the code: `ideas_lib/trees/my_idea`.")


def test_the_copies_use_each_other_and_what_is_shared(book: Path) -> None:
    made = fork("stump", "my-idea")
    study = (book / "studies/my_idea/__init__.py").read_text()
    assert "from ideas_lib.trees import double\n" in study
    assert "from ideas_lib.trees.my_idea.stump import Stump\n" in study
    assert "from studies.my_idea.apparatus import measured\n" in study
    apparatus = (book / "studies/my_idea/apparatus.py").read_text()
    assert "from ideas_lib.trees.my_idea.tools.saw import saw\n" in apparatus
    stump = (book / "ideas_lib/trees/my_idea/stump.py").read_text()
    assert "from ideas_lib.trees import double\n" in stump
    assert "from ideas_lib.trees.my_idea.leaves import Leaf\n" in stump
    saw = (book / "ideas_lib/trees/my_idea/tools/saw.py").read_text()
    assert "from ideas_lib.trees.my_idea.tools import wood\n" in saw
    code = [c.source for c in nbformat.read(made[0], as_version=4).cells if c.cell_type == "code"]
    assert code[2].startswith("from ideas_lib.trees.my_idea.leaves import Leaf\n")
    words = [sys.executable, "-m", "ruff"]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([*words, *command, *map(str, made)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "old", "new", "size"),
    [
        ("ideas_lib/trees/my_idea/leaves.py", "GAIN = 3.0", "GAIN = 4.0", 17.0),
        ("ideas_lib/trees/my_idea/leaves.js", "12345", "1234567", 19.0),
        ("ideas_lib/trees/my_idea/tools/wood.py", "DUST = 1.0", "DUST = 2.0", 14.0),
        ("studies/my_idea/apparatus.py", "saw(size)", "saw(size) + 5", 20.0),
    ],
)
def test_a_change_of_a_copy_changes_the_fork_alone(
    book: Path, name: str, old: str, new: str, size: float
) -> None:
    fork("stump", "my-idea")
    before = sizes(book)
    assert before["stump"][0] == before["my-idea"][0] == 15.0
    path = book / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    after = sizes(book)
    assert after["stump"] == before["stump"]
    assert after["my-idea"][0] == size
    assert after["my-idea"][1] != before["my-idea"][1]
    pages = {p.stem: freshness.key(p) for p in freshness.notebooks()}
    path.write_text(path.read_text().replace(new, old))
    assert {p.stem for p in freshness.notebooks() if freshness.key(p) != pages[p.stem]} == {
        "my-idea"
    }


@pytest.mark.parametrize("new", ["my-idea", "accuracy", "wider"])
def test_forking_and_unforking_change_no_other_page(book: Path, new: str) -> None:
    pages = {path: freshness.key(path) for path in freshness.notebooks()}
    assert len(pages) == 2
    fork("stump", new)
    assert {path: freshness.key(path) for path in pages} == pages
    (book / f"results/{new}.jsonl").parent.mkdir()
    (book / f"results/{new}.jsonl").write_text("{}\n")
    assert {path: freshness.key(path) for path in pages} == pages
    unfork(new)
    assert {path: freshness.key(path) for path in freshness.notebooks()} == pages


def test_a_fork_of_the_fork_copies_the_forks_code(book: Path) -> None:
    fork("stump", "my-idea")
    leaves = book / "ideas_lib/trees/my_idea/leaves.py"
    leaves.write_text(leaves.read_text().replace("GAIN = 3.0", "GAIN = 4.0"))
    made = fork("my-idea", "third")
    assert [path.relative_to(book).as_posix() for path in made] == [
        *("chapters/trees/third.ipynb", "studies/third", "ideas_lib/trees/third"),
    ]
    assert "GAIN = 4.0" in (book / "ideas_lib/trees/third/leaves.py").read_text()
    texts = [p.read_text() for p in (*made[1].rglob("*.py"), *made[2].rglob("*.py"))]
    assert not any("trees.my_idea" in text or "studies.my_idea" in text for text in texts)
    unfork("third")
    trash = unfork("my-idea")
    assert (trash / "ideas_lib/trees/my_idea/tools/wood.py").is_file()
    assert not [*book.glob("ideas_lib/**/my_idea*"), *book.glob("studies/my_idea*")]


@pytest.mark.parametrize("name", ["leaves", "tools", "shared"])
def test_a_fork_never_takes_the_name_of_a_module_beside_it(book: Path, name: str) -> None:
    with pytest.raises(ForkError, match=f"'{name}' is taken by ideas_lib/trees/{name}"):
        fork("stump", name)


def test_code_that_cannot_be_pointed_at_a_copy_is_named(book: Path) -> None:
    study = book / "studies/stump/apparatus.py"
    study.write_text("from ideas_lib import trees\n\nmeasured = trees.Stump\n")
    before = sorted(book.rglob("*"))
    words = "studies/stump/apparatus.py, line 3 uses ideas_lib.trees.Stump by its package"
    with pytest.raises(ForkError, match=words):
        fork("stump", "my-idea")
    assert sorted(book.rglob("*")) == before


def test_code_that_is_not_there_is_named(book: Path) -> None:
    (book / "ideas_lib/trees/leaves.py").unlink()
    with pytest.raises(ForkError, match=r"cannot be forked: .*leaves.py"):
        fork("stump", "my-idea")
    assert not [*book.rglob("my_idea*"), *book.rglob("my-idea*")]
