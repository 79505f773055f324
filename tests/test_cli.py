"""The command line: what it says, where it says it, and how it ends."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import click
import nbformat
import pytest
from click.testing import CliRunner, Result

from ideas_lib import __version__, results
from ideas_lib.cli import KEYS, _line, _table, main
from ideas_lib.publish.fork.commands import say, wants_colours
from ideas_lib.publish.fork.notebook import found_by
from ideas_lib.publish.site.catalogue import Row
from ideas_lib.publish.site.freshness import key

REPOSITORY = Path(__file__).resolve().parents[1]
TOY = "chapters/transformers/toy-idea.ipynb"
MINE = "chapters/transformers/my-idea.ipynb"
COMMANDS = (
    *("list", "run", "fork", "unfork", "post"),
    *("models", "serve-model", "logprobs", "embed", "copilot", "ambiguity", "reference", "dsl"),
    *("compile", "what-if", "exercises"),
)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the toy book with the library of this repository, less its fields."""
    top = tmp_path / "book"
    # With the bytecode, which holds while a file has its time, but for what is being written now.
    fields = shutil.ignore_patterns("*.pyc.*", "exercises", "gpt", "lm", "trees", "programs")
    shutil.copytree(REPOSITORY / "ideas_lib", top / "ideas_lib", ignore=fields)
    shutil.copytree(REPOSITORY / "tests" / "toybook", top, dirs_exist_ok=True)
    shutil.copy(REPOSITORY / "pyproject.toml", top)
    monkeypatch.delenv("IDEAS_ROOT", raising=False)
    monkeypatch.chdir(top)
    return top


def ideas(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def commit(what: str) -> None:
    """Commit all of the working directory, in a repository of its own."""
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", what]):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], check=True)


def test_help_teaches_every_command_by_example() -> None:
    top = ideas("--help")
    assert top.exit_code == 0
    assert all(re.search(rf"^  {name} ", top.output, re.M) for name in COMMANDS)
    assert set(main.commands) == set(COMMANDS)
    for name in COMMANDS:
        shown = ideas(name, "-h")
        assert shown.exit_code == 0
        examples = re.findall(rf"^    ideas {name}\b", shown.output, re.M)
        assert examples, f"ideas {name} --help has no example"


def test_every_option_says_what_it_does() -> None:
    for command in main.commands.values():
        for option in command.params:
            if isinstance(option, click.Option) and option.name not in ("backend", "flavor"):
                assert option.help, f"{command.name} {option.name}"
            assert not getattr(option, "prompt", None), "no command prompts"


def test_version() -> None:
    assert ideas("--version").output == f"ideas, version {__version__}\n"


def test_help_imports_nothing_that_is_slow_or_needs_an_extra() -> None:
    code = (
        "import sys; from ideas_lib.cli import main\n"
        "try: main(['fork', '--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'torch', 'numpy', 'pandas', 'scipy', 'matplotlib', 'nbformat', 'sphinx', 'yaml'}\n"
        "sys.exit(','.join(sorted(slow & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_list_json_has_exactly_the_keys_promised(book: Path) -> None:
    done = ideas("list", "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert all(tuple(row) == KEYS for row in rows)
    assert KEYS == ("slug", "title", "path", "verdict", "effect", "low", "high", "seeds", "fresh")
    null = next(row for row in rows if row["slug"] == "null-attention")
    assert null["path"] is None
    assert null["effect"] is None


def test_list_shows_a_fork_and_where_it_is(book: Path) -> None:
    assert ideas("fork", "toy-idea", "my-idea", "--no-run").exit_code == 0
    line = next(line for line in ideas("list").output.splitlines() if line.startswith("my-idea"))
    assert line.endswith(f"stale, {MINE}")
    assert "not yet tested" in line


def test_the_table_is_aligned_and_shows_effect_interval_and_freshness() -> None:
    rows = [
        Row("a", "A", "chapters/x/a.ipynb", "supported", 0.4212, 0.31, 0.5, 8, True),
        Row("bb-bb", "B", None),
        Row("c", "C", "posts/c.ipynb", "refuted", -0.0, -1234.5, 0.0, 12, False),
        Row("d", "D", None, "measured", 12.14, 11.4, 12.9, 40, unit="words"),
        Row("e", "E", None, "refuted", -0.2, -0.3, -0.1, 8, unit="points", shift=2),
    ]
    head, first, second, third, fourth, fifth = _table(rows).splitlines()
    assert first.split() == ["a", "supported", "+0.421", "[+0.31,", "+0.5]", "8", rows[0].path]
    assert second.split() == ["bb-bb", "not", "yet", "tested", "none", "yet"]
    assert third.endswith("12     stale, posts/c.ipynb")
    assert fourth.split()[1:6] == ["measured", "12.1", "words", "[11.4,", "12.9]"]
    assert fifth.split()[1:6] == ["refuted", "-20", "points", "[-30,", "-10]"]
    starts = [head.index("notebook"), first.index("chapters"), second.index("none")]
    assert len(set(starts)) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nothing"], "no idea 'nothing'; `ideas list` shows them all"),
        (["run", "toy-ide"], "did you mean 'toy-idea'?"),
        (["run", "absent.ipynb"], "no notebook absent.ipynb"),
        (["run", "null-attention"], "has no notebook yet"),
        (["run", "toy-idea", "--study", "--confirm"], "give one"),
        (["run", "toy-idea", "--study", "--backend", "dask"], "--address HOST:PORT go together"),
        (["run", "toy-idea", "--study", "--address", "x:1"], "--address HOST:PORT go together"),
        (["run", "toy-idea", "--jobs", "2"], "add --study"),
        (["run", "toy-idea", "--jobs", "0"], "0 is not in the range x>=1. See `ideas run --help`."),
        (["fork", "toy-idea"], "Missing argument 'NEW'. See `ideas fork --help`."),
        (["fork", "toy-idea", "../out"], "'../out' is not a slug"),
        (["fork", "toy-idea", "plain"], "'plain' is taken by chapters/trees/plain.ipynb"),
        (["fork", "toy-idea", "my-idea", "--set", "width=3"], "no setting 'width'"),
        (["unfork", "toy-idea"], "'toy-idea' is not a fork"),
        (["unfork", "nothing"], "no fork 'nothing'"),
        (["post", "absent.ipynb", "--out", "x"], "'absent.ipynb' does not exist"),
        (["post", TOY], "--check, --watch or --summarise. See `ideas post --help`."),
        (["post", TOY, "--summarise", "--check"], "leave out --check and --watch"),
        (["post", TOY, "--out", "x", "--model", "m"], "--model is for --summarise"),
        (["post", TOY, "--out", "x", "--flavor", "wiki"], "'wiki' is not one of 'myst', 'hugo'"),
        (["nonsense"], "No such command 'nonsense'"),
        (["list", "--jsn"], "No such option"),
    ],
)
def test_an_error_is_one_line_on_stderr_and_exit_code_2(
    book: Path, words: list[str], message: str
) -> None:
    done = ideas(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert re.fullmatch(r"Error: [^\n]+\n", done.stderr)


def test_outside_a_checkout_every_command_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("IDEAS_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    for words in (["list"], ["run", "x"], ["fork", "x", "y"], ["unfork", "x"]):
        done = ideas(*words)
        assert done.exit_code == 2
        assert "is not inside a checkout of the book" in done.stderr


def test_traceback_shows_the_error_itself(book: Path) -> None:
    done = ideas("--traceback", "unfork", "nothing")
    assert type(done.exception).__name__ == "ForkError"


def test_a_missing_extra_is_named_with_the_way_to_get_it() -> None:
    error = ModuleNotFoundError("No module named 'torch'", name="torch")
    assert _line(error) == "this needs torch, which is missing here: pip install '.[all]'"


def test_a_fork_that_fails_to_run_stands_and_says_how_to_go_on(book: Path) -> None:
    tweak = book / "ideas_lib/gpt/tweaks/toy_idea.py"
    tweak.write_text(tweak.read_text() + "\nraise RuntimeError('broken tweak')\n")
    done = ideas("fork", "toy-idea", "my-idea")
    assert done.exit_code == 2
    assert (book / MINE).is_file()
    assert "broken tweak" in done.stderr
    assert "`ideas unfork my-idea`" in done.stderr.splitlines()[-1]


def test_a_diff_is_coloured_unless_no_color_asks_for_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say("mine, a fork\n  0.1\n-old\n+new\n@@ 1 @@", colours=True)
    shown = capsys.readouterr().out
    assert shown == (
        "mine, a fork\n  0.1\n\x1b[31m-old\x1b[0m\n\x1b[32m+new\x1b[0m\n\x1b[36m@@ 1 @@\x1b[0m\n"
    )
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colours() is None, "click looks whether there is a terminal"
    monkeypatch.setenv("NO_COLOR", "1")
    assert wants_colours() is False
    say("+new", colours=wants_colours())
    assert capsys.readouterr().out == "+new\n"


def test_a_rehearsal_asks_for_a_study_and_shows_on_no_page(book: Path) -> None:
    for words, said in (
        (("--reduce", "0.5"), "--reduce scales a study down: add --study"),
        (("--study", "--reduce", "1.5"), "'--reduce'"),
    ):
        wrong = ideas("run", "plain", *words)
        assert wrong.exit_code == 2
        assert said in wrong.stderr
    done = ideas("run", "plain", "--study", "--reduce", "0.5", "--jobs", "1")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("plain, reduced to 0.5, no verdict: loss, plain minus none: ")
    assert not (book / "results").exists()


def test_a_study_runs_is_listed_and_is_confirmed(book: Path) -> None:
    early = ideas("run", "plain", "--study", "--jobs", "1")
    assert early.exit_code == 2
    assert "commit" in early.stderr, "a prediction that is not committed is no prediction"
    commit("the prediction")
    done = ideas("run", "plain", "--study", "--jobs", "1")
    assert done.exit_code == 0, done.stderr
    assert len((book / "results/plain.jsonl").read_text().splitlines()) == 4
    assert re.search(r"^plain: \w+: effect .* 95 % interval .* margin of 0\.10", done.stdout, re.M)
    again = ideas("run", "chapters/trees/plain.ipynb", "--confirm", "--jobs", "1")
    assert again.exit_code == 0, again.stderr
    assert "plain: 2 runs, one seed per arm, reproduced identically." in again.stdout


def test_a_study_runs_and_is_confirmed_before_it_has_a_notebook(book: Path) -> None:
    (book / "chapters/trees/plain.ipynb").unlink()
    commit("the prediction")
    done = ideas("run", "plain", "--study", "--jobs", "1")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        "measured: results/plain.jsonl\n"
        f"plain: {results.load('plain').finding().sentence()}\n"
        "plain has no notebook yet: write chapters/PART/plain.ipynb\n"
    )
    again = ideas("run", "plain", "--confirm", "--jobs", "1")
    assert again.exit_code == 0, again.stderr
    assert "reproduced identically" in again.stdout
    for words in (("run", "plain"), ("run", "tiny", "--study"), ("run", "../x", "--study")):
        wrong = ideas(*words)
        assert wrong.exit_code == 2
        assert f"no {'study' if '--study' in words else 'idea'} {words[1]!r}" in wrong.stderr


def test_the_study_that_contributing_shows_runs_as_it_stands_there(book: Path) -> None:
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^ *```python\n(.*?)^ *```$", page, re.M | re.S)
    (book / "studies/my_idea.py").write_text(textwrap.dedent(shown))
    commit("the prediction")
    done = ideas("run", "my-idea", "--study", "--jobs", "1")
    assert done.exit_code == 0, done.stderr
    assert len((book / "results/my-idea.jsonl").read_text().splitlines()) == 16


def test_results_that_are_damaged_are_one_line(book: Path) -> None:
    (book / "results").mkdir(exist_ok=True)
    for content in (b"[" * 200_000, b"\xff\xfe", b'{"study": "plain"}'):
        (book / "results/plain.jsonl").write_bytes(content)
        done = ideas("run", "plain", "--confirm")
        assert done.exit_code == 2
        assert done.stderr.startswith("Error: results/plain.jsonl, line 1")
        assert len(done.stderr.splitlines()) == 1


def test_post_writes_markdown(book: Path) -> None:
    done = ideas("post", "chapters/trees/plain.ipynb", "--flavor", "hugo", "--out", "blog")
    assert done.exit_code == 0, done.stderr
    written = list((book / "blog").rglob("*.md"))
    assert len(written) == 1
    assert written[0].read_text().startswith("---\n")
    words = ("post", "chapters/trees/plain.ipynb", "--flavor", "hugo", "--out", "blog")
    assert ideas(*words).exit_code == 0
    for mine in (written[0].read_text() + "a line of mine\n", "notes of mine\n"):
        written[0].write_text(mine)
        refused = ideas(*words)
        assert refused.exit_code == 2
        assert "--force" in refused.stderr
        assert written[0].read_text() == mine
    assert ideas(*words, "--force").exit_code == 0
    assert "mine" not in written[0].read_text()


def test_a_fork_from_a_terminal_in_a_subfolder_executes_alone_and_goes(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book / "chapters")
    others = [book / TOY, book / "chapters/trees/plain.ipynb"]
    keys = [key(path, book) for path in others]
    library = (book / "ideas_lib/ideas.toml").read_bytes()
    contents = (book / "_toc.yml").read_bytes()
    words = ("fork", "toy-idea", "my-idea", "--set", "heads=8")
    done = subprocess.run(
        [sys.executable, "-c", "from ideas_lib.cli import main; main()", *words],
        env=os.environ | {"PYTHONPATH": str(book), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert "forked toy-idea to my-idea:\n  transformers/my-idea.ipynb\n" in done.stdout
    assert re.search(r"^executed transformers/my-idea.ipynb in \d+ s$", done.stdout, re.M)
    assert "  fork minus original  +0.60  [+0.60, +0.60]  better\n" in done.stdout
    assert "\n-    heads=2," in done.stdout
    assert "\x1b" not in done.stdout, "colours are for terminals"

    assert [key(path, book) for path in others] == keys, "no other page is stale: none is executed"
    assert (book / "ideas_lib/ideas.toml").read_bytes() == library
    cells = nbformat.read(book / MINE, as_version=4).cells
    first, second = [cell for cell in cells if cell.cell_type == "code"][:2]
    (shown,) = (out.data for out in first.outputs)
    markdown = shown["text/markdown"]
    assert "**In my-idea, my-idea minus none is +0.80 in `score`: better.**" in markdown
    assert "| fork minus original | +0.60 | +0.60 to +0.60 | better |" in markdown
    assert "`heads`: 2 → 8" in markdown
    assert "Parameters: my-idea 200 → 800; none 200 → 800." in markdown
    assert "-    heads=2," in markdown
    assert found_by(book / MINE) == shown["text/plain"]
    assert "fork minus original  +0.60  [+0.60, +0.60]  better" in shown["text/plain"]
    (picture,) = second.outputs  # one alone: what a caption would be repeated for, Sphinx refuses
    assert "image/png" in picture.data
    assert "my-idea (fork)" in second.metadata["mystnb"]["image"]["alt"]

    fresh = {row["slug"]: row["fresh"] for row in json.loads(ideas("list", "--json").stdout)}
    assert fresh["my-idea"] is True
    gone = ideas("unfork", "my-idea")
    assert gone.exit_code == 0, gone.stderr
    assert "my-idea is out of the book" in gone.stdout
    assert (book / "_toc.yml").read_bytes() == contents
    assert not (book / MINE).exists()
