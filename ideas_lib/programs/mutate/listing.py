"""Read a program, and list or sample its mutations."""

import random
from bisect import bisect_right
from collections.abc import Collection
from itertools import accumulate

from ideas_lib.programs.mutate.finder import Finder
from ideas_lib.programs.mutate.mutation import Mutation, line_starts
from ideas_lib.programs.mutate.operators import OPERATORS
from ideas_lib.programs.mutate.places import Edit
from ideas_lib.programs.mutate.reading import read_program

__all__ = ["list_mutations", "sample_mutations"]

BOM = "\ufeff"
ORDER = {name: place for place, name in enumerate(OPERATORS)}


def list_mutations(
    source: str, path: str = "", operators: Collection[str] = tuple(OPERATORS)
) -> list[Mutation]:
    """Return every mutation of a module, in the order of its text, no two that make the same.

    Each mutated source parses, and differs from `source` in its syntax tree. Read files with
    `newline=""`, so that their line ends are kept. `path` is only reported.

    Raises InvalidSource, and ValueError for an operator that there is not.
    """
    unknown = set(operators) - set(OPERATORS)
    if unknown:
        raise ValueError(f"no operator {sorted(unknown)[0]!r}; there are: {', '.join(OPERATORS)}")
    text = source.removeprefix(BOM)
    program = read_program(text, path)
    finder = Finder(program.source, program.spans, program.nonlocals)
    program.visit(finder)
    firsts = {(edit.start, edit.end, edit.after): edit for edit in reversed(finder.found)}
    chosen = [edit for edit in firsts.values() if edit.operator in operators]
    chosen.sort(key=lambda edit: (edit.start, edit.end, ORDER[edit.operator], edit.after))
    return _mutations(source, len(source) - len(text), chosen, path)


def sample_mutations(
    source: str,
    n: int,
    seed: int,
    path: str = "",
    operators: Collection[str] = tuple(OPERATORS),
) -> list[Mutation]:
    """Return `n` mutations of a module, drawn without replacement, in the order of its text.

    The same seed draws the same. Raises as `list_mutations`, and ValueError where there are fewer.
    """
    there = list_mutations(source, path, operators)
    if not 0 <= n <= len(there):
        raise ValueError(f"n={n} mutations of {len(there)}: n has to lie from 0 to {len(there)}")
    return [there[place] for place in sorted(random.Random(seed).sample(range(len(there)), n))]


def _mutations(source: str, skipped: int, edits: list[Edit], path: str) -> list[Mutation]:
    """Turn places in bytes into places in characters, lines and columns."""
    lines = line_starts(source)
    ends = list(accumulate((len(letter.encode()) for letter in source[skipped:]), initial=0))
    found = []
    for edit in edits:
        start, end = (skipped + bisect_right(ends, place) - 1 for place in edit[:2])
        line = bisect_right(lines, start)
        column = start - lines[line - 1]
        before = source[start:end]
        found.append(
            Mutation(
                *(edit.operator, line, column, edit.function, before, edit.after),
                start=start,
                path=path,
            )
        )
    return found
