"""A key for code: equal when the code does the same, whatever its comments say."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ideas_lib.study.closure import Checkout, digest
from ideas_lib.study.syntax import dump, without_docstrings

__all__ = ["SCHEME", "code_key", "digest", "source_hash"]

# How keys are made. It stands before each key, so that keys of two schemes never agree, and counts
# for the modules that make keys, which are no part of any: see `closure.MACHINERY`.
SCHEME = 2


def code_key(sources: Iterable[str], top: Path) -> str:
    """Return the key of Python sources and all that they load of the checkout at `top`."""
    return f"{SCHEME}-{Checkout(top).key(*sources)}"


@cache
def source_hash(source: str) -> str:
    """Hash one piece of Python alone: comments, docstrings and layout do not count."""
    return digest(dump(without_docstrings(ast.parse(source))))
