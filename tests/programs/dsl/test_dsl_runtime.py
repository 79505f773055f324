"""The table makes all of a language: what one part writes, every other part takes."""

import logging
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lark import Lark

from ideas_lib.programs.dsl.language_manual import readme_text
from ideas_lib.programs.dsl.runtime.construct_table import (
    CORE,
    ConstructRow,
    ConstructTable,
    Slot,
    SyntaxNode,
    core_row,
    word_form,
)
from ideas_lib.programs.dsl.runtime.decoding import gbnf_grammar
from ideas_lib.programs.dsl.runtime.grammar import lark_grammar
from ideas_lib.programs.dsl.runtime.highlighting import lexer_class
from ideas_lib.programs.dsl.runtime.parsing import ParseError, parse_program
from ideas_lib.programs.dsl.runtime.printing import BadTree, unparse_program
from ideas_lib.programs.dsl.runtime.random_trees import sample_program, sample_tree
from ideas_lib.programs.dsl.runtime.tree_running import python_source, run_tree
from ideas_lib.programs.dsl.words import every_node

TEXT = SyntaxNode("a text", ("x",))
ON = Slot("of", "value")
FLAG = SyntaxNode(
    "add_argument",
    (
        SyntaxNode("slot", (0,)),
        (SyntaxNode("slot", (1,)),),
        (("action", SyntaxNode("a text", ("store_true",))),),
    ),
)
TABLE = ConstructTable(
    "shop",
    [
        *map(core_row, CORE),
        ConstructRow(
            "print",
            "phrase",
            word_form("print", 0, 3, ["end"]),
            "function",
            "builtins.print",
            "builtins",
        ),
        ConstructRow(
            "len", "phrase", word_form("len", 1, 1, []), "function", "builtins.len", "builtins"
        ),
        ConstructRow(
            "path_join",
            "phrase",
            word_form("path_join", 1, 3, []),
            "function",
            "os.path.join",
            "os",
        ),
        ConstructRow("sep", "atom", ("sep",), "constant", "os.sep", "os"),
        ConstructRow(
            "add_argument",
            "phrase",
            ("add_argument", ON, *word_form("", 0, 2, ["action", "help"])[1:]),
            "method",
            "add_argument",
        ),
        ConstructRow("upper", "phrase", ("upper", ON), "method", "upper"),
        ConstructRow("real_of", "phrase", ("real_of", ON), "attribute", "real"),
        ConstructRow("set_x", "statement", ("set_x", ON, Slot("value", "value")), "setter", "x"),
        ConstructRow(
            "flag",
            "phrase",
            ("flag", Slot("parser", "value"), Slot("name", "value")),
            "learned",
            body=FLAG,
        ),
    ],
)


@pytest.fixture(scope="module")
def table() -> ConstructTable:
    return ConstructTable.from_json(TABLE.to_json())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_a_tree_is_read_as_it_is_written(table: ConstructTable, rng: random.Random) -> None:
    tree = sample_program(table, rng)
    assert parse_program(table, unparse_program(table, tree)) == tree


def test_every_construct_is_read_as_it_is_written(table: ConstructTable) -> None:
    rng = random.Random(7)
    for word in table.rows:
        for _ in range(3):
            tree = SyntaxNode("program", ((sample_tree(table, rng, word),),))
            assert parse_program(table, unparse_program(table, tree)) == tree, word


def test_the_grammar_has_no_conflict_and_one_parse_of_each_text(
    table: ConstructTable, caplog: pytest.LogCaptureFixture
) -> None:
    grammar = lark_grammar(table).text
    with caplog.at_level(logging.DEBUG, logger="lark"):
        Lark(grammar, parser="lalr", lexer="basic", debug=True)
    assert not [line for line in caplog.messages if "onflict" in line]
    earley = Lark(grammar, parser="earley", lexer="basic", ambiguity="explicit")
    rng = random.Random(3)
    for _ in range(3):
        tree = sample_program(table, rng, lines=1, depth=1)
        assert not list(earley.parse(unparse_program(table, tree) + "\n").find_data("_ambig"))


ERRORS = {
    "flga $p": ["`flga` is no word of shop", "did you mean `flag`?", "line 1, column 1"],
    "\n\nzzz": ["line 3", "a name is written `$zzz`"],
    'add_argument $p hepl: "x"': ["`hepl:` is no label", "did you mean `help:`?"],
    'flag $p "a" "b"': ["found a text", "expected the end of the line"],
    'flag $p upper "a"': ["found `upper`", "in brackets: `(upper ...)`"],
    'print "a': ["a text without an end"],
    r'print "\q"': [r"`\q` means nothing"],
    'add_argument $p help: "a" help: "b"': ["`help:` is given twice"],
    "for $x in": ["found the end of the line"],
    "$x = ": ["expected"],
    "print €": ["`€` means nothing"],
    "print \x1b": [r"`\x1b` means nothing"],
    "print " + "(not " * 90 + "$x" + ")" * 90: ["more than 60 constructs"],
    "print " + "9" * 5000: ["a number that is too long"],
    r'print "\u{110000}"': ["means nothing"],
    "print $²": ["$"],
}


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_says_where_and_what_was_expected(table: ConstructTable, text: str) -> None:
    with pytest.raises(ParseError) as found:
        parse_program(table, text)
    message = str(found.value)
    assert all(part in message for part in ERRORS[text]), message
    assert "\n" not in message
    assert len(message) < 400


DEEP = TEXT
for _ in range(3000):
    DEEP = SyntaxNode("not", (DEEP,))
BAD = {
    "no program": TEXT,
    "unknown": SyntaxNode("program", ((SyntaxNode("nope"),),)),
    "too few parts": SyntaxNode("program", ((SyntaxNode("upper"),),)),
    "a statement as a value": SyntaxNode(
        "program", ((SyntaxNode("upper", (SyntaxNode("pass"),)),),)
    ),
    "a bool as a number": SyntaxNode("program", ((SyntaxNode("an int", (True,)),),)),
    "not finite": SyntaxNode("program", ((SyntaxNode("a float", (float("nan"),)),),)),
    "no name": SyntaxNode("program", ((SyntaxNode("a name", ("a b",)),),)),
    "a name that no text has": SyntaxNode("program", ((SyntaxNode("a name", ("a·",)),),)),
    "too many values": SyntaxNode("program", ((SyntaxNode("len", ((TEXT, TEXT),)),),)),
    "an empty block": SyntaxNode("program", ((SyntaxNode("while", (TEXT, ())),),)),
    "a label twice": SyntaxNode("program", ((SyntaxNode("print", ((), (("end", TEXT),) * 2)),),)),
    "a label of another": SyntaxNode("program", ((SyntaxNode("print", ((), (("help", TEXT),))),),)),
    "too deep": SyntaxNode("program", ((DEEP,),)),
    "unhashable parts": SyntaxNode("program", ((SyntaxNode("a list", ([TEXT],)),),)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_tree_without_a_text_is_refused(table: ConstructTable, name: str) -> None:
    with pytest.raises(BadTree) as found:
        unparse_program(table, BAD[name])
    assert "\n" not in str(found.value)


def test_a_program_does_what_its_python_does(table: ConstructTable) -> None:
    text = """
# comments, blank lines and brackets are nobody's business

$d = {"a": 1, (sep): [2, 3]}
$n = 0
for $k in $d do   # twice
  $n += (len $k)
end
if ($n > 1) do
  $t = join ["n=", (shown $n "02d"), " ", (quoted "x")]
else
  $t = none
end
put $d "b" (each $i in (1, 2, 3) when ($i != 2) give ($i * 10))
[$t, at (at $d "b") (slice none 1 none), ("y" if ($n < 0) else (upper "z")), real_of 5]
"""
    names: dict[str, object] = {}
    assert run_tree(table, parse_program(table, text), names) == ["n=02 'x'", [10], "Z", 5]
    assert names["n"] == 2
    scope: dict[str, object] = {}
    exec(python_source(table, parse_program(table, text)), scope)
    assert {key: scope[key] for key in ("n", "t", "d")} == {
        key: names[key] for key in ("n", "t", "d")
    }


def test_a_program_reaches_what_the_table_names_and_nothing_else(table: ConstructTable) -> None:
    for text in ('__import__ "os"', 'eval "1"', "$x.__class__", 'system_of sep "ls"', "open"):
        with pytest.raises(ParseError):
            parse_program(table, text)
    for name in ("__builtins__", "__import__", "eval", "os"):
        with pytest.raises(NameError, match=re.escape(f"${name}")):
            run_tree(table, parse_program(table, f"print ${name}"))
    with pytest.raises(BadTree, match="line 2: 'break' outside loop"):
        run_tree(table, parse_program(table, "pass\nbreak"))


def test_whatever_is_in_a_construct_its_line_in_the_readme_is_one_row_of_a_table() -> None:
    body = SyntaxNode("print", ((SyntaxNode("a text", ("a|`b`",)),), ()))
    row = ConstructRow("say", "atom", ("say",), "learned", body=body, example="say")
    text = readme_text(ConstructTable("tree", [*TABLE.rows.values(), row]), [row])
    (line,) = [line for line in text.split("\n") if line.startswith("| `say`")]
    assert line == "| `say` | `` print('a\\|`b`') `` | 0 |"


def test_what_the_grammar_for_decoding_accepts_is_read(table: ConstructTable) -> None:
    rng, rules = random.Random(5), _rules(gbnf_grammar(table))
    bracketed = {row.word for row in table.rows.values() if row.form[0] == "("}
    others = [at for at, word in enumerate(table.rows) if word not in bracketed]
    assert {f"r{place}" for place in others} <= set(rules)
    # Where many rules begin with a bracket, each that is opened multiplies what has to be kept.
    assert [name for name, rule in rules.items() if rule.startswith('"("')] == ["brackets"]
    seen = set()
    for name in [*(f"r{place}" for place in others), *["brackets"] * 300]:
        for _ in range(2):
            text = _derived(rules, name, rng, 6)
            tree = parse_program(table, text)
            assert tree.parts[0], text
            seen |= {node.word for node in every_node(tree.parts[0])}
    assert bracketed <= seen


def test_the_lexer_knows_every_token(table: ConstructTable) -> None:
    pytest.importorskip("pygments")
    from pygments.token import Error, Text

    lexer, rng = lexer_class(table)(), random.Random(4)
    for _ in range(20):
        text = unparse_program(table, sample_program(table, rng))
        kinds = {kind for kind, _ in lexer.get_tokens(text)}
        assert not kinds & {Error, Text}


def _rules(grammar: str) -> dict[str, str]:
    lines = [line.split(" ::= ", 1) for line in grammar.splitlines() if " ::= " in line]
    return dict(lines)


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|[a-z0-9_]+|[()|*+?]')


def _derived(rules: dict[str, str], name: str, rng: random.Random, depth: int) -> str:
    """Return a text that a rule of GBNF derives: the reader of it that these tests have."""
    if depth <= 0 and name in ("atom", "top"):
        return rng.choice(['"t"', "$n", "7"])
    if depth <= 0 and name == "line":
        return "pass"
    tokens = TOKEN.findall(rules[name])
    tree, _ = _choices(tokens, 0)
    return _chosen(tree, rules, rng, depth)


def _choices(tokens: list[str], at: int) -> tuple[list[list[tuple[object, str]]], int]:
    found: list[list[tuple[object, str]]] = [[]]
    while at < len(tokens) and tokens[at] != ")":
        token = tokens[at]
        at += 1
        part: object = token
        if token == "|":
            found.append([])
            continue
        if token == "(":
            part, at = _choices(tokens, at)
            at += 1
        times = tokens[at] if at < len(tokens) and tokens[at] in "*+?" else ""
        at += bool(times)
        found[-1].append((part, times))
    return found, at


def _chosen(tree: list, rules: dict[str, str], rng: random.Random, depth: int) -> str:
    made = ""
    for part, times in rng.choice(tree):
        least, most = {"": (1, 1), "*": (0, 2), "+": (1, 2), "?": (0, 1)}[times]
        for _ in range(rng.randint(least, most)):
            if isinstance(part, list):
                made += _chosen(part, rules, rng, depth)
            elif part[0] == '"':
                made += part[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
            elif part[0] == "[":
                made += _letter(part, rng)
            else:
                made += _derived(rules, part, rng, depth - 1)
    return made


def _letter(written: str, rng: random.Random) -> str:
    letters = [each for each in map(chr, range(32, 127)) if re.fullmatch(written, each)]
    return rng.choice(letters)
