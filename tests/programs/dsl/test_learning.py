"""What repeats is learned, by either proposer; what does not is refused."""

import importlib.util
import signal
import threading

import pytest

from ideas_lib.programs.dsl.language_making import Language, Settings, make_language
from ideas_lib.programs.dsl.learning import NothingRepeats
from ideas_lib.programs.dsl.proposals import by_stitch
from ideas_lib.programs.dsl.runtime.construct_table import SyntaxNode
from ideas_lib.programs.dsl.runtime.parsing import ParseError, parse_program
from ideas_lib.programs.dsl.snippet_reading import SnippetProgram, parse_python, read_programs
from ideas_lib.programs.dsl.words import every_node

FLAG = "p.add('--{0}', action='store_true', default=False, help='say {0}')"
OTHER = "p.add('{0}', type=int, default={1})\nq{1} = len('{0}')"
LEARNERS = [
    "pairs",
    pytest.param(
        "stitch",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("stitch_core") is None, reason="stitch-core is not installed"
        ),
    ),
]


def programs(*sources: str) -> list[SnippetProgram]:
    return [
        program
        for place, source in enumerate(sources)
        for program in read_programs(parse_python(source), f"{place}.py")
    ]


def made(*sources: str, **settings: object) -> Language:
    return make_language("t", programs(*sources), ["builtins"], Settings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("learner", LEARNERS)
def test_what_was_planted_is_found(learner: str) -> None:
    words = ["red", "green", "blue", "black", "white", "grey"]
    sources = [f"{FLAG.format(word)}\n{OTHER.format(word, i)}" for i, word in enumerate(words)]
    found = made(*sources, learner=learner)
    row = found.learned[0][0]
    assert (row.word, row.uses) == ("add_store_true", 6)
    assert [slot.name for slot in row.slots] == ["p", "text", "help"]
    numbers = found.compression
    assert numbers.after + numbers.definitions < numbers.before
    assert numbers.held_out is not None
    assert numbers.held_out > 1.1
    assert all("add_store_true" in each.text for each in found.expressed)


NOTHING = {
    "all different": ["f(1)", "g('a', b=2)", "x = h(3) + k(4)"],
    "copies of one": ["p.add('a', b=1, c=2, d=3)"] * 5,
    "names alone": ["import m\nm.f(a)", "import m\nm.f(b)", "import m\nm.f(c)"],
    "no API": ["x = (y - 1) * 2 + 7", "z = (w - 1) * 2 + 8", "v = (u - 1) * 2 + 9"],
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_corpus_in_which_nothing_repeats_is_refused(name: str) -> None:
    with pytest.raises(NothingRepeats, match="nothing repeats"):
        made(*NOTHING[name], learner="pairs")


def test_no_construct_knows_a_name_or_has_more_slots_than_allowed() -> None:
    sources = [f"{FLAG.format(word)}\np.go(p, '{word}', 1, 2, [3])" for word in "abcdef"]
    for slots in (2, 4):
        for row, _ in made(*sources, learner="pairs", slots=slots).learned:
            assert row.body is not None
            assert len(row.slots) <= slots
            assert "a name" not in {node.word for node in every_node([row.body])}


def test_what_is_beyond_the_words_is_said() -> None:
    sources = [FLAG.format(word) for word in "abcd"] + ["rare.thing(1)"]
    found = made(*sources, learner="pairs", words=1)
    ((program, reasons),) = found.refused
    assert program.name == "4.py"
    assert "`thing` is not among the 1 most used words" in reasons[0][0]


def test_words_are_told_apart() -> None:
    source = (
        "import json, os\njson.load(f)\nf.load()\nos.load(1)\nint('3')\nf.let(1)\nx = f.load\n"
        "f.load = 2\nf.end(in_=1)\n"
    )
    found = made(source, *[FLAG.format(word) for word in "abcd"], learner="pairs")
    text = found.expressed[0].text
    assert 'int "3"' in text
    assert len({line.split()[0] for line in text.splitlines()}) == 8
    assert "let_on $f 1" in text


def test_a_construct_can_be_renamed() -> None:
    sources = [FLAG.format(word) for word in "abcd"]
    found = made(*sources, learner="pairs", names={"add_store_true": "flag"})
    assert found.expressed[0].text == 'flag $p "--a" "say a"\n'
    assert found.expressed[0].tree.parts[0][0] == SyntaxNode(
        "flag",
        (
            SyntaxNode("a name", ("p",)),
            SyntaxNode("a text", ("--a",)),
            SyntaxNode("a text", ("say a",)),
        ),
    )
    for names in ({"add_store_true": "for"}, {"nope": "flag"}, {"add_store_true": "a b"}):
        with pytest.raises(ValueError, match=r"nope|for|a b"):
            made(*sources, learner="pairs", names=names)


def test_stitch_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stitch_core = pytest.importorskip("stitch_core")
    over, ended = threading.Event(), threading.Event()

    def compress(*args: object, **options: object) -> None:
        # Stitch in the main thread would keep Ctrl-C waiting; this stand-in for it would not.
        assert threading.current_thread() is not threading.main_thread()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        over.wait(60)
        ended.set()

    monkeypatch.setattr(stitch_core, "compress", compress)
    with pytest.raises(KeyboardInterrupt):
        by_stitch([program.pieces for program in programs("f(1, 2)", "f(1, 3)")], 2)
    assert not ended.is_set()
    over.set()


def test_what_stands_for_a_statement_is_one_however_it_was_learned() -> None:
    keys = ("http_proxy", "A{0}", "B{0}", "http_proxy", "https_proxy")
    lines = "".join(f"os.environ['{key}'] = '{{0}}'\n" for key in keys)
    sources = [f"import os\n{lines}".format(at) for at in range(8)]
    found = made(*sources, learner="pairs")
    learned = [row for row, _ in found.learned]
    assert any(row.body and row.body.word == learned[0].word for row in learned)
    assert {row.sort for row in learned} == {"statement"}
    with pytest.raises(ParseError):
        parse_program(found.table, f"$x = {learned[-1].word} 1")
