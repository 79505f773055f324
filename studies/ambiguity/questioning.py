"""Answer questions about recorded programs: which are left, and is the one that is picked right?

A row of `trying_texts` is all that is needed. The answer to an input is what was meant. Where that
is an exception the input never happens, which costs a question as well, and takes away the inputs
that split the programs in the same way.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ideas_lib.programs.ambiguity.splitting import entropy_bits

__all__ = ["BEST", "CHOICES", "RANDOM", "SHORTEST", "SPLITTING", "Sitting", "question_many"]

BEST, SPLITTING = "worth most", "any that splits"
SHORTEST, RANDOM = "shortest that splits", "any"
DRAWS = 40  # of the choices that are drawn


class Sitting:
    """What is left of a problem's programs, and the inputs that can happen."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self.did: list[Any] = row["did"][:-1]
        self.meant: list[int] = row["did"][-1]
        self.left = [place for place, each in enumerate(self.did) if each is not None]
        self.live = list(range(len(self.meant)))
        self.asked: set[int] = set()

    def way(self, case: int) -> tuple[int, ...]:
        """Return how an input splits what is left: equal numbers for equal outcomes."""
        order: dict[int, int] = {}
        return tuple(order.setdefault(self.did[place][case], len(order)) for place in self.left)

    def worth(self, case: int) -> float:
        """Return what an input's answer is worth, in bits."""
        way = self.way(case)
        return entropy_bits([way.count(each) for each in set(way)])

    def splitting(self) -> list[int]:
        """Return the inputs on which programs differ."""
        return [case for case in self.live if len(set(self.way(case))) > 1]

    def answer(self, case: int) -> None:
        """Say what was meant on an input."""
        self.asked.add(case)
        if self.row["answerable"][case]:
            self.left = [p for p in self.left if self.did[p][case] == self.meant[case]]
        else:
            way = self.way(case)
            gone = {one for one in self.live if any(way) and self.way(one) == way} | {case}
            self.live = [one for one in self.live if one not in gone]

    def clusters(self) -> list[list[int]]:
        """Return the programs that do the same on all inputs together, the largest first."""
        found: dict[tuple[int, ...], list[int]] = {}
        for place in self.left:
            found.setdefault(tuple(self.did[place][c] for c in self.live), []).append(place)
        return sorted(found.values(), key=len, reverse=True)

    def right(self) -> float:
        """Return how likely one of the largest clusters is right; 0 where none is left."""
        groups = self.clusters()
        largest = [group for group in groups if len(group) == len(groups[0])]
        right = [self.row["right"][group[0]] for group in largest]
        return sum(right) / len(right) if right else 0.0

    def report(self) -> tuple[float, float, float, float]:
        """Return right, bits, whether any program is left, and whether nothing is to be asked."""
        bits = entropy_bits([len(group) for group in self.clusters()])
        some = float(bool(self.left))
        return self.right(), bits, some, float(bool(self.left) and not self.splitting())


def _calls(sitting: Sitting, cases: Sequence[int]) -> Callable[[int], tuple[int, str]]:
    return lambda case: (len(sitting.row["calls"][case]), sitting.row["calls"][case])


def _best(sitting: Sitting, draw: random.Random) -> int | None:
    cases = sitting.splitting()
    short = _calls(sitting, cases)
    by = min(cases, key=lambda c: (-round(sitting.worth(c), 9), *short(c)), default=None)
    return by


def _shortest(sitting: Sitting, draw: random.Random) -> int | None:
    cases = sitting.splitting()
    return min(cases, key=_calls(sitting, cases), default=None)


def _splitting(sitting: Sitting, draw: random.Random) -> int | None:
    cases = sitting.splitting()
    return draw.choice(cases) if cases else None


def _any(sitting: Sitting, draw: random.Random) -> int | None:
    cases = [case for case in sitting.live if case not in sitting.asked]
    return draw.choice(cases) if cases and sitting.left else None


CHOICES: dict[str, Callable[[Sitting, random.Random], int | None]] = {
    RANDOM: _any,
    SHORTEST: _shortest,
    SPLITTING: _splitting,
    BEST: _best,
}


def question_many(row: Mapping[str, Any], arm: str, answers: int, seed: int) -> list[list[float]]:
    """Return what `Sitting.report` says after 0, 1, ... answers: the mean over draws."""
    draw = random.Random(f"{arm} {seed}")
    draws = DRAWS if arm in (RANDOM, SPLITTING) else 1
    total = [[0.0] * 4 for _ in range(answers + 1)]
    for _ in range(draws):
        sitting = Sitting(row)
        for given in range(answers + 1):
            if given:
                case = CHOICES[arm](sitting, draw)
                if case is not None:
                    sitting.answer(case)
            for place, value in enumerate(sitting.report()):
                total[given][place] += value / draws
    return total
