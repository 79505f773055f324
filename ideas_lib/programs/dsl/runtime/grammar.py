"""The grammar of a table, for lark: a rule and its tokens from each row, and none by hand but text.

The rules are LALR(1) without conflicts, so no text can be read in two ways.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ideas_lib.programs.dsl.runtime.construct_table import ConstructRow, ConstructTable, Slot

__all__ = ["Grammar", "Tokens", "lark_grammar"]

Form = tuple[str | Slot, ...]

START = r"""// Made from the table of constructs: change that instead.
start: _NL? (line _NL)*
?line: statement | top
?top: atom | phrase
block: _NL (line _NL)+
name: NAME
names: NAME ("," NAME)*
several: NAME ("," NAME)+
items: (top ("," top)*)?
tuple: -> empty
    | top "," -> single
    | top ("," top)+ -> longer
pairs: (pair ("," pair)*)?
pair: atom ":" top
text: TEXT
int: INT
float: FLOAT
TEXT: /"(?:[^"\\\n\r]|\\[^\n\r])*"/
FLOAT.2: /-?(?:[0-9]+\.[0-9]+(?:e[+-]?[0-9]+)?|[0-9]+e[+-]?[0-9]+)(?![\w.])/
INT.2: /-?[0-9]+(?![\w.])/
NAME: /\$[^\W\d]\w*/
_NL: /(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*/
%ignore /[ \t]+/
"""


class Tokens:
    """The tokens of a grammar: `name(text)` gives each its name, and `shown` a reader's words."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.shown = {
            **{"TEXT": "a text", "INT": "a number", "FLOAT": "a number", "NAME": "a $name"},
            **{"_NL": "the end of the line", "$END": "the end", "COMMA": "`,`", "COLON": "`:`"},
        }

    def name(self, text: str) -> str:
        """Return the name of the token that is written like this."""
        if text not in self.names:
            self.names[text] = f"T{len(self.names)}"
            self.shown[self.names[text]] = f"`{text}`"
        return self.names[text]

    def lines(self) -> list[str]:
        """Return the definitions: no token begins what another one is, words end as words."""
        made = []
        for text, name in self.names.items():
            ends = r"(?![\w:])" if text[-1].isalnum() or text[-1] == "_" else ""
            # A sign before a figure is the number's.
            ends = "(?![0-9])" if text == "-" else ends
            made.append(f"{name}{'.3' if text.endswith(':') else '.1'}: /{_escaped(text)}{ends}/")
        return made


def _escaped(text: str) -> str:
    return re.escape(text).replace("/", r"\/")


@dataclass
class Grammar:
    """A grammar as lark reads it, and what its rules mean.

    `rules` has the row of each rule that is made of one row alone, and of each that is its word
    where rows of one shape share a rule. Rules called v..., o... and l... are values and options.
    """

    text: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    rules: dict[str, ConstructRow] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)


def lark_grammar(table: ConstructTable) -> Grammar:
    """Return the grammar of a table.

    Rows that are written alike but for a word share a rule: the work that lark has with a grammar
    grows with the square of its rules.
    """
    made = Grammar()
    sorts: dict[str, list[str]] = {"atom": [], "phrase": [], "statement": []}
    firsts = Counter(_words(row)[1][:1] for row in table.rows.values())
    shapes: dict[Any, list[ConstructRow]] = {}
    for row in table.rows.values():
        before, words, behind = _words(row)
        # Two that begin alike could not be told apart when their word has been read.
        alone = row.word if firsts[words[:1]] > 1 or not words else ""
        shapes.setdefault((row.sort, before, behind, alone), []).append(row)
    for place, ((sort, before, behind, _), rows) in enumerate(shapes.items()):
        name = f"r{place}"
        sorts[sort].append(name)
        words = _words(rows[0])[1]
        if len(rows) > 1:
            made.shared.append(name)
            for i, row in enumerate(rows):
                made.rules[f"w{place}_{i}"] = row
                made.lines[f"w{place}_{i}"] = _rule(made, _words(row)[1])
            made.lines[f"?w{place}"] = " | ".join(f"w{place}_{i}" for i in range(len(rows)))
            body = f"{_rule(made, before)} w{place} {_rule(made, behind)}"
        else:
            made.rules[name] = rows[0]
            body = _rule(made, rows[0].form)
        made.lines[name] = body
    group = f"{made.tokens.name('(')} top {made.tokens.name(')')}"
    heads = [f"?{sort}: {' | '.join(rules)}" for sort, rules in sorts.items() if rules]
    heads[0] += f" | {group}"
    start = START if sorts["statement"] else START.replace("statement | top", "top")
    start = start if sorts["phrase"] else start.replace("atom | phrase", "atom")
    rules = [f"{name}: {body}" for name, body in made.lines.items()]
    made.text = start + "\n".join([*heads, *rules, *made.tokens.lines()]) + "\n"
    return made


def _words(row: ConstructRow) -> tuple[Form, tuple[str, ...], Form]:
    """Return a form in three: what is before the words that tell it from others, them, the rest."""
    form = row.form
    found = [i for i, part in enumerate(form) if isinstance(part, str) and part not in "([{}])"]
    if not found:
        return form, (), ()
    first = last = found[0]
    while last + 1 in found:
        last += 1
    return form[:first], tuple(map(str, form[first : last + 1])), form[last + 1 :]


def _rule(made: Grammar, form: Form) -> str:
    """Return the right side of a rule; values and options get rules of their own."""
    whole = []
    for part in form:
        if isinstance(part, str):
            whole.append(made.tokens.name(part))
        elif part.of == "values":
            name = f"v{part.least}_{part.most if part.most >= 0 else 'more'}"
            made.lines[name] = _values(part)
            whole.append(name)
        elif part.of == "options":
            tokens = [made.tokens.name(f"{label}:") for label in part.labels]
            name = f"o{'_'.join(token[1:] for token in tokens)}"
            made.lines[name] = f"l{name}*"
            made.lines[f"l{name}"] = f"({' | '.join(tokens)}) atom"
            whole.append(name)
        else:
            whole.append({"value": "atom"}.get(part.of, part.of))
    return " ".join(whole)


def _values(slot: Slot) -> str:
    if slot.most < 0:
        return " ".join(["atom"] * slot.least + ["atom*"])
    return " | ".join(" ".join(["atom"] * count) for count in range(slot.least, slot.most + 1))
