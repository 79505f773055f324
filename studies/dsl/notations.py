"""Two ways to write an expression of a generated language: its own, and Python's calls.

Both have the same words: what a module's users call, and the constructs that were learned, which
in Python are functions. Both have a grammar, made of the same table, that admits one expression.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ideas_lib.programs.dsl.language_making import Settings, make_language
from ideas_lib.programs.dsl.language_manual import form_text
from ideas_lib.programs.dsl.runtime.construct_table import (
    INFIX,
    ConstructRow,
    ConstructTable,
    Slot,
    SyntaxNode,
)
from ideas_lib.programs.dsl.runtime.decoding import gbnf_grammar
from ideas_lib.programs.dsl.runtime.parsing import parse_program
from ideas_lib.programs.dsl.runtime.printing import construct_text
from ideas_lib.programs.dsl.runtime.tree_running import python_source
from ideas_lib.programs.dsl.snippet_reading import SnippetProgram, parse_python, read_programs
from ideas_lib.programs.dsl.words import every_node, make_rows, with_words

__all__ = ["DSL", "NOTATIONS", "PYTHON", "Notation", "learn_language"]

# Whatever comes behind a line's end: a model that ends with two of them, which is one token, would
# go on with what the grammar leaves.
END = r'end ::= "\n" [^\x00]*'
NOTATIONS = DSL, PYTHON = "language", "Python"
WORDS = 60  # of a module, the most used


@dataclass(frozen=True)
class Notation:
    """A language's expressions as text, in its own notation or in Python's.

    `forms` are what there is, a line each; `grammar` admits one expression and a line's end.
    """

    name: str
    table: ConstructTable
    rows: dict[str, ConstructRow]
    forms: tuple[str, ...]
    grammar: str

    def grammar_of(self, names: Iterable[str]) -> str:
        """Return the grammar with these names, and those of one letter, and no others."""
        some = " | ".join([*(f'"{name}"' for name in names), "[a-z]"])
        rule = f'name ::= "$" ({some})' if self.name == DSL else f"name ::= {some}"
        return re.sub(r"^name ::= .*$", lambda _: rule, self.grammar, flags=re.M)

    def write(self, expression: str, names: Iterable[str], module: str) -> str:
        """Return a Python expression in this notation. Raises KeyError for what has no word."""
        if self.name == PYTHON:
            return expression
        source = f"import {module}\ndef task({', '.join(names)}):\n    return {expression}\n"
        program = read_programs(parse_python(source), "task.py")[-1]
        if program.tree is None:
            raise KeyError(f"{expression}: {program.reasons}")
        (node,) = program.tree.parts[0][-1].parts
        return construct_text(self.table, with_words(node, self.rows))

    def as_python(self, text: str) -> tuple[str, str]:
        """Return what is to come before an expression, and the expression, in Python.

        Raises ValueError where the text is no expression of this notation.
        """
        text = text.strip()
        if self.name == PYTHON:
            try:
                ast.parse(text, mode="eval")
            except (SyntaxError, RecursionError, MemoryError) as error:
                raise ValueError(f"{text!r}: {error}") from None
            return python_before(self.table), text
        tree = parse_program(self.table, text)
        nodes = tree.parts[0]
        if len(nodes) != 1 or self.table.rows[nodes[0].word].sort == "statement":
            raise ValueError(f"{text!r} is no single expression")
        *imports, line = python_source(self.table, tree).rstrip("\n").split("\n")
        return "\n".join(imports), line


def learn_language(name: str, snippets: Iterable[tuple[SyntaxNode, ...]]) -> dict[str, Notation]:
    """Make a module's language from snippets, and return its two notations."""
    programs = []
    for place, snippet in enumerate(snippets):
        pieces = tuple(n for n in snippet if all(e.word != "call" for e in every_node([n])))
        if pieces:
            tree = SyntaxNode("program", (pieces,))
            programs.append(SnippetProgram(f"{place}.py", "", tree, (), pieces, ()))
    made = make_language(name, programs, [name], Settings(words=WORDS)).table
    # A task is one expression: what is a statement is in neither notation.
    kept = [row for row in made.rows.values() if _is_expression(made, row)]
    table = ConstructTable(name, kept)
    rows = make_rows(programs, [name], WORDS)
    own = [row for row in kept if row.word not in ("a text", "an int", "a float", "a name")]
    own_forms = tuple(form_text(row) for row in own)
    python_forms = tuple(python_form(table, row) for row in own)
    one_line = gbnf_grammar(table).replace('root ::= (line "\\n")+', f"root ::= top end\n{END}")
    return {
        DSL: Notation(DSL, table, rows, own_forms, one_line),
        PYTHON: Notation(PYTHON, table, rows, python_forms, python_grammar(table)),
    }


def _is_expression(table: ConstructTable, row: ConstructRow) -> bool:
    while row.body is not None:
        row = table.rows[row.body.word]
    return row.sort != "statement"


# --- Python's notation ---


def python_path(row: ConstructRow) -> str:
    """Return a row's path as Python writes it."""
    return row.target.removeprefix("builtins.")


def python_form(table: ConstructTable, row: ConstructRow) -> str:
    """Return a row's form in Python: slots in angle brackets, what may be left out in square."""
    if row.kind in ("function", "method", "call"):
        values = [part for slot in row.slots for part in _form_values(slot)]
        head = {"method": f"<of>.{row.target}", "call": "<function>"}.get(row.kind)
        return f"{head or python_path(row)}({', '.join(values)})"
    if row.kind == "learned":
        return f"{row.word}({', '.join(f'<{slot.name}>' for slot in row.slots)})"
    if row.kind == "attribute":
        return f"<of>.{row.target}"
    if row.kind == "constant":
        return python_path(row)
    return CORE_FORMS.get(row.word) or " ".join(
        part if isinstance(part, str) else f"<{part.name}>" for part in row.form[1:-1]
    )


CORE_FORMS = {
    **{"true": "True", "false": "False", "none": "None", "a list": "[<value>, ...]"},
    **{"a tuple": "(<value>, <value>)", "a dict": "{<key>: <value>, ...}"},
    **{"not": "not <value>", "minus": "-<value>", "invert": "~<value>"},
    **{"at": "<value>[<key>]", "slice": "<start>:<stop>:<step>", "join": 'f"...{<value>}..."'},
    **{"shown": 'f"{<value>:how}"', "quoted": "repr(<value>)"},
    **{"a choice": "<then> if <test> else <other>", "each": "[<result> for <item> in <over>]"},
    **{
        "each_when": "[<result> for <item> in <over> if <test>]",
        "take": "lambda <names>: <result>",
    },
}


def _form_values(slot: Slot) -> list[str]:
    if slot.of == "values":
        return ["<value>"] * slot.least + ["[<value>]"] * (slot.most - slot.least)
    return [f"[{label}=<value>]" for label in slot.labels]


def python_before(table: ConstructTable) -> str:
    """Return the imports and functions that Python's notation counts on."""
    lines = [f"import {table.name}"]
    for row in table.rows.values():
        if row.kind == "learned":
            names = tuple(SyntaxNode("a name", (slot.name,)) for slot in row.slots)
            whole = SyntaxNode("program", ((SyntaxNode(row.word, names),),))
            *imports, line = (part for part in python_source(table, whole).splitlines() if part)
            inside = "".join(f"    {each}\n" for each in imports)
            arguments = ", ".join(slot.name for slot in row.slots)
            lines.append(f"def {row.word}({arguments}):\n{inside}    return {line}")
    return "\n".join(lines)


PYTHON_START = rf"""root ::= expr end
{END}
expr ::= unary (OPS unary)*
text ::= double | single
double ::= "\"" ([^"\\\x00-\x1f\x7f] | "\\" ["\\nrt])* "\""
single ::= "'" ([^'\\\x00-\x1f\x7f] | "\\" ['\\nrt])* "'"
int ::= "0" | [1-9] [0-9]*
float ::= [0-9]+ "." [0-9]+
name ::= [a-zA-Z_] [a-zA-Z0-9_]*
"""
SIMPLE_RULES = {
    **{"a text": "text", "an int": "int", "a float": "float", "a name": "name"},
    **{"true": '"True"', "false": '"False"', "none": '"None"'},
    **{"a dict": '"{" (expr ": " expr (", " expr ": " expr)*)? "}"'},
    **{"join": r'"f\"" ([^"\\{}\x00-\x1f\x7f] | "{" expr "}")* "\""'},
    **{"take": '"lambda " name (", " name)* ": " expr'},
}


def python_grammar(table: ConstructTable) -> str:
    """Return the grammar of Python's notation, a rule for each row."""
    there = table.rows
    tuples = ' ("," (" " expr (", " expr)*)?)?' if "a tuple" in there else ""
    when = ' (" if " expr)?' if "each_when" in there else ""
    each = f' | " for " name " in " expr{when}' if "each" in there or when else ""
    bases = [
        f'"(" (expr{tuples})? ")"' if tuples else '"(" expr ")"',
        f'"[" (expr ((", " expr)*{each}))? "]"',
    ]
    trailers, signs, ops = [], [], []
    for word, row in there.items():
        if row.kind in ("function", "learned"):
            head = python_path(row) if row.kind == "function" else row.word
            bases.append(f'"{head}(" {_arguments(row)} ")"')
        elif row.kind == "method":
            trailers.append(f'".{row.target}(" {_arguments(row)} ")"')
        elif row.kind == "attribute":
            trailers.append(f'".{row.target}"')
        elif row.kind == "constant":
            bases.append(f'"{python_path(row)}"')
        elif word in SIMPLE_RULES:
            bases.append(SIMPLE_RULES[word])
        elif word in INFIX:
            ops.append(f'" {word} "')
        elif word in ("not", "minus", "invert"):
            signs.append({"not": '"not "', "minus": '"-"', "invert": '"~"'}[word])
        elif word == "at":
            cut = '":" (expr)? (":" expr)?'
            index = f"expr ({cut})? | {cut}" if "slice" in there else "expr"
            trailers.append(f'"[" ({index}) "]"')
    choice = '(" if " expr " else " expr)?' if "a choice" in there else ""
    start = PYTHON_START.replace("OPS", f"({' | '.join(ops)})") if ops else PYTHON_START
    start = start.replace("(OPS unary)*", "").replace("unary)*\n", f"unary)* {choice}\n", 1)
    sign = f"({' | '.join(signs)})? " if signs else ""
    behind = " | ".join(trailers) or '""'
    return (
        f"{start}unary ::= {sign}primary\n"
        f"primary ::= base ({behind})*\n"
        f"base ::= {' | '.join(f'b{place}' for place in range(len(bases)))}\n"
        + "".join(f"b{place} ::= {base}\n" for place, base in enumerate(bases))
    )


def _arguments(row: ConstructRow) -> str:
    """Return the rule of a call's values, and of its labelled ones, in their order.

    What begins alike is one rule, as in the grammar of the language: see `decoding`.
    """
    if row.kind == "learned":
        return ' ", " '.join(["expr"] * len(row.slots)) or '""'
    values = [slot for slot in row.slots if slot.of == "values"]
    labels = [label for slot in row.slots for label in slot.labels]
    least, most = (values[0].least, values[0].most) if values else (0, 0)
    named = " ".join(f'(", {label}=" expr)?' for label in labels)
    more = '(", " expr)*' if most < 0 else ""
    for _ in range(most - max(least, 1)):
        more = f'(", " expr {more})?'.replace(" )?", ")?")
    some = " ".join(filter(None, [' ", " '.join(["expr"] * max(least, 1)), more, named]))
    if least:
        return some
    alone = [
        f'"{label}=" expr ' + " ".join(f'(", {later}=" expr)?' for later in labels[at + 1 :])
        for at, label in enumerate(labels)
    ]
    return f"({' | '.join([some] * bool(most) + alone)})?" if most or alone else '""'
