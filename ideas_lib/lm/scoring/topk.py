"""Upper bounds from an endpoint that shows only its k most probable next tokens.

A phrase is followed token by token, the longest that fits, for as long as one is among them. The
phrase's own next token is that one, or another that fits, or one that is not shown, which is at
most as probable as the last that is; and what follows is at most certain. The greatest of these
is the bound.
"""

import math
from collections.abc import Sequence

from ideas_lib.lm.client import Client, WrongAnswer
from ideas_lib.lm.scoring import door
from ideas_lib.lm.scoring.scores import BadPair, Score, Token, spaced

__all__ = ["TopK", "top"]

STEPS = 64  # tokens that a phrase is followed for, a request each


class TopK:
    """`k` is how many tokens the endpoint shows."""

    def __init__(self, k: int) -> None:
        self.k = k

    def score(self, client: Client, context: str, phrases: Sequence[str], slot: int) -> list[Score]:
        if not context.strip():
            raise BadPair("this endpoint scores nothing after an empty context: name one")
        return [self._one(client, *spaced(context, phrase)) for phrase in phrases]

    def _one(self, client: Client, context: str, left: str) -> Score:
        """Return the exact score if every token was shown, else the bound.

        Whether they are the endpoint's own tokens of the phrase it tells by the number of tokens
        that each prompt has: it has to grow by one a step.
        """
        followed: list[Token] = []
        total, bound = 0.0, -math.inf
        begun = None
        while True:
            shown, count = top(client, context, self.k)
            begun = count if begun is None else begun
            if count != begun + len(followed):
                return Score((), bound=bound)
            if not left:
                return Score(tuple(followed))
            fits = [each for each in shown if each.text and left.startswith(each.text)]
            fits.sort(key=lambda each: len(each.text))
            best = fits.pop() if fits else None
            others = [shown[-1].logprob, *(each.logprob for each in fits)]
            bound = max(bound, total + max(others))
            if best is None or len(followed) == STEPS:
                return Score(tuple(followed), bound=bound)
            followed.append(best)
            total += best.logprob
            context, left = context + best.text, left[len(best.text) :]


def top(client: Client, prompt: str, k: int) -> tuple[list[Token], int]:
    """Return the k most probable next tokens, and how many tokens the prompt has."""
    answer = client.complete(prompt=prompt, max_tokens=1, logprobs=k)
    with door.checking(client, "logprobs of the next token"):
        legacy = (door.choice(answer).get("top_logprobs") or [None])[0]
        if isinstance(legacy, dict):
            pairs = list(legacy.items())
        else:
            rows = (door.scored_tokens(answer) or [{}])[0].get("top_logprobs") or []
            pairs = [(row["token"], row["logprob"]) for row in rows]
        if not pairs or not all(isinstance(text, str) for text, _ in pairs):
            raise WrongAnswer(f"{client.host} shows no logprobs of the next token")
        shown = [Token(text, door.logprob(client, value)) for text, value in pairs]
        told = (answer.get("usage") or {}).get("prompt_tokens")
        size = door.count(client, told, "the number of the prompt's tokens", least=1)
        return door.ordered(client, shown), size
