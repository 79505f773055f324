"""Read a text as a tree, or say where it stops making sense, and what was expected there."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from ideas_lib.programs.dsl.runtime.construct_table import (
    DEEPEST,
    ConstructRow,
    ConstructTable,
    SyntaxNode,
    is_name,
)
from ideas_lib.programs.dsl.runtime.grammar import Grammar, Tokens, lark_grammar

__all__ = ["ParseError", "parse_program", "parser_of"]

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
SHOWN = 9  # of what was expected, at most
Maker = Callable[[list[Any]], Any]


class ParseError(ValueError):
    """A text that is no program: `line` and `column` (from 1) say where, the message why."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.line, self.column = line, column


def parse_program(table: ConstructTable, text: str) -> SyntaxNode:
    """Return the tree of a program, `SyntaxNode("program", (statements,))`. Raises ParseError."""
    lark, tokens = parser_of(table)
    whole = text if text.endswith("\n") else text + "\n"
    try:
        tree: Any = lark.parse(whole)
    except UnexpectedCharacters as error:
        raise _unknown(table, tokens, whole, error) from None
    except UnexpectedToken as error:
        raise _unexpected(table, tokens, error) from None
    except VisitError as error:
        raise error.orig_exc from None
    return tree


def parser_of(table: ConstructTable) -> tuple[Lark, Tokens]:
    """Return the parser of a table, made once, and its tokens."""
    if "parser" not in table.cache:
        grammar = lark_grammar(table)
        lark = Lark(
            grammar.text,
            **{"parser": "lalr", "lexer": "basic", "keep_all_tokens": True},
            **{"transformer": _builder(grammar)},
        )
        table.cache["parser"] = lark, grammar.tokens
    return table.cache["parser"]


def _builder(grammar: Grammar) -> Transformer:
    """Return what makes a node as soon as its rule is recognised, so that nothing recurses."""
    made: Transformer[Token, Any] = Transformer()
    makers: dict[str, Maker] = {
        **{"start": lambda found: SyntaxNode("program", (_kept(found),), 1)},
        **dict.fromkeys(("block", "items", "pairs", "longer", "empty", "single"), _kept),
        **{"atom": lambda found: _kept(found)[0], "pair": _kept},
        **{"name": _name, "text": _text},
        **{name: lambda found: tuple(map(_spelt, found[::2])) for name in ("names", "several")},
        **{"int": _number, "float": _number},
    }
    for name, row in grammar.rules.items():
        makers[name] = _row_maker(row) if name[0] == "r" else _word_maker(row)
    makers |= dict.fromkeys(grammar.shared, _shared)
    of: dict[str, Maker] = {"v": _kept, "o": _options, "l": tuple}
    makers |= {name: of[name[0]] for name in grammar.lines if name[0] in of}
    for name, maker in makers.items():
        setattr(made, name, maker)
    return made


@dataclass(frozen=True)
class _Word:
    """The word that says which row it is, where rows share a rule."""

    row: ConstructRow
    line: int


def _word_maker(row: ConstructRow) -> Maker:
    return lambda found: _Word(row, found[0].line)


def _shared(found: list[Any]) -> SyntaxNode:
    word = next(each for each in found if isinstance(each, _Word))
    return _node(word.row, [each for each in found if each is not word], word.line)


def _kept(found: Iterable[Any]) -> tuple[Any, ...]:
    """Return what was made of the parts of a rule, without its tokens."""
    return tuple(each for each in found if not isinstance(each, Token))


def _row_maker(row: ConstructRow) -> Maker:
    return lambda found: _node(row, found)


def _node(row: ConstructRow, found: list[Any], line: int = 0) -> SyntaxNode:
    line = line or next((at for at in map(_line, found) if at), 0)
    node = SyntaxNode(row.word, _kept(found), line)
    if node.depth > DEEPEST:
        raise ParseError(f"more than {DEEPEST} constructs within one another", line, 1)
    return node


def _line(part: Any) -> int:
    if isinstance(part, tuple):
        return next((at for at in map(_line, part) if at), 0)
    return getattr(part, "line", 0) or 0


def _options(found: list[Any]) -> tuple[Any, ...]:
    options: dict[str, Any] = {}
    for token, node in found:
        label = str(token)[:-1]
        if label in options:
            raise _wrong(f"`{token}` is given twice", token)
        options[label] = node
    return tuple(options.items())


def _wrong(message: str, token: Token) -> ParseError:
    return ParseError(message, token.line or 1, token.column or 1)


def _spelt(token: Token) -> str:
    name = str(token)[1:]
    if not is_name(name):
        raise _wrong(f"`{token}` is no name: use letters, figures, _", token)
    return name


def _name(found: list[Token]) -> str:
    return _spelt(found[0])


def _number(found: list[Token]) -> int | float:
    token = found[0]
    try:
        return int(token) if token.type == "INT" else float(token)
    except ValueError:  # thousands of figures
        raise _wrong("a number that is too long", token) from None


def _text(found: list[Token]) -> str:
    token = found[0]

    def meant(escape: re.Match[str]) -> str:
        written = escape[1]
        if written in ESCAPES:
            return ESCAPES[written]
        if written[:2] == "u{" and int(written[2:-1], 16) < 0x110000:
            return chr(int(written[2:-1], 16))
        means = f"`{escape[0]}` means nothing in a text; a backslash is written `\\\\`"
        raise _wrong(means, token)

    return re.sub(r"\\(u\{[0-9a-fA-F]{1,6}\}|.)", meant, str(token)[1:-1])


def _unknown(
    table: ConstructTable, tokens: Tokens, text: str, error: UnexpectedCharacters
) -> ParseError:
    """Say what is wrong about characters that are no token."""
    rest = text[error.pos_in_stream :]
    word = re.match(r"[^\W\d]\w*:?", rest)
    if word:
        near = _nearest(word[0], tokens.names)
        what = f"`{word[0]}` is no {'label' if word[0][-1] == ':' else 'word'} of {table.name}"
        bare = word[0].rstrip(":")
        why = f"{what}; did you mean `{near}`?" if near else f"{what}; a name is written `${bare}`"
    elif rest.startswith('"'):
        why = 'a text without an end: `"` is missing on this line'
    else:
        why = f"`{ascii(rest[0])[1:-1] if not rest[0].isprintable() else rest[0]}` means nothing"
    return ParseError(why, error.line, error.column)


def _unexpected(table: ConstructTable, tokens: Tokens, error: UnexpectedToken) -> ParseError:
    """Say what was found, and what was expected in its place."""
    token = error.token
    wanted = sorted({tokens.shown.get(name, name) for name in error.accepts or error.expected})
    written = str(token).strip()
    found = tokens.shown.get(token.type, f"`{token}`")
    # A word's token says itself; of texts, numbers and names it helps to see which.
    found = f"{found}, `{written}`" if found.startswith("a ") else found
    phrase = any(row.form[0] == written and row.sort == "phrase" for row in table.rows.values())
    near = _nearest(written, [each.strip("`") for each in wanted])
    if phrase and "`(`" in wanted:
        hint = f"; within another construct it stands in brackets: `({written} ...)`"
    elif near:
        hint = f"; did you mean `{near}`?"
    else:
        hint = ""
    line, column = getattr(token, "line", 0) or 1, getattr(token, "column", 0) or 1
    return ParseError(f"found {found}, expected {_listed(wanted)}{hint}", line, column)


def _nearest(word: str, choices: Iterable[str]) -> str:
    some = [each for each in choices if (each[-1:] == ":") == (word[-1:] == ":")]
    return next(iter(difflib.get_close_matches(word, some, 1, 0.6)), "")


def _listed(wanted: list[str]) -> str:
    """Return a list in words: what is no word of the language first, and not all words."""
    plain = [each for each in wanted if not each.startswith("`")]
    words = [each for each in wanted if each.startswith("`")]
    some = [*plain, *words][:SHOWN]
    more = len(wanted) - len(some)
    if more:
        return f"{', '.join(some)} or one of {more} more words"
    return " or ".join(filter(None, [", ".join(some[:-1]), some[-1]]))
