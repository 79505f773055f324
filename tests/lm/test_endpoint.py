"""Where requests go: only where they were told to."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ideas_lib.lm import endpoint as module
from ideas_lib.lm.endpoint import Endpoint, connect
from ideas_lib.lm.serving.catalogue import DEFAULT, EMBEDDER

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


class _Local:
    """Stands in for this process's server, and notes what it was asked for."""

    url, model, identity = "http://127.0.0.1:5/v1", "tiny", "tiny 1"
    asked: list[tuple[str, bool]]

    def __init__(self) -> None:
        self.asked = []

    def __call__(self, model: str, *, embeddings: bool, exact: bool) -> "_Local":
        self.asked.append((model, embeddings))
        return self


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> _Local:
    found = _Local()
    monkeypatch.setattr(module, "local", found)
    return found


@pytest.mark.parametrize("env", [{}, {"OPENAI_API_KEY": KEY}])
def test_a_key_alone_sends_nothing_anywhere(own, env):
    endpoint = connect(None, env)
    assert endpoint == Endpoint(own.url, model="tiny", local=True, identity="tiny 1")
    assert KEY not in (endpoint.key, *endpoint.client().default_headers.values())
    assert own.asked == [(DEFAULT, False)]


@pytest.mark.parametrize(
    ("named", "env", "model"),
    [
        ("gemma-3-270m", {}, "gemma-3-270m"),
        ("gemma-3-270m", {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, "gemma-3-270m"),
        ("/path/mine.gguf", {}, "/path/mine.gguf"),
        (None, {"IDEAS_WEIGHTS": "/path/mine.gguf"}, "/path/mine.gguf"),
    ],
)
def test_a_name_or_a_file_is_served_here(own, named, env, model):
    assert connect(named, env).local
    assert own.asked == [(model, False)]


def test_a_url_wins_over_ones_own_weights(own):
    env = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "IDEAS_WEIGHTS": "/path/mine.gguf"}
    assert connect(None, env).base_url == "http://127.0.0.1:1/v1"
    assert own.asked == []


def test_embeddings_have_a_model_of_their_own(own):
    connect(None, {"IDEAS_WEIGHTS": "/path/mine.gguf"}, embeddings=True)
    assert own.asked == [(EMBEDDER, True)]


def test_the_key_is_never_shown():
    endpoint = Endpoint("http://127.0.0.1:1/v1", KEY)
    assert KEY not in f"{endpoint} {endpoint!r}"
    with endpoint.client() as client:
        assert KEY not in repr(client)


@pytest.mark.parametrize("url", ["ftp://somewhere/v1", "http://"])
def test_what_is_no_url_is_refused_by_name(url):
    with pytest.raises(ValueError, match="is no http") as caught:
        connect(url, {})
    assert url in str(caught.value)


@pytest.mark.parametrize("name", ["127.0.0.1:8080/v1", "v1", "gemma"])
def test_what_is_nothing_known_is_refused_by_name(name):
    with pytest.raises(ValueError, match=f"'{name}' is no model's name.*http://"):
        connect(name, {})


def test_the_variable_names_a_url_and_no_model():
    with pytest.raises(ValueError, match="OPENAI_BASE_URL=gemma-3-270m is no http"):
        connect(None, {"OPENAI_BASE_URL": "gemma-3-270m"})


def test_a_password_in_the_url_is_refused_and_not_shown():
    with pytest.raises(ValueError, match="password") as caught:
        connect("https://me:hunter2@somewhere/v1", {})
    assert "hunter2" not in str(caught.value)
