"""What a language model is asked for: text to go on from, or a chat; how, and with which seed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Decoding", "Prompt", "Reply", "Request", "grouped", "seeds_for"]

Prompt = str | Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Decoding:
    """How a model is to choose its words. What is None or empty is left to the endpoint.

    Args:
        temperature: 0 takes the most probable token each time, whatever the seed.
        top_p: The share of probability that tokens are sampled from, above 0 and up to 1.
        max_tokens: What a reply is cut off at.
        stop: Texts that end a reply, and are no part of it. OpenAI's endpoints take four.
        grammar: A grammar in GBNF, with a rule `root`. llama.cpp's server alone takes one: ours
            does, and any other endpoint is asked first whether it is one.
        schema: A JSON schema that a reply will match. For chats it goes to any endpoint, as
            `response_format`; for text that is to be continued, to llama.cpp's server alone.
    """

    temperature: float = 0.8
    top_p: float | None = None
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    grammar: str = ""
    schema: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.temperature >= 0:
            raise ValueError(f"temperature={self.temperature} must not be below 0")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"top_p={self.top_p} must be above 0 and at most 1, or None")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens={self.max_tokens} must be at least 1")
        if isinstance(self.stop, str) or "" in self.stop:
            raise ValueError(f"stop={self.stop!r} must be a tuple of texts, none of them empty")
        if self.grammar and self.schema is not None:
            raise ValueError("a grammar and a schema: a reply follows one of them, so give one")


@dataclass(frozen=True)
class Reply:
    """What a model said, and whether it came to an end by itself."""

    text: str
    finished: bool


@dataclass(frozen=True)
class Request:
    """One sample that is asked for: text to go on from or a chat's messages, how, and the seed."""

    prompt: Prompt
    seed: int
    decoding: Decoding = Decoding()

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32 - 1:  # what llama.cpp takes for "any"
            raise ValueError(f"seed={self.seed} must be at least 0 and below 2**32 - 1")

    @property
    def path(self) -> str:
        """Where it goes, below the endpoint's base URL."""
        return "completions" if isinstance(self.prompt, str) else "chat/completions"

    def body(self) -> dict[str, Any]:
        """Return what is sent, but for the model's name and how many are wanted."""
        how, text = self.decoding, isinstance(self.prompt, str)
        shape = {"name": "reply", "schema": how.schema, "strict": True}
        wanted = {
            "prompt" if text else "messages": self.prompt if text else list(self.prompt),
            "temperature": how.temperature,
            "top_p": how.top_p,
            "max_tokens": how.max_tokens,
            "stop": list(how.stop) or None,
            "grammar": how.grammar or None,
            "json_schema": how.schema if text else None,
            "response_format": None
            if text or how.schema is None
            else {"type": "json_schema", "json_schema": shape},
            "seed": self.seed,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def read(self, answer: Mapping[str, Any]) -> list[Reply]:
        """Return the replies in an endpoint's answer. Raises ValueError for one that is none."""
        try:
            found = [
                Reply(_text(choice) or "", choice["finish_reason"] != "length")
                for choice in answer["choices"]
            ]
        except (KeyError, TypeError, AttributeError):
            raise ValueError("answered no text") from None
        if self.decoding.schema is not None:
            for reply in found:
                _matched(reply)
        return found

    @property
    def key(self) -> str:
        """Tell it from other requests to the same model."""
        return json.dumps(self.body())

    def follows(self, other: "Request") -> bool:
        """Say whether it is as the other one, with the next seed."""
        return replace(other, seed=other.seed + 1) == self


def _text(choice: Mapping[str, Any]) -> str | None:
    text = choice["message"]["content"] if "message" in choice else choice["text"]
    if not isinstance(text, str | None):
        raise TypeError("no text")
    # A lone surrogate is no character: no file and no screen takes one.
    return (
        None if text is None else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _matched(reply: Reply) -> None:
    """Raise ValueError for a reply that no schema can have led to."""
    try:
        if reply.finished:
            json.loads(reply.text)
    except (ValueError, RecursionError):
        raise ValueError(f"takes no schema: it answered {reply.text[:80]!r}") from None


def seeds_for(prompt: Prompt, samples: int, seed: int = 0) -> range:
    """Return the seeds of a prompt's samples: the first is made of prompt and seed."""
    told = json.dumps([seed, prompt if isinstance(prompt, str) else list(prompt)])
    first = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4]) >> 2
    return range(first, first + samples)


def grouped(requests: Sequence[Request], most: int) -> list[list[Request]]:
    """Put up to `most` requests together that follow each other, and whose seeds alone do so too.

    What is there twice is kept once.
    """
    groups: list[list[Request]] = []
    seen: set[str] = set()
    for request in requests:
        if request.key in seen:
            continue
        seen.add(request.key)
        last = groups[-1] if groups else []
        if last and len(last) < most and request.follows(last[-1]):
            last.append(request)
        else:
            groups.append([request])
    return groups
