"""The table as a grammar for constrained decoding, in llama.cpp's GBNF.

What it accepts, `parse` reads, if it is no deeper than DEEPEST. It is a part of the language: one
space between words, labels in the table's order, no comments, and names and escapes in ASCII.

llama.cpp goes on with all rules that fit so far, so rules that begin alike are one: with a rule for
each operator, every bracket that is opened would multiply what it has to keep by their number.
"""

import json

from ideas_lib.programs.dsl.runtime.construct_table import (
    INFIX,
    ConstructRow,
    ConstructTable,
    Slot,
)

__all__ = ["gbnf_grammar"]

START = r"""# Made from the table of constructs: change that instead.
root ::= (line "\n")+
text ::= "\"" ([^"\\\x00-\x1f\x7f] | "\\" ["\\nrt])* "\""
int ::= "-"? ("0" | [1-9] [0-9]*)
float ::= "-"? [0-9]+ "." [0-9]+
name ::= "$" [a-zA-Z_] [a-zA-Z0-9_]*
names ::= name (", " name)*
several ::= name (", " name)+
items ::= (top (", " top)*)?
more ::= "," (" " top (", " top)*)?
pairs ::= (pair (", " pair)*)?
pair ::= (text | int | float | name | "(" top ")") ": " top
block ::= "\n" (line "\n")+
"""


def gbnf_grammar(table: ConstructTable) -> str:
    """Return the grammar: a rule for each row, in the order of the table."""
    sorts: dict[str, list[str]] = {"atom": [], "phrase": [], "statement": []}
    lines = []
    for place, row in enumerate(table.rows.values()):
        if row.form[0] != "(":
            sorts[row.sort].append(f"r{place}")
            lines.append(f"r{place} ::= {_rule(row)}")
    brackets = _in_brackets(table, bool(sorts["phrase"]))
    if brackets:
        sorts["atom"].append("brackets")
        lines.append(f'brackets ::= "(" ({" | ".join(brackets)}) ")"')
    heads = [
        f"line ::= top{' | statement' if sorts['statement'] else ''}",
        f"top ::= atom{' | phrase' if sorts['phrase'] else ''}",
        *(f"{sort} ::= {' | '.join(rules)}" for sort, rules in sorts.items() if rules),
    ]
    return START + "\n".join([*heads, *lines]) + "\n"


def _in_brackets(table: ConstructTable, phrases: bool) -> list[str]:
    """Return what may stand within `(` and `)`: a phrase, two values and a word, a tuple."""
    behind = [f'" {word} " atom' for word in table.rows if word in INFIX]
    if "a choice" in table.rows:
        behind.append('" if " atom " else " atom')
    found, tuples = [], "a tuple" in table.rows
    if tuples:
        behind.append("more")
        found.append('""')
    if behind:
        found.append(f"atom ({' | '.join(behind)})")
    if phrases:
        found.append(f"phrase{' (more)?' if tuples else ''}")
    return found


def _rule(row: ConstructRow) -> str:
    made: list[str] = []
    last = "("
    for part in row.form:
        written = part if isinstance(part, str) else ""
        block = isinstance(part, Slot) and part.of == "block"
        tight = last in "([{" or written in (")", "]", "}") or block or last == "\n"
        own = isinstance(part, Slot) and part.of in ("values", "options")
        if not tight and not own:
            made.append('" "')
        made.append(_quoted(written) if isinstance(part, str) else _slot(part))
        last = "\n" if block else written or "x"
    return " ".join(made)


def _slot(slot: Slot) -> str:
    if slot.of == "values":
        needed = ['" " atom'] * slot.least
        if slot.most < 0:
            return " ".join([*needed, '(" " atom)*'])
        more = ""
        for _ in range(slot.most - slot.least):
            more = f'(" " atom {more})?'.replace(" )?", ")?")
        return " ".join(filter(None, [*needed, more])) or '""'
    if slot.of == "options":
        return " ".join(f"({_quoted(f' {label}: ')} atom)?" for label in slot.labels)
    return {"value": "atom"}.get(slot.of, slot.of)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
