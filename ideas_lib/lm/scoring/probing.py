"""What an endpoint can do: asked and never guessed, and checked before it is believed.

Exact scores by echo, exact ones by forced tokens, upper bounds from the top k, or a refusal with
the reasons. An endpoint that contradicts itself is refused: the same tokens must score the same,
to within TOLERANCE nats each, with and without a cached prefix, forced and chosen freely, and
after the same context as text and as tokens (a missing BOS shows there).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from ideas_lib.lm.client import Client, EndpointFailed, WrongAnswer
from ideas_lib.lm.scoring.door import Untrue, checking, choice, count, logprob, scored_tokens
from ideas_lib.lm.scoring.echo import Echo, echo
from ideas_lib.lm.scoring.forced import Forced, Piece, force, tokenize
from ideas_lib.lm.scoring.scores import Scorer, Token
from ideas_lib.lm.scoring.topk import TopK, top

__all__ = ["FLOOR", "QUANTISED", "TEXT", "Capabilities", "EndpointRefused", "probe"]

TOLERANCE = 0.6
# Nats that the arithmetic of a llama.cpp server moves a token's logprob by, at most: with weights
# of 16 bits no token of tests/lm/test_exactness.py is further from 32 bits than this, with
# quantised ones hardly one in a hundred is.
FLOOR, QUANTISED = 0.05, 0.7
WIDE = 15.0  # bits a weight, from which weights are not quantised
TEXT = "The first time that I saw the sea, I was"
SAID = 6  # tokens
SLOTS = 256  # threads, at most, for an endpoint that says how many it has room for
REMOTE = 8  # requests at once, to an endpoint that does not say how many it has room for
NO_WORD_ON_IT = (None, 401, 403, 408, 409, 429, 502, 503, 504)  # statuses that say nothing


class EndpointRefused(RuntimeError):
    """Raised when an endpoint cannot score phrases, or answers wrongly."""


@dataclass(frozen=True)
class Capabilities:
    """How an endpoint scores, and what it was seen to do when it was first used.

    `method` is echo, forced or top-k; `floor` is the numerical floor in nats a token; `k` is how
    many tokens it shows; `prefix` is the id of the token that stands for no context; `window` is in
    tokens; `workers` is how many requests it takes at once; `bits` is how many a weight has, or 0
    where the endpoint does not say; `checks` maps each check to the greatest difference in nats
    that it found; `mark` tells the models apart that answered at one URL by one name, "" for a
    server of ours, whose file does.
    """

    method: str
    floor: float
    k: int = 0
    prefix: int = 0
    window: int = 0
    workers: int = REMOTE
    bits: float = 0.0
    checks: dict[str, float] = field(default_factory=dict)
    mark: str = ""

    @property
    def scorer(self) -> Scorer:
        """The way to have phrases scored."""
        if self.method == "echo":
            return Echo()
        return Forced(self.prefix, self.window) if self.method == "forced" else TopK(self.k)

    def stored(self) -> dict[str, Any]:
        """As JSON values; `Capabilities(**stored)` is the way back."""
        return asdict(self)


def probe(client: Client) -> Capabilities:
    """Ask an endpoint what it can do. Raises EndpointRefused, with what each way ran into."""
    reasons = []
    ways: dict[str, Callable[[Client], Capabilities]] = {
        "echo": _echo,
        "forced": _forced,
        "top-k": _top,
    }
    for name, way in ways.items():
        try:
            return way(client)
        except Untrue as error:
            raise EndpointRefused(f"{error}; its numbers cannot be believed") from None
        except EndpointFailed as error:
            if error.status in NO_WORD_ON_IT and not isinstance(error, WrongAnswer):
                raise
            reasons.append(f"{name}: {error}")
    raise EndpointRefused(
        f"{client.host} can score no phrase with {client.model}. " + "; ".join(reasons)
    )


def _echo(client: Client) -> Capabilities:
    plain = _greedy(client, client.complete(prompt=TEXT, max_tokens=SAID, logprobs=1))
    told = echo(client, TEXT + "".join(each.text for each in plain))
    _varied(client, [value for _, value in told if value is not None])
    again = [Token(text, value) for text, value in told[-len(plain) :] if value is not None]
    same = [each.text for each in again] == [each.text for each in plain]
    checks = {"echo against greedy": _difference(plain, again) if same else 0.0}
    return _checked(client, Capabilities("echo", max(checks.values()), checks=checks))


def _forced(client: Client) -> Capabilities:
    prompt = tokenize(client, TEXT)
    if not prompt:
        raise WrongAnswer(f"{client.host} gave no tokens")
    ids = [each.id for each in prompt]
    free = client.complete(prompt=ids, max_tokens=SAID, logprobs=1, cache_prompt=False)
    with checking(client, "token ids with its logprobs"):
        said = [Piece(count(client, each["id"], "a token's id")) for each in scored_tokens(free)]
    if not said:
        raise WrongAnswer(f"{client.host} gave no token ids with its logprobs")
    plain = _greedy(client, free)
    fresh = force(client, prompt, said, cached=False)
    force(client, prompt, said)
    checks = {
        "forced against greedy": _difference(plain, fresh),
        "cached against uncached": _difference(fresh, force(client, prompt, said)),
    }
    text = client.complete(prompt=TEXT, max_tokens=SAID, logprobs=1, cache_prompt=False)
    checks["text against tokens (BOS)"] = _difference(plain, _greedy(client, text))
    bits = _bits(client)
    floor = max(FLOOR if bits >= WIDE else QUANTISED, *checks.values())
    found = Capabilities("forced", floor, bits=bits, checks=checks, **_properties(client))
    return _checked(client, found)


def _bits(client: Client) -> float:
    """Return how many bits a weight has, from what a llama.cpp server says of its model."""
    with checking(client, "account of its models"):
        for row in client.get("v1/models").get("data") or []:
            about = row.get("meta") or {}
            if row.get("id") == client.model and about.get("n_params"):
                bits = 8 * float(about.get("size") or 0) / float(about["n_params"])
                if not 0 <= bits <= 64:
                    raise ValueError(f"weights of {bits} bits")
                return round(bits, 2)
    return 0.0


def _properties(client: Client) -> dict[str, Any]:
    """Return the token that stands for no context, and what the server has room for."""
    there = client.get("props")
    with checking(client, "account of itself"):
        window = (there.get("default_generation_settings") or {}).get("n_ctx") or 2048
        bos = str(there.get("bos_token") or there.get("eos_token") or "\n")
        slots = count(client, there.get("total_slots", 1), "how many it takes at once", least=1)
        return {
            "prefix": (tokenize(client, "") or tokenize(client, bos))[0].id,
            "window": count(client, window, "the room that it has", least=1),
            "workers": min(slots, SLOTS),
        }


def _top(client: Client) -> Capabilities:
    refused = None
    for k in (20, 5):
        try:
            shown, _ = top(client, TEXT, k)
            again, _ = top(client, TEXT, k)
        except EndpointFailed as error:
            refused = error
        else:
            checks = {"the same twice": _difference(shown, again)}
            floor = max(checks.values())
            return _checked(
                client, Capabilities("top-k", floor, k=min(k, len(shown)), checks=checks)
            )
    assert refused is not None
    raise refused


def _greedy(client: Client, answer: dict[str, Any]) -> list[Token]:
    """Return what was said and its logprobs, in either of the two forms that they come in."""
    with checking(client, "logprobs of what it wrote"):
        rows = scored_tokens(answer)
        if rows:
            return [Token(str(row["token"]), logprob(client, row["logprob"])) for row in rows]
        found = choice(answer)
        pairs = zip(found.get("tokens") or [], found.get("token_logprobs") or [], strict=False)
        return [Token(str(text), logprob(client, value)) for text, value in pairs]


def _varied(client: Client, values: list[float]) -> None:
    """Raise WrongAnswer where every token gets the same number, as from a server without any."""
    if len(values) > 2 and len(set(values)) == 1:
        raise Untrue(f"{client.host} gives every token the log-probability {values[0]:g}")


def _difference(one: list[Token], other: list[Token]) -> float:
    """The greatest difference in nats, up to the first token that is another one."""
    worst = 0.0
    for here, there in zip(one, other, strict=False):
        worst = max(worst, abs(here.logprob - there.logprob))
        if here.text != there.text:
            break
    return worst


def _checked(client: Client, found: Capabilities) -> Capabilities:
    for name, difference in found.checks.items():
        if not difference <= TOLERANCE:
            raise EndpointRefused(
                f"{client.host} contradicts itself: {name}, the same tokens of {client.model} "
                f"differ by {difference:.2f} nats, more than {TOLERANCE}; its numbers cannot be "
                f"believed"
            )
    return found
