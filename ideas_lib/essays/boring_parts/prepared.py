"""Twelve derivations that were prepared, each with numbers by lot: what is broken in them is known.

They are for figures, for trying things, and for tests; nothing is concluded from them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["PREPARED", "Prepared", "prepare_derivations"]


@dataclass(frozen=True)
class Prepared:
    """A derivation, its first broken line or None, and the cause, as `labels.CAUSES` has them.

    `lucky` says that with these numbers the broken line does no harm.
    """

    name: str
    lines: tuple[str, ...]
    broken: int | None = None
    cause: str = ""
    lucky: bool = False


Draw = Callable[[int, int], int]


def _by_unknown(n: Draw) -> Prepared:
    a = n(2, 9)
    lines = (f"x^2 = {a}x", f"x = {a}")
    return Prepared("divided by x", lines, 1, "divided by the unknown")


def _factored(n: Draw) -> Prepared:
    a = n(2, 9)
    lines = (f"x^2 = {a}x", f"x^2 - {a}x = 0", f"x(x - {a}) = 0", f"x = 0 or x = {a}")
    return Prepared("factored instead", lines)


def _sign(n: Draw) -> Prepared:
    a, b, r = n(2, 6), n(2, 9), n(2, 9)
    c = a * r + b
    lines = (f"{a}x + {b} = {c}", f"{a}x = {c + b}", f"x = {c + b}/{a}")
    return Prepared("a term that kept its sign", lines, 1, "sign")


def _bracket(n: Draw) -> Prepared:
    a, b, r = n(2, 6), n(2, 9), n(2, 9)
    c = a * (r + b)
    lines = (f"{a}(x + {b}) = {c}", f"{a}x + {b} = {c}", f"{a}x = {c - b}", f"x = {c - b}/{a}")
    return Prepared("a bracket half opened", lines, 1, "bracket")


def _one_root(n: Draw) -> Prepared:
    a, k = n(2, 9), n(2, 9)
    lines = (f"(x - {a})^2 = {k * k}", f"x - {a} = {k}", f"x = {a + k}")
    return Prepared("one root of two", lines, 1, "one root")


def _absolute(n: Draw) -> Prepared:
    a, k = n(2, 9), n(2, 9)
    lines = (f"|x - {a}| = {k}", f"x - {a} = {k} or x - {a} = -{k}", f"x = {a + k} or x = {a - k}")
    return Prepared("two cases", lines)


def _root(n: Draw, done: bool = True) -> Prepared:
    k, b = n(2, 4), n(1, 3)
    x, a = k + b, k * k - k - b
    lines = (
        f"sqrt(x + {a}) = x - {b}" if a >= 0 else f"sqrt(x - {-a}) = x - {b}",
        f"x {'+' if a >= 0 else '-'} {abs(a)} = (x - {b})^2",
        f"0 = (x - {x})(x - {b + 1 - k})".replace("- -", "+ ").replace("(x - 0)", "x"),
        f"x = {x} or x = {b + 1 - k}",
    )
    if done:
        return Prepared("squared, and checked", (*lines, f"x = {x}"))
    return Prepared("squared, not checked", lines, 1, "not checked")


def _not_checked(n: Draw) -> Prepared:
    return _root(n, done=False)


def _power(n: Draw) -> Prepared:
    a, k = n(2, 4), n(5, 9)
    lines = (f"(x + {a})^2 = {k * k}", f"x^2 + {a * a} = {k * k}", f"x^2 = {k * k - a * a}")
    return Prepared("a square of a sum", lines, 1, "power of a sum")


def _lucky(n: Draw) -> Prepared:
    a = n(2, 9)
    lines = (f"sqrt(x^2 + {a * a}) = {a}", f"x + {a} = {a}", "x = 0")
    return Prepared("wrong, and right by luck", lines, 1, "power of a sum", lucky=True)


def _divisor(n: Draw) -> Prepared:
    a = n(2, 9)
    lines = (f"(x^2 - {a * a})/(x - {a}) = 0", f"x^2 - {a * a} = 0", f"x = {a} or x = -{a}")
    return Prepared("a divisor forgotten", lines, 1, "not checked")


def _slip(n: Draw) -> Prepared:
    a, b, r = n(2, 6), n(2, 9), n(3, 9)
    c = a * r + b
    lines = (f"{a}x + {b} = {c}", f"{a}x = {c - b + 1}", f"x = {c - b + 1}/{a}")
    return Prepared("a slip", lines, 1, "arithmetic")


PREPARED = (
    _by_unknown,
    _factored,
    _sign,
    _bracket,
    _one_root,
    _absolute,
    _root,
    _not_checked,
    _power,
    _lucky,
    _divisor,
    _slip,
)


def prepare_derivations(seed: int) -> list[Prepared]:
    """Return the twelve, with numbers by lot."""
    rng = np.random.default_rng([seed, 12])
    return [make(lambda low, high: int(rng.integers(low, high + 1))) for make in PREPARED]
