"""How probable a language model finds phrases after contexts, with honest bounds.

    found = compare(["The capital of France is"], [" Paris", " Rome"], endpoint="gemma-3-270m")
    found.frame                       # a row for each context and phrase, in nats
    found.contrast(" Paris", " Rome") # the difference, paired by context, with its interval

Scores are exact, or upper bounds that are shown as such and stay so in every later number; an
endpoint that can give neither is refused. Finished work is kept: a rerun resumes.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from ideas_lib.lm.contrast import Contrast, contrast
from ideas_lib.lm.probing import Abilities
from ideas_lib.lm.scores import BadPair, Score
from ideas_lib.lm.store import opened
from ideas_lib.lm.wire import Wire
from ideas_lib.lm.work import Pair, abilities_of, score_all

__all__ = ["Comparison", "compare"]

CAP = 200_000
COLUMNS = (
    *("context", "phrase", "logprob", "per_token", "per_byte", "pmi", "calibrated"),
    *("tokens", "kind", "boundary"),
)


@dataclass(frozen=True)
class Comparison:
    """What `compare` found: `frame` a row a pair, `tokens` a row a token, and who said so."""

    frame: pd.DataFrame
    tokens: pd.DataFrame
    scores: dict[Pair, Score]
    abilities: Abilities
    model: str

    def contrast(self, a: str, b: str) -> Contrast:
        """Return log p(a) - log p(b) for each context, and its mean with a 95 % interval.

        Both phrases are scored after the same contexts, so they are paired, and contexts are the
        sample: the interval is for other contexts of their kind. Raises KeyError for a phrase
        that was not compared.
        """
        for phrase in (a, b):
            if phrase not in set(self.frame["phrase"]):
                known = ", ".join(map(repr, self.frame["phrase"].unique()))
                raise KeyError(f"phrase {phrase!r} was not compared; these were: {known}")
        contexts = list(self.frame["context"].unique())
        pairs = [(self.scores[each, a], self.scores[each, b]) for each in contexts]
        return contrast(a, b, contexts, pairs, self.abilities.floor)


def compare(
    contexts: Sequence[str],
    phrases: Sequence[str],
    *,
    endpoint: str | None = None,
    domain: str | None = None,
    model: str | None = None,
    cap: int = CAP,
) -> Comparison:
    """Score every phrase after every context.

    `endpoint` is a URL, a path to a GGUF file or the name of a model, as `endpoint.connect` takes
    it; `model` one of the endpoint's, needed where it has several; `cap` the greatest number of
    tokens to send to an endpoint elsewhere.

    Phrases stand right after contexts, so they begin with a space where a word should begin. The
    frame's columns: `logprob`, the sum over the phrase's tokens, in nats; `per_token`;
    `per_byte`, of the phrase's UTF-8; `pmi`, less the phrase's own logprob after `domain`, or
    after nothing (2104.08315); `calibrated`, log of the phrase's share among all phrases after
    division by that (contextual calibration, 2102.09690); `tokens`, how many; `kind`, exact or
    censored (an upper bound); `boundary`, clean or merged: where context and phrase share a
    token, `logprob` scores that token and the phrase jointly, and `pmi` and contrasts take out
    what the context's end alone has. What cannot be known is NaN.

    Raises ValueError for an empty or repeated phrase or context, BadPair for a pair over the
    model's window, EndpointRefused, EndpointFailed, OverCap, and what `connect` raises.
    """
    contexts, phrases = _checked(contexts, "context"), _checked(phrases, "phrase")
    with Wire(endpoint, model) as wire, opened() as store:
        abilities = abilities_of(wire, store)
        pairs = [(context, phrase) for context in contexts for phrase in phrases]
        found = score_all(wire, abilities, pairs, store, cap)
        start = domain or ""
        try:
            prior = score_all(wire, abilities, [(start, each) for each in phrases], store, cap)
        except BadPair:
            if domain is not None:
                raise
            prior = {}  # not every endpoint scores what comes after nothing
        own = [_beyond(prior[start, each]) if prior else math.nan for each in phrases]
        frame = _frame(contexts, phrases, found, own)
        return Comparison(frame, _tokens(found), found, abilities, wire.model)


def _checked(texts: Sequence[str], what: str) -> list[str]:
    if isinstance(texts, str):
        raise ValueError(f"{what}s is one string, {texts[:40]!r}: give a list of them")
    found = list(texts)
    if not found:
        raise ValueError(f"there is no {what}: give at least one")
    for place, text in enumerate(found):
        if not isinstance(text, str) or (what == "phrase" and not text):
            raise ValueError(f"{what} {place} is {text!r}: a {what} is a string, with text in it")
    twice = [text for text, count in Counter(found).items() if count > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} is there more than once")
    return found


def _beyond(score: Score) -> float:
    """Log p(context and phrase) - log p(context), exact, or NaN."""
    return math.nan if score.bound is not None else score.logprob - (score.tail or 0.0)


def _frame(
    contexts: list[str], phrases: list[str], found: dict[Pair, Score], own: list[float]
) -> pd.DataFrame:
    rows = []
    for context in contexts:
        scores = [found[context, phrase] for phrase in phrases]
        given = np.array([score.logprob - (score.tail or 0.0) for score in scores])
        pmi = given - np.array(own)
        calibrated = pmi - (logsumexp(pmi) if np.isfinite(pmi).all() else math.nan)
        open_ends = [score.bound is not None for score in scores]
        for place, (phrase, score) in enumerate(zip(phrases, scores, strict=True)):
            count = len(score.tokens)
            # An upper bound of one phrase makes the others' shares neither exact nor bounded above.
            known = not any(open_ends[:place] + open_ends[place + 1 :])
            rows.append(
                (
                    context,
                    phrase,
                    score.logprob,
                    score.logprob / count if score.bound is None else math.nan,
                    score.logprob / len(phrase.encode()),
                    pmi[place],
                    calibrated[place] if known else math.nan,
                    count,
                    "exact" if score.bound is None else "censored",
                    "clean" if score.tail is None else "merged",
                )
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _tokens(found: dict[Pair, Score]) -> pd.DataFrame:
    rows = [
        (context, phrase, place, token.text, token.logprob)
        for (context, phrase), score in found.items()
        for place, token in enumerate(score.tokens)
    ]
    return pd.DataFrame(rows, columns=["context", "phrase", "place", "token", "logprob"])
