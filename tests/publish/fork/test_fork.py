"""Forks: everything or nothing, a name of one's own, and a way back that leaves no trace."""

import hashlib
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from ideas_lib.publish.fork import forking as module
from ideas_lib.publish.fork.differences import touched
from ideas_lib.publish.fork.forking import ForkError, fork, forks, notebook_of, unfork
from ideas_lib.publish.fork.settings import BadSettings, settings
from ideas_lib.publish.site.freshness import notebooks, state
from ideas_lib.study.study import load_study

REPOSITORY = Path(__file__).resolve().parents[3]
TOY = "chapters/transformers/toy-idea.ipynb"
MINE = "chapters/transformers/my-idea.ipynb"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the toy book with the library of this repository, less its fields."""
    top = tmp_path / "book"
    # With the bytecode, which holds while a file has its time, but for what is being written now.
    fields = shutil.ignore_patterns("*.pyc.*", "exercises", "gpt", "lm", "trees", "programs")
    shutil.copytree(REPOSITORY / "ideas_lib", top / "ideas_lib", ignore=fields)
    shutil.copytree(REPOSITORY / "tests" / "toybook", top, dirs_exist_ok=True)
    shutil.copy(REPOSITORY / "pyproject.toml", top)
    monkeypatch.setenv("IDEAS_ROOT", str(top))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.chdir(top)
    return top


def tree(top: Path) -> dict[str, str]:
    """Hash every file and name every folder, the trash apart."""
    return {
        path.relative_to(top).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        )
        for path in top.rglob("*")
        if ".trash" not in path.parts and "__pycache__" not in path.parts
    }


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


def test_a_fork_is_a_notebook_a_study_a_tweak_and_an_entry(book: Path) -> None:
    before = tree(book)
    made = fork("toy-idea", "my-idea", ["heads=8"])
    names = [path.relative_to(book).as_posix() for path in made]
    assert names == [MINE, "studies/my_idea.py", "ideas_lib/gpt/tweaks/my_idea.py"]
    after = tree(book)
    assert {name for name in after if before.get(name) != after[name]} == {*names, "_toc.yml"}
    assert notebooks(book) == [book / TOY, book / MINE, book / "chapters/trees/plain.ipynb"]
    contents = (book / "_toc.yml").read_text().splitlines()
    original = (REPOSITORY / "tests/toybook/_toc.yml").read_text().splitlines()
    added = contents.index("      - file: chapters/transformers/my-idea")
    assert contents[:added] + contents[added + 1 :] == original
    assert contents[added - 1].strip() == 'title: "A toy"'


def test_the_study_is_renamed_and_set_and_nothing_else(book: Path) -> None:
    fork("toy-idea", "my-idea", ["heads=8", "name=layer"])
    old = (book / "studies/toy_idea.py").read_text().splitlines()
    new = (book / "studies/my_idea.py").read_text().splitlines()
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert ("heads=2", "heads=8") in [(a[4:11], b[4:11]) for a, b in changed]
    assert all(a.partition("#")[2] == b.partition("#")[2] for a, b in changed), "comments stay"
    assert ('    name="rms",', '    name="layer",') in changed
    assert all("toy" in a or "heads" in a or "name" in a for a, _ in changed)
    assert settings("\n".join(new))["heads"] == 8


def test_the_notebook_keeps_what_is_general_and_drops_the_originals_results(book: Path) -> None:
    fork("toy-idea", "my-idea", ["heads=8"])
    original, mine = cells(book / TOY), cells(book / MINE)
    ids = [cell.id for cell in mine]
    assert ids == ["title", "fork-compare", "fork-figure", "fork-ancestry", "idea", "code", "live"]
    by_id = dict(zip(ids, mine, strict=True))
    assert by_id["title"].source == "# A toy idea: fork my-idea"
    assert "[A toy idea](toy-idea.ipynb)" in by_id["fork-ancestry"].source
    assert "`heads` set to 8 (it was 2)" in by_id["fork-ancestry"].source
    assert 'load_study("my-idea")' in by_id["code"].source
    assert "import my_idea as toy_idea" in by_id["code"].source
    assert 'compare_fork("my-idea", "toy-idea")' in by_id["fork-compare"].source
    code = [cell for cell in mine if cell.cell_type == "code"]
    assert all(cell.execution_count is None and not cell.outputs for cell in code)
    assert any(cell.get("outputs") for cell in original), "the original shows something to drop"
    nbformat.validate(nbformat.read(book / MINE, as_version=4))


def test_a_fork_passes_the_checks_on_style_whatever_its_name(book: Path) -> None:
    study = book / "studies/toy_idea.py"
    study.write_text(study.read_text().partition("\n")[2])  # without its noqa
    new = "-".join(["abcd"] * 8)
    made = fork("toy-idea", new, ["name=layer"])
    for command in (["check"], ["format", "--check", "--diff"]):
        words = [sys.executable, "-m", "ruff", *command, *map(str, made)]
        done = subprocess.run(words, capture_output=True, text=True, cwd=book)
        assert done.returncode == 0, done.stdout


PAGES = [*REPOSITORY.glob("chapters/*/*.ipynb"), *REPOSITORY.glob("posts/*.ipynb")]


@pytest.mark.parametrize("slug", sorted(path.stem for path in PAGES))
def test_every_chapter_and_essay_of_the_book_can_be_forked_in_good_style(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("chapters", "posts", "studies", "ideas_lib"):
        shutil.copytree(
            REPOSITORY / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("_toc.yml", "_config.yml", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    made = fork(slug, "a-fork-of-it")
    for command in (["check"], ["format", "--check", "--diff"]):
        words = [sys.executable, "-m", "ruff", *command, *map(str, made)]
        done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout


def test_labels_are_the_forks_own(book: Path) -> None:
    fork("toy-idea", "my-idea")
    source = next(cell.source for cell in cells(book / MINE) if cell.id == "idea")
    assert source == (
        "## The idea\n\n(my-idea-toy-target)=\nMore heads, see {ref}`my-idea-toy-target` and"
        " [there](#my-idea-toy-target).\n\n$$ a = b $$ (my-idea-toy-equation)\n\n"
        "Equation {eq}`my-idea-toy-equation`; the word toy-target stays."
    )


def test_metadata_records_ancestry_and_no_execution_and_no_post(book: Path) -> None:
    fork("toy-idea", "my-idea", ["heads=8", "shape=(3, 4)"])
    metadata = nbformat.read(book / MINE, as_version=4).metadata
    assert metadata["ideas"] == {
        "slug": "my-idea",
        "forked_from": "toy-idea",
        "set": {"heads": 8, "shape": [3, 4]},
        "code": ["gpt/tweaks/my_idea.py"],
    }
    assert not {"blogpost", "date", "tags"} & set(metadata)
    assert state(book / MINE) == "never executed"
    assert forks() == {"my-idea": "toy-idea"}


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("toy-idea", "taken by chapters/transformers/toy-idea.ipynb"),
        ("plain", "taken by chapters/trees/plain.ipynb"),
        ("null-attention", "is an idea of the book"),
        ("an-essay", "taken by posts/an-essay.md"),
        ("lone-study", "taken by studies/lone_study.py"),
        ("lone-tweak", "taken by ideas_lib/gpt/tweaks/lone_tweak.py"),
        ("lone-result", "taken by results/lone-result.jsonl"),
        ("lone-work", "taken by .work/lone-work"),
        ("dangling", "taken by studies/dangling.py"),
        ("My-Idea", "not a slug"),
        ("my_idea", "not a slug"),
        ("my idea", "not a slug"),
        ("-my-idea", "not a slug"),
        ("my--idea", "not a slug"),
        ("2-ideas", "not a slug"),
        ("", "not a slug"),
        ("my-idea\n", "not a slug"),
        ("idée", "not a slug"),
        ("../escape", "not a slug"),
        ("a/b", "not a slug"),
        ("/tmp/escape", "not a slug"),
        ("x" * 41, "41 characters"),
        ("class", "Python's own"),
        ("match", "Python's own"),
        ("random", "Python's own"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    book: Path, new: str, words: str
) -> None:
    for name in (
        *("posts/an-essay.md", "studies/lone_study.py", "results/lone-result.jsonl"),
        *("ideas_lib/gpt/tweaks/lone_tweak.py", ".work/lone-work/run.json"),
    ):
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).write_text("")
    (book / "studies/dangling.py").symlink_to("nowhere.py")
    before = tree(book.parent)
    with pytest.raises(ForkError, match=words):
        fork("toy-idea", new)
    assert tree(book.parent) == before


@pytest.mark.parametrize(
    ("slug", "changes", "words"),
    [
        ("toy-ideas", [], r"no idea 'toy-ideas' \(did you mean 'toy-idea'\?\)"),
        ("null-attention", [], "has no notebook yet"),
        (TOY, [], "by its slug, 'toy-idea'"),
        ("../toy-idea", [], "no idea"),
        ("toy-idea", ["width=3"], "no setting 'width'; this study has heads=2"),
        ("toy-idea", ["heads=eight"], "type str"),
    ],
)
def test_what_cannot_be_forked_is_refused_and_nothing_is_written(
    book: Path, slug: str, changes: list[str], words: str
) -> None:
    before = tree(book)
    with pytest.raises((ForkError, BadSettings), match=words):
        fork(slug, "my-idea", changes)
    assert tree(book) == before


@pytest.mark.parametrize("broken", ["study", "cell", "contents", "slug"])
def test_a_broken_original_is_refused_by_name_and_nothing_is_written(
    book: Path, broken: str
) -> None:
    if broken == "study":
        (book / "studies/toy_idea.py").unlink()
    elif broken == "cell":
        (book / TOY).write_text((book / TOY).read_text().replace("study.slug,", "study.slug,,"))
    elif broken == "contents":
        (book / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    else:
        study = book / "studies/toy_idea.py"
        study.write_text(study.read_text().replace('"toy-idea"', '"toy-" + "idea"'))
    before = tree(book)
    words = {"study": "no study", "cell": "not Python", "contents": "_toc.yml", "slug": "its slug"}
    with pytest.raises((ForkError, LookupError), match=words[broken]):
        fork("toy-idea", "my-idea")
    assert tree(book) == before


@pytest.mark.parametrize("fault", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["fork", "unfork"])
def test_a_failure_half_way_leaves_nothing(
    book: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: BaseException
) -> None:
    if name == "unfork":
        fork("toy-idea", "my-idea")
    before = tree(book)

    def fail(path: Path, text: str) -> None:
        raise fault

    monkeypatch.setattr(module, "_replace", fail)
    with pytest.raises(type(fault)):
        fork("toy-idea", "my-idea") if name == "fork" else unfork("my-idea")
    assert tree(book) == before


def test_a_file_that_appears_meanwhile_is_never_overwritten(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_check_name", lambda new: None)
    (book / "ideas_lib/gpt/tweaks/my_idea.py").write_text("mine = 1\n")
    before = tree(book)
    with pytest.raises(FileExistsError):
        fork("toy-idea", "my-idea")
    assert tree(book) == before


@pytest.mark.parametrize("slug", ["toy-idea", "plain"])
def test_unfork_takes_everything_out_and_keeps_it_in_the_trash(book: Path, slug: str) -> None:
    before = tree(book)
    made = fork(slug, "my-idea")
    for name in (
        *("results/my-idea.jsonl", "results/my-idea.confirmed.json", ".work/my-idea/a.json"),
        f"_build/html/{made[0].parent.relative_to(book)}/my-idea.html",
    ):
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).write_text("x")
    trash = unfork("my-idea")
    assert trash.parent == book / ".trash"
    kept = {path.relative_to(trash).as_posix() for path in trash.rglob("*") if path.is_file()}
    assert {path.relative_to(book).as_posix() for path in made} < kept
    assert {"results/my-idea.jsonl", ".work/my-idea/a.json"} < kept
    assert {name: what for name, what in tree(book).items() if what != "folder"} == {
        name: what for name, what in before.items() if what != "folder"
    }
    fork(slug, "my-idea")  # the name is free again
    assert unfork("my-idea") != trash


def test_a_fork_of_a_fork_descends_from_the_fork(book: Path) -> None:
    before = tree(book)
    fork("toy-idea", "my-idea", ["heads=8"])
    between = tree(book)
    fork("my-idea", "mine", ["rate=1"])
    source = (book / "studies/mine.py").read_text()
    assert settings(source)["heads"] == 8
    assert settings(source)["rate"] == 1.0
    assert 'slug="mine"' in source
    assert "ideas_lib.gpt.tweaks.mine import" in source
    path = book / "chapters/transformers/mine.ipynb"
    mine = {cell.id: cell.source for cell in cells(path)}
    assert mine["title"] == "# A toy idea: fork mine"
    assert "(my-idea.ipynb)" in mine["fork-ancestry"]
    assert "heads" not in mine["fork-ancestry"]
    assert mine["fork-compare"].endswith('compare_fork("mine", "my-idea")\ncomparison')
    assert len(mine) == len(cells(path)) == len(cells(book / MINE))
    assert "(mine-my-idea-toy-target)=" in mine["idea"]
    assert forks() == {"mine": "my-idea", "my-idea": "toy-idea"}
    with pytest.raises(ForkError, match="forks of its own: take out mine first"):
        unfork("my-idea")
    unfork("mine")
    assert tree(book) == between
    unfork("my-idea")
    assert tree(book) == before


@pytest.mark.parametrize(
    ("slug", "words"),
    [("toy-idea", "not a fork"), ("nothing", "no fork"), ("../x", "no fork"), ("", "no fork")],
)
def test_only_forks_are_taken_out(book: Path, slug: str, words: str) -> None:
    before = tree(book)
    with pytest.raises(ForkError, match=words):
        unfork(slug)
    assert tree(book) == before


def test_unfork_keeps_pages_listed_below_the_fork(book: Path) -> None:
    fork("plain", "mine")
    contents = book / "_toc.yml"
    contents.write_text(contents.read_text() + "\n      sections:\n      - file: index\n")
    before = tree(book)
    with pytest.raises(LookupError, match="pages below"):
        unfork("mine")
    assert tree(book) == before


def test_a_one_word_slug_is_renamed_where_it_names_the_study(book: Path) -> None:
    fork("plain", "mine")
    assert load_study("mine").prediction.idea == "plain"
    sources = [cell.source for cell in cells(book / "chapters/trees/mine.ipynb")]
    assert any(source.endswith('load_study("mine").title, "plain"') for source in sources)


def test_notebook_of_takes_slugs_and_paths_in_the_checkout(book: Path, tmp_path: Path) -> None:
    assert notebook_of("toy-idea") == notebook_of(TOY) == book / TOY
    (tmp_path / "out.ipynb").write_text("{}")
    with pytest.raises(ForkError, match="outside the checkout"):
        notebook_of(str(tmp_path / "out.ipynb"))
    with pytest.raises(ForkError, match="no notebook absent.ipynb"):
        notebook_of("absent.ipynb")


def test_what_is_true_of_the_original_alone_goes_and_figures_get_names_of_their_own(
    book: Path,
) -> None:
    page = nbformat.read(book / TOY, as_version=4)
    by_id = {cell.id: cell for cell in page.cells}
    by_id["code"].metadata["mystnb"] = {"figure": {"name": "fig-toy-idea-1", "caption": "x"}}
    by_id["idea"].source += "\n\nSee {numref}`fig-toy-idea-1`."
    told = new_markdown_cell("It was sealed.", metadata={"tags": ["original-only"]})
    page.cells.append(told)
    nbformat.write(page, book / TOY)
    fork("toy-idea", "my-idea")
    mine = {cell.id: cell for cell in cells(book / MINE)}
    assert told.id not in mine
    name = mine["code"].metadata["mystnb"]["figure"]["name"]
    assert name == "my-idea-fig-toy-idea-1"
    assert f"{{numref}}`{name}`" in mine["idea"].source


def test_a_control_that_is_built_on_what_changed_is_said(book: Path) -> None:
    tweaks = book / "ideas_lib/gpt/tweaks"
    (tweaks / "toy_control.py").write_text(
        "from ideas_lib.gpt.tweaks.toy_idea import ToyIdea\n\nCONTROL = ToyIdea\n"
    )
    copies = ("gpt/tweaks/toy_idea.py", "gpt/tweaks/toy_control.py")
    page = nbformat.read(book / TOY, as_version=4)
    page.metadata.setdefault("ideas", {})["code"] = list(copies)
    nbformat.write(page, book / TOY)
    fork("toy-idea", "my-idea")
    assert touched("my-idea", "toy-idea") == ()
    tweak = tweaks / "my_idea/toy_idea.py"
    tweak.write_text(tweak.read_text() + "# a comment\n")
    assert touched("my-idea", "toy-idea") == (), "a comment changes nothing"
    tweak.write_text(tweak.read_text() + "MORE = 1\n")
    (said,) = touched("my-idea", "toy-idea")
    assert said.startswith("`ideas_lib/gpt/tweaks/my_idea/toy_control.py` loads `ideas_lib/gpt/")


def test_a_kill_half_way_leaves_nothing(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(book)
    monkeypatch.setattr(module, "_replace", lambda *_: signal.raise_signal(signal.SIGTERM))
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit):
        fork("toy-idea", "my-idea")
    assert tree(book) == before
    assert signal.getsignal(signal.SIGTERM) is handler


def test_a_name_that_cannot_be_comes_back_as_one_that_can(book: Path) -> None:
    names = {
        "My Idea": "as my-idea is",
        "2nd_try!": "as nd-try is",
        "...": "as my-idea is",
        "abcd-" * 9 + "x": f"take a shorter one, as {'-'.join(['abcd'] * 8)} is",
        "x" * 41: f"take a shorter one, as {'x' * 40} is",
    }
    for name, way in names.items():
        with pytest.raises(ForkError, match=re.escape(way)):
            fork("toy-idea", name)
    fork("toy-idea", "my-idea")
    with pytest.raises(ForkError, match="or free it with `ideas unfork my-idea`"):
        fork("toy-idea", "my-idea")
