"""Can a cell be told before it is run? Rates, and a logistic regression, from other packages.

A cell is a test that a change can touch, by the lines that the test runs: all others stay as they
are. Cells count by change: each change weighs the same, however many tests can touch it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["BY_OPERATOR", "FEATURES", "RATE", "WITHOUT", "cells_of", "log_loss"]

RATE, BY_OPERATOR = "one rate", "a rate for each operator"
FEATURES, WITHOUT = "features", "features without names"
LEAST = 1e-3  # the smallest probability that is said
SMOOTH = 2.0  # cells' worth of changes that the common rate counts for in an operator's


def cells_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a package: operator, how many tests can touch the change, names, flip."""
    rows = []
    for number, change in enumerate(found["changes"]):
        if not change["touched"]:
            continue
        flips = {place for place, _ in change["flips"]}
        own = _words(change["function"])
        for place in change["touched"]:
            words = _words(found["ids"][place].partition("::")[2])
            rows.append(
                {"change": number, "operator": change["operator"], "flip": place in flips}
                | {"touching": len(change["touched"]), "share": len(change["touched"])
                   / found["tests"]}
                | {"alike": len(own & words) / max(1, len(own)), "weight": 1
                   / len(change["touched"])}
            )  # fmt: skip
    return rows


def _words(text: str) -> set[str]:
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", text)
    return {part.lower() for part in parts} - {"test", "tests", "init"}


def _table(rows: Sequence[Mapping[str, Any]], operators: Sequence[str], names: bool) -> np.ndarray:
    columns = [[float(row["operator"] == each) for each in operators] for row in rows]
    more = [[np.log(row["touching"]), np.log(row["share"])] for row in rows]
    alike = [[row["alike"], float(row["alike"] == 1)] if names else [] for row in rows]
    return np.hstack([np.array(columns), np.array(more), np.array(alike).reshape(len(rows), -1)])


def log_loss(
    arm: str, others: Sequence[Sequence[Mapping[str, Any]]], own: Sequence[Mapping[str, Any]]
) -> tuple[float, list[float], list[float]]:
    """Return bits a cell, of an arm that learned from other packages; and what it said, and was."""
    known = [row for rows in others for row in rows]
    flips = np.array([row["flip"] for row in known], dtype=float)
    weights = np.array([row["weight"] for row in known])
    rate = float((flips * weights).sum() / weights.sum())
    if arm == RATE:
        said = np.full(len(own), rate)
    elif arm == BY_OPERATOR:
        by = {}
        for operator in {row["operator"] for row in known}:
            of = np.array([row["operator"] == operator for row in known])
            total = (flips * weights)[of].sum() + SMOOTH * rate
            by[operator] = total / (weights[of].sum() + SMOOTH)
        said = np.array([by.get(row["operator"], rate) for row in own])
    else:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        operators = sorted({row["operator"] for row in known})
        names = arm == FEATURES
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
        table = _table(known, operators, names)
        model.fit(table, flips, logisticregression__sample_weight=weights)
        said = model.predict_proba(_table(own, operators, names))[:, 1]
    said = np.clip(said, LEAST, 1 - LEAST)
    was = np.array([row["flip"] for row in own], dtype=float)
    own_weights = np.array([row["weight"] for row in own])
    bits = -(was * np.log2(said) + (1 - was) * np.log2(1 - said))
    return float((bits * own_weights).sum() / own_weights.sum()), said.tolist(), was.tolist()
