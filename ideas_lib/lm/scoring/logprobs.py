"""How probable a language model finds phrases after contexts, with honest bounds.

    found = compare(["The capital of France is"], [" Paris", " Rome"], endpoint="gemma-3-270m")
    found.frame                       # a row for each context and phrase, in nats
    found.contrast(" Paris", " Rome") # the difference, paired by context, with its interval

Scores are exact, or upper bounds that are shown as such and stay so in every later number; an
endpoint that can give neither is refused. Finished work is kept: a rerun resumes.

A model named or a GGUF file given, and the model on this machine, are scored with their weights
in 16 bits: `dequantise` says why. They then agree with a forward pass in 32 bits to a few
thousandths of a nat a token, where the quantised file itself is a tenth of a nat away.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from ideas_lib.lm.client import Client
from ideas_lib.lm.noise.families import Drawn, Noise, Variant
from ideas_lib.lm.noise.robust import robust
from ideas_lib.lm.noise.variance import variance
from ideas_lib.lm.scoring.contrast import Contrast, contrast
from ideas_lib.lm.scoring.fingerprint import capabilities_of
from ideas_lib.lm.scoring.probing import Capabilities
from ideas_lib.lm.scoring.scores import BadPair, Score
from ideas_lib.lm.scoring.work import Pair, announce, kept_of, score_all
from ideas_lib.lm.store import Kept, opened

__all__ = ["Comparison", "compare"]

CAP = 200_000
COLUMNS = (
    *("context", "phrase", "logprob", "per_token", "per_byte", "pmi", "calibrated"),
    *("tokens", "kind", "boundary"),
)


@dataclass(frozen=True)
class Comparison:
    """What `compare` found: `frame` a row a pair, `tokens` a row a token, and who said so.

    `endpoint` is the address that answered, "" for a server of our own; `domain` is what `pmi`
    compares with, None for no context. With noise `noisy` has a
    row a variant and phrase, and `tallies` one a context and family: how many variants were wanted
    and made, and why not all. `kept` says how many scores came from the store, and of when.
    """

    frame: pd.DataFrame
    tokens: pd.DataFrame
    scores: dict[Pair, Score]
    capabilities: Capabilities
    model: str
    endpoint: str = ""
    domain: str | None = None
    noisy: pd.DataFrame | None = None
    tallies: pd.DataFrame | None = None
    kept: Kept = field(default_factory=Kept)

    def contrast(self, a: str, b: str) -> Contrast:
        """Return log p(a) - log p(b) for each context, and its mean with a 95 % interval.

        Both phrases are scored after the same contexts, so they are paired, and contexts are the
        sample: the interval is for other contexts of their kind. With noise, `robust` has the mean
        and intervals over the variants beside it. Raises KeyError for a phrase that was not
        compared, ValueError where noise gives no bounds.
        """
        for phrase in (a, b):
            if phrase not in set(self.frame["phrase"]):
                known = ", ".join(map(repr, self.frame["phrase"].unique()))
                raise KeyError(f"phrase {phrase!r} was not compared; these were: {known}")
        plain = self._contrast(a, b, list(self.frame["context"].unique()))
        if self.noisy is None:
            return plain
        each = self.noisy[self.noisy["phrase"] == a].reset_index(drop=True)
        bare = self._contrast(a, b, list(each["variant"])).frame
        rows = each[["context", "variant", "family", "seed"]].join(bare.drop(columns="context"))
        return replace(plain, robust=robust(rows))

    @property
    def variance(self) -> pd.DataFrame:
        """Where the log-probabilities of the variants come from: `noise.variance.variance`.

        Raises ValueError without noise.
        """
        if self.noisy is None:
            raise ValueError("there is no noise to split the variance by: compare(..., noise=...)")
        pairs = zip(self.noisy["variant"], self.noisy["phrase"], strict=True)
        return variance(self.noisy.assign(logprob=[_beyond(self.scores[pair]) for pair in pairs]))

    def _contrast(self, a: str, b: str, contexts: list[str]) -> Contrast:
        pairs = [(self.scores[each, a], self.scores[each, b]) for each in contexts]
        return contrast(a, b, contexts, pairs, self.capabilities.floor)


def compare(
    contexts: Sequence[str],
    phrases: Sequence[str],
    *,
    endpoint: str | None = None,
    domain: str | None = None,
    noise: Noise | None = None,
    model: str | None = None,
    cap: int = CAP,
    store: str | Path | None = None,
    fresh: bool = False,
    key: bool = True,
) -> Comparison:
    """Score every phrase after every context.

    `endpoint` is a URL, a path to a GGUF file or the name of a model, as `endpoint.connect` takes
    it; `noise` has variants of each context scored as well; `model` is one of the endpoint's,
    needed where it has several, or without an endpoint one of this machine's; `cap` the greatest
    number of tokens to send to an endpoint elsewhere, besides some twenty sentences when it is
    checked on its first use; `store` the SQLite file of finished scores, by default in the cache
    folder, or ":memory:" for none. These are told apart by what answered, an endpoint's scores of
    fixed texts included, which are asked for each time; `fresh` asks for the rest anew too. `key`
    is as `connect` takes it.

    Phrases stand right after contexts, so they begin with a space where a word should begin. The
    frame's columns: `logprob`, the sum over the phrase's tokens, in nats; `per_token`;
    `per_byte`, of the phrase's UTF-8; `pmi`, less the phrase's own logprob after `domain`, or
    after nothing (2104.08315); `calibrated`, log of the phrase's share among all phrases after
    division by that (contextual calibration, 2102.09690); `tokens`, how many were scored; `kind`,
    exact or censored (an upper bound); `boundary`, clean or merged: where context and phrase share
    a token, `logprob` scores that token and the phrase jointly, and `pmi` and contrasts take out
    what the context's end alone has. What cannot be known is NaN.

    Raises ValueError for an empty or repeated phrase or a repeated context, BadPair for a pair
    over the model's window, EndpointRefused, EndpointFailed, OverCap, and what `connect` raises.
    """
    contexts, phrases = _checked(contexts, "context"), _checked(phrases, "phrase")
    drawn = noise.draw_all(contexts, phrases) if noise else {}
    variants = [(text, each) for text in drawn for each in drawn[text].variants]
    texts = dict.fromkeys([*contexts, *(each.text for _, each in variants)])
    with Client(endpoint, model, key=key) as client, opened(store) as scores:
        capabilities = capabilities_of(client, scores, fresh)
        pairs = [(text, phrase) for text in texts for phrase in phrases]
        start = domain or ""
        alone = [(start, phrase) for phrase in phrases]
        announce(client, capabilities, [*pairs, *alone], scores, cap, fresh)
        kept = Kept(0, len(pairs)) if fresh else kept_of(client, capabilities, pairs, scores)
        found = score_all(client, capabilities, pairs, scores, fresh)
        try:
            prior = score_all(client, capabilities, alone, scores, fresh)
        except BadPair:
            if domain is not None:
                raise
            prior = {}  # not every endpoint scores what comes after nothing
        own = [_beyond(prior[pair]) if prior else math.nan for pair in alone]
        return Comparison(
            frame=_frame(contexts, phrases, found, own),
            tokens=_tokens(found),
            scores=found,
            capabilities=capabilities,
            model=client.model,
            endpoint="" if client.endpoint.local else client.host,
            domain=domain,
            noisy=_noisy(variants, phrases, found) if noise else None,
            tallies=_tallies(drawn) if noise else None,
            kept=kept,
        )


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
                    _kind(score),
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


def _noisy(
    variants: list[tuple[str, Variant]], phrases: list[str], found: dict[Pair, Score]
) -> pd.DataFrame:
    rows = [
        (context, each.text, each.family, each.seed, each.edit, phrase, score.logprob, _kind(score))
        for context, each in variants
        for phrase in phrases
        for score in [found[each.text, phrase]]
    ]
    columns = ["context", "variant", "family", "seed", "edit", "phrase", "logprob", "kind"]
    return pd.DataFrame(rows, columns=columns)


def _tallies(drawn: dict[str, Drawn]) -> pd.DataFrame:
    rows = [
        {"context": context} | asdict(tally)
        for context, each in drawn.items()
        for tally in each.tallies
    ]
    return pd.DataFrame(rows)


def _kind(score: Score) -> str:
    return "exact" if score.bound is None else "censored"
