"""Calls whose rest a model scores: the cut, the rest, and what stands above."""

import ast
import json
from pathlib import Path

import pytest

from studies import reference
from studies.reference import helping
from studies.reference.calls import FoundCall

TEXT = '''import numpy as np


def blank(rows, columns, count, other):
    """Return a table."""
    shape = (rows, columns)
    return np.full(shape, 0, dtype="int64",
                   order="C") + 1
'''


def call(column: int = 29) -> FoundCall:
    return FoundCall("numpy.full", "p", "p.py", 7, column, ("dtype", "order"), frozenset())


def test_a_call_is_cut_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "call_text", lambda _: TEXT)
    assert TEXT.splitlines()[6][call().column :].startswith("dtype=")
    near = ("rows", "columns", "count", "other", "shape")
    trial = helping._trial(call(), near, helping.random.Random(1))
    assert trial is not None
    assert trial.rest == ' dtype="int64",\n                   order="C")'
    above = trial.contexts[reference.NONE]
    assert above.endswith("return np.full(shape, 0,")
    shown = {arm: text.removesuffix(above) for arm, text in trial.contexts.items()}
    assert shown[reference.NONE] == ""
    own, other = shown[reference.OWN], shown[reference.PERMUTED]
    assert "shape" in own
    assert own != other
    assert own.startswith("# numpy.full, an example:\n# >>> ")
    assert all(line.startswith("#") for line in own.strip().splitlines())
    assert len(own.splitlines()) == len(other.splitlines())


def test_what_is_no_call_with_keywords_has_no_rest() -> None:
    assert helping._rest(TEXT, call(5)) is None
    ast.parse(TEXT)


def test_scores_are_read_by_organisation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [{"model": "m"}, *({"seed": 106, "per token": {reference.OWN: n}} for n in (-1, -2))]
    (tmp_path / "_toc.yml").touch()
    for name in ("ideas_lib", "results"):
        (tmp_path / name).mkdir()
    path = tmp_path / "results" / helping.scores_file().name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    assert reference.measure_help(reference.OWN, 106) == {"nats a token": -1.5, "calls": 2}
