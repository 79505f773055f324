"""Mutation operators: what may become of a token, of a literal, of a value that is returned.

Their names are those of the field where it has one: the letters behind a name are Offutt's and
MutPy's (AOR, ROR, ...), the words PIT's. Each is a small mistake that people make.
"""

import libcst as cst

__all__ = [
    "AUGMENTED",
    "BINARY",
    "BOUNDARY",
    "COMPARISON",
    "EMPTY",
    "OPERATORS",
    "float_mutant",
    "imaginary_mutant",
    "integer_mutants",
    "string_mutants",
]

OPERATORS = {
    "arithmetic": "another arithmetic operator (AOR; math)",
    "bitwise": "another bitwise operator or shift (LOR)",
    "augmented_assignment": "another augmented assignment (ASR; increments)",
    "unary_removal": "a sign or ~ is left out (AOD; invert negatives)",
    "conditional_boundary": "< becomes <=, and the like (conditionals boundary)",
    "comparison_negation": "== becomes !=, < becomes >=, and the like (ROR; negate conditionals)",
    "logical_connector": "and becomes or, or becomes and (LCR)",
    "condition_negation": "a condition gets a not, or loses it (COI, COD)",
    "number": "a number is one more, an integer also one less (CRP; inline constant)",
    "string": "a string gets other ends, or is empty (CRP)",
    "boolean": "True becomes False, False becomes True (CRP)",
    "index": "an index or a slice's bound is one more",
    "slice_bound_removal": "a slice loses a bound or its step (SIR)",
    "statement_deletion": "a statement becomes pass (SDL)",
    "return_value": "None is returned, or what is empty of the type promised (empty returns)",
    "break_continue": "break becomes continue, continue becomes break (BCR)",
    "zero_iteration": "a loop never begins (ZIL)",
    "default_argument": "a default becomes None",
    "argument_swap": "two positional arguments change places",
    "exception_handler": "a handler does nothing, or only raises again (EXS, EHD)",
}

BINARY: dict[type[cst.BaseBinaryOp], tuple[str, str]] = {
    cst.Add: ("arithmetic", "-"),
    cst.Subtract: ("arithmetic", "+"),
    cst.Multiply: ("arithmetic", "/"),
    cst.Divide: ("arithmetic", "*"),
    cst.FloorDivide: ("arithmetic", "/"),
    cst.Modulo: ("arithmetic", "/"),
    cst.Power: ("arithmetic", "*"),
    cst.MatrixMultiply: ("arithmetic", "*"),
    cst.LeftShift: ("bitwise", ">>"),
    cst.RightShift: ("bitwise", "<<"),
    cst.BitAnd: ("bitwise", "|"),
    cst.BitOr: ("bitwise", "&"),
    cst.BitXor: ("bitwise", "&"),
}
AUGMENTED: dict[type[cst.BaseAugOp], str] = {
    cst.AddAssign: "-=",
    cst.SubtractAssign: "+=",
    cst.MultiplyAssign: "/=",
    cst.DivideAssign: "*=",
    cst.FloorDivideAssign: "/=",
    cst.ModuloAssign: "/=",
    cst.PowerAssign: "*=",
    cst.MatrixMultiplyAssign: "*=",
    cst.LeftShiftAssign: ">>=",
    cst.RightShiftAssign: "<<=",
    cst.BitAndAssign: "|=",
    cst.BitOrAssign: "&=",
    cst.BitXorAssign: "&=",
}
BOUNDARY: dict[type[cst.BaseCompOp], str] = {
    cst.LessThan: "<=",
    cst.LessThanEqual: "<",
    cst.GreaterThan: ">=",
    cst.GreaterThanEqual: ">",
}
COMPARISON: dict[type[cst.BaseCompOp], str] = {
    cst.LessThan: ">=",
    cst.LessThanEqual: ">",
    cst.GreaterThan: "<=",
    cst.GreaterThanEqual: "<",
    cst.Equal: "!=",
    cst.NotEqual: "==",
    cst.Is: "is not",
    cst.IsNot: "is",
    cst.In: "not in",
    cst.NotIn: "in",
}
# What is empty of a type, by the annotation of what a function returns.
EMPTY = {
    "bool": ("True", "False"),
    "bytes": ('b""',),
    "dict": ("{}",),
    "float": ("0.0",),
    "frozenset": ("frozenset()",),
    "int": ("0",),
    "list": ("[]",),
    "set": ("set()",),
    "str": ('""',),
    "tuple": ("()",),
}


def integer_mutants(text: str) -> list[str]:
    """Return one more and one less than an integer, in its own base."""
    value, base = int(text, 0) if text.strip("0_") else 0, text[:2].lower()
    written = {"0x": hex, "0o": oct, "0b": bin}.get(base, str)
    return [written(value + 1), written(value - 1)]


def float_mutant(text: str) -> str:
    """Return one more than a number; where that is the same, half of it, or nought."""
    value = float(text)
    more = [other for other in (value + 1, value / 2, 0.0) if other != value]
    return repr(more[0])


def imaginary_mutant(text: str) -> str:
    """Return one more than an imaginary number."""
    return f"{float_mutant(text[:-1])}j"


def string_mutants(prefix: str, quote: str, raw: str, empty: bool) -> list[str]:
    """Return a string with other ends, and the empty one unless it is `empty` already."""
    other = f"{prefix}{quote}XX{raw}XX{quote}"
    return [f"{prefix}{quote}XX{quote}"] if empty else [other, f"{prefix}{quote}{quote}"]
