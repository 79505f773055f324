"""What an endpoint's numbers and tokens must be before anybody calculates with them.

A log-probability is finite, at most 0, and no sentinel; tokens spell the text that they are of;
probabilities add up to 1 at most. What is none of this is a WrongAnswer, never a number.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from ideas_lib.lm.client import Client, WrongAnswer
from ideas_lib.lm.scoring.scores import Token

__all__ = ["Untrue", "checking", "choice", "count", "logprob", "ordered", "scored_tokens", "spell"]

ROUNDING = 1e-3  # nats that a log-probability may come above 0, and a sum of shares above 1
# Nats: below this nothing is a log-probability of a language model. Servers write -9999, or the
# least number there is, where they have none.
LOWEST = -1000.0
ZERO = -3e38  # nats: what llama.cpp writes for a probability of 0 is the least number, below this
MOST = 1 << 31  # of whatever is counted
SPECIAL = 64  # characters of what a tokenizer may add before a text, and bytes after it
LOST = "\N{REPLACEMENT CHARACTER}"
BYTES = "bytes:"  # before what OpenAI writes for a token that is no whole character
SHAPES = (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError)


class Untrue(WrongAnswer):
    """Raised for a number that no model can have: nothing else that endpoint says is believed."""


@contextmanager
def checking(client: Client, what: str) -> Iterator[None]:
    """Have an answer of another shape be a WrongAnswer; `what` is what should have been there."""
    try:
        yield
    except SHAPES as error:
        raise WrongAnswer(f"{client.host} gave no {what} ({type(error).__name__})") from None


def logprob(client: Client, value: Any, zero: bool = False) -> float:
    """Return a log-probability; `zero` takes llama.cpp's of 0 for one. Raises WrongAnswer."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise WrongAnswer(f"{client.host} gave {value!r:.40} for a log-probability")
    if not math.isfinite(value) or value > ROUNDING:
        raise Untrue(
            f"{client.host} gave {value!r:.40} for a log-probability, which is a finite number and "
            f"at most 0"
        )
    if value < LOWEST and not (zero and value < ZERO):
        raise Untrue(
            f"{client.host} gave {value!r:.40} for a log-probability, a sign that it has none"
        )
    return min(float(value), 0.0)


def count(client: Client, value: Any, what: str, least: int = 0, most: int = MOST) -> int:
    """Return a whole number between two others. Raises WrongAnswer for what is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise WrongAnswer(f"{client.host} gave {value!r:.40} for {what}")
    return value


def choice(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the logprobs of an answer's first choice, {} where it has none."""
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    found = first.get("logprobs") if isinstance(first, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def scored_tokens(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tokens of an answer, each with its id and logprob, or [] where it has none."""
    content = choice(answer).get("content")
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        return []
    return content


def ordered(client: Client, rows: Sequence[Token]) -> list[Token]:
    """Return what may come next, the most probable first. Raises WrongAnswer for above 1 in all."""
    total = math.fsum(math.exp(each.logprob) for each in rows)
    if total > 1 + ROUNDING * max(1, len(rows)):
        raise Untrue(
            f"{client.host} gave probabilities of the next token that add up to {total:.3f}"
        )
    return sorted(rows, key=lambda each: -each.logprob)


def spell(client: Client, tokens: Sequence[Any], text: str) -> None:
    """Raise WrongAnswer unless tokens spell a text, with or without a first one before it.

    A token that is some bytes of a character stands for what is not ASCII, as it may be.
    """
    if not all(isinstance(each, str) for each in tokens):
        raise WrongAnswer(f"{client.host} gave tokens that are no text")
    before = bool(tokens) and len(tokens[0]) <= SPECIAL and _spells(tokens[1:], text)
    if not before and not _spells(tokens, text):
        words = "".join(tokens)
        raise WrongAnswer(
            f"{client.host} gave tokens that spell {words[:40]!r} and not the prompt, {text[:40]!r}"
        )


def _spells(tokens: Sequence[str], text: str) -> bool:
    kinds = groupby(tokens, lambda token: LOST in token or token.startswith(BYTES))
    parts = [(lost, "" if lost else "".join(run)) for lost, run in kinds]
    at, free = 0, False
    for place, (lost, part) in enumerate(parts):
        if lost:
            free = True
            continue
        last = place == len(parts) - 1
        there = (text.rfind(part, at) if last else text.find(part, at)) if free else at
        if there < 0 or not text.startswith(part, there) or _ascii(text[at:there]):
            return False
        at, free = there + len(part), False
    return not _ascii(text[at:]) if free else at == len(text)


def _ascii(text: str) -> bool:
    return any(each.isascii() for each in text)
