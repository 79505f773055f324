"""Name learned constructs and their slots from the corpus that they were found in."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ideas_lib.programs.dsl.learning import LearnedConstruct
from ideas_lib.programs.dsl.patterns import count_slots
from ideas_lib.programs.dsl.runtime.construct_table import ConstructRow, Slot, SyntaxNode
from ideas_lib.programs.dsl.words import every_node, free_word

__all__ = ["learned_row"]

LONGEST = 24  # letters of a text that gives a word
KINDS = {
    **{"a text": "text", "join": "text", "an int": "number", "a float": "number"},
    **{"a list": "items", "a tuple": "items", "a dict": "items"},
}


def learned_row(
    learned: LearnedConstruct,
    uses: Sequence[tuple[SyntaxNode, str]],
    taken: Collection[str],
) -> ConstructRow:
    """Return the row of a learned construct; its slots are in the order of its pattern.

    `uses` are its nodes in the corpus, each with the name that its value gets, or "".
    """
    labels = dict(_labels(learned.body))
    names: list[str] = []
    for place in range(count_slots(learned.body)):
        fillings = [node.parts[place] for node, _ in uses]
        names.append(free_word([labels.get(place) or _filling(fillings)], names))
    chosen = free_word(_words(learned.body, uses), taken)
    slots = [Slot(name, "value") for name in names]
    sort = "statement" if learned.body.word == "put" else "phrase" if slots else "atom"
    form: tuple[str | Slot, ...] = (chosen, *slots)
    return ConstructRow(chosen, sort, form, "learned", body=learned.body, uses=learned.uses)


def _labels(node: SyntaxNode) -> Iterator[tuple[int, str]]:
    """Yield the slots that are a labelled value of a call, with their labels."""
    for part in node.parts:
        for each in part if isinstance(part, tuple) else ():
            if isinstance(each, tuple) and isinstance(each[0], str) and each[1].word == "slot":
                yield each[1].parts[0], each[0]
    for child in node.children():
        yield from _labels(child)


def _filling(fillings: Sequence[SyntaxNode]) -> str:
    """Return what a slot holds: the name that is mostly there, or the kind of value."""
    names = Counter(node.parts[0] for node in fillings if node.word == "a name")
    if names and names.total() * 2 > len(fillings):
        return names.most_common(1)[0][0]
    kinds = Counter(KINDS.get(node.word, "value") for node in fillings)
    return kinds.most_common(1)[0][0] if kinds else "value"


def _words(body: SyntaxNode, uses: Sequence[tuple[SyntaxNode, str]]) -> list[str]:
    """Return words for a construct: what its values are called, else what is said in it."""
    named = Counter(name for _, name in uses if name)
    stem = body.word if body.word.isidentifier() else "made"
    said = [_identifier(part) for part in _said(body)]
    inner = [node.word for node in every_node(body.children()) if node.word.isidentifier()]
    inner = [word for word in inner if word != "slot"]
    detail = [each for each in [*said, *inner] if each and each != stem]
    words = [f"{stem}_{each}" for each in detail] + ["_".join([stem, *detail[:2]])]
    if named and named.most_common(1)[0][1] * 2 > len(uses):
        words.insert(0, named.most_common(1)[0][0])
    return words


def _said(node: SyntaxNode) -> Iterator[Any]:
    """Yield the literals within a node."""
    for inner in every_node([node]):
        if inner.word in ("a text", "an int"):
            yield inner.parts[0]


def _identifier(value: object) -> str:
    """Return a literal as a part of a word, or nothing where it would not be one."""
    text = re.sub(r"\W+", "_", str(value)).strip("_")
    return text if text and len(text) <= LONGEST and text.isascii() else ""
