"""The local server: real weights, real llama.cpp, and no way to outlive its parent."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from ideas_lib.lm.endpoint import connect
from ideas_lib.lm.serving import server as serving
from ideas_lib.lm.serving.catalogue import DEFAULT, EMBEDDER
from ideas_lib.lm.serving.server import Server, ServerFailed, chosen, local, start_server

posix = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
# Mean of the last hidden states, normalised: transformers 5.23 in 32 bits, from the
# model.safetensors that the GGUF is written from. Six of 384 numbers, and the products.
SENTENCES = ["A man is eating food.", "Someone has a meal.", "The naïve café, 2 + 2 = 4: мир!"]
FIRST = [
    [0.03324, 0.00441, -0.00628, 0.04838, -0.1387, -0.03362],
    [-0.00279, 0.02914, -0.01687, 0.02739, -0.1128, -0.01858],
    [0.0602, 0.02442, -0.03325, 0.0163, -0.04777, 0.01845],
]
PRODUCTS = [[1.0, 0.6795, 0.0498], [0.6795, 1.0, 0.1154], [0.0498, 0.1154, 1.0]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = start_server(DEFAULT)
    yield found
    found.stop()


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_it_answers_the_client_and_is_the_same_one_from_then_on():
    with connect().client() as client:
        answer = client.completions.create(
            model="any", prompt="The capital of France is", max_tokens=1, temperature=0
        )
        assert answer.choices[0].text == " Paris"
        assert [model.id for model in client.models.list()] == [DEFAULT]
    assert connect() == connect(DEFAULT)
    assert local() is local()


def test_one_that_died_is_started_again():
    first = local()
    first.process.kill()
    first.process.wait()
    assert not first.healthy()
    second = local()
    assert second is not first
    assert second.healthy()


def test_one_that_hangs_is_replaced(monkeypatch):
    first = local()
    first.process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(serving, "WELL", 0.2)
    monkeypatch.setattr(serving, "ENDING", 0.2)
    while first.healthy():  # its threads stop one after the other
        time.sleep(0.05)
    second = local()
    assert second is not first
    assert first.process.poll() is not None


@posix
def test_interrupting_a_cell_interrupts_no_server(server):
    server.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert server.healthy()


@pytest.mark.skipif(sys.platform != "linux", reason="all of 127/8 is loopback on Linux")
def test_it_listens_on_loopback_only(server):
    port = int(re.search(r":(\d+)/v1$", server.url)[1])
    assert server.url == f"http://127.0.0.1:{port}/v1"
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    with pytest.raises(ConnectionRefusedError):  # a server on all addresses takes this one
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_no_page_of_the_web_reads_from_it(server):
    asked = urllib.request.Request(f"{server.url}/models", headers={"Origin": "http://example.org"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1"


def test_no_proxy_comes_between(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert server.healthy()
    with connect(DEFAULT).client(max_retries=0) as client:
        assert client.models.list().data


def test_its_log_is_kept_and_shows_no_prompt(server):
    with connect(DEFAULT).client() as client:
        client.completions.create(model="any", prompt="Xanthippe", max_tokens=1)
    log = local().log
    assert log.parent == serving.cache_folder() / "logs"
    assert '"port": 0' in log.read_text()
    assert "Xanthippe" not in log.read_text()


def test_only_so_many_logs_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    folder = serving.cache_folder() / "logs"
    folder.mkdir(parents=True)
    (folder / "server-gone-1.log").symlink_to("nowhere")  # another process was quicker
    for number in range(serving.LOGS + 5):
        path, file = serving._open_log(f"toy/{number}")
        file.close()
    kept = {path.name for path in (tmp_path / "logs").iterdir()}
    assert len(kept) == serving.LOGS
    assert path.name in kept
    assert not any("toy-0-" in name for name in kept)


def test_a_port_that_is_taken_is_said_so(server):
    port = int(server.url.rpartition(":")[2].removesuffix("/v1"))
    with pytest.raises(ServerFailed, match="port taken"):
        start_server(DEFAULT, port=port)
    assert server.healthy()


def test_a_file_that_is_no_model_is_said_so(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"x" * 100)
    with pytest.raises(ServerFailed, match=r"could not serve .*broken.gguf: .*Log: ") as caught:
        start_server(str(broken))
    assert Path(str(caught.value).rpartition("Log: ")[2]).is_file()


def test_without_llama_cpp_the_way_out_is_named(monkeypatch, tmp_path):
    program = tmp_path / "child.py"
    program.write_text("raise ModuleNotFoundError(\"No module named 'xllamacpp'\")")
    monkeypatch.setattr(serving.child, "__file__", str(program))
    with pytest.raises(ServerFailed, match=r"pip install '.\[lm\]'"):
        start_server(DEFAULT)


def test_one_that_never_comes_up_is_given_up(monkeypatch, tmp_path):
    program = tmp_path / "child.py"
    program.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(serving.child, "__file__", str(program))
    monkeypatch.setattr(serving, "LOADING", 0.5)
    begin = time.monotonic()
    with pytest.raises(ServerFailed, match="could not serve"):
        start_server(DEFAULT)
    assert time.monotonic() - begin < 10


PARENT = """
import os, sys, time
from ideas_lib.lm.serving.server import local
server = local()
if {fork}:
    if os.fork() == 0:  # it holds the other end of the server's standard input, and lives on
        time.sleep(60)
print(server.process.pid, flush=True)
{end}
"""


@contextlib.contextmanager
def parent(end: str, fork: bool = False) -> Iterator[tuple[subprocess.Popen, int]]:
    code = PARENT.format(end=end, fork=fork)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as made:
        try:
            yield made, int(made.stdout.readline())
        finally:
            for each in [*psutil.Process(made.pid).children(recursive=True)]:
                each.kill()
            made.kill()


@pytest.mark.parametrize("end", ["pass", "raise SystemExit(3)", "os._exit(0)", "1 / 0"])
def test_it_ends_with_its_parent(end, capfd):
    with parent(end) as (_, pid):
        assert gone(pid)


@posix
@pytest.mark.parametrize("fork", [False, True])
def test_it_ends_with_a_parent_that_was_killed(fork):
    with parent("time.sleep(60)", fork) as (process, pid):
        assert psutil.pid_exists(pid)
        children = psutil.Process(process.pid).children()
        process.kill()
        assert gone(pid)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


@posix
def test_a_forked_child_leaves_its_parents_server_alone(server):
    pid = os.fork()
    if pid == 0:
        server.stop()
        os._exit(0)
    os.waitpid(pid, 0)
    assert server.healthy()


def test_ones_own_weights_stand_in_for_the_default_only(monkeypatch):
    monkeypatch.setenv("IDEAS_WEIGHTS", "/path/mine.gguf")
    assert chosen(None) == "/path/mine.gguf"
    assert chosen("gemma-3-270m") == "gemma-3-270m"
    assert chosen(None, embeddings=True) == EMBEDDER


def test_sentence_embeddings_are_the_models_own():
    with connect(embeddings=True).client() as client:
        answer = client.embeddings.create(model="any", input=SENTENCES)
        empty, long = "", "word " * 505
        edges = client.embeddings.create(model="any", input=[empty, long])
    vectors = np.array([row.embedding for row in answer.data])
    assert vectors.shape == (3, 384)
    np.testing.assert_allclose(vectors[:, :6], FIRST, atol=1e-3)
    np.testing.assert_allclose(vectors @ vectors.T, PRODUCTS, atol=1e-3)
    assert np.isfinite([row.embedding for row in edges.data]).all()
