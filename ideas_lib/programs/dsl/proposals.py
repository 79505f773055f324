"""Propose patterns that may be worth a word: by Stitch where it is installed, else by pairs.

Either gives candidates only. What one saves is counted by `learning`, in the same way for both.
"""

import importlib.util
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import Any

from ideas_lib.programs.dsl.patterns import (
    anti_unify,
    count_slots,
    is_open,
    node_head,
    size,
)
from ideas_lib.programs.dsl.patterns import slot as slot_node
from ideas_lib.programs.dsl.runtime.construct_table import SyntaxNode, rebuild
from ideas_lib.programs.dsl.runtime.meaning import substitute
from ideas_lib.programs.dsl.words import every_node

__all__ = ["PROPOSERS", "Proposer", "by_pairs", "by_stitch", "default_proposer"]

Proposer = Callable[[Sequence[Sequence[SyntaxNode]], int], list[SyntaxNode]]
MOST = 16  # different trees of one head that are compared with one another
BEST = 24  # patterns of one head that are kept
ROUND = 6  # abstractions that Stitch is asked for at a time


def default_proposer() -> str:
    """Return "stitch" where the package stitch-core is installed, else "pairs"."""
    return "stitch" if importlib.util.find_spec("stitch_core") else "pairs"


def by_pairs(programs: Sequence[Sequence[SyntaxNode]], arity: int) -> list[SyntaxNode]:
    """Return what pairs of trees have in common, at most `arity` slots in each."""
    groups: dict[Any, Counter[SyntaxNode]] = defaultdict(Counter)
    for node in every_node(node for program in programs for node in program):
        if is_open(node) and size(node) > 1:
            groups[node_head(node)][node] += 1
    found = [
        pattern
        for trees in groups.values()
        if trees.total() > 1
        for pattern in _meets(tuple(trees.most_common(MOST)), arity)
    ]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1 << 14)  # most groups are the same in the next step
def _meets(trees: tuple[tuple[SyntaxNode, int], ...], arity: int) -> list[SyntaxNode]:
    """Return the largest patterns of pairs; a tree and itself are a pair if it is there twice."""
    made: Counter[SyntaxNode] = Counter()
    for (one, times), (other, _) in combinations_with_replacement(trees, 2):
        if one is not other or times > 1:
            pattern = anti_unify(one, other)
            if size(pattern) > 1 and count_slots(pattern) <= arity:
                made[pattern] += size(pattern) - count_slots(pattern)
    return [pattern for pattern, _ in made.most_common(BEST)]


def by_stitch(programs: Sequence[Sequence[SyntaxNode]], arity: int) -> list[SyntaxNode]:
    """Return what Stitch finds (Bowers et al., POPL 2023). Raises ModuleNotFoundError."""
    coder = _Coder()
    codes = [coder.code(node, place) for place, nodes in enumerate(programs) for node in nodes]
    codes = [code for code in [*codes, *coder.more] if code.startswith("(")]
    if not codes:
        return []
    known: dict[str, SyntaxNode] = {}
    for abstraction in _abstractions(codes, arity):
        pattern = coder.pattern(abstraction.body, known)
        if pattern is not None:
            known[abstraction.name] = pattern
    return [pattern for pattern in known.values() if count_slots(pattern) <= arity]


def _abstractions(codes: list[str], arity: int) -> list[Any]:
    """Return what Stitch says. It runs in a thread of its own, or Ctrl-C would wait for its end."""
    import stitch_core

    found: list[Any] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            made = stitch_core.compress(codes, iterations=ROUND, max_arity=arity, silent=True)
            found.extend(made.abstractions)
        except BaseException as error:  # a panic of Rust's too; it is raised below
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found


class _Coder:
    """Writes trees as s-expressions of symbols, and reads patterns back.

    A symbol stands for a head. A program's names have symbols of its own, and what no pattern may
    have within is one symbol, used once; its inside goes to `more`.
    """

    def __init__(self) -> None:
        self.symbols: dict[Any, str] = {}
        self.nodes: dict[str, SyntaxNode] = {}
        self.more: list[str] = []

    def code(self, node: SyntaxNode, program: int) -> str:
        if node.word == "a name":
            return self._symbol("V", (program, node), node)
        inner = [self.code(child, program) for child in node.children()]
        if not is_open(node):
            self.more += inner
            return self._symbol("C", (program, len(self.symbols)), node)
        symbol = self._symbol("H", node_head(node), node)
        return f"({symbol} {' '.join(inner)})" if inner else symbol

    def _symbol(self, kind: str, key: Any, node: SyntaxNode) -> str:
        symbol = self.symbols.setdefault((kind, key), f"{kind}{len(self.symbols)}")
        self.nodes.setdefault(symbol, node)
        return symbol

    def pattern(self, body: str, known: dict[str, SyntaxNode]) -> SyntaxNode | None:
        """Return the pattern that Stitch wrote, or None for what is no construct by itself."""
        tokens = re.findall(r"[()]|[^\s()]+", body)
        tree, _ = _nested(tokens, 0)
        fresh = iter(range(100, 200))
        places: dict[Any, int] = {}

        def place(key: Any) -> SyntaxNode:
            return slot_node(places.setdefault(key, len(places)))

        def made(part: Any) -> SyntaxNode | None:
            first, *others = part if isinstance(part, list) else [part]
            if isinstance(first, list) or first.startswith("#"):
                return None if others or isinstance(first, list) else place(first)
            if first in known:
                inner = [made(other) for other in others]
                if None in inner or len(inner) < count_slots(known[first]):
                    return None
                return substitute(known[first], [each for each in inner if each is not None])
            node = self.nodes.get(first)
            if node is None:
                return None
            if first[0] in "VC":
                return place(first)
            children = list(node.children())
            inner = [made(other) for other in others]
            # A call that Stitch cut short gets slots for the rest.
            inner += [place(next(fresh)) for _ in children[len(inner) :]]
            if None in inner or len(inner) > len(children):
                return None
            return rebuild(node, [each for each in inner if each is not None])

        found = made(tree)
        return found if found is not None and is_open(found) else None


def _nested(tokens: Sequence[str], at: int) -> tuple[Any, int]:
    if tokens[at] != "(":
        return tokens[at], at + 1
    found: list[Any] = []
    at += 1
    while tokens[at] != ")":
        part, at = _nested(tokens, at)
        found.append(part)
    return found, at + 1


def nothing(programs: Sequence[Sequence[SyntaxNode]], arity: int) -> list[SyntaxNode]:
    """Return no patterns: pairs are looked at in any case."""
    return []


# What proposes patterns before the first step. Pairs do before each: Stitch weighs words and slots
# in another way, so what it likes best may not be worth a word.
PROPOSERS: dict[str, Proposer] = {"stitch": by_stitch, "pairs": nothing}
