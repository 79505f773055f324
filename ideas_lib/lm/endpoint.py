"""Which endpoint requests go to: the one that was named, else one on this machine.

    with connect("gemma-3-270m").client() as client:
        client.completions.create(model="gemma-3-270m", prompt="Hello")

A key alone names no endpoint, so it sends nothing anywhere.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from openai import OpenAI

from ideas_lib.lm.bounded import BoundedClient
from ideas_lib.lm.serving.catalogue import MODELS, UnknownModel
from ideas_lib.lm.serving.server import chosen, local

__all__ = ["Endpoint", "connect", "gets_key", "holds_key", "local_model", "resolved", "without_key"]

BASE_URL = "OPENAI_BASE_URL"
API_KEY = "OPENAI_API_KEY"
# Servers that check no key still want one in the header.
NO_KEY = "none"
SHORTEST = 12  # characters of a key that is a secret: shorter ones, like EMPTY, are words


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible base URL, and the key for it, which no repr shows.

    `local` says that it is this process's own server; `model` is then what it serves, `identity`
    the very file and program.
    """

    base_url: str
    key: str = field(default=NO_KEY, repr=False)
    model: str = ""
    local: bool = False
    identity: str = ""

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        # Any of the other parts may hold a key.
        shown = url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl()
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"endpoint {shown!r} is no http(s) URL, like http://127.0.0.1:8080/v1")
        if "@" in url.netloc:
            raise ValueError(
                f"endpoint {shown!r} came with a password in it: set {API_KEY} instead"
            )
        if not self.key.isascii() or not self.key.isprintable() or set(self.key) & {" "}:
            raise ValueError(
                f"{API_KEY} has a character that no key has: a space, a line's end, or one beyond "
                f"ASCII"
            )

    def client(self, *, timeout: float = 60.0, max_retries: int = 2) -> OpenAI:
        """Return a client that talks to this endpoint and no other; nothing is sent yet.

        `timeout` is in seconds, for one request with its answer, which `bounded` says more of.
        """
        # What goes to this machine goes through no proxy that the environment names, and needs no
        # certificates, which take their time to load.
        direct = {"trust_env": False, "verify": False} if self.local else {}
        return OpenAI(
            base_url=self.base_url,
            api_key=self.key,
            timeout=timeout,
            max_retries=max_retries,
            http_client=BoundedClient(timeout, timeout=timeout, **direct),
        )


class _Key(str):
    """A key that does not show itself where a traceback shows variables."""

    def __repr__(self) -> str:
        return "'***'"


def _read(name: str, env: Mapping[str, str] | None) -> str:
    """Read one variable: in a frame of its own, so that no traceback shows the others."""
    return (os.environ if env is None else env).get(name, "")


def connect(
    endpoint: str | None = None,
    env: Mapping[str, str] | None = None,
    *,
    embeddings: bool = False,
    exact: bool = False,
    key: bool = True,
) -> Endpoint:
    """Return the endpoint named by the argument or, without one, by OPENAI_BASE_URL.

    The argument is a URL, the name of a model or a path to a GGUF file. For the latter two, and
    when neither names one, a server is started on this machine, or found where it already runs;
    it never sees a key. A URL gets OPENAI_API_KEY, where that is set; without `key`, which is for
    a URL that a file named and not the reader, only if OPENAI_BASE_URL is on the same scheme,
    host and port. `embeddings` asks for a
    model of sentence embeddings; `exact` for 16-bit weights, which a server of ours then has.
    Raises ValueError for what is none of these or a key that no header can hold, and what
    `serving.server.local` raises. `env` is the environment, where none is given.
    """
    named = endpoint or _read(BASE_URL, env)
    if "://" in named:
        given = key or gets_key(named, env)
        return Endpoint(named, _Key((given and _read(API_KEY, env)) or NO_KEY))
    if not endpoint and named:
        raise ValueError(f"{BASE_URL}={named} is no http(s) URL, like http://127.0.0.1:8080/v1")
    model = chosen(endpoint, embeddings, os.environ if env is None else env)
    server = local(model, embeddings=embeddings, exact=exact)
    return Endpoint(server.url, model=server.model, local=True, identity=server.identity)


def gets_key(url: str, env: Mapping[str, str] | None = None) -> bool:
    """Say whether OPENAI_BASE_URL is on a URL's scheme, host and port: the reader named those."""
    try:
        return _origin(url) == _origin(_read(BASE_URL, env))
    except ValueError:  # a port that is none
        return False


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    return scheme, host, parts.port or {"http": 80, "https": 443}.get(scheme, 0)


def local_model(
    endpoint: str | None = None, env: Mapping[str, str] | None = None, *, embeddings: bool = False
) -> str:
    """Return the name of the model of the server that `connect` would start; empty for a URL."""
    if "://" in (endpoint or _read(BASE_URL, env)):
        return ""
    model = chosen(endpoint, embeddings, env=os.environ if env is None else env)
    return model if model in MODELS else Path(model).stem


def resolved(
    endpoint: str | None,
    model: str | None,
    env: Mapping[str, str] | None = None,
    *,
    embeddings: bool = False,
) -> tuple[str | None, str | None, str]:
    """Return endpoint, model, and the name of the model on this machine that is meant, or "".

    Where a model is named and no endpoint, here or in the environment, it is one of this machine,
    by name or file. Raises UnknownModel, a ValueError, for any other: none answers in its stead.
    """
    ours = local_model(endpoint, env, embeddings=embeddings)
    if endpoint or not model or model == ours or not ours or _read(BASE_URL, env):
        return endpoint, model, ours
    if model not in MODELS and not model.lower().endswith(".gguf"):
        raise UnknownModel(
            model, "is no model on this machine, and no endpoint that has it is named"
        )
    return model, None, local_model(model, env)


def holds_key(text: str, env: Mapping[str, str] | None = None) -> bool:
    """Say whether the reader's key stands in a text, as it is or as JSON writes it."""
    return without_key(text, env) != text


def without_key(text: str, env: Mapping[str, str] | None = None) -> str:
    """Return a text with the reader's key, should it be in there, as ***."""
    key = _Key(_read(API_KEY, env))
    if len(key) < SHORTEST:
        return text
    return text.replace(key, "***").replace(_Key(json.dumps(key)[1:-1]), "***")
