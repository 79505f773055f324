"""What the models answered, side by side, in the shapes that a table and a report need."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ideas_lib import __version__
from ideas_lib.lm.scoring.contrast import Contrast
from ideas_lib.lm.scoring.logprobs import Comparison
from ideas_lib.study.provenance import now, versions

__all__ = ["Answer", "Line", "interval_words", "known"]

OURS = "this machine"


@dataclass(frozen=True)
class Line:
    """The contrast of two phrases by one model, over all contexts or those of one `group`.

    `note` says why there are no bounds under noise, where there was noise.
    """

    model: str
    group: str
    contrast: Contrast
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """Comparisons of the same contexts and phrases by one model or several.

    `pairs`, `variables` and `by` are as `Query` has them. Raises ValueError for comparisons of
    different contexts or phrases.
    """

    found: tuple[Comparison, ...]
    pairs: tuple[tuple[str, str], ...] | None = None
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by: str | None = None
    when: str = field(default_factory=now)

    def __post_init__(self) -> None:
        if not self.found:
            raise ValueError("there is no comparison: give at least one")
        asked = [list(zip(f.frame["context"], f.frame["phrase"], strict=True)) for f in self.found]
        if any(each != asked[0] for each in asked):
            raise ValueError("these comparisons are of different contexts or phrases")

    @property
    def contexts(self) -> list[str]:
        return list(self.found[0].frame["context"].unique())

    @property
    def phrases(self) -> list[str]:
        return list(self.found[0].frame["phrase"].unique())

    @property
    def models(self) -> list[str]:
        """The models' names, told apart by their addresses, or else by their order."""
        names = [each.model for each in self.found]
        for tell in (lambda k: f" at {place(self.found[k])}", lambda k: f" ({k + 1})"):
            twice = [name for name in names if names.count(name) > 1]
            names = [name + tell(k) * (name in twice) for k, name in enumerate(names)]
        return names

    def frame(self) -> pd.DataFrame:
        """Every score: a row a model, context and phrase, with the context's variables."""
        names = list(dict.fromkeys(name for given in self.variables.values() for name in given))
        parts = []
        for model, found in zip(self.models, self.found, strict=True):
            part = found.frame.copy()
            for at, name in enumerate(names):
                values = [self.variables.get(each, {}).get(name) for each in part["context"]]
                part.insert(at, name, values)
            part.insert(0, "model", model)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def lines(self) -> list[Line]:
        """Every contrast by every model, over all contexts and then by group."""
        phrases = self.phrases
        pairs = self.pairs
        if pairs is None:
            pairs = tuple((phrases[0], other) for other in phrases[1:])
        return [
            _line(model, group, found, contexts, pair)
            for pair in pairs
            for group, contexts in self._groups().items()
            for model, found in zip(self.models, self.found, strict=True)
        ]

    def _groups(self) -> dict[str, list[str]]:
        groups = {"": self.contexts}
        if self.by is not None:
            for context in self.contexts:
                value = self.variables.get(context, {}).get(self.by)
                if value is not None:
                    groups.setdefault(f"{self.by}: {value}", []).append(context)
        return groups

    def shortfalls(self) -> list[str]:
        """Say which families of noise made fewer variants than were wanted, and why."""
        tallies = self.found[0].tallies
        if tallies is None or not len(tallies):
            return []
        said = []
        for family, part in tallies.groupby("family", sort=False):
            wanted, made = int(part["wanted"].sum()), int(part["made"].sum())
            if made < wanted:
                why = "; ".join(dict.fromkeys(each for each in part["why"] if each))
                said.append(f"{family}: {made} of {wanted} variants{': ' * bool(why)}{why}")
        return said

    def provenance(self) -> dict[str, Any]:
        """Return who answered, how, when, and what was seen of them; no key, no query."""
        return {
            "models": [
                {
                    "model": found.model,
                    "endpoint": place(found),
                    "method": found.capabilities.method,
                    "floor": found.capabilities.floor,
                    "bits": found.capabilities.bits or None,
                    "k": found.capabilities.k or None,
                    "checks": found.capabilities.checks,
                    "from_cache": found.kept.count,
                    "of": found.kept.total,
                    "cached_first": found.kept.first or None,
                    "cached_last": found.kept.last or None,
                }
                for found in self.found
            ],
            "domain": self.found[0].domain,
            "date": self.when,
            "versions": {"ideas-lib": __version__} | versions("xllamacpp", "openai"),
        }


def place(found: Comparison) -> str:
    """Return the address that a comparison came from, to show."""
    return found.endpoint or OURS


def _line(
    model: str, group: str, found: Comparison, contexts: list[str], pair: tuple[str, str]
) -> Line:
    """Contrast two phrases over some contexts; where noise is too little for bounds, without it."""
    part = replace(found, frame=found.frame[found.frame["context"].isin(contexts)], noisy=None)
    if found.noisy is None:
        return Line(model, group, part.contrast(*pair))
    noisy = found.noisy[found.noisy["context"].isin(contexts)]
    try:
        return Line(model, group, replace(part, noisy=noisy).contrast(*pair))
    except ValueError as error:
        return Line(model, group, part.contrast(*pair), f"no bounds under noise: {error}")


def known(contrast: Contrast) -> tuple[int, int, int]:
    """In how many contexts is `a` the more probable for certain, in how many `b`, of how many."""
    frame = contrast.frame
    return int((frame["low"] > 0).sum()), int((frame["high"] < 0).sum()), len(frame)


def interval_words(contrast: Contrast) -> str:
    """A contrast's interval in words, with what is open said."""
    low, high = contrast.low, contrast.high
    if len(contrast.frame) == 1:
        low, high = contrast.frame.loc[0, ["low", "high"]]
        return f"{_between(low, high)} in this one"
    return _between(low, high)


def _between(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "not known"
    if math.isinf(high):
        return f"at least {low:+.2f}"
    if math.isinf(low):
        return f"at most {high:+.2f}"
    return f"[{low:+.2f}, {high:+.2f}]"
