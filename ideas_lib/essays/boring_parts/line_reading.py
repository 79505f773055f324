"""Read a line of a derivation, which anybody may have written, without ever running it.

The grammar is small: numbers, one letter, `+ - * / ^`, brackets, `sqrt( )`, `| |`, and what is
multiplied without a sign. A line is one equation or several with `or` between them, or says that
nothing, or every number, solves it. Whatever else stands there is refused, with the reason.

An expression is a tuple: `("n", Fraction)`, `("x",)`, `("neg", a)`, `("sqrt", a)`, `("abs", a)`,
`("+", a, b)`, `("*", a, b)`, `("/", a, b)` or `("^", a, Fraction)`: as it was written, for where
`x(x - 2)/x` stands, `x - 2` does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

__all__ = ["Equation", "Statement", "Unreadable", "read_derivation", "read_statement"]

Tree = tuple[Any, ...]

LONGEST = 160  # characters of a line
MOST_LINES = 40
DEEPEST = 12  # brackets within brackets
DIGITS = 9
LARGEST_POWER = 6
MOST_POWER = 12  # of powers within powers

PLAIN = (
    (r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))"), (r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)"),
    (r"\\(?:cdot|times)", "*"), (r"\\pm|\+/-", "±"), (r"\\(?:left|right|quad|,|;|!)", ""),
    (r"\\(?:text|mathrm)\{([^{}]*)\}", r" \1 "), (r"\\[\[\]()]|\$", ""), (r"[·×⋅∙]", "*"),
    (r"÷", "/"), (r"[−–—]", "-"), (r"²", "^2"), (r"³", "^3"), (r"√\s*(\d+|[a-z])", r"sqrt(\1)"),
    (r"√", "sqrt"), (r"\*\*", "^"), (r"≈|\\approx", "="), (r"[`{}]", ""),
)  # fmt: skip
OPENING = re.compile(
    r"^\s*(?:(?:step\s*)?\d+[.):]\s+|[-*•]\s+|=>|⇒|→|\\implies|therefore,?)\s*", re.I
)
NOTHING = re.compile(r"^(there (?:is|are) )?no (real )?solutions?\.?$|^∅$|^no solution exists\.?$")
EVERYTHING = re.compile(
    r"^(all real numbers|every real number|infinitely many solutions|x ∈ (r|ℝ))\.?$"
)
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|(sqrt|abs)\b|([a-z])(?![a-z])|([-+*/^()|±]))")
DECIMALS = re.compile(r"^\s*[a-z]\s*=\s*-?\d*\.(\d{2,})\s*$")
ALTERNATIVES = re.compile(r"\s*(?:\bor\b|\band\b|[,;∨])\s*", re.I)


class Unreadable(ValueError):
    """Raised for what the grammar does not hold; the message is the reason."""


@dataclass(frozen=True)
class Equation:
    """One equation. `decimals` counts the digits after the point of a bare `x = 3.33`, else 0."""

    left: Tree
    right: Tree
    decimals: int = 0


@dataclass(frozen=True)
class Statement:
    """What a line says: that one of its equations holds; none of them: that nothing solves it.

    `everything` says that every number does. `letter` is the unknown, empty where there is none.
    """

    equations: tuple[Equation, ...]
    letter: str = ""
    everything: bool = False


def read_derivation(text: str) -> list[str]:
    """Return the lines of a derivation that say something, without their numbers and bullets.

    A line without an equals sign that does not speak of solutions is talk, and is left out; so is
    what follows the first 40 lines.
    """
    lines = [_plain(line) for line in text.splitlines()]
    return [line for line in lines if "=" in line or _said(line)][:MOST_LINES]


def read_statement(line: str, letter: str = "") -> Statement:
    """Read one line; `letter` is the unknown, if it is known. Raises Unreadable."""
    if len(line) > LONGEST:
        raise Unreadable(f"{len(line)} characters are more than {LONGEST}")
    text = _plain(line)
    if "=" not in text and (said := _said(text)):
        return Statement((), letter, everything=said == "everything")
    if ":" in text:  # "Divide both sides by 3: x = 2"
        text = text.rpartition(":")[2]
    equations: list[Equation] = []
    seen = {letter} - {""}
    name = ""
    for part in ALTERNATIVES.split(text.strip().rstrip(".")):
        sides = part.split("=")
        if len(sides) == 1 and name:  # x = 2 or 3
            sides = [name, part]
        if len(sides) != 2:
            count = len(sides) - 1
            raise Unreadable(
                f"{part.strip()[:40]!r} has {count or 'no'} equals sign{'s'[: count > 1]}"
            )
        for sign in ("+", "-") if "±" in part else ("+",):
            left, right = (_expression(side, sign, seen) for side in sides)
            decimals = DECIMALS.match(part)
            equations.append(Equation(left, right, len(decimals[1]) if decimals else 0))
        name = sides[0] if equations[-1].left == ("x",) else ""
    return Statement(tuple(equations), next(iter(seen), ""))


def _said(text: str) -> str:
    """Return whether a line says that nothing, or everything, solves it; empty if neither."""
    low = text.strip().lower()
    return "nothing" if NOTHING.match(low) else "everything" if EVERYTHING.match(low) else ""


def _plain(line: str) -> str:
    """Write a line with the signs of the grammar, without its number or bullet."""
    text = line[: 2 * LONGEST].strip()
    for pattern, by in PLAIN:
        text = re.sub(pattern, by, text)
    return OPENING.sub("", text).strip()


def _expression(text: str, sign: str, seen: set[str]) -> Tree:
    tokens = list(_tokens(text.replace("±", sign).lower(), seen))
    if not tokens:
        raise Unreadable("a side is empty")
    found = _Parser(tokens, text.strip()).whole()
    if _height(found) > MOST_POWER:
        raise Unreadable(f"powers of powers in {text.strip()[:40]!r}")
    return found


def _height(tree: Tree) -> int:
    """Return how high powers within powers come to."""
    inner = max((_height(each) for each in tree[1:] if isinstance(each, tuple)), default=1)
    return inner * max(1, int(tree[2])) if tree[0] == "^" else inner


def _tokens(text: str, seen: set[str]) -> Iterator[tuple[str, Any]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise Unreadable(f"{text[at:].strip()[:20]!r} is no algebra that is known here")
        number, function, letter, sign = found.groups()
        at = found.end()
        if number:
            if len(number) > DIGITS:
                raise Unreadable(f"{number[:20]} has more than {DIGITS} digits")
            yield "n", Fraction(number)
        elif function:
            yield "f", function
        elif letter:
            seen.add(letter)
            if len(seen) > 1:
                raise Unreadable(f"two unknowns, {' and '.join(sorted(seen))}")
            yield "x", letter
        else:
            yield sign, sign


class _Parser:
    """Sums of products of powers, by descent; `tokens` are pairs of kind and value."""

    def __init__(self, tokens: list[tuple[str, Any]], text: str) -> None:
        self.tokens, self.text, self.at, self.depth = tokens, text, 0, 0

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> Any:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def whole(self) -> Tree:
        found = self.sum()
        if self.peek():
            raise Unreadable(f"{self.take()} stands where nothing can, in {self.text[:40]!r}")
        return found

    def sum(self, within: str = "") -> Tree:
        found = self.product(within)
        while self.peek() in ("+", "-"):
            minus = self.take() == "-"
            more = self.product(within)
            found = ("+", found, ("neg", more) if minus else more)
        return found

    def product(self, within: str) -> Tree:
        if self.peek() in ("+", "-"):
            minus = self.take() == "-"
            inner = self.product(within)
            return ("neg", inner) if minus else inner
        found = self.power(within)
        divided = False
        while True:
            kind = self.peek()
            if kind in ("*", "/"):
                self.take()
                minus = self.peek() == "-" and bool(self.take())
                more = self.power(within)
                more = ("neg", more) if minus else more
                found, divided = (kind, found, more), kind == "/"
            elif kind in ("x", "f", "(", "n") or (kind == "|" and within != "|"):
                if divided:
                    raise Unreadable(f"{self.text[:40]!r} can be read in two ways after the slash")
                if kind == "n":
                    raise Unreadable(f"two numbers stand side by side in {self.text[:40]!r}")
                found = ("*", found, self.power(within))
            else:
                return found

    def power(self, within: str) -> Tree:
        base = self.atom(within)
        if self.peek() != "^":
            return base
        self.take()
        minus = self.peek() == "-" and bool(self.take())
        exponent = _constant(self.atom(within))
        if exponent is None or exponent.denominator != 1 or exponent > LARGEST_POWER:
            raise Unreadable(
                f"a power in {self.text[:40]!r} is no whole number up to {LARGEST_POWER}"
            )
        if self.peek() == "^":
            raise Unreadable(f"a power of a power in {self.text[:40]!r}")
        raised: Tree = ("^", base, exponent)
        return ("/", ("n", Fraction(1)), raised) if minus else raised

    def atom(self, within: str) -> Tree:
        kind = self.peek()
        if kind == "n":
            return ("n", self.take())
        if kind == "x":
            self.take()
            return ("x",)
        if kind not in ("(", "f", "|"):
            raise Unreadable(f"something is missing in {self.text[:40]!r}")
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable(f"more than {DEEPEST} brackets within brackets")
        name = self.take()
        if kind == "f" and (self.peek() != "(" or not self.take()):
            raise Unreadable(f"{name} needs a bracket in {self.text[:40]!r}")
        closing = "|" if kind == "|" else ")"
        inner = self.sum(within="|" if kind == "|" else "")
        if self.peek() != closing:
            raise Unreadable(f"a bracket stays open in {self.text[:40]!r}")
        self.take()
        self.depth -= 1
        return {"f": (name, inner), "|": ("abs", inner)}.get(kind, inner)


def _constant(tree: Tree) -> Fraction | None:
    """Return a number that stands alone, with or without bracket or sign."""
    if tree[0] == "neg":
        inner = _constant(tree[1])
        return None if inner is None else -inner
    return tree[1] if tree[0] == "n" else None
