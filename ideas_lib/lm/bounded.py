"""Requests that end: bounded in time as a whole, and in bytes, and sent to one host only.

The timeouts of an HTTP client are for each read, so a byte every two seconds never meets one; nor
does it count what comes out of compression. Both are bounded here, headers included. A redirect is
followed on the host that was asked; another one would get texts that nobody sent it.
"""

import threading
import time
from typing import Any

import openai

__all__ = ["LARGEST", "BoundedClient", "Refused", "TooSlow"]

# Bytes of an answer, decoded. The largest that is wanted lists a vocabulary with its logprobs,
# some 25 MB for one of 262,144 tokens.
LARGEST = 64 << 20
REDIRECTS = 5
CODINGS = ("", "identity", "gzip", "deflate")  # one at most: each may make a thousand of one byte
ANEW = ("content-encoding", "content-length", "transfer-encoding")


class Refused(openai.OpenAIError):
    """Raised for an answer that is not taken; an OpenAIError, so that it is not asked for again."""


class TooSlow(Refused):
    """Raised for a request that has had its time."""


class _Deadline(threading.local):
    """When the request of this thread has to be done, on the monotonic clock; None for no limit."""

    at: float | None = None

    def left(self, timeout: float | None) -> float | None:
        """Return the seconds to wait at most, of those that are allowed. Raises TooSlow."""
        if self.at is None:
            return timeout
        left = self.at - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left if timeout is None else min(left, timeout)


class _Stream:
    """A connection that waits no longer than until the deadline, for whatever it waits."""

    def __init__(self, inner: Any, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        left = self._deadline.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend:
    """What opens connections, each of which minds the deadline."""

    def __init__(self, inner: Any, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **how: Any
    ) -> _Stream:
        left = self._deadline.left(timeout)
        return _Stream(self._inner.connect_tcp(host, port, left, **how), self._deadline)

    def connect_unix_socket(self, path: str, timeout: float | None = None, **how: Any) -> _Stream:
        left = self._deadline.left(timeout)
        return _Stream(self._inner.connect_unix_socket(path, left, **how), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class BoundedClient(openai.DefaultHttpxClient):
    """The HTTP client of `openai`, with the bounds; `seconds` is for a request with its answer.

    Raises Refused and TooSlow where it would go on.
    """

    def __init__(self, seconds: float, **options: Any) -> None:
        super().__init__(headers={"Accept-Encoding": "gzip"}, follow_redirects=False, **options)
        self._seconds, self._deadline = seconds, _Deadline()
        # The transport takes no other backend, and the pool below it does: hence its own names.
        for transport in filter(None, (self._transport, *self._mounts.values())):
            pool: Any = transport._pool  # type: ignore[attr-defined]
            pool._network_backend = _Backend(pool._network_backend, self._deadline)

    def send(self, request: Any, *, stream: bool = False, **how: Any) -> Any:
        how.pop("follow_redirects", None)
        if stream:  # whoever reads it bit by bit may stop when it is enough
            return super().send(request, stream=True, follow_redirects=False, **how)
        self._deadline.at = time.monotonic() + self._seconds
        try:
            return self._whole(request, how)
        except Refused:
            raise
        except Exception:
            if time.monotonic() < self._deadline.at:
                raise
            raise TooSlow from None
        finally:
            self._deadline.at = None

    def _whole(self, request: Any, how: dict[str, Any]) -> Any:
        for _ in range(REDIRECTS):
            response = super().send(request, stream=True, follow_redirects=False, **how)
            try:
                onward = response.next_request
                if onward is None:
                    return _read(response)
                if _origin(onward.url) != _origin(request.url):
                    there = f"{onward.url.scheme}://{onward.url.netloc.decode('ascii', 'replace')}"
                    raise Refused(
                        f"sends requests on to {there[:200]}, which gets nothing: name that one as "
                        f"the endpoint if it is meant"
                    )
                request = onward
            finally:
                response.close()
        raise Refused(f"sends requests on more than {REDIRECTS} times")


def _origin(url: Any) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _read(response: Any) -> Any:
    """Return a response with all of its body, decoded. Raises Refused."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in CODINGS:
        raise Refused(f"answered in the encoding {coding[:40]!r}, which was not asked for")
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise Refused(f"answered more than {LARGEST:,} bytes")
    headers = [each for each in response.headers.multi_items() if each[0].lower() not in ANEW]
    return type(response)(
        response.status_code,
        headers=headers,
        content=b"".join(parts),
        request=response.request,
        extensions=response.extensions,
    )
