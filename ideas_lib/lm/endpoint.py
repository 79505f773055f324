"""Which endpoint requests go to: the one that was named, and no other.

    with connect("http://127.0.0.1:8080/v1").client() as client:
        client.completions.create(model="any", prompt="Hello")

A key alone names no endpoint, so it sends nothing anywhere.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from openai import OpenAI

__all__ = ["Endpoint", "NoEndpoint", "connect"]

BASE_URL = "OPENAI_BASE_URL"
API_KEY = "OPENAI_API_KEY"
# Servers that check no key still want one in the header.
NO_KEY = "none"


class NoEndpoint(RuntimeError):
    """Raised when nothing says where requests should go."""


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible base URL and the key for it, which no repr shows."""

    base_url: str
    key: str = field(default=NO_KEY, repr=False)

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
            base_url=self.base_url, api_key=self.key, timeout=timeout, max_retries=max_retries
        )


def connect(endpoint: str | None = None, env: Mapping[str, str] = os.environ) -> Endpoint:
    """Return the endpoint named by the argument or, without one, by OPENAI_BASE_URL.

    Its key is OPENAI_API_KEY, where that is set. Raises NoEndpoint when neither names one.
    """
    base_url = endpoint or env.get(BASE_URL, "")
    key = env.get(API_KEY, "")
    if not base_url:
        alone = f"{API_KEY} is set, but a key alone sends nothing anywhere. " if key else ""
        raise NoEndpoint(
            f"{alone}No endpoint is named: pass endpoint='http://127.0.0.1:8080/v1', or set "
            f"{BASE_URL}, to an OpenAI-compatible server, your own or a provider's"
        )
    return Endpoint(base_url, key or NO_KEY)
