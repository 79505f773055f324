"""Which model answers: told by its scores of fixed texts, as URL and name do not tell it.

Another model behind the same URL and name has another fingerprint, and so its own finished scores.
What no two texts' scores tell apart stays one model: a server may answer these texts as one model
and others as another, and nobody would see.
"""

from dataclasses import replace
from itertools import pairwise

from ideas_lib.lm.client import Client, WrongAnswer
from ideas_lib.lm.scoring.door import checking, logprob, ordered, scored_tokens
from ideas_lib.lm.scoring.echo import echo
from ideas_lib.lm.scoring.forced import tokenize
from ideas_lib.lm.scoring.probing import TEXT, Capabilities, probe
from ideas_lib.lm.scoring.scores import Token
from ideas_lib.lm.scoring.topk import top
from ideas_lib.lm.store import Store, request_key
from ideas_lib.study.provenance import now

__all__ = ["Fingerprint", "alike", "capabilities_of", "take_fingerprint"]

TEXTS = (TEXT, "the price of bread in the old town", "to be or not to be")
SAME = 0.05  # nats that one model's numbers may move by, from one batch to the next
SHOWN = 20  # tokens after each text
KEPT = 16  # models that are remembered of one URL and name

Fingerprint = list[list[tuple[str, float]]]


def capabilities_of(client: Client, store: Store, fresh: bool = False) -> Capabilities:
    """Return what the endpoint can do: as recorded, or probed on its first use and recorded.

    A server of ours goes by its file; any other by its fingerprint, taken anew each time, so that
    a model that is new there is probed. `fresh` probes in any case.
    """
    key = request_key("capabilities", client.identity)
    if client.endpoint.identity:
        known = None if fresh else store.get([key]).get(key)
        if known is None:
            known = probe(client).stored()
            store.put({key: known})
        return Capabilities(**known)
    key = request_key("fingerprints", client.identity)
    entries = store.get([key]).get(key) or []
    found = None
    if entries:
        try:
            found = take_fingerprint(client, Capabilities(**entries[-1]["capabilities"]))
        except WrongAnswer:
            found = None  # whatever answers now, it answers in another way
    at = next((n for n, each in enumerate(entries) if alike(each["texts"], found or [])), None)
    if at is not None and not fresh:
        if at != len(entries) - 1:
            entries.append(entries.pop(at))
            store.put({key: entries})
        return Capabilities(**entries[-1]["capabilities"])
    can = probe(client)
    if at is None:
        texts = take_fingerprint(client, can)
        can = replace(can, mark=request_key(texts, now()))
        entries.append({"texts": texts, "capabilities": can.stored()})
    else:  # the same model, checked again: its finished scores stay its own
        old = entries.pop(at)
        can = replace(can, mark=old["capabilities"]["mark"])
        entries.append(old | {"capabilities": can.stored()})
    store.put({key: entries[-KEPT:]})
    return can


def take_fingerprint(client: Client, capabilities: Capabilities) -> Fingerprint:
    """Return what an endpoint says of fixed texts: a list a text, of tokens with logprobs.

    The text's own tokens where it echoes, else the most probable next ones. Raises EndpointFailed.
    """
    found: Fingerprint = []
    for text in TEXTS:
        if capabilities.method == "echo":
            rows = [Token(token, value or 0.0) for token, value in echo(client, text)]
        elif capabilities.method == "forced":
            rows = _next(client, [each.id for each in tokenize(client, text)])
        else:
            rows, _ = top(client, text, capabilities.k)
        found.append([(each.text, each.logprob) for each in rows])
    return found


def _next(client: Client, ids: list[int]) -> list[Token]:
    answer = client.complete(prompt=ids, max_tokens=1, logprobs=SHOWN)
    with checking(client, "logprobs of the next token"):
        rows = [
            Token(str(each["token"]), logprob(client, each["logprob"], zero=True))
            for each in scored_tokens(answer)[0]["top_logprobs"]
        ]
        return ordered(client, rows)


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether two fingerprints are of one model: the same tokens, to within SAME nats each.

    The order of numbers that are nearer to each other than that tells nothing, nor does the last.
    """
    return len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    if len(one) != len(other):
        return False
    close = [abs(here[1] - there[1]) <= 2 * SAME for here, there in pairwise(one)]
    tied = [left or right for left, right in zip([False, *close], [*close, True], strict=True)]
    return all(
        abs(here[1] - there[1]) <= SAME and (here[0] == there[0] or free)
        for here, there, free in zip(one, other, tied, strict=True)
    )
