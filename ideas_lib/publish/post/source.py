"""Changes to a Markdown source, each where it stands: what needs none keeps its layout."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from markdown_it.token import Token

__all__ = ["Change", "Source", "changed"]

Change = tuple[int, int, str]  # from, to, and what stands there instead


def changed(text: str, changes: Iterable[Change], start: int = 0, end: int | None = None) -> str:
    """The text, or a stretch of it, with the changes made; they must not overlap."""
    out, at = [], start
    for begin, stop, new in sorted(changes):
        out += [text[at:begin], new]
        at = stop
    return "".join([*out, text[at:end]])


class Source:
    """A text, and the changes to its blocks and sentences."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.changes: list[Change] = []

    def result(self) -> str:
        """The text with the changes made, without blank lines around it."""
        return changed(self.text, self.changes).strip("\n")

    def sentence(self, token: Token, changes: Sequence[Change], column: int = 0) -> None:
        """Change a paragraph or a heading; a heading's words follow the marks at `column`."""
        if not changes or not token.map:
            return
        offsets, places = [0], []  # of each line: in the token's text, and in the source
        for line, part in enumerate(token.content.split("\n"), token.map[0]):
            source, shown = self.lines[line], part.strip()
            # a line of a paragraph ends as its source ends
            at = source.find(shown, column) if column else len(source.rstrip()) - len(shown)
            if at < 0 or not source.startswith(shown, at):
                return  # a tab that became spaces: better unchanged than in the wrong place
            places.append(self.starts[line] + at - len(part) + len(part.lstrip()))
            offsets.append(offsets[-1] + len(part) + 1)
        below = _below(self.text[self.starts[token.map[0]] : places[0]])
        for begin, end, new in changes:
            text = " ".join(new.split("\n")) if column else _prefixed(new, below)
            first, last = (bisect_right(offsets, at, hi=len(places)) - 1 for at in (begin, end))
            start, stop = places[first] - offsets[first] + begin, places[last] - offsets[last] + end
            self.changes.append((start, stop, text))

    def cell(self, line: int, column: int, before: str, after: str) -> int:
        """Change a cell of a table that stands in or behind `column`; return where it ends.

        `after` is what stands there, its pipes safe.
        """
        source = before.replace("|", "\\|")
        at = self.lines[line].find(source, column)
        if source != after and at >= 0:
            start = self.starts[line] + at
            self.changes.append((start, start + len(source), after))
        return max(at, column) + len(source)

    def append(self, line: int, text: str) -> None:
        """Put `text` at the end of a line."""
        end = self.starts[line] + len(self.lines[line].rstrip())
        self.changes.append((end, end, text))

    def before(self, line: int, text: str) -> None:
        """Put `text` at the start of a line."""
        self.changes.append((self.starts[line], self.starts[line], text))

    def block(self, start: int, end: int, mark: str, text: str | None) -> None:
        """Put `text` for the block in lines `start` to `end`, whose first line begins with `mark`.

        The text keeps to the quotes and lists around it, a blank line on either side; for None
        the lines go, and their neighbours are neighbours.
        """
        before = self.lines[start][: max(self.lines[start].find(mark), 0)]
        below = _below(before)
        first = before.strip(" \t>") != ""  # the block is the first of a list's item
        above = first or self._blank(start - 1)
        under = self._blank(end)
        if text:
            new = [(before if first else below) + _prefixed(text, below)]
            new = [*([] if above else [below.rstrip()]), *new, *([] if under else [below.rstrip()])]
        elif first:
            new = [before.rstrip()]
        else:
            new = [below.rstrip()] if text == "" and not (above or under) else []
            while above and end < len(self.lines) and self._blank(end):
                end += 1
        lines = "".join(f"{line}\n" for line in new)
        self.changes.append((self.starts[start], self.starts[end], lines))

    def _blank(self, line: int) -> bool:
        return not 0 <= line < len(self.lines) or not self.lines[line].strip(" \t>")


def _below(before: str) -> str:
    """What begins the next line of a block, when `before` begins its first."""
    # a footnote goes on four columns in, whatever its name
    return re.sub(r"[^>\s]", " ", re.sub(r"\[\^[^]]*\]:[ \t]*", "    ", before))


def _prefixed(text: str, below: str) -> str:
    first, *others = text.split("\n")
    return "\n".join(
        [first, *((below + line).rstrip() if not line else below + line for line in others)]
    )
