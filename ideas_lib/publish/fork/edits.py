"""Edits of Python source by its syntax tree: all that is not edited stays byte for byte."""

import ast

__all__ = ["Edits"]


class Edits:
    """Edits of one source, collected and then made at once. Raises SyntaxError.

    Lines of notebook magic (`%`, `!`) are no part of the `tree`.
    """

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(_without_magic(source))
        self._text = source.encode()
        self._edits: set[tuple[int, int, str]] = set()
        self._starts = [0]
        for line in self._text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def replace(self, node: ast.expr | ast.stmt | ast.alias, words: str, part: str = "") -> None:
        """Have a node say other words; where a `part` of it is given, at its first occurrence."""
        start, end = self._span(node)
        if part:
            start = self._text.index(part.encode(), start)
            end = start + len(part.encode())
        self._edits.add((start, end, words))

    def replace_line(self, number: int, words: str) -> None:
        """Have a line, counted from 0, say other words."""
        start, end = self._starts[number : number + 2]
        end -= self._text[start:end].endswith(b"\n")
        self._edits.add((start, end, words))

    def said(self, node: ast.expr | ast.stmt) -> str:
        """Return the source of a node."""
        start, end = self._span(node)
        return self._text[start:end].decode()

    def before(self, node: ast.stmt) -> str:
        """Return what stands before a statement on its line."""
        start, _ = self._span(node)
        return self._text[self._starts[node.lineno - 1] : start].decode()

    def made(self) -> str:
        """Return the source with every edit made."""
        text = self._text
        for start, end, words in sorted(self._edits, reverse=True):
            text = text[:start] + words.encode() + text[end:]
        return text.decode()

    def _span(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset


def _without_magic(source: str) -> str:
    """Turn lines of magic into comments, keeping every position where it was."""
    lines = source.split("\n")
    return "\n".join("#" + line[1:] if line[:1] in ("%", "!") else line for line in lines)
