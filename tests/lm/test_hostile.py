"""Endpoints that lie, drip, swell and send elsewhere; specs that read and send what is not theirs.

Each ends in one line and an exit code, in bounded time, and nothing is believed, sent or shown.
"""

import gc
import gzip
import itertools
import json
import os
import re
import socket
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ideas_lib.cli import main
from ideas_lib.formatting import printable
from ideas_lib.lm import bounded
from ideas_lib.lm.client import Client, EndpointFailed, WrongAnswer
from ideas_lib.lm.endpoint import connect
from ideas_lib.lm.generate import Generator
from ideas_lib.lm.maps.vectors import embed
from ideas_lib.lm.record import Record
from ideas_lib.lm.report.query import BadSpec
from ideas_lib.lm.report.spec import read_spec
from ideas_lib.lm.request import Request
from ideas_lib.lm.scoring.door import spell
from ideas_lib.lm.scoring.echo import echo
from ideas_lib.lm.scoring.fingerprint import TEXTS
from ideas_lib.lm.scoring.logprobs import compare
from ideas_lib.lm.scoring.probing import EndpointRefused

KEY = "sk-not-for-them-0123"
DEEP = "[" * 200_000 + "]" * 200_000


# An endpoint that is refused leaves its connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*socket:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module", autouse=True)
def _no_connection_is_left_to_later_tests():
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def ideas(*words, **more):
    return CliRunner().invoke(main, words, prog_name="ideas", **more)


def one_line(result, code=None):
    """The one line that a command ended with; it is no traceback."""
    assert result.exit_code in ((1, 2) if code is None else (code,)), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    said = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(said) == 1
    assert "Traceback" not in result.output
    return said[0]


def whole_request(connection):
    """Read a request to its end: whoever closes before that resets the connection."""
    request = b""
    while part := connection.recv(65536):
        request += part
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return request


class Raw:
    """A server that writes bytes as it is told to: `write(connection, request)`."""

    def __init__(self, write):
        self.requests, self.stopped = [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.write, self.threads = write, []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            with connection:
                self.requests.append(whole_request(connection))
                self.write(self, connection)
        except OSError:
            pass  # they had enough, as they should

    def close(self):
        self.stopped.set()
        self.listener.close()


@pytest.fixture
def raw(monkeypatch, tmp_path):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.02)
    made = []

    def start(write):
        made.append(Raw(write))
        return made[-1]

    yield start
    for each in made:
        each.close()


def reply(connection, body, headers="", status="200 OK"):
    kind = "Content-Type: application/json\r\n"
    head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n{headers}\r\n"
    connection.sendall(head.encode() + body)


# Time and size.


def drip_body(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(server, connection, b"[")


def drip_head(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    drip(server, connection, b"a")


def drip_continue(server, connection):
    drip(server, connection, b"HTTP/1.1 100 Continue\r\n\r\n")


def drip_chunks(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    drip(server, connection, b"1\r\n \r\n")


def drip(server, connection, piece):
    while not server.stopped.wait(0.05):
        connection.sendall(piece)


@pytest.mark.parametrize("how", [drip_body, drip_head, drip_continue, drip_chunks])
def test_an_answer_that_drips_ends_with_the_time_of_the_whole_request(raw, how):
    server, begun = raw(how), time.monotonic()
    with pytest.raises(EndpointFailed, match=r"/v1 did not answer in full within 0.6 s"):
        Client(server.url, timeout=0.6)
    assert time.monotonic() - begun < 5
    assert len(server.requests) == 1


@pytest.mark.parametrize("coding", ["", "gzip", "br", "gzip, gzip"])
def test_an_answer_is_bounded_in_bytes_as_they_come_out(raw, monkeypatch, coding):
    monkeypatch.setattr(bounded, "LARGEST", 100_000)
    body = b" " * 10_000_000
    for _ in range(coding.count("gzip")):
        body = gzip.compress(body)
    named = f"Content-Encoding: {coding}\r\n" if coding else ""
    server = raw(lambda _, connection: reply(connection, body, named))
    with pytest.raises(WrongAnswer, match="more than 100,000 bytes|in the encoding"):
        Client(server.url)
    assert len(server.requests) == 1


def test_an_answer_in_gzip_is_read(raw):
    body = gzip.compress(json.dumps({"data": [{"id": "toy"}]}).encode())
    server = raw(lambda _, connection: reply(connection, body, "Content-Encoding: gzip\r\n"))
    assert Client(server.url).model == "toy"


def test_headers_without_end_are_refused(raw):
    def endless(server, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not server.stopped.is_set():
            connection.sendall(b"X-Long: " + b"a" * 10_000 + b"\r\n")

    with pytest.raises(EndpointFailed, match="cannot be reached"):
        Client(raw(endless).url, retries=0, timeout=5)


# Sent on.


def test_a_redirect_to_another_host_gets_nothing_and_is_said(raw, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    there = raw(lambda _, connection: reply(connection, b"{}"))
    moved = f"Location: {there.url}/models\r\n"
    for status in ("301 M", "302 M", "303 M", "307 M", "308 M"):
        here = raw(lambda _, c, status=status: reply(c, b"", moved, status))
        with pytest.raises(WrongAnswer, match=r"sends requests on to http://127.0.0.1:\d+, which"):
            Client(here.url)
        assert len(here.requests) == 1
    assert there.requests == []


def test_a_redirect_on_the_same_host_is_followed_and_not_for_ever(raw):
    body = json.dumps({"data": [{"id": "toy"}]}).encode()

    def once(server, connection):
        if b"/v1/models " in server.requests[-1]:
            return reply(connection, b"", "Location: /v1/there\r\n", "307 M")
        return reply(connection, body)

    assert Client(raw(once).url).model == "toy"
    loop = raw(lambda _, c: reply(c, b"", "Location: /v1/models\r\n", "307 M"))
    with pytest.raises(WrongAnswer, match="more than 5 times"):
        Client(loop.url)


# Shapes, and numbers that cannot be.


@pytest.mark.parametrize(
    "body",
    [DEEP, '{"data":' + DEEP + "}", "", "null", "[1]", '{"data": null}', '{"data": [1]}',
     '{"data": [{"id": 5}]}', '{"data": [{"id": {"a": 1}}]}', "\ud800",
     '{"data": [{"id": "\\u001b[2J"}]}'],
)  # fmt: skip
def test_a_list_of_models_of_any_shape_is_one_line(raw, body):
    sent = body.encode("utf-8", "surrogatepass")
    server = raw(lambda _, connection: reply(connection, sent))
    result = ideas("logprobs", "--contexts", "a", "--phrases", " b", "--endpoint", server.url)
    assert "\x1b" not in one_line(result, 1)


def damaged(fake, change):
    """Have every answer of a fake changed, as it stands in its JSON."""
    answer = fake.answer

    def wrong(path, body):
        code, found = answer(path, body)
        return code, change(found) if path == "/v1/completions" else found

    fake.answer = wrong


def logprobs_as(value):
    def change(found, inside=False):
        if isinstance(found, dict):
            names = ("logprob", "token_logprobs", "top_logprobs")
            return {k: change(v, inside or k in names) for k, v in found.items()}
        if isinstance(found, list):
            return [change(each, inside) for each in found]
        return value if inside and isinstance(found, float) else found

    return change


BAD = [float("nan"), 5.0, 0.01, float("inf"), -float("inf"), -9999.0, -1e30, True, "-1.5", None, []]


@pytest.mark.parametrize("can", ["echo", "forced", "top"])
@pytest.mark.parametrize("value", BAD, ids=repr)
def test_no_number_is_believed_that_cannot_be_a_logprob(serve_fake, can, value):
    fake, url = serve_fake(can)
    damaged(fake, logprobs_as(value))
    with pytest.raises(EndpointRefused):
        compare(["a dog"], [" b"], endpoint=url)


@pytest.mark.parametrize("can", ["echo", "forced", "top"])
@pytest.mark.parametrize("value", [float("nan"), 5.0, -9999.0])
def test_nor_after_the_first_check_was_passed(serve_fake, can, value):
    fake, url = serve_fake(can)
    first = compare(["a dog"], [" b"], endpoint=url, domain="so")
    answer, change = fake.answer, logprobs_as(value)

    def later(path, body):
        code, found = answer(path, body)
        text = body.get("prompt", "")
        fixed = text in TEXTS or text in [fake.toy.tokenize(each) for each in TEXTS]
        return code, found if fixed else change(found)

    fake.answer = later
    with pytest.raises(WrongAnswer, match="for a log-probability"):
        compare(["the cat"], [" c"], endpoint=url)
    assert compare(["a dog"], [" b"], endpoint=url, domain="so").frame.equals(first.frame)


@pytest.mark.parametrize("can", ["echo", "forced", "top"])
@pytest.mark.parametrize(
    "answer",
    [{"choices": []}, {"choices": None}, {"choices": [None]}, {"choices": "abc"}, {"choices": {}},
     {"choices": [{"logprobs": {"tokens": 5, "token_logprobs": [None], "content": [1]}}]},
     {"choices": [{"logprobs": {"top_logprobs": [{"a": "b"}], "content": {"a": 1}}}]},
     {"choices": [{"logprobs": []}], "usage": {"prompt_tokens": True}}, {"usage": "none"}, {}],
    ids=str,
)  # fmt: skip
def test_answers_of_any_shape_are_one_line(serve_fake, can, answer):
    fake, url = serve_fake(can)
    damaged(fake, lambda _: answer)
    words = ("--contexts", "a dog", "--phrases", " b", "--endpoint", url)
    assert "can score no phrase" in one_line(ideas("logprobs", *words), 1)


def test_an_echo_of_another_text_is_refused(serve_fake):
    fake, url = serve_fake("echo")

    def other(found):
        told = found["choices"][0]["logprobs"]
        told["tokens"] = [{"e": "i"}.get(each, each) for each in told["tokens"]]
        return found

    damaged(fake, other)
    with Client(url) as client, pytest.raises(WrongAnswer, match="spell 'Thi first .* not the pr"):
        echo(client, TEXTS[0])
    assert compare(["a dog"], [" b"], endpoint=url).capabilities.method == "top-k"


def test_tokens_of_another_text_are_refused(serve_fake):
    fake, url = serve_fake("forced")
    tokenize = fake.toy.tokenize
    fake.toy.tokenize = lambda text: tokenize(text.replace("dog", "cat"))
    with pytest.raises(WrongAnswer, match="spell 'a cat' and not the prompt, 'a dog'"):
        compare(["a dog"], [" b"], endpoint=url)


def test_what_spells_a_text(serve_fake):
    with Client(serve_fake("echo")[1]) as client:
        for tokens, text in [
            (["<s>", "a", " dog"], "a dog"),
            (["caf", "\ufffd", "\ufffd", "!"], "café!"),
            (["bytes:\\xe2\\x82", "bytes:\\xac", " 5"], "€ 5"),
            (["a", "\ufffd"], "aé"),
        ]:
            spell(client, tokens, text)
        for tokens, text in [
            (["a", "\ufffd"], "ab"),
            (["a", " dog", "s"], "a dog"),
            (["\ufffd"] * 3, "abc"),
            (["a", 5], "a5"),
            (["b", "\ufffd"], "ab\u00e9"),
        ]:
            with pytest.raises(WrongAnswer):
                spell(client, tokens, text)


def test_one_number_for_every_token_is_no_score(serve_fake):
    fake, url = serve_fake("echo")
    damaged(fake, logprobs_as(-1.0))
    with pytest.raises(EndpointRefused, match="every token the log-probability -1"):
        compare(["a dog"], [" b"], endpoint=url)


def test_shares_that_add_up_to_more_than_all_are_refused(serve_fake):
    fake, url = serve_fake("top")
    damaged(fake, logprobs_as(-0.1))
    with pytest.raises(EndpointRefused, match="add up to 4.5"):
        compare(["a dog"], [" b"], endpoint=url)


@pytest.mark.parametrize(
    "data",
    [None, 5, [], [1], [{}], [{"index": 0, "embedding": [1.0, float("nan")]}],
     [{"index": 0, "embedding": [1e300, 1e300]}], [{"index": 0, "embedding": [0, 0]}],
     [{"index": 0, "embedding": ["1", "2"]}], [{"index": 0, "embedding": [True, False]}],
     [{"index": True, "embedding": [1, 2]}], [{"index": 1, "embedding": [1, 2]}],
     [{"index": 0, "embedding": [1, 2]}, {"index": 0, "embedding": [1, 2]}], [{"embedding": [1]}],
     [{"index": 0, "embedding": []}], [{"index": 0, "embedding": [10**400]}], {"index": 0}],
    ids=str,
)  # fmt: skip
def test_vectors_that_cannot_be_are_refused(raw, data):
    def answer(server, connection):
        models = b"/models " in server.requests[-1]
        told = [{"id": "toy"}] if models else data
        reply(connection, json.dumps({"data": told}).encode())

    with pytest.raises(WrongAnswer, match="with no list of vectors"):
        embed(["a"], raw(answer).url)


@pytest.mark.parametrize(
    "choice",
    [{"text": ["a"]}, {"text": 5}, {"message": "a"}, {"message": {"content": {}}}, "a", None, {}],
)
def test_a_reply_that_is_no_text_is_refused(choice):
    with pytest.raises(ValueError, match="answered no text"):
        Request("a", 0).read({"choices": [choice]})


def test_half_a_character_in_a_reply_is_no_half_of_a_file():
    read = Request("a", 0).read({"choices": [{"text": "a\ud800b", "finish_reason": "stop"}]})
    assert read[0].text == "a\ufffdb"


# What reaches the terminal.


def test_an_endpoints_words_reach_the_terminal_written_out(raw):
    words = "\x1b]0;owned\x07 \x9b2J \u202e reversed"
    body = json.dumps({"error": {"message": words}}).encode()
    server = raw(lambda _, connection: reply(connection, body, status="400 No"))
    result = ideas("logprobs", "--contexts", "a", "--phrases", " b", "--endpoint", server.url)
    said = one_line(result, 1)
    assert "\\x1b]0;owned\\x07 \\x9b2J \\u202e reversed" in said
    assert said.isprintable()


def test_tokens_with_escapes_are_escaped_in_json(serve_fake):
    fake, url = serve_fake("forced")
    row, b = fake.row, fake.toy.vocabulary.index("b")
    fake.row = lambda token, logprob: (
        row(token, logprob) | ({"token": "\x9b2J"} if token == b else {})
    )
    words = ("--contexts", "a dog", "--phrases", " b", "--endpoint", url, "--json")
    result = ideas("logprobs", *words)
    assert result.exit_code == 0
    assert "\x9b" not in result.stdout
    assert json.loads(result.stdout)["scores"][0]["token_logprobs"][1][0] == "\x9b2J"


def test_printable_leaves_letters_of_all_scripts():
    assert printable("né 漢字 \u200b\n") == "né 漢字 \\u200b\\n"


# The cache.


@pytest.mark.parametrize("can", ["echo", "forced", "top"])
def test_another_model_by_the_same_name_gets_scores_of_its_own(serve_fake, can):
    fake, url = serve_fake(can)
    first = compare(["a dog"], [" b"], endpoint=url)
    assert (first.kept.count, first.kept.total) == (0, 1)
    again = compare(["a dog"], [" b"], endpoint=url)
    assert (again.kept.count, again.kept.first[:2]) == (1, "20")
    before, fake.toy.logprobs = fake.toy.logprobs, None
    fake.toy.logprobs = lambda ids: before([*ids, 3])
    other = compare(["a dog"], [" b"], endpoint=url)
    assert other.kept.count == 0
    assert other.frame["logprob"].tolist() != first.frame["logprob"].tolist()
    fake.toy.logprobs = before  # and the first one again finds what it had
    back = compare(["a dog"], [" b"], endpoint=url)
    assert back.kept.count == 1
    assert back.frame.equals(first.frame)


def test_a_model_whose_numbers_tremble_is_the_same_model(serve_fake):
    fake, url = serve_fake("forced")
    compare(["a dog"], [" b"], endpoint=url)
    before = fake.toy.logprobs
    fake.toy.logprobs = lambda ids: [value - 0.01 for value in before(ids)]
    assert compare(["a dog"], [" b"], endpoint=url).kept.count == 1


def test_fresh_asks_anew_and_the_table_says_what_was_kept(serve_fake):
    fake, url = serve_fake("echo")
    words = ("logprobs", "--contexts", "a dog", "--phrases", " b", "--endpoint", url)
    assert "from the cache" not in ideas(*words).stdout
    assert "1 of 1 scores from the cache, of 20" in ideas(*words).stdout
    fake.requests.clear()
    assert "from the cache" not in ideas(*words, "--fresh").stdout
    assert any(request.get("prompt") == "a dog b" for request in fake.requests)
    told = json.loads(ideas(*words, "--json").stdout)["provenance"]["models"][0]
    assert (told["from_cache"], told["of"]) == (1, 1)


def test_vectors_of_another_model_are_its_own(raw):
    turn, asked = [0.0], []

    def answer(server, connection):
        request = server.requests[-1]
        if b"/models " in request:
            return reply(connection, json.dumps({"data": [{"id": "toy"}]}).encode())
        texts = json.loads(request.partition(b"\r\n\r\n")[2] or connection.recv(65536))["input"]
        asked.extend(texts)
        rows = [
            {"index": n, "embedding": [np.cos(len(t) + turn[0]), np.sin(len(t) + turn[0]), 0.1]}
            for n, t in enumerate(texts)
        ]
        return reply(connection, json.dumps({"data": rows}).encode())

    url = raw(answer).url
    kept = []
    first = embed(["one", "three"], url, kept=kept)
    assert np.array_equal(embed(["one", "three"], url, kept=kept), first)
    assert asked.count("one") == 1
    turn[0] = 1.0
    assert not np.allclose(embed(["one", "three"], url, kept=kept), first)
    embed(["one", "three"], url, kept=kept, fresh=True)
    assert [each.count for each in kept] == [0, 2, 0, 0]
    assert kept[1].words("vectors").startswith("2 of 2 vectors from the cache, of 20")


# Models by name alone.


def test_a_model_alone_is_one_of_this_machine_or_an_error(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for ask in (
        lambda: compare(["a"], [" b"], model="gpt-4"),
        lambda: embed(["a"], model="gpt-4"),
        lambda: Generator(model="gpt-4"),
        lambda: Client(model="gpt-4"),
    ):
        with pytest.raises(ValueError, match="'gpt-4' is no model on this machine.*smollm2"):
            ask()
    words = ("logprobs", "--contexts", "a", "--phrases", " b", "--model", "gpt-4")
    assert "'gpt-4' is no model on this machine" in one_line(ideas(*words), 2)
    with pytest.raises(EndpointFailed, match="server for smollm2-135m-instruct has no model 'gem"):
        compare(["a"], [" b"], endpoint="smollm2-135m-instruct", model="gemma-3-270m")
    with Generator(model="gemma-3-270m") as generator:
        assert generator.model == "gemma-3-270m"


def test_a_model_alone_goes_to_the_endpoint_of_the_environment(serve_fake, monkeypatch):
    _, url = serve_fake("forced", models=("toy", "gpt-4"))
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert compare(["a dog"], [" b"], model="gpt-4").model == "gpt-4"


# Specs from anybody.


def spec_of(tmp_path, file):
    folder = tmp_path / "spec"
    folder.mkdir(exist_ok=True)
    return folder, f"phrases: [' b']\ncontexts: {{file: {json.dumps(str(file))}}}"


def test_a_spec_reads_below_its_folder_and_nowhere_else(tmp_path):
    folder, _ = spec_of(tmp_path, "")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret\n")
    (folder / "in").mkdir()
    (folder / "in" / "mine.txt").write_text("mine\n")
    (folder / ".env").write_text("secret\n")
    (folder / "link.txt").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    (folder / "ring").symlink_to(folder / "ring")
    (folder / "good.txt").symlink_to(folder / "in" / "mine.txt")
    os.mkfifo(folder / "fifo")
    for file in ("in/mine.txt", "good.txt", "in/../good.txt", str(folder / "good.txt")):
        assert read_spec(spec_of(tmp_path, file)[1], "s", folder).contexts == ("mine",)
    for file in (
        *(str(secret), "../secret.txt", "in/../../secret.txt", "link.txt", "up/secret.txt"),
        *("ring", "fifo", "in", "none.txt", ".env", "/dev/zero", "/proc/self/environ", "-", "a\0b"),
        *("~/.ssh/id_rsa", "", "a" * 5000),
    ):
        with pytest.raises(BadSpec, match=r"s:2: file "):
            read_spec(spec_of(tmp_path, file)[1], "s", folder)
    for file in (str(secret.with_suffix(".gguf")), "../x.gguf", "../x", "fifo.gguf"):
        with pytest.raises(BadSpec, match="below|no plain file|not there|path"):
            read_spec(f"contexts: [a]\nphrases: [b]\nendpoint: {file}", "s", folder)


@pytest.mark.parametrize("named", ["nobody", "flag", "environment", "another port"])
def test_a_specs_own_endpoint_gets_a_key_only_if_the_user_named_it(
    serve_fake, tmp_path, monkeypatch, named
):
    fake, url = serve_fake("echo")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    (tmp_path / "s.yaml").write_text(f"contexts: [a dog]\nphrases: [' b']\nendpoint: {url}\n")
    if named == "environment":
        monkeypatch.setenv("OPENAI_BASE_URL", url.replace("/v1", "/other"))
    if named == "another port":
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    words = ["logprobs", str(tmp_path / "s.yaml"), *(("--endpoint", url) * (named == "flag"))]
    result = ideas(*words)
    assert result.exit_code == 0, result.output
    trusted = named in ("flag", "environment")
    assert fake.keys == {f"Bearer {KEY if trusted else 'none'}"}
    assert ("gets no key" in result.stderr) != trusted


def test_without_a_key_is_by_scheme_host_and_port():
    env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://api.one.example/v1"}
    for url in ("https://API.one.example/v2", "https://api.one.example:443/v1"):
        assert connect(url, env, key=False).key == KEY
    for url in (
        *("http://api.one.example/v1", "https://api.one.example.evil/v1", "https://two.example/v1"),
        *("https://api.one.example:8443/v1", "https://evil/api.one.example/v1"),
    ):
        assert connect(url, env, key=False).key == "none"
        assert connect(url, env).key == KEY


def test_files_that_are_none_and_texts_that_are_none_end_in_one_line(tmp_path):
    os.mkfifo(tmp_path / "fifo.yaml")
    pair = "contexts: [a]\nphrases: [b]\n"
    (tmp_path / "latin.yaml").write_bytes(b"contexts: [\xe9]\nphrases: [b]\n")
    (tmp_path / "deep.yaml").write_text("contexts: " + DEEP)
    (tmp_path / "block.yaml").write_text("- " * 20_000 + "a")
    (tmp_path / "large.yaml").write_text(pair + "#" * (5 << 20))
    names = [f"n{n}" for n in range(30)]
    doubled = [f"{b}: &{b} [*{a}, *{a}]" for a, b in itertools.pairwise(names)]
    bomb = "\n".join(["n0: &n0 [x, x]", *doubled, "phrases: *n29", "contexts: [a]"])
    (tmp_path / "bomb.yaml").write_text(bomb)
    (tmp_path / "alias.yaml").write_text("phrases: &p [' b', *p]\ncontexts: [a]")
    (tmp_path / "huge.yaml").write_text(pair + "cap: " + "9" * 5000)
    (tmp_path / "folder.yaml").mkdir()
    for name in ("fifo", "latin", "deep", "block", "large", "bomb", "alias", "huge", "folder"):
        begun = time.monotonic()
        one_line(ideas("logprobs", str(tmp_path / f"{name}.yaml")), 2)
        assert time.monotonic() - begun < 20, name
    one_line(ideas("logprobs", "/dev/zero"), 2)
    one_line(ideas("logprobs", "-", input=b"\xff\xfe"), 2)
    for flag in ("--contexts-file", "--phrases-file"):
        other = "--phrases" if flag == "--contexts-file" else "--contexts"
        for file in (tmp_path / "fifo.yaml", Path("/dev/zero"), tmp_path / "latin.yaml", tmp_path):
            one_line(ideas("logprobs", flag, str(file), other, "a"), 2)


def test_a_record_that_is_none_is_one_line(tmp_path):
    os.mkfifo(tmp_path / "fifo.jsonl")
    (tmp_path / "deep.jsonl").write_text('{"key": ' + DEEP + "}\n")
    (tmp_path / "latin.jsonl").write_bytes(b'{"key": "\xe9"}\n')
    for name, match in (("fifo", "FIFO"), ("deep", "deep.jsonl:1 is no"), ("latin", ":1 is no")):
        with pytest.raises(ValueError, match=match):
            Record(tmp_path / f"{name}.jsonl")
