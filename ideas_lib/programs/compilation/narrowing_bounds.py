"""What a test says of the bounds of names: after `0 <= n < 32`, n has five bits."""

import ast
from collections.abc import Mapping

from ideas_lib.programs.compilation.bitvalues import Bits, BitValue

__all__ = ["narrow"]

OPPOSITE: dict[type, type] = {
    **{ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
}


def narrow(
    bits: Bits,
    test: ast.expr,
    names: dict[str, BitValue],
    truth: bool,
    constants: Mapping[str, int],
) -> bool:
    """Narrow names by a test that came out as `truth`; return False where it cannot have."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return narrow(bits, inner, names, not truth, constants)
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) == truth:
            return all(narrow(bits, each, names, truth, constants) for each in values)
        case ast.Name(id=name) if name in names:
            v = names[name]
            if not truth:
                return _within(bits, names, name, 0, 0)
            low, high = v.low + (v.low == 0), v.high - (v.high == 0)
            return low <= high and _within(bits, names, name, low, high)
        case ast.Compare(left=left, ops=ops, comparators=others) if truth or len(ops) == 1:
            sides = [left, *others]
            for a, order, b in zip(sides, ops, others, strict=False):
                kind = type(order) if truth else OPPOSITE[type(order)]
                if not _compared(bits, a, kind, b, names, constants):
                    return False
    return True


def _compared(
    bits: Bits,
    a: ast.expr,
    op: type,
    b: ast.expr,
    names: dict[str, BitValue],
    constants: Mapping[str, int],
) -> bool:
    left, right = _bounds(a, names, constants), _bounds(b, names, constants)
    if left is None or right is None:
        return True
    if op in (ast.Gt, ast.GtE):
        a, b, left, right = b, a, right, left
    strict = int(op in (ast.Lt, ast.Gt))
    if op is ast.NotEq:
        return True
    low, high = left[0] + strict, right[1] - strict
    if op is ast.Eq:
        low, high = max(left[0], right[0]), min(left[1], right[1])
        return _within(bits, names, a, low, high) and _within(bits, names, b, low, high)
    return _within(bits, names, a, left[0], high) and _within(bits, names, b, low, right[1])


def _bounds(
    node: ast.expr, names: Mapping[str, BitValue], constants: Mapping[str, int]
) -> tuple[int, int] | None:
    match node:
        case ast.Constant(value=int() as value):
            return int(value), int(value)
        case ast.Name(id=name) if name in names:
            return names[name].low, names[name].high
        case ast.Name(id=name) if name in constants:
            return constants[name], constants[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = _bounds(inner, names, constants)
            return found and (-found[1], -found[0])
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _bounds(left, names, constants), _bounds(right, names, constants)
            if a is None or b is None or not (a[0] == a[1] and b[0] == b[1]):
                return None
            return _folded(a[0], op, b[0])
    return None


def _folded(a: int, op: ast.operator, b: int) -> tuple[int, int] | None:
    if isinstance(op, ast.Pow | ast.LShift) and 0 <= b <= 64:
        value = a**b if isinstance(op, ast.Pow) else a << b
    elif isinstance(op, ast.Add | ast.Sub):
        value = a + b if isinstance(op, ast.Add) else a - b
    else:
        return None
    return value, value


def _within(
    bits: Bits, names: dict[str, BitValue], what: ast.expr | str, low: int, high: int
) -> bool:
    name = what.id if isinstance(what, ast.Name) else what
    if low > high:
        return False
    if isinstance(name, str) and name in names:
        v = names[name]
        if max(low, v.low) > min(high, v.high):
            return False
        names[name] = bits.narrowed(v, low, high)
    return True
