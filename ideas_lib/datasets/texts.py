"""Texts to make maps of, with what is known about them: sentences of SymPy's, and exercises.

The sentences are the first ones of SymPy's docstrings, read from the installed release, and their
topic is the subpackage they stand in. The exercises are made of templates (`exercises.toml`): a
task, a story that it is told as, and one of three wordings, which all ask for the same.
"""

import ast
import hashlib
import importlib.metadata
import importlib.util
import json
import re
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from ideas_lib.caching import cache_folder, replacing
from ideas_lib.resources import resource

__all__ = ["OtherRelease", "sample_exercises", "sample_sentences"]

RELEASE = "1.14.0"
# SHA-256 of that release's sentences, in order, as `_digest` takes it.
PINNED = "1f9b5e0f28fdb3c19cdea3c4b61587e1b0b4832b15102ba290ed548e234a7771"
WORDS = range(5, 31)  # how many a sentence may have
TEMPLATES = resource(__file__, "exercises.toml")


class OtherRelease(RuntimeError):
    """Raised when the SymPy that is installed is missing, or is another than the pinned one."""


def sample_sentences(draw: int, size: int = 500) -> pd.DataFrame:
    """Return the `draw`-th (0, 1, ...) lot of `size` sentences; no sentence is in two lots.

    Columns are text, topic (a subpackage) and name (of the class or function). There are 7,452
    sentences, in one fixed random order. Raises ValueError for a lot that there is not,
    OtherRelease when SymPy is not the release that the sentences are pinned to.
    """
    pool = _pool()
    lots = len(pool) // size if size > 0 else 0
    if not 0 <= draw < lots:
        raise ValueError(f"draw={draw}: {len(pool)} sentences make lots 0 to {lots - 1} of {size}")
    order = np.random.default_rng(0).permutation(len(pool))[draw * size : (draw + 1) * size]
    return pd.DataFrame([pool[i] for i in order], columns=["topic", "name", "text"])


def sample_exercises(seed: int, count: int = 200, wordings: int = 2) -> pd.DataFrame:
    """Return `count` exercises drawn at random, each in so many (1 to 3) wordings, a row each.

    Columns are text, topic, task, level (1 to 3), story, wording (0 to 2) and exercise: rows with
    the same one ask for the same, with the same numbers. No two have both task and story in
    common. Raises ValueError for more exercises or wordings than there are.
    """
    stories, tasks = _templates()
    most = len(stories) * len(tasks)
    if not 1 <= count <= most or not 1 <= wordings <= 3:
        raise ValueError(
            f"count={count} and wordings={wordings}: there are {most} exercises in 3 wordings"
        )
    rng = np.random.default_rng(seed)
    rows = []
    for number, pick in enumerate(rng.choice(most, count, replace=False)):
        task, story = tasks[pick // len(stories)], stories[pick % len(stories)]
        slots = {**story, **_numbers(rng)}
        for wording in sorted(rng.choice(3, wordings, replace=False)):
            about = {name: task[name] for name in ("topic", "task", "level")}
            text = _sentence_case(task["wordings"][wording].format_map(slots))
            about |= {"story": story["story"], "wording": int(wording), "exercise": number}
            rows.append({"text": text} | about)
    return pd.DataFrame(rows)


@cache
def _templates() -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    found = tomllib.loads(TEMPLATES.read_text(encoding="utf-8"))
    for story in found["stories"]:
        story["a_thing"] = ("an " if story["thing"][0] in "aeiou" else "a ") + story["thing"]
    return found["stories"], found["tasks"]


def _numbers(rng: np.random.Generator) -> dict[str, int]:
    a, b, c = int(rng.integers(2, 10)), int(rng.integers(10, 41)), int(rng.integers(50, 401))
    return {"a": a, "b": b, "c": c, "p": 5 * int(rng.integers(1, 12))}


def _sentence_case(text: str) -> str:
    return re.sub(r"(^|[.?!] )([a-z])(?=[a-z]* )", lambda m: m[1] + m[2].upper(), text)


@cache
def _pool() -> list[list[str]]:
    """Return [topic, name, text] of every sentence, read once and then kept in the cache."""
    try:
        release = importlib.metadata.version("sympy")
    except importlib.metadata.PackageNotFoundError:
        release = "none"
    if release != RELEASE:
        raise OtherRelease(f"SymPy {release} is installed: pip install sympy=={RELEASE}")
    entry = cache_folder() / f"sentences-{PINNED[:12]}.json"
    try:
        pool = json.loads(entry.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        pool = None
    if pool is None or _digest(pool) != PINNED:
        pool = list(_read())
        if _digest(pool) != PINNED:
            raise OtherRelease(
                f"this SymPy {RELEASE} says other sentences ({_digest(pool)}, not {PINNED}):"
                f" install it anew, pip install --force-reinstall sympy=={RELEASE}"
            )
        with replacing(entry) as file:
            file.write_text(json.dumps(pool), encoding="utf-8")
    return pool


def _digest(pool: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(pool).encode()).hexdigest()


def _read() -> Iterator[list[str]]:
    """Yield [topic, name, text] of the first sentence of each docstring, each text once."""
    spec = importlib.util.find_spec("sympy")
    top = Path(str(spec and spec.origin)).parent
    seen = set()
    files = sorted(top.rglob("*.py"), key=lambda path: path.relative_to(top).as_posix())
    for path in tqdm(files, desc="reading SymPy's docstrings", delay=2, leave=False):
        parts = path.relative_to(top).with_suffix("").parts
        if "tests" in parts:
            continue
        # Physics is as large as all the rest of some subpackages: there the next folder counts.
        topic = ".".join(parts[:2]) if parts[0] == "physics" and len(parts) > 2 else parts[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in SymPy's strings
            tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                text = _first_sentence(ast.get_docstring(node) or "")
                if len(text.split()) in WORDS and text[0].isupper() and text not in seen:
                    seen.add(text)
                    yield [topic, node.name, text]


def _first_sentence(doc: str) -> str:
    paragraph = " ".join(doc.split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph)[0]
