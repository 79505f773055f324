"""Postconditions that hold of everything the programs came to: candidates, tried in the sandbox.

Daikon's way (Ernst et al. 2007): a short list of conditions, of which those stay that were never
broken. They hold on the inputs that were tried, and are no more than that.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ideas_lib.programs.sandbox.running import run

__all__ = ["invariants_of"]

LEAST = 10  # outcomes, before a condition that none breaks means something
MOST = 3  # conditions that are kept
TRY = """
import json
from math import inf, nan
held = []
for line in LINES:
    code, good = compile(line, "post", "eval"), True
    for names, told in CASES:
        space = dict(names, __return__=told)
        try:
            good = good and bool(eval(code, space))
        except Exception:
            good = False
    held.append(good)
print(json.dumps(held))
"""


def invariants_of(
    parameters: Sequence[str], cases: Sequence[tuple[Sequence[Any], str]]
) -> list[str]:
    """Return conditions on `__return__` that hold of all cases: arguments, and a value's text.

    Empty where there are fewer than LEAST. Raises sandbox.Unavailable.
    """
    if len(cases) < LEAST:
        return []
    lines = list(dict.fromkeys(_candidates(parameters)))
    rows = ", ".join(
        f"({dict(zip(parameters, row, strict=False))!r}, {told})" for row, told in cases
    )
    result = run(f"LINES = {lines!r}\nfrom math import inf, nan\nCASES = [{rows}]\n{TRY}")
    try:
        held = json.loads(result.stdout)
    except ValueError:  # a value that is no literal of Python
        return []
    found = [line for line, good in zip(lines, held, strict=True) if good]
    return [line for line in found if not _weaker(line, found, parameters)][:MOST]


def _candidates(parameters: Sequence[str]) -> Iterator[str]:
    for name in parameters:
        yield f"sorted(__return__) == sorted({name})"
        yield f"len(__return__) == len({name})"
        yield f"len(__return__) <= len({name})"
        yield f"set(__return__) <= set({name})"
        yield f"__return__ in {name}"
        yield f"min({name}) <= __return__ <= max({name})"
        yield f"abs(__return__) <= abs({name})"
    yield "list(__return__) == sorted(__return__)"
    yield "len(set(__return__)) == len(__return__)"
    yield "__return__ == __return__.lower()"
    yield "__return__ >= 0"


WEAKER = {  # what says less than what
    "len(__return__) == len(NAME)": ("sorted(__return__) == sorted(NAME)",),
    "len(__return__) <= len(NAME)": (
        "len(__return__) == len(NAME)",
        "sorted(__return__) == sorted(NAME)",
    ),
    "set(__return__) <= set(NAME)": ("sorted(__return__) == sorted(NAME)",),
    "min(NAME) <= __return__ <= max(NAME)": ("__return__ in NAME",),
}


def _weaker(line: str, found: Sequence[str], parameters: Sequence[str]) -> bool:
    for name in parameters:
        for shape, stronger in WEAKER.items():
            if line == shape.replace("NAME", name):
                return any(each.replace("NAME", name) in found for each in stronger)
    return False
