"""One mutation of a program: what is changed and where, and the source that comes of it."""

import difflib
import re
from dataclasses import dataclass

__all__ = ["InvalidSource", "Mutation", "line_starts"]

LINE = re.compile(r"\r\n|\r|\n")  # what ends a line of Python; str.splitlines knows more


class InvalidSource(ValueError):
    """Raised for source that is no Python, or nested too deeply to be read; it names the line."""


@dataclass(frozen=True)
class Mutation:
    """A change at one place: `before` becomes `after`, and all else stays as it is.

    `operator` is one of OPERATORS. `line` counts from 1, `column` and `start` (in the whole
    source) from 0, in characters. `function` is the qualified name of the function around it, as
    `Class.method`, and empty outside of functions. `path` is as it was given.
    """

    operator: str
    line: int
    column: int
    function: str
    before: str
    after: str
    start: int
    path: str = ""

    @property
    def end_line(self) -> int:
        """Return the last line of what is changed."""
        return self.line + len(LINE.findall(self.before))

    def apply(self, source: str) -> str:
        """Return the mutated source. Raises ValueError for a source it was not listed for."""
        end = self.start + len(self.before)
        there = source[self.start : end]
        if there != self.before:
            raise ValueError(
                f"{self.path or 'the source'}, line {self.line}, column {self.column} has "
                f"{there!r}, not {self.before!r}: it changed since its mutations were listed"
            )
        return source[: self.start] + self.after + source[end:]

    def diff(self, source: str) -> str:
        """Return the change as a unified diff, which `patch` understands."""
        old, new = _lines(source), _lines(self.apply(source))
        name = self.path or "source"
        lines = difflib.unified_diff(old, new, f"{name} (original)", f"{name} (mutated)")
        return "".join(
            line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.path else f"line {self.line}"
        inside = f" in {self.function}" if self.function else ""
        return f"{where}{inside}, {self.operator}: {self.before!r} becomes {self.after!r}"


def line_starts(source: str) -> list[int]:
    """Return where each line begins, in characters."""
    return [0, *(found.end() for found in LINE.finditer(source))]


def _lines(source: str) -> list[str]:
    starts = line_starts(source)
    return [
        source[start:end]
        for start, end in zip(starts, [*starts[1:], len(source)], strict=True)
        if start < end
    ]
