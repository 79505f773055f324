"""Paraphrases by a language model, believed only where checks agree.

    Noise(families=("typos", Paraphrase("qwen2.5-coder-1.5b-instruct")))

A model is asked for other words, at a temperature, with a seed; the last sentence is kept word
for word. What it says is dropped unless the embeddings of both texts are close, and `text.lost`
finds nothing lost: embeddings miss what is small and matters.
"""

import functools
import re
from dataclasses import dataclass

import numpy as np

from ideas_lib.lm.client import TIMEOUT, Client, EndpointFailed
from ideas_lib.lm.generate import Generator
from ideas_lib.lm.noise.layout import FIELD
from ideas_lib.lm.noise.text import Dropped, NoRoom, split_sentences
from ideas_lib.lm.request import Decoding, Request
from ideas_lib.lm.serving.catalogue import EMBEDDER, UnknownModel
from ideas_lib.lm.serving.server import ServerFailed
from ideas_lib.lm.serving.weights import FetchFailed

__all__ = ["NoModel", "Paraphrase", "asked", "believed", "similarity"]

SHORTEST, LONGEST = 0.5, 2.0  # of the text it stands for, in letters
TEXT = (
    "Rewrite the text in other words. Keep its meaning, every name, every number and every "
    "negation. Add nothing. Answer with the new text alone.\n\nText: {text}"
)
PREFACE = re.compile(
    r"(?i)^(?:sure|certainly|okay|here|the (?:new|rewritten)|text|sentence)\b[^:]*:\s*"
)


class NoModel(RuntimeError):
    """Raised when no model answers that could paraphrase."""


@dataclass(frozen=True)
class Paraphrase:
    """A family of noise: the same in other words, by the model of an endpoint.

    `endpoint` and `model` are as `compare` takes them, and the model one that follows
    instructions; `threshold` is the least cosine of the MiniLM embeddings of what was rewritten
    and what it was; `tries` is how many answers are asked for each variant that is wanted.
    The sentences before the last one are rewritten, and it stays as it is; a context of one
    sentence, or with fields, gets no paraphrase. Small models add facts of their own that no
    check here sees: read the edits.
    """

    endpoint: str | None = None
    model: str | None = None
    temperature: float = 0.8
    threshold: float = 0.85
    tries: int = 4
    name: str = "paraphrase"

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold={self.threshold} must lie between 0 and 1, as 0.85 does")
        if not self.temperature > 0 or self.tries < 1:
            raise ValueError(
                f"temperature={self.temperature} and tries={self.tries} must be above 0: at 0 "
                "every seed says the same"
            )

    def vary(self, context: str, seed: int) -> tuple[str, str]:
        """Return the context in other words. Raises Dropped, NoRoom, NoModel."""
        return believed(context, self._said(asked(context), seed), self.threshold)

    def _said(self, prompt: str, seed: int) -> str:
        how = Decoding(temperature=self.temperature, max_tokens=40 + len(prompt) // 3)
        request = Request([{"role": "user", "content": prompt}], seed % 2**31, how)
        try:
            (reply,) = _writer(self.endpoint, self.model).answers([request])
        except (EndpointFailed, FetchFailed, ServerFailed, UnknownModel) as error:
            raise NoModel(_NONE.format(error=error)) from None
        return reply.text


def asked(context: str) -> str:
    """Return the prompt that asks for what comes before the last sentence in other words.

    Raises NoRoom where nothing does, or where there are fields.
    """
    if FIELD.search(context):
        raise NoRoom("it has fields, which a rewriting would lose")
    before = _before(context)
    if not before:
        raise NoRoom("it has 1 sentence, and the last one stays")
    return TEXT.format(text=before)


def believed(context: str, said: str, threshold: float) -> tuple[str, str]:
    """Return a context in the words that a model said, and the edit. Raises Dropped, NoModel."""
    lines = [PREFACE.sub("", line.strip()) for line in said.strip().splitlines()]
    new = next((line.strip().strip('"“”').strip() for line in lines if line), "")
    old = _before(context)
    if re.findall(r"\w+", old.lower()) == re.findall(r"\w+", new.lower()):
        raise Dropped("the words are the same")
    if not SHORTEST <= len(new) / len(old) <= LONGEST:
        raise Dropped("far shorter or longer")
    if old[-1] in ".!?" and new[-1] not in ".!?":
        raise Dropped("it stops inside a sentence")
    try:
        close = similarity(old, new)
    except (EndpointFailed, FetchFailed, ServerFailed) as error:
        raise NoModel(_NONE.format(error=error)) from None
    if close < threshold:
        raise Dropped(f"a cosine below {threshold}")
    return new + context[len(old) :], f"{old!r} put as {new!r} (cosine {close:.2f})"


def _before(context: str) -> str:
    return "".join(split_sentences(context)[:-1]).rstrip()


_NONE = (
    "paraphrases need a model: {error}. Name an endpoint that has one, Paraphrase(endpoint=...), "
    "or leave this family out"
)


def similarity(one: str, other: str) -> float:
    """Return the cosine of two texts' MiniLM embeddings, from -1 to 1. Raises as `Client` does."""
    client = _embedder()
    answer = client.post("embeddings", {"model": client.model, "input": [one, other]})
    first, second = (np.array(each["embedding"], float) for each in answer["data"])
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


# Both stay connected: paraphrasing asks often, and a little each time.
@functools.cache
def _writer(endpoint: str | None, model: str | None) -> Generator:
    # With the weights that contexts are scored with; fresh, for the same words each time.
    return Generator(endpoint, model, exact=True, fresh=True, timeout=TIMEOUT)


@functools.cache
def _embedder() -> Client:
    return Client(EMBEDDER)
