"""Exact scores from a llama.cpp server: each token of a phrase is forced, and its logprob read.

A bias on one token's logit leaves the model nothing else to say; the logprobs that come back are
those from before the bias. One worker has one slot of the server and scores a context's phrases
in it one after the other, so that the context is read once; what follows the same tokens is asked
for once, and the most probable tokens that come with it spare a request each. Tokens that are
some bytes of a character do not come back when they are chosen: they are looked up in the list of
all tokens, which is slow, but as exact.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ideas_lib.lm.client import Client, WrongAnswer
from ideas_lib.lm.scoring.door import SPECIAL, checking, count, logprob, ordered, scored_tokens
from ideas_lib.lm.scoring.scores import LEAST, BadPair, Score, Token, shared, spaced

__all__ = ["Forced", "Piece", "force", "tokenize"]

BIAS = 1000.0  # more than logits differ by
LISTED = (1_000, 1_000_000)  # how many tokens to list: the first will often do

Known = dict[tuple[int, ...], dict[int, Token]]


class Piece(NamedTuple):
    """A token: its id, and whether it holds whole characters."""

    id: int
    whole: bool = True


class Forced:
    """`prefix` is the token that stands for no context; `window` is in tokens."""

    def __init__(self, prefix: int, window: int) -> None:
        self.prefix, self.window = prefix, window

    def score(self, client: Client, context: str, phrases: Sequence[str], slot: int) -> list[Score]:
        head = tokenize(client, spaced(context, "")[0])
        known: Known = {}
        shown = LISTED[0] if len(phrases) > 1 else 1
        return [self._one(client, context, each, head, slot, known, shown) for each in phrases]

    def _one(
        self,
        client: Client,
        context: str,
        phrase: str,
        head: list[Piece],
        slot: int,
        known: Known,
        shown: int,
    ) -> Score:
        whole = tokenize(client, "".join(spaced(context, phrase)))
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
        tokens = force(client, whole[:begin], whole[begin:], slot=slot, known=known, shown=shown)
        lost = any(each.logprob <= LEAST for each in tokens)
        bound = sum(max(each.logprob, LEAST) for each in tokens) if lost else None
        tail = None
        if begin < len(head):
            end = force(client, head[:begin], head[begin:], slot=slot, known=known)
            tail = sum(each.logprob for each in end)
        return Score(tuple(tokens), tail, bound)


def tokenize(client: Client, text: str) -> list[Piece]:
    """Return a text's tokens, with what the model wants before them (its BOS)."""
    body = {"content": text, "add_special": True, "with_pieces": True}
    found = client.post("tokenize", body, root=True).get("tokens")
    with checking(client, "token ids"):
        pieces = [
            (count(client, each["id"], "a token's id"), each["piece"]) for each in found or []
        ]
        words = b"".join(
            piece.encode() if isinstance(piece, str) else bytes(piece) for _, piece in pieces
        )
        extra = len(words) - len(text.encode())
        if text.encode() not in words or extra > SPECIAL:
            raise WrongAnswer(
                f"{client.host} gave tokens that spell {words.decode(errors='replace')[:40]!r} and "
                f"not the prompt, {text[:40]!r}"
            )
        return [Piece(number, isinstance(piece, str)) for number, piece in pieces]


def force(
    client: Client,
    prompt: Sequence[Piece],
    target: Sequence[Piece],
    *,
    slot: int = 0,
    cached: bool = True,
    known: Known | None = None,
    shown: int = 1,
) -> list[Token]:
    """Return the tokens of `target` scored after `prompt`. Raises WrongAnswer if they are not.

    `known` has what earlier calls found, and gets what this one finds; `shown` is how many of the
    most probable tokens right after the prompt to note there with the one that is asked for.
    """
    known = {} if known is None else known
    ids = [each.id for each in prompt]
    found = []
    for piece in target:
        after = known.setdefault(tuple(ids), {})
        if piece.id not in after:
            after.update(_next(client, ids, piece, slot, cached, shown))
        found.append(after[piece.id])
        ids.append(piece.id)
        shown = 1
    return found


def _next(
    client: Client, ids: list[int], piece: Piece, slot: int, cached: bool, shown: int
) -> dict[int, Token]:
    """Return what may come next: this token, and some that are more probable."""
    pick = piece if piece.whole else tokenize(client, " a")[-1]
    for listed in (shown,) if piece.whole else LISTED:
        answer = client.complete(
            prompt=ids,
            max_tokens=1,
            logprobs=listed,
            logit_bias=[[pick.id, BIAS]],
            id_slot=slot,
            cache_prompt=cached,
        )
        rows = scored_tokens(answer)
        if not rows or rows[0].get("id") != pick.id:
            raise WrongAnswer(f"{client.host} did not take the token that it was given")
        with checking(client, "log-probabilities"):
            there = {
                count(client, each["id"], "a token's id"): Token(
                    str(each["token"]), logprob(client, each["logprob"], zero=True)
                )
                for each in (*(rows[0].get("top_logprobs") or []), rows[0])
            }
        ordered(client, list(there.values()))
        if piece.id in there:
            return there
    raise WrongAnswer(f"{client.host} does not list the token {piece.id}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
