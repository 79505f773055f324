"""For which arguments something is said of a program: in words, and some of them to try."""

import ast
import random
from collections.abc import Iterator, Sequence

from ideas_lib.programs.compilation.program import GoalParameter, IntegerProgram

__all__ = ["sample_edges", "scope_of"]


def scope_of(program: IntegerProgram, width: int) -> str:
    """Say in words for which arguments something is said."""
    integers = [p.name for p in program.parameters if not p.is_bool]
    bools = [p.name for p in program.parameters if p.is_bool]
    kinds = [f"all int{width} {', '.join(integers)}"] if integers else []
    kinds += [f"all bool {', '.join(bools)}"] if bools else []
    lines = " and ".join(f"({ast.unparse(line)})" for line in program.pre)
    return (" and ".join(kinds) or "its one call") + (f" with {lines}" if lines else "")


def sample_edges(
    parameters: Sequence[GoalParameter], width: int, count: int, rng: random.Random
) -> Iterator[tuple[int, ...]]:
    """Draw arguments near the places where programs go wrong: 0, powers of 2, the ends."""
    half = 1 << (width - 1)

    def one() -> int:
        kind = rng.random()
        if kind < 0.35:
            value = rng.choice((0, 1, -1, 2, 3, half - 1, -half, half - 2, 1 - half))
        elif kind < 0.6:
            value = rng.choice((1, -1)) * (1 << rng.randrange(width)) + rng.randrange(-1, 2)
        elif kind < 0.85:
            value = rng.randrange(-40, 41)
        else:
            value = rng.randrange(-half, half)
        return max(-half, min(half - 1, value))

    for _ in range(count):
        yield tuple(rng.randrange(2) if p.is_bool else one() for p in parameters)
