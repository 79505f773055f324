"""The study's simple rivals, and the halves that it learns from and writes."""

import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.programs.dsl.learning import compress, learn, total_size
from ideas_lib.programs.dsl.proposals import by_pairs
from ideas_lib.programs.dsl.runtime.construct_table import SyntaxNode
from ideas_lib.programs.dsl.snippet_reading import parse_python, read_programs
from ideas_lib.study.study import load_study

STUDY = load_study("dsl")
study, corpora, simple = (
    import_module(f"studies.dsl{part}") for part in ("", ".corpora", ".simple")
)
SOURCE = """\
import shop
shop.add(a, "x", price=1, tax=True)
shop.add(b, "y", price=2, tax=True)
shop.add(c, shop.part("z", 3), price=3, tax=False)
shop.open("main", mode=2)
shop.open("main", mode=2)
"""


def programs(source: str = SOURCE) -> list[tuple[SyntaxNode, ...]]:
    (found,) = read_programs(parse_python(source), "a.py")
    return [tuple(map(corpora.keyed, [piece])) for piece in found.pieces]


def shown(patterns: list[SyntaxNode]) -> list[str]:
    def text(node: SyntaxNode) -> str:
        if node.word in ("slot", "a text", "an int"):
            return f"_{node.parts[0]}" if node.word == "slot" else repr(node.parts[0])
        inner = ", ".join(map(text, node.children()))
        return f"{node.word.rpartition('.')[2]}({inner})" if inner else node.word

    return [text(each) for each in patterns]


def test_whole_expressions_are_those_that_are_there_twice_without_names() -> None:
    assert shown(simple.by_whole(programs(), 4)) == ["open('main', 2)"]


def test_calls_have_a_slot_for_each_value_and_usual_ones_keep_what_is_mostly_there() -> None:
    found = set(shown(simple.by_calls(programs(), 4)))
    assert found == {
        *("add(_0, _1, _2, _3)", "add(_0, _1, _2, true)"),
        *("part(_0, _1)", "part('z', 3)", "open(_0, _1)", "open('main', 2)"),
    }
    assert set(shown(simple.by_calls(programs(), 3))) == found - {"add(_0, _1, _2, _3)"}


def test_rivals_are_chosen_by_the_rule_that_chooses_what_is_learned() -> None:
    some = programs() * 3
    for by in (simple.by_both, by_pairs):
        made, written = learn(some, simple.nothing_more, most=3, arity=4, again=by)
        definitions = total_size(some) - total_size(written) - sum(each.saves for each in made)
        assert made
        assert definitions > 0, "what a definition costs is counted in"
        assert compress(some, made) == written


def test_nothing_is_chosen_where_nothing_is_proposed() -> None:
    assert learn(programs(), simple.nothing_more, again=simple.nothing_more)[0] == []


@pytest.fixture
def gathered(tmp_path: Path) -> Path:
    """Eight packages of two or three files, with a snippet or two in each."""
    some = programs()
    found = {
        name: [(file, some[(file + k) % 5]) for k in range(2) for file in range(2 + (name > "b"))]
        for name in "abcdefgh"
    }
    (path := tmp_path / "s.pickle").write_bytes(pickle.dumps(found | {"none": []}))
    return path


@pytest.mark.parametrize("by", ["strangers", "colleagues"])
def test_every_snippet_is_in_one_half(gathered: Path, by: str) -> None:
    halves = corpora.read_halves(gathered, 3, by)
    all_ = [each for some in pickle.loads(gathered.read_bytes()).values() for _, each in some]
    assert sorted(map(repr, halves.learn + halves.write)) == sorted(map(repr, all_))
    assert halves == corpora.read_halves(gathered, 3, by)


def test_strangers_share_no_package_and_colleagues_share_no_file(
    tmp_path: Path, gathered: Path
) -> None:
    found = {
        name: [(file, (SyntaxNode(f"{name} {file}"),)) for file in range(3) for _ in range(2)]
        for name in "abcdef"
    }
    (path := tmp_path / "marked.pickle").write_bytes(pickle.dumps(found))
    strangers, colleagues = (corpora.read_halves(path, 5, by) for by in study.KINDS)
    sides = [
        [{snippet[0].word for snippet in half} for half in (each.learn, each.write)]
        for each in (strangers, colleagues)
    ]
    assert not sides[0][0] & sides[0][1]
    assert not {word[0] for word in sides[0][0]} & {word[0] for word in sides[0][1]}
    assert strangers.packages == (3, 3)
    assert not sides[1][0] & sides[1][1]
    assert {word[0] for word in sides[1][0]} == set("abcdef") == {w[0] for w in sides[1][1]}
    assert colleagues.packages == (6, 6)


def test_a_snippet_is_the_largest_expression_with_something_of_the_module() -> None:
    own = corpora._api_words(import_module("json"), "json")
    source = "import json\nwith open(f) as g:\n    x = [json.dumps(a), 2]\n    y = JSON(1)\n"
    (found,) = read_programs(parse_python(source), "a.py")
    some = [s for piece in found.pieces for s in corpora._snippets(corpora.keyed(piece), own)]
    assert shown(some) == ["a list(dumps(a name), 2)"]
    assert own("method:raw_decode")
    assert not own("method:get")
    assert not own("function:jsonschema.validate")


def test_another_release_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, found in {"numpy": r"\d.*", "nobodys-package": "no release"}.items():
        monkeypatch.setattr(corpora, "PACKAGES", {name: (name, "0.1")})
        with pytest.raises(corpora.OtherRelease, match=f"{found} of {name} .*, and 0.1 is what"):
            corpora.gather("json", 2, tmp_path / "s.pickle")
    assert not list(tmp_path.iterdir())


def test_pilots_are_apart() -> None:
    assert all((seed < 100) == (api in corpora.PILOTS) for seed, api in corpora.APIS.items())
    assert [seed for seed in corpora.APIS if seed >= 100] == list(study.SEEDS)
    assert len(set(corpora.APIS.values())) == len(corpora.APIS)


def test_every_arm_writes_the_same(gathered: Path) -> None:
    found: dict[str, dict[str, Any]] = {
        arm: study.write_half(arm, 3, gathered, "strangers") for arm in study.ARMS
    }
    assert len({(each["tokens"], each["snippets"]) for each in found.values()}) == 1
    assert found[study.LEARNED]["saved, learned from"] > 0
    for each in found.values():
        assert len(each["saved by size"]) == len(study.SIZES)
        assert each["saved by size"][-1] == each["saved"]
