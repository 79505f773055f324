"""Learn constructs by compression: a pattern is worth a word if the corpus is shorter by it.

Each step takes the pattern that saves most, what its definition costs counted in, and puts it in
place of all its instances; the next step sees the corpus as it is then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ideas_lib.programs.dsl.patterns import (
    count_slots,
    match,
    node_head,
    replace,
    size,
    slot,
    slots_in,
)
from ideas_lib.programs.dsl.proposals import Proposer, by_pairs
from ideas_lib.programs.dsl.runtime.construct_table import CORE, SyntaxNode, rebuild
from ideas_lib.programs.dsl.words import every_node

__all__ = ["LearnedConstruct", "NothingRepeats", "compress", "learn", "total_size"]

LEAST = 4  # tokens that a construct saves at least
TRIED = 12  # patterns of a step whose saving is counted in full
Pieces = Sequence[SyntaxNode]


class NothingRepeats(ValueError):
    """A corpus that no construct makes shorter."""


@dataclass(frozen=True)
class LearnedConstruct:
    """A pattern worth a word: `uses` in the corpus, `saves` tokens of it, its own size paid.

    `word` is what stands for it in trees, with a node for each slot, in their order.
    """

    word: str
    body: SyntaxNode
    uses: int
    saves: int


def learn(
    programs: Sequence[Pieces],
    propose: Proposer,
    *,
    most: int = 12,
    arity: int = 3,
    again: Proposer = by_pairs,
    progress: Callable[[], object] = lambda: None,
) -> tuple[list[LearnedConstruct], list[list[SyntaxNode]]]:
    """Return at most `most` constructs, and the programs written by them.

    `propose` is asked once, `again` before each step. Words are "#0", "#1" and so on. `progress` is
    called after each step.
    """
    corpus = [list(program) for program in programs]
    pool = propose(corpus, arity)
    found: list[LearnedConstruct] = []
    while len(found) < most:
        word = f"#{len(found)}"
        best = _best(corpus, [*pool, *again(corpus, arity)], word)
        progress()
        if best is None:
            break
        found.append(best)
        corpus = compress(corpus, [best])
    return found, corpus


def compress(
    programs: Sequence[Pieces], learned: Sequence[LearnedConstruct]
) -> list[list[SyntaxNode]]:
    """Return programs with each learned construct in place of what it stands for, in order."""
    corpus = [list(program) for program in programs]
    for each in learned:
        slots = count_slots(each.body)

        def make(
            found: dict[int, SyntaxNode], word: str = each.word, count: int = slots
        ) -> SyntaxNode:
            return SyntaxNode(word, tuple(found[place] for place in range(count)))

        corpus = [[replace(node, each.body, make) for node in program] for program in corpus]
    return corpus


def total_size(programs: Sequence[Pieces]) -> int:
    """Return the tokens of programs."""
    return sum(size(node) for program in programs for node in program)


def _best(
    corpus: Sequence[Pieces], patterns: Sequence[SyntaxNode], word: str
) -> LearnedConstruct | None:
    """Return the pattern that makes a corpus shortest, if that is by LEAST tokens or more."""
    by_head: dict[object, list[tuple[int, SyntaxNode]]] = {}
    for place, program in enumerate(corpus):
        for node in every_node(program):
            by_head.setdefault(node_head(node), []).append((place, node))
    ranked = []
    # A construct of an API is about the API: `$x - 1` is as short by itself.
    worth = (
        pattern for pattern in dict.fromkeys(patterns) if any(map(_is_api, every_node([pattern])))
    )
    for pattern in map(_in_order, worth):
        some = [
            (place, saved)
            for place, node in by_head.get(node_head(pattern), [])
            if (saved := _saved(pattern, node)) is not None
        ]
        # Twice in one program may be how that program is; three times, or two programs, is not.
        if len(some) > 2 or len({place for place, _ in some}) > 1:
            ranked.append((sum(saved for _, saved in some) - size(pattern) - 1, pattern))
    ranked.sort(key=lambda each: (-each[0], repr(each[1])))
    before, best = total_size(corpus), None
    for rough, pattern in ranked[:TRIED]:
        if rough < max(LEAST, best.saves + 1 if best else 0):
            break
        made = compress(corpus, [LearnedConstruct(word, pattern, 0, 0)])
        uses = sum(node.word == word for program in made for node in every_node(program))
        saves = before - total_size(made) - size(pattern) - 1
        if saves >= LEAST and (best is None or saves > best.saves):
            best = LearnedConstruct(word, pattern, uses, saves)
    return best


def _is_api(node: SyntaxNode) -> bool:
    return node.word not in CORE and node.word not in ("slot", "call")


def _saved(pattern: SyntaxNode, node: SyntaxNode) -> int | None:
    """Return how many tokens a pattern saves at a node, or None where it does not match."""
    found: dict[int, SyntaxNode] = {}
    if not match(pattern, node, found):
        return None
    return size(node) - 1 - sum(map(size, found.values()))


def _in_order(pattern: SyntaxNode) -> SyntaxNode:
    """Return a pattern with its slots numbered as they are written."""
    places = {old: new for new, old in enumerate(dict.fromkeys(slots_in([pattern])))}

    def inside(node: SyntaxNode) -> SyntaxNode:
        if node.word == "slot":
            return slot(places[node.parts[0]])
        return rebuild(node, [inside(child) for child in node.children()])

    return inside(pattern)
