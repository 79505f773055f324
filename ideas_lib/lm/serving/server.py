"""A local endpoint: llama.cpp's server on loopback, in a process of its own.

    server = local("smollm2-135m-instruct")  # fetched, started, and the same one from then on
    server.url                               # http://127.0.0.1:PORT/v1

Whatever ends this process ends the server as well.
"""

import atexit
import contextlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ideas_lib.caching import cache_folder
from ideas_lib.lm.serving import child
from ideas_lib.lm.serving.catalogue import DEFAULT, EMBEDDER, MODELS
from ideas_lib.lm.serving.dequantise import dequantised
from ideas_lib.lm.serving.weights import OWN, fetch_weights

__all__ = ["Server", "ServerFailed", "chosen", "local", "start_server"]

# Seconds for a model to load, for a server to say that it is well, and to end when it should.
LOADING, WELL, ENDING = 120.0, 10.0, 5.0
LOGS = 20  # how many servers' logs are kept
KEY = "OPENAI_API_KEY"  # which no server of ours needs, or gets
# Slots, and tokens that each has room for. Sentences are short, and many go into one batch.
TEXT, SENTENCES = (4, 4096), (32, 512)
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy to ourselves


class ServerFailed(RuntimeError):
    """Raised when a local server does not start; the message ends in where its log lies."""


@dataclass(frozen=True)
class Server:
    """A running server: its base URL, the model's name, what it serves, where its log lies."""

    url: str
    model: str
    embeddings: bool
    log: Path
    process: subprocess.Popen[str]
    owner: int
    path: Path

    @property
    def identity(self) -> str:
        """Name the file, as it is now, and the program: what gives the same numbers again."""
        program = f"xllamacpp {importlib.metadata.version('xllamacpp')}"
        if self.path.parent == cache_folder() / "models":  # the name holds the hash
            return f"{self.path.name} {program}"
        stat = self.path.stat()
        return f"{self.path.name} {stat.st_size} {stat.st_mtime_ns} {program}"

    def healthy(self) -> bool:
        """Say whether it is alive and answers."""
        if self.process.poll() is not None:
            return False
        try:
            with _DIRECT.open(f"{self.url[:-3]}/health", timeout=WELL) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End it, as leaving the process that started it does; twice does no harm."""
        if self.owner != os.getpid():  # a forked child has a copy of this, not the server
            return
        _end(self.process)


def local(model: str | None = None, *, embeddings: bool = False, exact: bool = False) -> Server:
    """Return this process's server for a model, started when there is none that is healthy.

    `model` is a name or a path to a GGUF file; None is the file of `IDEAS_WEIGHTS`, else a small
    default, or the model for sentences where `embeddings` are wanted. That one always serves
    embeddings, any other does so when it is asked to. `exact` asks for the weights in 16 bits, as
    `dequantised` writes them. Raises UnknownModel, FetchFailed, ServerFailed.
    """
    model = chosen(model, embeddings)
    key = (os.getpid(), str(_file(model, exact)), embeddings)
    with _LOCK:
        server = _RUNNING.get(key)
        if server is None or not server.healthy():
            if server is not None:
                server.stop()
            _RUNNING[key] = server = start_server(model, embeddings=embeddings, exact=exact)
    return server


_LOCK = threading.Lock()
_RUNNING: dict[tuple[int, str, bool], Server] = {}


@atexit.register
def _stop_all() -> None:
    for server in _RUNNING.values():
        server.stop()


def chosen(model: str | None, embeddings: bool = False, env: Mapping[str, str] = os.environ) -> str:
    """Return the model that was named, else the reader's own file, else the default one."""
    return model or (EMBEDDER if embeddings else env.get(OWN) or DEFAULT)


def _file(model: str, exact: bool) -> Path:
    path = fetch_weights(model)
    return dequantised(path) if exact else path


def start_server(
    model: str, *, embeddings: bool = False, exact: bool = False, port: int = 0
) -> Server:
    """Start a server and return it once it answers; port 0 is any free one.

    Nobody stops it but you, and the end of this process. Raises as `local` does.
    """
    path = _file(model, exact)
    known = MODELS.get(model)
    embeddings = embeddings or (known is not None and known.embeddings)
    slots, context = SENTENCES if embeddings else TEXT
    wanted = {
        "path": str(path),
        "name": model if known else Path(model).stem,
        "port": port,
        "slots": slots,
        "context": context,
        "threads": _threads(),
        "embeddings": embeddings,
        "parent": os.getpid(),
    }
    name, log = _open_log(str(wanted["name"]))
    with log:
        print(json.dumps(wanted), file=log, flush=True)
        # -P: the folder of this package is no place to import from.
        command = [sys.executable, "-P", child.__file__, json.dumps(wanted)]
        process = subprocess.Popen(
            command,
            env={name: value for name, value in os.environ.items() if name != KEY},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    url = _address(process)
    if not url:
        raise ServerFailed(_why(model, name))
    return Server(f"{url}/v1", str(wanted["name"]), embeddings, name, process, os.getpid(), path)


def _address(process: subprocess.Popen[str]) -> str:
    """Wait for the line with the URL; empty when the server ended or took too long."""
    assert process.stdout is not None
    late = threading.Timer(LOADING, process.kill)
    late.start()
    try:
        url = process.stdout.readline().strip()
    except BaseException:
        _end(process)
        raise
    finally:
        late.cancel()
    if not url:
        _end(process)
    return url


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(ENDING)  # it ends when its standard input does
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _threads() -> int:
    """Return OMP_NUM_THREADS where it is set, as for any other numerical library, or the cores."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    if named.isdecimal() and int(named):
        return int(named)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def _open_log(model: str) -> tuple[Path, IO[str]]:
    folder = cache_folder() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    # By the time in the name: another process may take a file away at any moment.
    old = sorted(folder.glob("server-*.log"), key=lambda path: path.stem.rpartition("-")[2])
    for path in old[: -LOGS + 1]:
        path.unlink(missing_ok=True)
    name = folder / f"server-{re.sub('[^A-Za-z0-9.]+', '-', model)}-{time.time_ns()}.log"
    return name, name.open("w", encoding="utf-8")


def _why(model: str, log: Path) -> str:
    said = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line]
    if any("No module named 'xllamacpp'" in line for line in said):
        return "a local server needs xllamacpp, which is missing here: pip install '.[lm]'"
    if any("bind" in line for line in said):
        return f"the server for {model} found its port taken: name another, or none. Log: {log}"
    # llama.cpp's errors are marked E, after a time and before the place they come from.
    errors = [line.split(" E ", 1)[1] for line in said if " E " in line]
    last = " ".join((errors or said)[-1].split())
    return f"llama.cpp could not serve {model}: {last}. Log: {log}"
