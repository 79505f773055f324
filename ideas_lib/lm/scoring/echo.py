"""Exact scores from an endpoint that echoes the prompt with its logprobs, such as vLLM."""

from collections.abc import Sequence

from ideas_lib.lm.client import Client, WrongAnswer
from ideas_lib.lm.scoring.door import checking, choice, count, logprob, spell
from ideas_lib.lm.scoring.scores import BadPair, Score, Token, shared, spaced

__all__ = ["Echo", "echo"]


class Echo:
    """Context and phrase go as one text; where the phrase begins, its tokens say."""

    def score(self, client: Client, context: str, phrases: Sequence[str], slot: int) -> list[Score]:
        kept = spaced(context, "")[0]
        head = echo(client, kept) if kept else []
        return [self._one(client, context, phrase, head) for phrase in phrases]

    def _one(
        self, client: Client, context: str, phrase: str, head: list[tuple[str, float | None]]
    ) -> Score:
        whole = echo(client, "".join(spaced(context, phrase)))
        begin = shared([text for text, _ in head], [text for text, _ in whole])
        if not head and whole and whole[0][1] is None and len(whole) > 1:
            # Nothing comes before the first token: it is the BOS, or it has no score.
            begin = 1 if "".join(text for text, _ in whole[1:]) == phrase else 0
        if begin == len(whole):
            raise BadPair(f"phrase {phrase!r} adds no token to context {context[:40]!r}")
        tail = None
        if begin < len(head):
            tail = sum(each.logprob for each in _known(head[begin:], context))
        return Score(tuple(_known(whole[begin:], context)), tail)


def _known(pairs: list[tuple[str, float | None]], context: str) -> list[Token]:
    if any(logprob is None for _, logprob in pairs):
        raise BadPair(
            f"nothing comes before the first token after context {context[:40]!r}, so the endpoint "
            f"gives it no score: name a context"
        )
    return [Token(text, logprob) for text, logprob in pairs if logprob is not None]


def echo(client: Client, text: str) -> list[tuple[str, float | None]]:
    """Return the prompt's tokens with their logprobs; the first may have none.

    Raises WrongAnswer when they do not come, are not the prompt's, or cannot be true.
    """
    answer = client.complete(prompt=text, max_tokens=1, echo=True, logprobs=1)
    with checking(client, "echo"):
        found = choice(answer)
        tokens, logprobs = found.get("tokens"), found.get("token_logprobs")
        said = (answer.get("usage") or {}).get("completion_tokens", 1)
        said = count(client, said, "the number of tokens that it wrote", most=1)
        if not isinstance(tokens, list) or not isinstance(logprobs, list):
            raise WrongAnswer(f"{client.host} ignores echo")
        if not tokens or len(tokens) != len(logprobs) or len(tokens) <= said:
            raise WrongAnswer(f"{client.host} ignores echo")
        kept = len(tokens) - said
        spell(client, tokens[:kept], text)
        first = None if logprobs[0] is None else logprob(client, logprobs[0])
        scores = [first, *(logprob(client, each) for each in logprobs[1:kept])]
        return list(zip(tokens[:kept], scores, strict=True))
