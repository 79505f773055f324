"""What goes to an endpoint and what comes back: bounded retries, and no key in any message.

The `openai` client does the waiting: it tries again after a 429, a 5xx or a lost connection, a few
times, longer each time, and as long as `Retry-After` asks; not after a request that had all its
time. A local server that died is started again. What an endpoint says is shown with its control
characters written out.
"""

import threading
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import openai

from ideas_lib.formatting import printable
from ideas_lib.lm.bounded import Refused, TooSlow
from ideas_lib.lm.endpoint import NO_KEY, Endpoint, connect, resolved

__all__ = ["Client", "EndpointFailed", "WrongAnswer"]

TIMEOUT = 120.0  # seconds for one request, from its first byte to its answer's last
RETRIES = 3
RESTARTS = 3  # of a local server, in one run


# What openai raises for a page that is no answer of this API: it does not look before it reads.
NO_ANSWER = (openai.OpenAIError, AttributeError, TypeError, ValueError, RecursionError)
NAME = 200  # characters of a model's name


class EndpointFailed(RuntimeError):
    """Raised when an endpoint does not answer, or answers with an error; `status` is HTTP's."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(printable(message))
        self.status = status


class WrongAnswer(EndpointFailed):
    """Raised when an endpoint answers with something else than what was asked for."""


class Client:
    """An endpoint by name, as `connect` takes it, with one model of it, to send requests to.

    A server of our own has its weights in 16 bits, for `exact` scores, or as they come; or it
    serves `embeddings`. `timeout` is in seconds, for one request; None is TIMEOUT. A model alone is
    one on this machine, as `resolved` says. `key` is as `connect` takes it. It is for many threads
    at once. Raises what those raise, and EndpointFailed for a model that the endpoint does not
    have.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        model: str | None = None,
        retries: int = RETRIES,
        *,
        embeddings: bool = False,
        exact: bool = True,
        timeout: float | None = None,
        key: bool = True,
    ) -> None:
        endpoint, model, ours = resolved(endpoint, model, embeddings=embeddings)
        if ours and model not in (None, "", ours):
            raise EndpointFailed(f"the server for {ours} has no model {model!r}")
        self._named, self._retries, self._restarts, self._key = endpoint, retries, 0, key
        self._embeddings, self._exact = embeddings, exact and not embeddings
        self._timeout = TIMEOUT if timeout is None else timeout
        self._lock = threading.Lock()
        self.endpoint = self._connected()
        self._client = self.endpoint.client(timeout=self._timeout, max_retries=retries)
        self._before: list[openai.OpenAI] = []  # other threads may still be using these
        self.sent = 0
        self.model = self._chosen(model)

    def close(self) -> None:
        for client in (*self._before, self._client):
            client.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def host(self) -> str:
        """The endpoint's address, to show: without a query, which may hold a key."""
        url = urlsplit(self.endpoint.base_url)
        return f"{url.scheme}://{url.netloc}{url.path}"

    @property
    def here(self) -> bool:
        """Say whether the endpoint is on this machine, and so costs nothing."""
        host = urlsplit(self.endpoint.base_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def identity(self) -> str:
        """Name what answers, the same from one process to the next: it is what a cache goes by."""
        return self.endpoint.identity or f"{self.host} {self.model}"

    def complete(self, **body: Any) -> dict[str, Any]:
        """POST to /completions; return the answer's JSON object."""
        return self.post("completions", {"model": self.model, "temperature": 0} | body)

    def post(self, path: str, body: dict[str, Any], *, root: bool = False) -> dict[str, Any]:
        """POST to a path below the base URL, or below the server's root: its JSON object."""
        return self._ask("post", path, root, body=body)

    def get(self, path: str) -> dict[str, Any]:
        """GET a path below the server's root: its JSON object."""
        return self._ask("get", path, True)

    def _ask(self, verb: str, path: str, root: bool, **what: Any) -> dict[str, Any]:
        while True:
            client, endpoint = self._client, self.endpoint
            base = endpoint.base_url.rstrip("/")
            base = base.removesuffix("/v1") if root else base
            with self._lock:
                self.sent += 1
            failed, lost = None, False
            try:
                answer = getattr(client, verb)(f"{base}/{path}", cast_to=object, **what)
            except openai.APIConnectionError as error:
                failed, lost = self._unreached(error), True
            except openai.APIStatusError as error:
                failed = EndpointFailed(_words(error, endpoint, self.host), error.status_code)
            except Refused as error:
                failed = self._refused(error)
            except NO_ANSWER as error:
                failed = _no_answer(error, self.host)
            # Raised out here, so that no traceback leads to the request and the key in it.
            if failed is None:
                if not isinstance(answer, dict):
                    raise WrongAnswer(f"{self.host}/{path} answered with no JSON object")
                return answer
            if not (lost and self._again(client)):
                raise failed

    def _connected(self) -> Endpoint:
        return connect(self._named, embeddings=self._embeddings, exact=self._exact, key=self._key)

    def _again(self, client: openai.OpenAI) -> bool:
        """Start a local server that died again; say whether to try again."""
        with self._lock:
            if client is not self._client:
                return True  # another thread has done it
            if not self.endpoint.local or self._restarts == RESTARTS:
                return False
            self._restarts += 1
            self._before.append(client)
            self.endpoint = self._connected()
            self._client = self.endpoint.client(timeout=self._timeout, max_retries=self._retries)
        return True

    def _unreached(self, error: openai.APIConnectionError) -> EndpointFailed:
        slow = isinstance(error, openai.APITimeoutError)
        why = f"did not answer within {self._timeout:g} s" if slow else "cannot be reached"
        url = urlsplit(self.endpoint.base_url)
        tries = self._retries + 1
        return EndpointFailed(f"{url.scheme}://{url.netloc} {why}, tried {tries} times")

    def _refused(self, error: Refused) -> EndpointFailed:
        if isinstance(error, TooSlow):
            return EndpointFailed(f"{self.host} did not answer in full within {self._timeout:g} s")
        return WrongAnswer(f"{self.host} {error}")

    def _chosen(self, model: str | None) -> str:
        """Return the model to ask for: the one named, or the only one there is."""
        if self.endpoint.local:
            return self.endpoint.model
        failed = None
        try:
            there = [each.id for each in self._client.models.list()]
            if not all(isinstance(name, str) and 0 < len(name) <= NAME for name in there):
                raise ValueError("models without a name")
        except openai.APIConnectionError as error:
            failed = self._unreached(error)
        except openai.APIStatusError as error:
            failed = EndpointFailed(_words(error, self.endpoint, self.host), error.status_code)
        except Refused as error:
            failed = self._refused(error)
        except NO_ANSWER as error:
            failed = _no_answer(error, self.host)
        if failed is not None:
            raise failed
        if model is None and len(there) == 1 and not there[0].isprintable():
            raise WrongAnswer(f"{self.host} has a model by a name that no screen can show")
        if model in there or (model is None and len(there) == 1):
            return model or there[0]
        names = ", ".join(there[:20]) + (" ..." if len(there) > 20 else "")
        wanted = f"has no model {model!r}" if model else f"has {len(there)} models: name one"
        raise EndpointFailed(f"{self.host} {wanted}; it has {names or 'none'}")


def _no_answer(error: Exception, host: str) -> WrongAnswer:
    return WrongAnswer(
        f"{host} answered with something that is no answer of this API ({type(error).__name__}): "
        f"is the URL right, with its /v1?"
    )


def _words(error: openai.APIStatusError, endpoint: Endpoint, host: str) -> str:
    """What the endpoint answered, without the key, which some servers repeat."""
    body = error.body
    inner = body.get("error", body) if isinstance(body, dict) else body
    words = inner.get("message", inner) if isinstance(inner, dict) else inner
    try:
        text = " ".join(str(words or error.response.reason_phrase).split())
    except RecursionError:
        text = "something nested too deep to show"
    if endpoint.key != NO_KEY:
        text = text.replace(endpoint.key, "***")
    return f"{host} answered {error.status_code}: {text[:500]}"
