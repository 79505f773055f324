"""What the study takes from real code, what it may look at, and what it learns from whom."""

import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.programs.reference.call_place import place_of
from ideas_lib.programs.reference.parameter_fits import Callers
from ideas_lib.study.study import load_study

STUDY = load_study("reference")
study, calls, examples, packages, ranking = (
    import_module(f"studies.reference{part}")
    for part in ("", ".calls", ".examples", ".packages", ".ranking")
)
SOURCE = '''\
import json
import subprocess as sp
from dataclasses import field


def run(words, timeout, check):
    """Run it."""
    found = sp.run(
        words, 3,
        timeout=timeout, check=[late for late in words],
    )
    after = json.dumps(found, *words, indent=2)
    json.dumps(after, **found)
    print(json.JSONEncoder(indent=2).encode(o=after), field(default=after))
    return open(words[0], encoding="utf-8"), json.dumps(after)
'''


def found() -> dict[str, Any]:
    return {call.symbol: call for call in calls.read_text(SOURCE)}


def test_calls_are_those_that_name_something_and_unpack_nothing() -> None:
    assert {symbol: call.named for symbol, call in found().items()} == {
        "subprocess.run": ("timeout", "check"),
        "json.JSONEncoder": ("indent",),
        "dataclasses.field": ("default",),
        "builtins.open": ("encoding",),
    }
    assert list(calls.read_text("def f(:")) == []


def test_a_call_is_looked_at_with_nothing_behind_its_first_keyword() -> None:
    place = calls.place_before(SOURCE, found()["subprocess.run"])
    assert place.written == "sp.run"
    assert [each.text for each in place.passed] == ["words", "3"]
    assert "timeout=" not in place.source
    assert "late" not in place.source
    assert calls.FileScope(place.tree, place.line).names() == ["words", "timeout", "check", "run"]
    assert {"words", "timeout", "check"} <= found()["subprocess.run"].words
    assert "late" not in found()["subprocess.run"].words


def told(*names: str) -> dict[str, Any]:
    rows = [
        {"name": name, "kind": "any", "required": False, "default": "0", "hint": ""}
        for name in names
    ]
    return {"parameters": rows, "doc": ""}


def call_of(named: tuple[str, ...], words: str = "") -> Any:
    return calls.FoundCall("m.f", "p", "a.py", 1, 0, named, frozenset(words.split()))


def placed(text: str, named: tuple[str, ...], near: tuple[str, ...] = ()) -> Any:
    return calls.PlacedCall(call_of(named), place_of(text, "a.py", 1), near, {})


def test_what_is_given_is_not_shown_again() -> None:
    call = placed("m.f(1, 2)", ("d",))
    assert ranking.open_parameters(call, told(*"abcd")) == ["c", "d"]
    assert ranking.recall(["c", "d"], ["d", "e"]) == 0.5


def test_orders() -> None:
    call, what = placed("m.f(1)", ("d",), near=("c",)), told(*"abcde")
    callers = ranking.popular({"one": [call_of(("d", "e"))] * 2, "two": [call_of(("e",))]})
    assert callers == Callers(3, {"d": 2, "e": 3})
    assert ranking.in_tool_order(call, what, callers, scope=False) == list("edbc")
    assert ranking.in_tool_order(call, what, Callers(), scope=True) == list("cbde")
    assert ranking.in_tool_order(call, what, Callers(1, {}), scope=True)[0] == "c"


def test_neighbours_are_calls_that_come_after_the_same_names() -> None:
    others = {
        "one": [call_of(("a",), "server port json")] * 3,
        "two": [call_of(("b",), "array shape json")] * 20,
    }
    callers = ranking.nearby(call_of((), "port json"), others)
    assert callers.share("a") > callers.share("b") > 0
    far = ranking.nearby(call_of((), "nobody"), others)
    assert far.share("b") == pytest.approx(20 / 23, abs=1e-3), "what all do, where none is near"


def test_an_organisation_is_left_out_of_what_is_learned_for_it(tmp_path: Path) -> None:
    mine, theirs = call_of(("a",)), call_of(("e",))
    of = {"m.f": {"me": [mine] * 9, "them": [theirs], "others": [theirs]}}
    gathered = tmp_path / "c.pickle"
    tried = {"m.f": [placed("m.f()", ("a",))], "m.g": [placed("m.g()", ("e",))] * 2}
    both = {"m.f": told(*"bcdae"), "m.g": told(*"bcdae")}
    of |= {"m.g": {"them": [theirs], "me": []}}
    gathered.write_bytes(pickle.dumps(of))
    (places := tmp_path / "p.pickle").write_bytes(pickle.dumps((both, tried, (5, 2))))
    report = study.try_calls(study.POPULARITY, "me", gathered, places)
    assert report == {"recall": 0.5, "functions": 2, "calls": 3, "looked": 5, "lost": 2}
    assert {study.try_calls(arm, "me", gathered, places)["calls"] for arm in study.ARMS} == {3}
    places.write_bytes(pickle.dumps(({}, {}, (0, 0))))
    with pytest.raises(LookupError, match="me has no call to try"):
        study.try_calls(study.CONTEXT, "me", gathered, places)


def test_popularity_learns_from_so_many_calls_of_each_at_most() -> None:
    of = calls.callers_by_symbol({"a": [call_of(("x",))] * 30, "b": [call_of(("y",))]}, most=5)
    assert {name: len(some) for name, some in of["m.f"].items()} == {"a": 5, "b": 1}


def test_own_functions_do_not_count() -> None:
    assert [calls.owner(name) for name in ("json.dumps", "torchgen.x", "attr.s")] == [
        "python",
        "pytorch",
        "attr",
    ]


def test_pilots_are_apart_and_every_organisation_has_packages() -> None:
    left_out = {"h11", "pathspec"}
    tried = [seed for seed, name in packages.ORGANISATIONS.items() if name not in left_out]
    assert [seed for seed in tried if seed >= 100] == list(study.SEEDS)
    assert len({*packages.ORGANISATIONS.values()}) == len(packages.ORGANISATIONS)
    assert all(list(packages.packages_of(name)) for name in packages.ORGANISATIONS.values())


def test_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, there in {"numpy": r"\d.*", "nobodys-package": "no release"}.items():
        monkeypatch.setattr(packages, "PACKAGES", {name: ("who", name, "0.1")})
        with pytest.raises(packages.OtherRelease, match=f"{there} of {name} .*, and 0.1 is what"):
            packages.check_releases()


DOCTEST = """f(a, b)

>>> from statistics import mean
>>> one, two = [1, 2], [3]
>>> mean(one + two)
2
>>> mean(data=two)
4
"""


def test_a_made_caller_gives_all_that_the_example_gives() -> None:
    session = examples.read_session(DOCTEST, "statistics.mean")
    place, _ = examples.made_caller(session, "statistics.mean", examples.FRESH)
    assert [each.text for each in place.passed] == ["mine_1"]
    assert place.written == "mine_0.mean"
    place, _ = examples.made_caller(session, "statistics.mean", examples.SWAPPED)
    assert (place.receiver, place.passed[0].text) == ("two", "one")


def test_examples_do_the_same_in_other_names() -> None:
    row = examples.try_docstring("statistics.linear_regression")
    assert row is not None
    assert row.held() == len(row.checked()) > 0
    for style in examples.STYLES:
        adapted, rerun = row.runs[style]
        assert row.held(style) == row.held()
        assert not rerun.differs()
        assert adapted.renamed
