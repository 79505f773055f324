"""Which endpoint requests go to: the one that was named, else one on this machine.

    with connect("gemma-3-270m").client() as client:
        client.completions.create(model="gemma-3-270m", prompt="Hello")

A key alone names no endpoint, so it sends nothing anywhere.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from openai import DefaultHttpxClient, OpenAI

from ideas_lib.lm.serve import chosen, local

__all__ = ["Endpoint", "connect"]

BASE_URL = "OPENAI_BASE_URL"
API_KEY = "OPENAI_API_KEY"
# Servers that check no key still want one in the header.
NO_KEY = "none"


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible base URL, and the key for it, which no repr shows.

    `local` says that it is this process's own server, and `model` then which it serves.
    """

    base_url: str
    key: str = field(default=NO_KEY, repr=False)
    model: str = ""
    local: bool = False

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        shown = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"endpoint {shown!r} is no http(s) URL, like http://127.0.0.1:8080/v1")
        if "@" in url.netloc:
            raise ValueError(
                f"endpoint {shown!r} came with a password in it: set {API_KEY} instead"
            )

    def client(self, *, timeout: float = 60.0, max_retries: int = 2) -> OpenAI:
        """Return a client that talks to this endpoint and no other; nothing is sent yet.

        `timeout` is in seconds, for one request.
        """
        return OpenAI(
            base_url=self.base_url,
            api_key=self.key,
            timeout=timeout,
            max_retries=max_retries,
            # What goes to this machine goes through no proxy that the environment names.
            http_client=DefaultHttpxClient(trust_env=False) if self.local else None,
        )


def connect(
    endpoint: str | None = None, env: Mapping[str, str] = os.environ, *, embeddings: bool = False
) -> Endpoint:
    """Return the endpoint named by the argument or, without one, by OPENAI_BASE_URL.

    The argument is a URL, the name of a model or a path to a GGUF file. For the latter two, and
    when neither names one, a server is started on this machine, or found where it already runs;
    it never sees a key. A URL gets OPENAI_API_KEY, where that is set. `embeddings` asks for a
    model of sentence embeddings. Raises ValueError for what is none of these, and what
    `serve.local` raises.
    """
    named = endpoint or env.get(BASE_URL, "")
    if "://" in named:
        return Endpoint(named, env.get(API_KEY, "") or NO_KEY)
    if not endpoint and named:
        raise ValueError(f"{BASE_URL}={named} is no http(s) URL, like http://127.0.0.1:8080/v1")
    server = local(chosen(endpoint, embeddings, env), embeddings=embeddings)
    return Endpoint(server.url, model=server.model, local=True)
