"""The page's ideas, and where what belongs to each of them lives: named once, and there."""

import re
from pathlib import Path, PurePosixPath

import nbformat
import pytest
import yaml

from ideas_lib.ideas import (
    IDEAS,
    PARTS,
    Idea,
    UnknownIdea,
    find_idea,
    module_name,
    notebooks_by_slug,
)
from ideas_lib.publish.fork.copies import Copies
from ideas_lib.study.closure import Checkout

TOP = Path(__file__).resolve().parents[1]
TESTED = [idea for idea in IDEAS if idea.notebook(TOP).is_file()]


def test_the_page_has_26_ideas_in_its_order() -> None:
    assert [idea.number for idea in IDEAS] == list(range(1, 27))
    assert len({idea.slug for idea in IDEAS}) == 26
    assert [*dict.fromkeys(idea.part for idea in IDEAS), "book"] == list(PARTS)


def test_slugs_are_slugs_titles_are_short_and_quotes_are_there() -> None:
    for idea in IDEAS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", idea.slug)
        assert 3 <= len(idea.title) <= 32
        assert len(idea.quote) >= 15


def test_posts_live_in_posts_and_all_else_in_a_chapter() -> None:
    paths = {idea.slug: idea.path for idea in IDEAS}
    assert paths["null-attention"] == "chapters/transformers/null-attention.ipynb"
    assert paths["soft-trees"] == "chapters/trees/soft-trees.ipynb"
    assert paths["low-value-work"] == "posts/low-value-work.ipynb"
    assert Idea("all-of-it", "book", "All of it").path == "chapters/book/all-of-it.ipynb"


def test_the_sidebar_has_the_names_of_the_parts() -> None:
    contents = yaml.safe_load((TOP / "_toc.yml").read_text(encoding="utf-8"))
    for part in contents["parts"]:
        names = [PurePosixPath(entry.get("file", "")) for entry in part["chapters"]]
        folders = {name.parts[-2] for name in names if name.parts[0] in ("chapters", "posts")}
        assert {PARTS[folder] for folder in folders} <= {part["caption"]}


@pytest.mark.parametrize("idea", TESTED, ids=lambda idea: idea.slug)
def test_what_belongs_to_an_idea_is_there(idea: Idea) -> None:
    assert idea.study(TOP).exists()
    assert idea.results(TOP).is_file()
    assert idea.code, "a fork of it would have no code of its own"
    assert all(path.exists() for path in idea.code_paths(TOP))
    assert idea.tests(TOP), "no test mirrors its code"


@pytest.mark.parametrize("idea", TESTED, ids=lambda idea: idea.slug)
def test_a_fork_sees_every_change_of_its_copy(idea: Idea) -> None:
    """Nothing that a fork shares with its original may use what the fork has a copy of."""
    checkout = Checkout(TOP)
    copies = Copies(idea, "nobodys-idea", TOP)
    own = set(copies.files.values())
    notebook = nbformat.read(idea.notebook(TOP), as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    texts = [*cells, *(path.read_text(encoding="utf-8") for path in own if path.suffix == ".py")]
    shared = [path for path in checkout.loads(*texts).values() if path not in own]
    shared = [path for path in shared if path.suffix == ".py" and path.name != "__init__.py"]
    for path in shared:
        found = filter(None, map(checkout.resolve, checkout.syntax(path).imports))
        names = {target.module for target, _ in found if checkout.modules[target.module] in own}
        assert not names, f"{path.relative_to(TOP)} uses the original's {names}"


@pytest.mark.parametrize("idea", TESTED, ids=lambda idea: idea.slug)
def test_the_copies_of_a_fork_are_files_of_their_own(idea: Idea) -> None:
    copies = Copies(idea, "nobodys-idea", TOP)
    assert len(set(copies.files.values())) == len(copies.files), "a file has two copies"
    targets = {*copies.files, *(TOP / "ideas_lib" / name for name in copies.code)}
    assert not any(path.exists() for path in targets)
    modules = [PurePosixPath(name).with_suffix("") for name in copies.code]
    assert len(modules) == len(set(modules)), "a module hides a package"


def test_what_is_no_idea_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownIdea, match="no idea 'nothing'"):
        find_idea("nothing", tmp_path)
    assert find_idea("causal-mask", tmp_path) == IDEAS[6]


def test_a_notebook_says_what_a_fork_is(tmp_path: Path) -> None:
    path = tmp_path / "chapters/trees/my-trees.ipynb"
    path.parent.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Hello\n# Mine")])
    notebook.metadata["ideas"] = {"forked_from": "soft-trees", "code": ["trees/my_trees"]}
    nbformat.write(notebook, path)
    assert notebooks_by_slug(tmp_path) == {"my-trees": path}
    found = find_idea("my-trees", tmp_path)
    assert found == Idea(
        "my-trees", "trees", "Mine", code=("trees/my_trees",), forked_from="soft-trees"
    )
    assert found.notebook(tmp_path) == path
    assert found.study(tmp_path) == tmp_path / "studies/my_trees.py"
    (tmp_path / "studies/my_trees").mkdir(parents=True)
    (tmp_path / "studies/my_trees/__init__.py").touch()
    assert found.study(tmp_path) == tmp_path / "studies/my_trees"
    assert found.code_paths(tmp_path) == (tmp_path / "ideas_lib/trees/my_trees",)
    assert found.tests(tmp_path) == ()
    assert module_name("my-trees") == "my_trees"
