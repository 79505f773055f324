"""What a score is, and where a phrase begins in the tokens of context and phrase."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ideas_lib.lm.client import Client

__all__ = ["BadPair", "Score", "Scorer", "Token", "shared", "spaced"]

# llama.cpp computes the probability in 32 bits, where e^-87 is the last full one: what lies below
# comes as a rounded or an absurd number, and only says that the logprob is at most this.
LEAST = -87.0


class BadPair(ValueError):
    """Raised for a context and a phrase that cannot be scored, with the reason."""


@dataclass(frozen=True)
class Token:
    """One scored token: its text as the endpoint shows it, and its log-probability in nats."""

    text: str
    logprob: float


@dataclass(frozen=True)
class Score:
    """The tokens of a phrase after a context, scored.

    `tail` is what the end of the context alone has, where the phrase merged with it: the tokens
    then score that end and the phrase together. `bound` is set where only an upper bound of the
    sum is known: tokens are then those before it was lost.
    """

    tokens: tuple[Token, ...]
    tail: float | None = None
    bound: float | None = None

    @property
    def logprob(self) -> float:
        """The sum in nats, or the least upper bound that is known of it."""
        return sum(each.logprob for each in self.tokens) if self.bound is None else self.bound

    def stored(self) -> dict[str, Any]:
        """As JSON values."""
        tokens = [[each.text, each.logprob] for each in self.tokens]
        return {"tokens": tokens, "tail": self.tail, "bound": self.bound}

    @staticmethod
    def restored(stored: dict[str, Any]) -> "Score":
        tokens = tuple(Token(text, logprob) for text, logprob in stored["tokens"])
        return Score(tokens, stored["tail"], stored["bound"])


class Scorer(Protocol):
    """One way to have phrases scored. `slot` is the caller's own, below the number of workers."""

    def score(self, client: Client, context: str, phrases: Sequence[str], slot: int) -> list[Score]:
        """Return each phrase's score after the context. Raises BadPair, EndpointFailed."""


def spaced(context: str, phrase: str) -> tuple[str, str]:
    """Move the white space at a context's end to the phrase, where tokenizers have it.

    As lm-evaluation-harness does: a context that ends in a space leaves the model no word to
    begin with one.
    """
    kept = context.rstrip()
    return kept, context[len(kept) :] + phrase


def shared(context: Sequence[Any], whole: Sequence[Any]) -> int:
    """Return how many tokens a context and context plus phrase begin with in common.

    All of the context's where the phrase begins a token of its own; fewer where they merged.
    Tokens are compared and not counted, for a merge may leave their number as it was.
    """
    for count, (one, other) in enumerate(zip(context, whole, strict=False)):
        if one != other:
            return count
    return min(len(context), len(whole))
