"""In which order parameters are shown, and how many of those that come are among the first.

What is learned from other organisations' calls is a table of shares, which the tool's own order
takes, with the names in scope or without.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ideas_lib.programs.reference.documentation import documented
from ideas_lib.programs.reference.parameter_fits import Callers, fitting_parameters
from studies.reference.calls import FoundCall, PlacedCall

__all__ = ["in_tool_order", "nearby", "open_parameters", "popular", "recall"]

NEAREST, WEIGHT = 15, 1.0  # neighbours, and the calls that popularity counts for among them
SHARES = 10_000  # a share of calls as a whole number
MORE = ("starred", "keywords")  # parameters that take what has no name


def open_parameters(call: PlacedCall, told: Mapping[str, Any]) -> list[str]:
    """Return the parameters that a call has not been given, in the signature's order."""
    given = {
        fit.name
        for fit in fitting_parameters(
            told["parameters"], call.place, {}, (), documented(""), Callers()
        )
        if fit.passed
    }
    rows = [each["name"] for each in told["parameters"] if each["kind"] not in MORE]
    return [name for name in rows if name not in given]


def in_tool_order(
    call: PlacedCall, told: Mapping[str, Any], callers: Callers, scope: bool
) -> list[str]:
    """Return them as the tool does: by what callers name, and by what in scope fits, if it may."""
    near, types = (call.near, call.types) if scope else ((), {})
    doc = documented(told["doc"])
    fits = fitting_parameters(told["parameters"], call.place, types, near, doc, callers)
    free = set(open_parameters(call, told))
    return [fit.name for fit in fits if fit.name in free]


def recall(shown: Sequence[str], named: Sequence[str]) -> float:
    """Return the share of what is named that was shown."""
    return len({*shown} & {*named}) / len({*named})


def popular(others: Mapping[str, Sequence[FoundCall]]) -> Callers:
    """Return how many calls name which parameter; `others` are organisation -> its calls."""
    calls = [call for some in others.values() for call in some]
    counts = Counter(name for call in calls for name in {*call.named})
    return Callers(len(calls), counts)


def nearby(call: FoundCall, others: Mapping[str, Sequence[FoundCall]]) -> Callers:
    """Return the shares among the calls that have most names before them in common with this one.

    Names that are before many calls of the function count less, as in tf-idf.
    """
    some = [each for calls in others.values() for each in calls]
    common = Counter(word for each in some for word in each.words)
    rare = {word: math.log((1 + len(some)) / (1 + count)) for word, count in common.items()}
    alike = [(_cosine(call.words, each.words, rare), at) for at, each in enumerate(some)]
    nearest = sorted(alike, key=lambda pair: (-pair[0], pair[1]))[:NEAREST]
    weights: defaultdict[str, float] = defaultdict(float)
    for likeness, at in nearest:
        for name in {*some[at].named}:
            weights[name] += likeness
    all_, total = popular(others), math.fsum(likeness for likeness, _ in nearest) + WEIGHT
    names = {*weights, *(all_.passed or {})}
    shares = {name: (weights[name] + WEIGHT * all_.share(name)) / total for name in names}
    return Callers(SHARES, {name: round(SHARES * share) for name, share in shares.items()})


def _cosine(one: frozenset[str], other: frozenset[str], worth: Mapping[str, float]) -> float:
    """Return a cosine; `fsum` makes it the same in whatever order a set is read."""

    def squares(words: frozenset[str]) -> float:
        return math.fsum(worth.get(word, 0.0) ** 2 for word in words)

    both = squares(one & other)
    return both / math.sqrt(squares(one) * squares(other)) if both else 0.0
