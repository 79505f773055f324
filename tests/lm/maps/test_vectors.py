"""Vectors of texts: from the real model, from an endpoint with faults, and from the cache."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from ideas_lib.lm.client import EndpointFailed, WrongAnswer
from ideas_lib.lm.maps.vectors import BATCH, MARKS, embed
from ideas_lib.lm.scoring.work import OverCap

KEY = "sk-do-not-show-me"
FAR = "http://embeddings.example/v1"


class Fake:
    """An endpoint that embeds a text as its length and its number of a's; it has faults."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.faults: list[int] = []
        self.refused = ""
        self.most = self.now = 0
        self.lock = threading.Lock()
        self.spoil = lambda data: data

    def answer(self, path: str, body: dict) -> tuple[int, dict]:
        if path.endswith("/models"):
            return 200, {"data": [{"id": "fake", "object": "model"}]}
        with self.lock:
            if body["input"] != list(MARKS):  # which tell the model, each time
                self.asked.append(body["input"])
            fault = self.faults.pop() if self.faults else 0
        if fault:
            return fault, {"error": {"message": f"not with {KEY}"}}
        if self.refused and self.refused in body["input"]:
            return 400, {"error": {"message": "too long"}}
        data = [
            {"index": n, "embedding": [float(len(text)), float(text.count("a")), 0.5]}
            for n, text in enumerate(body["input"])
        ]
        return 200, {"data": self.spoil(data[::-1])}  # in any order


@pytest.fixture
def fake(tmp_path, monkeypatch) -> Iterator[tuple[Fake, str]]:
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    served = Fake()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"{}")
            status, found = served.answer(self.path, body)
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = reply

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def expected(texts: list[str]) -> np.ndarray:
    rows = np.array([[len(text), text.count("a"), 0.5] for text in texts])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_real_model_knows_what_sentences_have_in_common():
    texts = ["A dog runs over the field.", "The stock market fell.", "A puppy is running outside."]
    found = embed(texts, store=":memory:")
    assert found.shape == (3, 384)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    near = found @ found.T
    assert near[0, 2] > 0.5 > near[0, 1]
    alone = embed(texts[2:], store=":memory:")
    np.testing.assert_allclose(alone[0], found[2], atol=1e-4)


def test_vectors_are_in_the_order_of_the_texts_and_equal_texts_are_asked_once(fake):
    served, url = fake
    texts = [f"{'a' * (n % 7)} text {n}" for n in range(3 * BATCH + 5)] + ["twice", "twice"]
    np.testing.assert_allclose(embed(texts, url), expected(texts), atol=1e-6)
    assert sorted(text for asked in served.asked for text in asked) == sorted(set(texts))
    assert max(map(len, served.asked)) == BATCH


def test_what_was_embedded_is_not_asked_again(fake):
    served, url = fake
    first = embed(["one", "two"], url)
    np.testing.assert_array_equal(embed(["two", "three", "one"], url)[[2, 0]], first)
    assert served.asked == [["one", "two"], ["three"]]


def test_faults_that_pass_do_no_harm_and_others_keep_what_is_done(fake):
    served, url = fake
    served.faults = [429, 500, 503]
    texts = [f"text {n}" for n in range(BATCH * 6)]
    np.testing.assert_allclose(embed(texts, url), expected(texts), atol=1e-6)
    served.asked.clear()
    served.refused = "bad"
    with pytest.raises(EndpointFailed, match=r"row 1, 'bad', cannot be embedded: .* too long"):
        embed(["good", "bad", *texts[:3]], url)
    served.refused = ""
    served.asked.clear()
    embed(texts, url)
    assert served.asked == []


def test_no_key_is_in_an_error_or_in_the_cache(fake, tmp_path):
    served, url = fake
    served.faults = [403] * 9
    with pytest.raises(EndpointFailed, match=r"answered 403: not with \*\*\*") as caught:
        embed(["one"], url)
    assert KEY not in repr(caught.value.__cause__) + repr(caught.value.__context__)
    served.faults = []
    embed(["a text of one's own"], url)
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert KEY.encode() not in path.read_bytes()
        assert b"of one's own" not in path.read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[1:],
        lambda data: [{**each, "index": 0} for each in data],
        lambda data: [{**each, "embedding": [0.0, 0.0]} for each in data],
        lambda data: [{**each, "embedding": [float("nan"), 1.0]} for each in data],
        lambda data: [{**each, "embedding": "AAAA"} for each in data],
        lambda data: None,
    ],
)
def test_wrong_answers_are_refused(fake, spoil):
    served, url = fake
    served.spoil = spoil
    with pytest.raises(WrongAnswer, match="does fake embed"):
        embed(["one", "two"], url)


def test_a_model_that_changes_its_dimensions_is_refused(fake):
    served, url = fake
    embed(["one"], url)
    spoilt = lambda data: [{**each, "embedding": [1.0, 2.0]} for each in data]  # noqa: E731
    served.spoil = lambda data: spoilt(data) if len(data) == 1 else data  # the fixed texts are two
    with pytest.raises(WrongAnswer, match="vectors have 2 and 3 dimensions"):
        embed(["one", "two"], url)


def test_more_than_the_cap_is_not_sent(fake, monkeypatch, capsys):
    served, url = fake
    monkeypatch.setattr("ideas_lib.lm.client.Client.here", False)
    with pytest.raises(OverCap, match=r"about 1 requests with 2 tokens .* the cap of 1: none"):
        embed(["four"], url, cap=1)
    assert served.asked == []
    embed(["four"], url, cap=2)
    assert "about 1 requests with 2 tokens in all" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "there are no texts"),
        (["one", " \n"], "row 1 has no text"),
        (["one", 2], "row 1 is int, not text: 2"),
        (["one", None], "row 1 is NoneType, not text"),
    ],
)
def test_what_is_no_text_is_named_by_its_row(texts, message):
    with pytest.raises(ValueError, match=message):
        embed(texts, FAR)
