"""Exact scores from a llama.cpp server: each phrase's tokens are forced, and their logprobs read.

A grammar over token ids lets the model say nothing but the phrase; the logprobs that come back
are those from before the grammar. One worker has one slot of the server and scores a context's
phrases in it one after the other, so that the context is read once. Tokens that are some bytes of
a character can neither be in a grammar nor come back when they are chosen: they are looked up in
the list of all tokens, which is slow, but as exact.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ideas_lib.lm.scores import LEAST, BadPair, Score, Token, shared, spaced
from ideas_lib.lm.wire import Wire, WrongAnswer

__all__ = ["Forced", "Piece", "force", "scored", "tokenize"]

BIAS = 1000.0  # more than logits differ by
SHOWN = (1_000, 1_000_000)  # how many tokens to list: the first will often do


class Piece(NamedTuple):
    """A token: its id, and whether it holds whole characters."""

    id: int
    whole: bool = True


class Forced:
    """`prefix` is the token that stands for no context; `window` is in tokens."""

    def __init__(self, prefix: int, window: int) -> None:
        self.prefix, self.window = prefix, window

    def score(self, wire: Wire, context: str, phrases: Sequence[str], slot: int) -> list[Score]:
        head = tokenize(wire, spaced(context, "")[0])
        return [self._one(wire, context, phrase, head, slot) for phrase in phrases]

    def _one(self, wire: Wire, context: str, phrase: str, head: list[Piece], slot: int) -> Score:
        kept, moved = spaced(context, phrase)
        whole = tokenize(wire, kept + moved)
        begin = shared(head, whole)
        if begin == 0:  # no token comes first by itself, and something has to
            first = Piece(self.prefix)
            head, whole, begin = [first, *head], [first, *whole], 1
        if begin == len(whole):
            raise BadPair(f"phrase {phrase!r} adds no token to context {_short(context)}")
        if len(whole) > self.window:
            raise BadPair(
                f"context {_short(context)} and phrase {_short(phrase)} have {len(whole)} tokens, "
                f"more than the {self.window} that the endpoint has room for"
            )
        tokens = force(wire, whole[:begin], whole[begin:], slot=slot)
        lost = any(each.logprob <= LEAST for each in tokens)
        bound = sum(max(each.logprob, LEAST) for each in tokens) if lost else None
        tail = None
        if begin < len(head):
            end = force(wire, head[:begin], head[begin:], slot=slot)
            tail = sum(each.logprob for each in end)
        return Score(tuple(tokens), tail, bound)


def tokenize(wire: Wire, text: str) -> list[Piece]:
    """Return a text's tokens, with what the model wants before them (its BOS)."""
    body = {"content": text, "add_special": True, "with_pieces": True}
    found = wire.post("tokenize", body, root=True).get("tokens")
    try:
        return [Piece(int(each["id"]), isinstance(each["piece"], str)) for each in found or []]
    except (KeyError, TypeError, ValueError):
        raise WrongAnswer(f"{wire.host} gave no token ids") from None


def force(
    wire: Wire,
    prompt: Sequence[Piece],
    target: Sequence[Piece],
    *,
    slot: int = 0,
    cached: bool = True,
) -> list[Token]:
    """Return the tokens of `target` scored after `prompt`. Raises WrongAnswer if they are not."""
    if not all(each.whole for each in target):
        return _one_by_one(wire, prompt, target, slot, cached)
    ids = [each.id for each in target]
    rows = scored(
        wire.complete(
            prompt=[each.id for each in prompt],
            max_tokens=len(ids),
            logprobs=1,
            grammar="root ::= " + " ".join(f"<[{each}]>" for each in ids),
            id_slot=slot,
            cache_prompt=cached,
        )
    )
    if [each.get("id") for each in rows] != ids:
        raise WrongAnswer(f"{wire.host} did not take the tokens that it was given")
    return [Token(str(each["token"]), float(each["logprob"])) for each in rows]


def _one_by_one(
    wire: Wire, prompt: Sequence[Piece], target: Sequence[Piece], slot: int, cached: bool
) -> list[Token]:
    found = []
    for place, piece in enumerate(target):
        before = [*prompt, *target[:place]]
        if piece.whole:
            found += force(wire, before, [piece], slot=slot, cached=cached)
        else:
            found.append(_looked_up(wire, before, piece, slot, cached))
    return found


def _looked_up(wire: Wire, before: Sequence[Piece], piece: Piece, slot: int, cached: bool) -> Token:
    """Let the model say any whole token, and find this one in the list of those it did not say."""
    any_whole = tokenize(wire, " a")[-1].id
    for shown in SHOWN:
        rows = scored(
            wire.complete(
                prompt=[each.id for each in before],
                max_tokens=1,
                logprobs=shown,
                logit_bias=[[any_whole, BIAS]],
                id_slot=slot,
                cache_prompt=cached,
            )
        )
        for each in rows[0].get("top_logprobs", []) if rows else []:
            if each.get("id") == piece.id:
                return Token(str(each["token"]), float(each["logprob"]))
    raise WrongAnswer(f"{wire.host} does not list the token {piece.id}")


def scored(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tokens of an answer, each with its id and logprob, or [] where it has none."""
    try:
        return list(answer["choices"][0]["logprobs"]["content"])
    except (KeyError, IndexError, TypeError):
        return []


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
