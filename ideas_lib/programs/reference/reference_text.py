"""A reference as text for a terminal, and as an object for programs."""

import textwrap
from dataclasses import asdict
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.reference.looking_up import CallReference
from ideas_lib.programs.reference.parameter_fits import ParameterFit

__all__ = ["as_object", "as_text", "first_parameters", "head_line"]

WIDTH = 100
LINES = 40  # of an example that are shown without `all`
MOST = 3  # parameters that are shown without `all`


def head_line(found: CallReference) -> str:
    """Return what was looked up, and in which version of what."""
    version = f"{found.package} {found.version}".strip()
    return f"{found.symbol}   {version + ', installed' if version else 'your code'}"


def first_parameters(found: CallReference, everything: bool = False) -> list[ParameterFit]:
    """Return the parameters to show: what is required and not given, and at most MOST in all."""
    free = [fit for fit in found.parameters if not fit.passed]
    if everything:
        return free
    return free[: max(MOST, sum(fit.required for fit in free))]


def as_text(found: CallReference, everything: bool = False) -> str:
    """Return a reference as lines for a terminal; nothing in it can turn or hide text."""
    lines = [head_line(found), *_wrapped(found.summary, "  ")]
    given = [f"{fit.name}={fit.passed}" for fit in found.parameters if fit.passed]
    if given:
        lines += _wrapped("given: " + ", ".join(given), "  ")
    shown = first_parameters(found, everything)
    width = min(24, max((len(fit.name) for fit in shown), default=0) + 1)
    for fit in shown:
        lines += _parameter(fit, width)
    hidden = sum(not fit.passed for fit in found.parameters) - len(shown)
    if hidden > 0:
        lines.append(f"  {hidden} more parameter{'s' * (hidden > 1)}: --all")
    if found.example is not None:
        lines += ["", f"example, from its documentation, {found.example.says}"]
        code = found.example.adapted.split("\n")
        lines += [f"  {line}" for line in (code if everything else code[:LINES])]
        if len(code) > LINES and not everything:
            lines.append(f"  … {len(code) - LINES} more lines: --all")
        if found.example.renamed:
            pairs = [f"{old} is {new}" for old, new in found.example.renamed.items()]
            lines += _wrapped("there " + ", ".join(pairs), "  ")
    elif found.why_no_example:
        lines += ["", f"no example: {found.why_no_example}"]
    if found.warnings or found.notes:
        lines.append("")
    for words in found.warnings:
        lines += _wrapped(f"warning: {words}", "", "  ")
    for words in found.notes:
        lines += _wrapped(f"note: {words}", "", "  ")
    return "\n".join("".join(map(printable, line)) for line in lines)


def _parameter(fit: ParameterFit, width: int) -> list[str]:
    after = " " * (4 + width)
    default = "" if fit.default is None else f"; the default is {fit.default}"
    more = [each for each in fit.names_in_scope if f"`{each}`" not in fit.why]
    names = f"; fits too: {', '.join(more)}" if more else ""
    name = f"{fit.name}=".ljust(width)
    rows = textwrap.wrap(f"{fit.why}{names}{default}", WIDTH - len(after)) or [""]
    rows += textwrap.wrap(fit.says, WIDTH - len(after), max_lines=2, placeholder=" …")
    return [f"  {name}  {rows[0]}", *(after + row for row in rows[1:])]


def _wrapped(text: str, indent: str, more: str | None = None) -> list[str]:
    after = indent if more is None else more
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=after, break_long_words=False
    )


def as_object(found: CallReference) -> dict[str, Any]:
    """Return a reference as plain values: all parameters, those that the call needs first."""
    told = asdict(found)
    told.pop("types")
    return told
