"""Make a language from a corpus: its words, what it learned, and its programs written in it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ideas_lib.programs.dsl.learning import (
    NothingRepeats,
    compress,
    learn,
    total_size,
)
from ideas_lib.programs.dsl.naming import learned_row
from ideas_lib.programs.dsl.patterns import size
from ideas_lib.programs.dsl.proposals import PROPOSERS, Proposer, default_proposer
from ideas_lib.programs.dsl.runtime.construct_table import (
    ConstructRow,
    ConstructTable,
    SyntaxNode,
    is_name,
    rebuild,
)
from ideas_lib.programs.dsl.runtime.meaning import expand
from ideas_lib.programs.dsl.runtime.parsing import parse_program
from ideas_lib.programs.dsl.runtime.printing import BadTree, construct_text, unparse_program
from ideas_lib.programs.dsl.snippet_reading import SnippetProgram
from ideas_lib.programs.dsl.words import RESERVED, every_node, make_rows, with_words

__all__ = ["Compression", "Expressed", "Language", "Settings", "make_language"]

FOLDS = 2
LEAST_FILES = 6  # below, there is too little to learn from and to hold out


@dataclass(frozen=True)
class Settings:
    """How a language is made: at most so many words of the API, and constructs of so many slots.

    `names` gives learned constructs other words than the corpus does.
    """

    words: int = 150
    constructs: int = 12
    slots: int = 4
    learner: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Compression:
    """Tokens before and after, those of the definitions counted in, of programs learned from.

    `held_out` is before / after for files not learned from, without definitions; None: too few.
    """

    before: int
    after: int
    definitions: int
    held_out: float | None


@dataclass(frozen=True)
class Expressed:
    """A program of the corpus in the language: its tree and text."""

    program: SnippetProgram
    tree: SyntaxNode
    text: str


@dataclass(frozen=True)
class Language:
    """A table and the corpus by it. `refused` has what cannot be expressed: program, reasons."""

    table: ConstructTable
    learned: tuple[tuple[ConstructRow, int], ...]
    expressed: tuple[Expressed, ...]
    refused: tuple[tuple[SnippetProgram, tuple[tuple[str, int], ...]], ...]
    compression: Compression


def make_language(
    name: str,
    programs: Sequence[SnippetProgram],
    modules: Sequence[str],
    settings: Settings | None = None,
    progress: Callable[[], object] = lambda: None,
) -> Language:
    """Return the language of a corpus. Raises NothingRepeats, and ValueError for a bad setting."""
    how = settings or Settings()
    propose = PROPOSERS[how.learner or default_proposer()]
    rows = make_rows(programs, modules, how.words)
    pieces = [_pieces(program, rows) for program in programs]
    distinct = _distinct(pieces)
    if not distinct:
        raise NothingRepeats("no statement in these snippets can be expressed")
    found, _ = learn(distinct, propose, most=how.constructs, arity=how.slots, progress=progress)
    if not found:
        raise NothingRepeats(_nothing(distinct))
    whole = {i: p.tree for i, p in enumerate(programs) if p.tree is not None and _known(p, rows)}
    trees = compress([[with_words(tree, rows)] for tree in whole.values()], found)
    written = compress(distinct, found)
    table_rows = {row.word: row for row in rows.values()}
    made: dict[str, ConstructRow] = {}
    own: dict[str, ConstructRow] = {}
    for each in found:
        uses = list(_uses(written, each.word))
        wanted = {*table_rows, *RESERVED}
        row = learned_row(replace(each, body=_renamed(each.body, made)), uses, wanted)
        within = table_rows.get(row.body.word) if row.body else None
        if within is not None and within.sort == "statement":  # itself one that was learned
            row = replace(row, sort="statement")
        own[row.word] = row
        row = _with_name(row, how.names, wanted)
        table_rows[row.word] = row
        made[each.word] = row
    _check_names(how.names, own)
    table = ConstructTable(name, table_rows.values())
    final = [_renamed(tree, made) for (tree,) in trees]
    expressed = tuple(
        _express(table, programs[i], tree, whole[i], rows)
        for i, tree in zip(whole, final, strict=True)
    )
    refused = tuple(
        (program, program.reasons or _beyond(program, rows, how.words))
        for i, program in enumerate(programs)
        if i not in whole
    )
    numbers = Compression(
        *(total_size(distinct), total_size(written)),
        definitions=sum(size(each.body) + 1 for each in found),
        held_out=_held_out(programs, pieces, propose, how),
    )
    learned = tuple((made[each.word], each.saves) for each in found)
    return Language(_with_examples(table, expressed), learned, expressed, refused, numbers)


def _pieces(program: SnippetProgram, rows: Mapping[str, ConstructRow]) -> list[SyntaxNode]:
    """Return the pieces of a program that have words for all that is in them."""
    return [
        with_words(piece, rows)
        for piece in program.pieces
        if all(node.word in rows for node in every_node([piece]))
    ]


def _known(program: SnippetProgram, rows: Mapping[str, ConstructRow]) -> bool:
    return all(
        node.word in rows for node in every_node(program.tree.parts[0] if program.tree else ())
    )


def _distinct(pieces: Sequence[Sequence[SyntaxNode]]) -> list[list[SyntaxNode]]:
    """Return programs without copies: that one was copied says nothing about the language."""
    return [list(each) for each in dict.fromkeys(map(tuple, pieces)) if each]


def _nothing(distinct: Sequence[Sequence[SyntaxNode]]) -> str:
    tokens = total_size(distinct)
    return (
        f"nothing repeats: in {len(distinct)} different programs ({tokens} tokens) no expression "
        "that uses the API occurs twice and is long enough for a word to save anything"
    )


def _beyond(
    program: SnippetProgram, rows: Mapping[str, ConstructRow], limit: int
) -> tuple[tuple[str, int], ...]:
    node = next(node for node in every_node(program.pieces) if node.word not in rows)
    target = node.word.partition(":")[2]
    return ((f"`{target}` is not among the {limit} most used words", node.line),)


def _uses(programs: Sequence[Sequence[SyntaxNode]], word: str) -> Sequence[tuple[SyntaxNode, str]]:
    """Return the nodes of a word, each with the name that its value gets."""
    named = {
        id(node.parts[1]): node.parts[0]
        for program in programs
        for node in every_node(program)
        if node.word == "let"
    }
    return [
        (node, named.get(id(node), ""))
        for program in programs
        for node in every_node(program)
        if node.word == word
    ]


def _renamed(node: SyntaxNode, made: Mapping[str, ConstructRow]) -> SyntaxNode:
    """Return a node with the words that learned constructs have got."""
    word = made[node.word].word if node.word in made else node.word
    inner = [_renamed(child, made) for child in node.children()]
    return replace(rebuild(node, inner), word=word)


def _with_name(row: ConstructRow, names: Mapping[str, str], taken: set[str]) -> ConstructRow:
    word = names.get(row.word, row.word)
    if word == row.word:
        return row
    if not is_name(word) or word in taken:
        why = "the language has that word" if is_name(word) else "a word is letters, figures and _"
        raise ValueError(f"{row.word!r} cannot be called {word!r}: {why}; take another")
    return replace(row, word=word, form=(word, *row.form[1:]))


def _check_names(names: Mapping[str, str], own: Mapping[str, ConstructRow]) -> None:
    for word in names:
        if word not in own:
            raise ValueError(f"{word!r} was not learned: there are {', '.join(own)}")


def _express(
    table: ConstructTable,
    program: SnippetProgram,
    tree: SyntaxNode,
    original: SyntaxNode,
    rows: Mapping[str, ConstructRow],
) -> Expressed:
    """Write a program, and see that what is read back stands for what the program was."""
    text = unparse_program(table, tree)
    if expand(table, parse_program(table, text)) != with_words(original, rows):
        raise BadTree(f"{program.name} is another program when it is read back: report this")
    return Expressed(program, tree, text)


def _with_examples(table: ConstructTable, expressed: Sequence[Expressed]) -> ConstructTable:
    """Return a table whose rows have the shortest use in the corpus as their example."""
    best: dict[str, SyntaxNode] = {}
    uses: Counter[str] = Counter()
    for each in expressed:
        for node in every_node(each.tree.parts[0]):
            uses[node.word] += 1
            if node.word not in best or size(node) < size(best[node.word]):
                best[node.word] = node
    made = [
        replace(
            row, example=construct_text(table, best[word]) if word in best else "", uses=uses[word]
        )
        for word, row in table.rows.items()
    ]
    return ConstructTable(table.name, made)


def _held_out(
    programs: Sequence[SnippetProgram],
    pieces: Sequence[Sequence[SyntaxNode]],
    propose: Proposer,
    how: Settings,
) -> float | None:
    """Return how many times shorter files get by what was learned from others, over folds."""
    files = sorted({program.name.partition(":")[0] for program in programs})
    if len(files) < LEAST_FILES:
        return None
    before = after = 0
    for fold in range(FOLDS):
        out = set(files[fold::FOLDS])
        inside = [p.name.partition(":")[0] in out for p in programs]
        kept = _distinct([each for each, is_out in zip(pieces, inside, strict=True) if not is_out])
        held = [each for each, is_out in zip(pieces, inside, strict=True) if is_out]
        found, _ = learn(kept, propose, most=how.constructs, arity=how.slots)
        before += total_size(held)
        after += total_size(compress(held, found))
    return before / after if after else None
