"""Python's integers as bit-vectors that are wide enough: a term, and bounds that give its width.

Each operation has as many bits as its result can need, so nothing wraps, whatever the operands.
"""

from dataclasses import dataclass
from typing import Any

import z3

from ideas_lib.programs.compilation.value_bounds import OPERATIONS, Bounds, signed_bits

__all__ = ["BitValue", "Bits", "Truth", "all_of", "any_of", "negated"]

Truth = Any  # a bool of Python, where it is known, or a z3.BoolRef


def all_of(*parts: Truth) -> Truth:
    """Return the conjunction, without what is known."""
    if any(part is False for part in parts):
        return False
    left = [part for part in parts if part is not True]
    return (left[0] if len(left) == 1 else z3.And(*left)) if left else True


def any_of(*parts: Truth) -> Truth:
    """Return the disjunction, without what is known."""
    if any(part is True for part in parts):
        return True
    left = [part for part in parts if part is not False]
    return (left[0] if len(left) == 1 else z3.Or(*left)) if left else False


def negated(part: Truth) -> Truth:
    """Return the negation."""
    if isinstance(part, bool):
        return not part
    return part.arg(0) if z3.is_not(part) else z3.Not(part)


@dataclass(frozen=True, eq=False)
class BitValue:
    """An integer from `low` to `high`; `term` is a bit-vector, None where it is one number.

    `truth` is set where the integer is 1 or 0 as something is true or not.
    """

    low: int
    high: int
    term: Any = None
    truth: Truth = None


class Bits:
    """Operations on BitValue, each with at least `least` bits: more than needed may be simpler."""

    def __init__(self, least: int = 1) -> None:
        self._least, self.widest = least, least

    def number(self, value: int) -> BitValue:
        return BitValue(int(value), int(value))

    def variable(self, name: str, low: int, high: int) -> BitValue:
        return BitValue(low, high, z3.BitVec(name, signed_bits(low, high)))

    def narrowed(self, v: BitValue, low: int, high: int) -> BitValue:
        """Return a value of which is known that it lies within other bounds, too."""
        low, high = max(low, v.low), min(high, v.high)
        if (low, high) == (v.low, v.high):
            return v
        return BitValue(low, high, None if low == high else self.term(v, self._width(low, high)))

    def term(self, v: BitValue, width: int) -> Any:
        """Return a value's term with some width, at which it is right modulo a power of 2."""
        self.widest = max(self.widest, width)
        if v.low == v.high:
            return z3.BitVecVal(v.low, width)
        term = v.term
        if term is None:
            term = z3.If(v.truth, z3.BitVecVal(1, width), z3.BitVecVal(0, width))
        if term.size() < width:
            return z3.SignExt(width - term.size(), term)
        return z3.Extract(width - 1, 0, term) if term.size() > width else term

    def truth(self, v: BitValue) -> Truth:
        """Say when a value is not 0."""
        if v.truth is not None:
            return v.truth
        if v.low > 0 or v.high < 0 or v.low == v.high:
            return v.low != 0 or v.high != 0
        return v.term != z3.BitVecVal(0, v.term.size())

    def from_truth(self, truth: Truth) -> BitValue:
        return self.number(int(truth)) if isinstance(truth, bool) else BitValue(0, 1, None, truth)

    def either(self, test: Truth, a: BitValue, b: BitValue) -> BitValue:
        """Return a where the test holds, else b."""
        if isinstance(test, bool) or a is b:
            return a if test is True or a is b else b
        if a.low == a.high == b.low == b.high:
            return a
        low, high = min(a.low, b.low), max(a.high, b.high)
        if a.truth is not None and b.truth is not None:
            return BitValue(0, 1, None, z3.If(test, a.truth, b.truth))
        width = self._width(low, high)
        return BitValue(low, high, z3.If(test, self.term(a, width), self.term(b, width)))

    def compare(self, op: str, a: BitValue, b: BitValue) -> Truth:
        """Say when `a op b` holds, where op is Eq, Lt or LtE."""
        if op == "Eq":
            if a.high < b.low or b.high < a.low:
                return False
            if a.low == a.high == b.low == b.high:
                return True
        elif a.high < b.low or (op == "LtE" and a.high == b.low):
            return True
        elif b.high < a.low or (op == "Lt" and b.high == a.low):
            return False
        width = self._width(min(a.low, b.low), max(a.high, b.high))
        left, right = self.term(a, width), self.term(b, width)
        if op == "Eq":
            return left == right
        return left < right if op == "Lt" else left <= right

    def binary(self, op: str, a: BitValue, b: BitValue) -> BitValue:
        """Return the exact result; a divisor is not 0, and a shift is from 0 to FAR."""
        low, high = OPERATIONS[op]((a.low, a.high), (b.low, b.high))
        if low == high:
            return self.number(low)
        width = max(self._width(low, high), self._width(a.low, a.high), self._width(b.low, b.high))
        if op in ("FloorDiv", "Mod"):
            made = self._divided(op, a, b, width)
        else:
            left, right = self.term(a, width), self.term(b, width)
            made = _PLAIN[op](left, right)
        return self._fit(BitValue(low, high, made))

    def _divided(self, op: str, a: BitValue, b: BitValue, width: int) -> Any:
        left, right = self.term(a, width), self.term(b, width)
        if b.low == b.high and b.low > 0 and b.low & (b.low - 1) == 0:
            shift = z3.BitVecVal(b.low.bit_length() - 1, width)
            return left >> shift if op == "FloorDiv" else left & z3.BitVecVal(b.low - 1, width)
        if a.low >= 0 and b.low >= 0:
            return z3.UDiv(left, right) if op == "FloorDiv" else z3.URem(left, right)
        if op == "Mod":
            return left % right  # bvsmod: the sign is the divisor's
        rest = z3.SRem(left, right)
        zero, one = z3.BitVecVal(0, width), z3.BitVecVal(1, width)
        down = z3.And(rest != zero, (rest < zero) != (right < zero))
        return z3.If(down, left / right - one, left / right)

    def negative(self, v: BitValue) -> BitValue:
        return self.binary("Sub", self.number(0), v)

    def inverse(self, v: BitValue) -> BitValue:
        if v.low == v.high:
            return self.number(~v.low)
        return BitValue(~v.high, ~v.low, ~self.term(v, self._width(v.low, v.high)))

    def _fit(self, v: BitValue) -> BitValue:
        return BitValue(v.low, v.high, self.term(v, self._width(v.low, v.high)))

    def _width(self, low: int, high: int) -> int:
        return max(signed_bits(low, high), self._least)

    def outside(self, v: BitValue, bounds: Bounds) -> Truth:
        """Say when a value is not within bounds."""
        low, high = self.number(bounds[0]), self.number(bounds[1])
        return any_of(self.compare("Lt", v, low), self.compare("Lt", high, v))


_PLAIN: dict[str, Any] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "BitAnd": lambda a, b: a & b,
    "BitOr": lambda a, b: a | b,
    "BitXor": lambda a, b: a ^ b,
    "LShift": lambda a, b: a << b,
    "RShift": lambda a, b: a >> b,
}
