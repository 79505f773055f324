"""School equations in one unknown, by lot, with their solutions; and how a model is asked for them.

Eleven kinds, from linear ones to roots and fractions, in which dividing or squaring may lose or
gain a solution. Solutions are chosen first, and are whole numbers but for the linear kinds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

__all__ = ["KINDS", "Posed", "messages_for", "sample_equation"]


@dataclass(frozen=True)
class Posed:
    """An equation as it is given, its kind, and its real solutions, sorted."""

    text: str
    kind: str
    solutions: tuple[Fraction, ...]


def _some(rng: np.random.Generator, low: int, high: int, *but: int) -> int:
    """Draw a whole number from low to high, not 0, and none of `but`."""
    free = [n for n in range(low, high + 1) if n != 0 and n not in but]
    return int(rng.choice(free))


def _plus(n: int | Fraction) -> str:
    return f"+ {n}" if n >= 0 else f"- {-n}"


def _times(n: int, of: str = "x") -> str:
    return of if n == 1 else f"-{of}" if n == -1 else f"{n}{of}"


def _set(*values: int | Fraction) -> tuple[Fraction, ...]:
    return tuple(sorted({Fraction(value) for value in values}))


def _linear(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, b, c, d = _some(rng, 2, 9), _some(rng, -12, 12), _some(rng, 2, 9), _some(rng, -12, 12)
    c = c if c != a else c + 1
    return f"{a}x {_plus(b)} = {c}x {_plus(d)}", _set(Fraction(d - b, a - c))


def _brackets(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, b, c, d = _some(rng, 2, 6), _some(rng, -9, 9), _some(rng, 2, 6), _some(rng, -9, 9)
    e = _some(rng, -9, 9)
    c = c if c != a else c + 1
    text = f"{a}(x {_plus(b)}) = {c}(x {_plus(d)}) {_plus(e)}"
    return text, _set(Fraction(c * d + e - a * b, a - c))


def _minus_bracket(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, b, c, d = _some(rng, 5, 12), _some(rng, 2, 5), _some(rng, -9, 9), _some(rng, 2, 9)
    # a x - b (x + c) = d
    return f"{a}x - {b}(x {_plus(c)}) = {d}", _set(Fraction(d + b * c, a - b) if a != b else 0)


def _fractions(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, b = _some(rng, 2, 6), _some(rng, 2, 6)
    b = b if b != a else b + 1
    c, d = _some(rng, -6, 6), _some(rng, -9, 9)
    # x/a + (x + c)/b = d
    value = (Fraction(d) - Fraction(c, b)) / (Fraction(1, a) + Fraction(1, b))
    return f"x/{a} + (x {_plus(c)})/{b} = {d}", _set(value)


def _proportion(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    r, b, c = _some(rng, -9, 9), _some(rng, -6, 6), _some(rng, 2, 6)
    b = b if r + b else b + 1
    b = b if b and r + b else b + 2
    return f"{c * (r + b)}/(x {_plus(b)}) = {c}", _set(r)


def _common_factor(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, r = _some(rng, 1, 5), _some(rng, -9, 9)
    return f"{_times(a, 'x^2')} = {_times(a * r)}", _set(0, r)


def _shared_bracket(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    r, s = _some(rng, -7, 7), _some(rng, 2, 9)
    return f"x(x {_plus(-r)}) = {s}(x {_plus(-r)})", _set(r, s)


def _quadratic(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    r = _some(rng, -8, 8)
    s = _some(rng, -8, 8, -r)
    return f"x^2 {_plus(-(r + s))}x {_plus(r * s)} = 0", _set(r, s)


def _square(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, k = _some(rng, -7, 7), _some(rng, 2, 7)
    return f"(x {_plus(a)})^2 = {k * k}", _set(k - a, -k - a)


def _absolute(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    a, b, k = _some(rng, 2, 3), _some(rng, -9, 9), _some(rng, 1, 9)
    return f"|{a}x {_plus(b)}| = {k}", _set(Fraction(k - b, a), Fraction(-k - b, a))


def _root(rng: np.random.Generator) -> tuple[str, tuple[Fraction, ...]]:
    # sqrt(x + a) = x + b, with x + b = k at the solution; squaring lets in x + b = 1 - k
    k, b = _some(rng, 2, 5), _some(rng, -6, 3)
    a = k * k - (k - b)
    inside = f"x {_plus(a)}" if a else "x"
    return f"sqrt({inside}) = x {_plus(b)}", _set(k - b)


KINDS: Mapping[str, Callable[[np.random.Generator], tuple[str, tuple[Fraction, ...]]]] = {
    "linear": _linear,
    "brackets": _brackets,
    "minus before a bracket": _minus_bracket,
    "fractions": _fractions,
    "proportion": _proportion,
    "common factor": _common_factor,
    "shared bracket": _shared_bracket,
    "quadratic": _quadratic,
    "square": _square,
    "absolute value": _absolute,
    "root": _root,
}

TASK = (
    "Solve the equation for x over the real numbers, step by step. Write one equation on each line "
    "and nothing else: no words, no LaTeX. Where there are two cases, write both on one line, with "
    "'or' between them. Throw out what does not solve the equation. The last line is the answer."
)
EXAMPLES = (
    ("4x + 1 = 2x + 9", "4x = 2x + 8\n2x = 8\nx = 4"),
    ("(x - 1)(x + 4) = 0", "x - 1 = 0 or x + 4 = 0\nx = 1 or x = -4"),
    (
        "sqrt(2x + 3) = x",
        "2x + 3 = x^2\nx^2 - 2x - 3 = 0\n(x - 3)(x + 1) = 0\nx = 3 or x = -1\nx = 3",
    ),
)  # fmt: skip


def sample_equation(seed: int) -> Posed:
    """Return a seed's equation: the kind by lot, each as likely as another, and its numbers."""
    rng = np.random.default_rng([seed, 22])
    kind = str(rng.choice(list(KINDS)))
    text, solutions = KINDS[kind](rng)
    return Posed(text, kind, solutions)


def messages_for(equation: str) -> list[dict[str, str]]:
    """Return the chat that asks a model to solve an equation, after three solved ones."""
    said = [{"role": "system", "content": TASK}]
    for text, lines in EXAMPLES:
        said += [{"role": "user", "content": text}, {"role": "assistant", "content": lines}]
    return [*said, {"role": "user", "content": equation}]
