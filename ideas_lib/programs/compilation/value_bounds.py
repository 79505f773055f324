"""The smallest and largest value that an operation can have, from those of its operands.

A pair (low, high) of integers stands for all from low to high.
"""

from collections.abc import Callable

__all__ = ["OPERATIONS", "Bounds", "signed_bits"]

Bounds = tuple[int, int]
FAR = 1 << 12  # shifts by more are all alike: to the right; to the left nobody gets there


def signed_bits(low: int, high: int) -> int:
    """Return how many bits of two's complement hold all from low to high."""
    return 1 + max(
        (low if low >= 0 else ~low).bit_length(), (high if high >= 0 else ~high).bit_length()
    )


def _corners(a: Bounds, b: Bounds, operation: Callable[[int, int], int]) -> Bounds:
    found = [operation(x, y) for x in a for y in b]
    return min(found), max(found)


def _all_ones(high: int) -> int:
    return (1 << high.bit_length()) - 1


def _full(a: Bounds, b: Bounds) -> Bounds:
    half = 1 << signed_bits(min(a[0], b[0]), max(a[1], b[1])) - 1
    return -half, half - 1


def _and(a: Bounds, b: Bounds) -> Bounds:
    if a[0] >= 0 and b[0] >= 0:
        return 0, min(a[1], b[1])
    if a[0] >= 0 or b[0] >= 0:
        return 0, a[1] if a[0] >= 0 else b[1]
    return _full(a, b)[0], max(a[1], b[1])


def _or(a: Bounds, b: Bounds) -> Bounds:
    if a[0] >= 0 and b[0] >= 0:
        return max(a[0], b[0]), _all_ones(max(a[1], b[1]))
    return min(a[0], b[0]), _full(a, b)[1]


def _xor(a: Bounds, b: Bounds) -> Bounds:
    return (0, _all_ones(max(a[1], b[1]))) if a[0] >= 0 and b[0] >= 0 else _full(a, b)


def _left(a: Bounds, b: Bounds) -> Bounds:
    amounts = max(b[0], 0), min(max(b[1], 0), FAR)
    return _corners(a, amounts, lambda x, y: x << y)


def _right(a: Bounds, b: Bounds) -> Bounds:
    amounts = min(max(b[0], 0), FAR), min(max(b[1], 0), FAR)
    return _corners(a, amounts, lambda x, y: x >> y)


def _divided(a: Bounds, b: Bounds) -> Bounds:
    parts = [_corners(a, part, lambda x, y: x // y) for part in _without_zero(b)]
    return (min(p[0] for p in parts), max(p[1] for p in parts)) if parts else (0, 0)


def _modulo(a: Bounds, b: Bounds) -> Bounds:
    if b[0] > 0 and a[0] >= 0 and a[1] < b[0]:
        return a
    parts = [(0, y - 1) if x > 0 else (x + 1, 0) for x, y in _without_zero(b)]
    if not parts:
        return 0, 0
    low, high = min(p[0] for p in parts), max(p[1] for p in parts)
    return low, min(high, max(a[1], 0)) if a[0] >= 0 and b[0] >= 0 else high


def _without_zero(b: Bounds) -> list[Bounds]:
    parts = [(b[0], min(b[1], -1)), (max(b[0], 1), b[1])]
    return [part for part in parts if part[0] <= part[1]]


OPERATIONS: dict[str, Callable[[Bounds, Bounds], Bounds]] = {
    "Add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "Sub": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "Mult": lambda a, b: _corners(a, b, lambda x, y: x * y),
    **{"BitAnd": _and, "BitOr": _or, "BitXor": _xor, "LShift": _left, "RShift": _right},
    **{"FloorDiv": _divided, "Mod": _modulo},
}
