"""`ideas dsl` writes a package that stands alone, and runs a corpus in the sandbox only."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from ideas_lib.cli import main
from ideas_lib.files import write_output
from ideas_lib.programs.dsl import package

ROOT = Path(__file__).parents[3]
FLAG = "p.add_argument('--{0}', action='store_true', help='be {0}')\n"
HEAD = "import argparse\np = argparse.ArgumentParser(description='{0}')\n"
SNIPPETS = {
    **{
        f"{word}.py": HEAD.format(word) + FLAG.format(word) + FLAG.format(word * 2)
        + "ns = p.parse_args([])\nprint(ns)\n"
        for word in ("fast", "loud", "dry")
    },
    "deep/shop.py": "from nowhere import Cart\nc = Cart()\n"
    "for x in c.items(2):\n    c.add(x, n=1)\nprint(hash(c.key(1)))\n",
    "bad.py": "print 'old'\n",
    "looped.py": "try:\n    pass\nfinally:\n    pass\n",
    # Hostile: it goes for the caller's files, the answers of others, and the end of it all.
    "hostile.py": "import os\nos.system('touch {mark}; kill -9 -1')\nopen('{mark}', 'w')\n",
    "forger.py": "import os\nos.write(1, '[]'.encode())\nos._exit(0)\n",
    "meddler.py": "f = open(3, 'w')\nprint('[[1]]', file=f, flush=True)\n",
    "varies.py": "import time\nprint(time.time_ns())\n",
}  # fmt: skip


@dataclass
class Made:
    """What came of one run on all snippets."""

    folder: Path
    code: int
    found: dict


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("dsl")
    for name, text in SNIPPETS.items():
        path = folder / "snippets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{mark}", str(folder / "mark")))
    argv = ["dsl", str(folder / "snippets"), "--name", "shop", "--out", str(folder / "out")]
    result = CliRunner().invoke(main, [*argv, "--json", "--call", "add_argument_store_true=flag"])
    assert result.exit_code in (0, 1), result.output
    return Made(folder, result.exit_code, json.loads(result.stdout))


def test_the_corpus_makes_the_same_calls(made: Made) -> None:
    check = made.found["check"]
    assert check["differ"] == []
    assert made.code == 0
    assert {"fast.py", "loud.py", "dry.py", "deep/shop.py"} <= set(check["same"])
    assert check["calls"] >= 18
    assert check["stand_ins"] == ["nowhere"]
    assert check["vary"] == ["varies.py"]


def test_hostile_programs_reach_nothing_and_forge_nothing(made: Made) -> None:
    assert not (made.folder / "mark").exists()
    assert "forger.py" in made.found["check"]["no_answer"]
    assert "meddler.py" in made.found["check"]["same"]  # both ways it finds nothing open there


def test_what_is_lost_has_its_reason(made: Made) -> None:
    refused = {each["program"]: each["reasons"] for each in made.found["refused"]}
    assert refused == {"looped.py": [{"reason": "`try`", "line": 1}]}
    assert [each["file"] for each in made.found["unread"]] == ["bad.py"]


ALONE = """
import sys
sys.path[:0] = [sys.argv[1]]
import shop
tree = shop.parse('flag $p "--x" "be x"')
assert shop.parse(shop.unparse(tree)) == tree
assert shop.python(tree) == "p.add_argument('--x', action='store_true', help='be x')\\n"
import argparse
p = argparse.ArgumentParser()
shop.run(tree, {"p": p})
assert p.parse_args(["--x"]).x is True
others = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(sorted(others - {"shop", "lark", "__main__"}))
"""


def test_the_package_needs_lark_alone(made: Made) -> None:
    argv = [sys.executable, "-c", ALONE, str(made.folder / "out")]
    env = {"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(argv, capture_output=True, text=True, cwd="/", env=env, check=False)
    assert done.returncode == 0, done.stderr
    allowed = {"sitecustomize", "regex", "cython_runtime"}
    names = set(json.loads(done.stdout.replace("'", '"')))
    names = {name for name in names - allowed if not name.startswith("__editable__")}
    assert not names - {"_distutils_hack", "pkg_resources"}, names


def test_the_package_holds_itself_to_its_table(made: Made) -> None:
    out = made.folder / "out"
    argv = [sys.executable, "-m", "unittest", "discover", "tests"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=out, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr
    page = (out / "manual.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(json.loads((out / "shop/constructs.json").read_text())) - 1
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_no_file_of_yours_is_replaced(made: Made) -> None:
    mine = made.folder / "other/README.md"
    mine.parent.mkdir()
    mine.write_text("mine")
    argv = ["dsl", str(made.folder / "snippets"), "--name", "shop", "--out", str(mine.parent)]
    result = CliRunner().invoke(main, [*argv, "--no-check"])
    assert result.exit_code == 2
    assert "README.md is there, and not as this tool wrote it" in result.output
    assert mine.read_text() == "mine"
    assert list(mine.parent.iterdir()) == [mine]


def test_a_run_that_was_stopped_half_way_is_mended_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (
        {f"shop/{name}.py": f"{name} = {number}\n" for name in "abc"} for number in (1, 2)
    )
    package.write_package(tmp_path, first)
    with monkeypatch.context() as patch:

        def write(path: Path, text: str, *, force: bool) -> None:
            if path.name == "b.py":
                raise KeyboardInterrupt
            write_output(path, text, force=force)

        patch.setattr(package, "write_output", write)
        with pytest.raises(KeyboardInterrupt):
            package.write_package(tmp_path, second)
    assert (tmp_path / "shop/a.py").read_text() == "a = 2\n"
    assert (tmp_path / "shop/b.py").read_text() == "b = 1\n"
    package.write_package(tmp_path, second)
    assert {name: (tmp_path / name).read_text() for name in second} == second


WRONG = [
    ("nowhere/", [], "nowhere is not there"),
    ("", [], "'' is empty: name a folder"),
    ("empty/", [], "empty has no .py file"),
    ("notes.txt", [], "notes.txt is no folder and no .py file"),
    ("bad.py", [], "bad.py cannot be read: no Python: line 1: Missing parentheses"),
    ("fast.py", ["--api", "numpy"], "imports 'numpy'"),
    ("varies.py", [], "nothing repeats"),
    ("deep", ["--name", "nowhere"], "which the package would hide"),
    ("dry.py", ["--name", "json"], "there is a module of that name"),
    ("deep", ["--name", "a-b"], "'a-b': it has to be a name"),
    ("deep", ["--name", "_a"], "'_a': it has to be a name"),
    ("looped.py", ["--call", "x"], "write WORD=NEW"),
    ("looped.py", ["--call", "x=y", "--call", "x=z"], "x has 'y' already"),
    ("", ["--out", ""], "'' is empty"),
    ("deep", ["--out", "deep/out"], "deep/out': it is in "),
    ("deep", ["--out", "notes.txt"], "notes.txt is no folder"),
    ("deep", ["--out", "/proc/nowhere/out"], "/proc/nowhere/out cannot be written"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: " ".join([case[0], *case[1]]))
def test_what_is_wrong_is_one_line_and_a_way_out(
    made: Made, case: tuple[str, list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    snippets = made.folder / "snippets"
    (snippets / "empty").mkdir(exist_ok=True)
    (snippets / "notes.txt").write_text("mine")
    monkeypatch.chdir(snippets)
    before = sorted(snippets.rglob("*"))
    result = CliRunner().invoke(main, ["dsl", case[0], "--no-check", *case[1]])
    assert result.exit_code == 2, result.output
    assert case[2] in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert sorted(snippets.rglob("*")) == before
    assert (snippets / "notes.txt").read_text() == "mine"
