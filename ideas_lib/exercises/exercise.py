"""An exercise with holes: what its parameters may be, what is asked, and what is right."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import mul

__all__ = ["KINDS", "SUBJECTS", "BadExercise", "Exercise", "Parameter", "Value", "Wrong"]

SUBJECTS = ("program", "answer")
KINDS = ("numbers", "story", "structure", "harder", "easier")

Value = int | Decimal | str | tuple[int | Decimal, ...]


class BadExercise(ValueError):
    """Raised for a template that cannot be used as it stands; it names the line or the value."""


@dataclass(frozen=True)
class Parameter:
    """What a hole may hold. `kind` is `int`, `decimal`, `choice` or `list`.

    Numbers are `low`, `low + step`, ... up to `high`, written with `places` decimals; a list has
    `length` of them. A choice is one of `choices`. `unit` is one of pint's, or empty.
    """

    name: str
    kind: str
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    step: Decimal = Decimal(1)
    places: int = 0
    choices: tuple[int | str, ...] = ()
    length: int = 1
    unit: str = ""

    @property
    def count(self) -> int:
        """Return how many values there are."""
        if self.kind == "choice":
            return len(self.choices)
        return self._numbers**self.length

    @property
    def _numbers(self) -> int:
        return int((self.high - self.low) // self.step) + 1

    def draw(self, source: random.Random) -> Value:
        """Return one value, each as probable as any other."""
        if self.kind == "choice":
            return source.choice(self.choices)
        drawn = tuple(self._number(source) for _ in range(self.length))
        return drawn if self.kind == "list" else drawn[0]

    def _number(self, source: random.Random) -> int | Decimal:
        found = self.low + self.step * source.randrange(self._numbers)
        return round(found, self.places) if self.places else int(found)


@dataclass(frozen=True)
class Wrong:
    """A mistake that people make: why, and the program or the answer that it leads to."""

    why: str
    text: str


@dataclass(frozen=True)
class Exercise:
    """What a template says; texts have holes, as `{{ name }}`.

    Of a program: `solution`, `starter`, `calls` whose answers are shown, `hidden_calls` and `tests`
    that are not. Of an answer: `answer` is an expression of SymPy, in `unit`, and `working` what
    the teacher's page shows; `symbols` are unknowns. `tolerance` is a share of the answer.
    """

    title: str
    subject: str
    prompt: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    solution: str = ""
    starter: str = ""
    calls: tuple[str, ...] = ()
    hidden_calls: tuple[str, ...] = ()
    tests: str = ""
    answer: str = ""
    unit: str = ""
    symbols: tuple[str, ...] = ()
    tolerance: Decimal = Decimal(0)
    working: str = ""
    wrong: tuple[Wrong, ...] = ()
    keep: tuple[str, ...] = ()
    vary: tuple[str, ...] = ("numbers",)
    points: Decimal = Decimal(1)
    sha256: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return what holes may be called."""
        return (*self.parameters, *self.derived)

    @property
    def count(self) -> int:
        """Return how many draws there are, before any is refused."""
        return reduce(mul, (parameter.count for parameter in self.parameters.values()), 1)
