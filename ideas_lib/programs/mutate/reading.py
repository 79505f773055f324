"""Read a program by libcst, with the place of each node in its source."""

import ast
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from ideas_lib.programs.mutate.mutation import InvalidSource

__all__ = ["Program", "read_program"]

DEPTH = 100_000  # of nodes within nodes: more than Python itself reads
LINE = re.compile(rb"\r\n|\r|\n")
SKIPPED = re.compile(rb"\s|#[^\r\n]*")


@dataclass(frozen=True)
class Program:
    """A module, its text, and its nodes' places in bytes, without whitespace and parentheses.

    `nonlocals` are the names that some function declares nonlocal.
    """

    source: bytes
    module: cst.Module
    spans: Mapping[cst.CSTNode, CodeSpan]
    nonlocals: frozenset[str]

    def visit(self, visitor: cst.CSTVisitor) -> None:
        """Lead a visitor through the module, however deep it is."""
        with _leniently():
            self.module.visit(visitor)


def read_program(text: str, path: str = "") -> Program:
    """Return the program of a text. Raises InvalidSource, which names `path` and the line."""
    name = path or "the source"
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)  # which knows its own limit, and crashes beyond
    except SyntaxError as error:
        raise InvalidSource(f"{name}, line {error.lineno} is no Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:  # NUL, lone surrogates, depth
        raise InvalidSource(f"{name}, line 1 and on, cannot be read: {error}") from None
    source = text.encode()
    plain = _without_parentheses(source, tree)
    with _leniently():
        try:
            module = cst.parse_module(plain.decode())
        except cst.ParserSyntaxError as error:
            raise InvalidSource(f"{name} is beyond libcst: {error.message}") from None
        spans = _spans(module, plain, name)
    found = (node.names for node in ast.walk(tree) if isinstance(node, ast.Nonlocal))
    return Program(source, module, spans, frozenset(name for names in found for name in names))


@contextmanager
def _leniently() -> Iterator[None]:
    """Nest as many calls as an expression of a thousand terms takes; leave warnings to others."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEPTH))
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        sys.setrecursionlimit(limit)


def _without_parentheses(source: bytes, tree: ast.Module) -> bytes:
    """Let `(x): int` begin with `x`, and be as long: libcst does not know it with parentheses."""
    lines = [0, *(found.end() for found in LINE.finditer(source))]
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign):
            target, hint = node.target, node.annotation
            start = lines[node.lineno - 1] + node.col_offset
            inner = lines[target.lineno - 1] + target.col_offset
            end = lines[(target.end_lineno or 0) - 1] + (target.end_col_offset or 0)
            if start < inner:
                colon = source.rindex(b":", end, lines[hint.lineno - 1] + hint.col_offset)
                name = source[inner:end].ljust(colon - start)
                source = source[:start] + name + source[colon:]
    return source


def _spans(module: cst.Module, source: bytes, name: str) -> Mapping[cst.CSTNode, CodeSpan]:
    """Return the nodes' places in `source`.

    libcst measures them in the text that it would write, and that lacks whitespace or a comment
    now and then: the space of `except A :`, the last comment of a file.
    """
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    written = module.code.encode()
    if written == source:
        return spans
    places = _align(written, source, name)
    found = {}
    for node, span in spans.items():
        start, last = places[span.start], places[span.start + max(span.length - 1, 0)]
        found[node] = CodeSpan(start, last + 1 - start if span.length else 0)
    return found


def _align(written: bytes, source: bytes, name: str) -> list[int]:
    """Return where each byte of `written` stands in `source`, which has more of what is skipped."""
    places, place = [], 0
    for byte in written:
        while source[place : place + 1] != bytes([byte]):
            skipped = SKIPPED.match(source, place)
            if skipped is None:
                line = len(LINE.findall(source, 0, place)) + 1
                raise InvalidSource(f"{name}, line {line} is not as libcst would write it")
            place = skipped.end()
        places.append(place)
        place += 1
    return [*places, len(source)]
