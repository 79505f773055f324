"""Where requests go: only where they were told to."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ideas_lib.lm.endpoint import Endpoint, NoEndpoint, connect

KEY = "sk-do-not-show-me"


class _Models(BaseHTTPRequestHandler):
    """A server with one model, that notes each request's path and key."""

    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Authorization"]))
        body = json.dumps({"object": "list", "data": [{"id": "tiny", "object": "model"}]})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    seen: list[tuple[str, str]] = []
    handler = type("Handler", (_Models,), {"seen": seen})
    with HTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/v1", seen
        http.shutdown()
        thread.join()


def test_a_request_goes_to_the_endpoint_named_with_its_key(server):
    url, seen = server
    with connect(url, {"OPENAI_API_KEY": KEY}).client() as client:
        assert [model.id for model in client.models.list()] == ["tiny"]
    assert seen == [("/v1/models", f"Bearer {KEY}")]


def test_without_a_key_none_is_invented(server, monkeypatch):
    url, seen = server
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with connect(url, {}).client() as client:
        client.models.list()
    assert KEY not in seen[0][1]


def test_the_argument_wins_over_the_variable():
    env = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    assert connect(None, env).base_url == "http://127.0.0.1:1/v1"
    assert connect("http://127.0.0.1:2/v1", env).base_url == "http://127.0.0.1:2/v1"


def test_the_environment_is_read_when_asked(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:3/v1")
    assert connect().base_url == "http://127.0.0.1:3/v1"


def test_a_key_alone_sends_nothing_and_says_the_way_out():
    with pytest.raises(NoEndpoint, match="a key alone sends nothing") as caught:
        connect(None, {"OPENAI_API_KEY": KEY})
    assert "OPENAI_BASE_URL" in str(caught.value)
    assert "endpoint=" in str(caught.value)
    assert KEY not in str(caught.value)


def test_no_endpoint_and_no_key_does_not_speak_of_keys():
    with pytest.raises(NoEndpoint, match="^No endpoint is named"):
        connect(None, {})


def test_the_key_is_never_shown():
    endpoint = Endpoint("http://127.0.0.1:1/v1", KEY)
    assert KEY not in f"{endpoint} {endpoint!r}"
    with endpoint.client() as client:
        assert KEY not in repr(client)


@pytest.mark.parametrize("url", ["127.0.0.1:8080/v1", "ftp://somewhere/v1", "http://", "v1"])
def test_what_is_no_url_is_refused_by_name(url):
    with pytest.raises(ValueError, match="is no http") as caught:
        connect(url, {})
    assert url in str(caught.value)


def test_a_password_in_the_url_is_refused_and_not_shown():
    with pytest.raises(ValueError, match="password") as caught:
        connect("https://me:hunter2@somewhere/v1", {})
    assert "hunter2" not in str(caught.value)
