"""The process in which llama.cpp's server runs: a crash there takes nothing else along.

`serve.py` starts this file as a program, with its settings as JSON. It prints the server's URL
once it listens, and lives until its standard input is closed or its parent is gone, however that
ended.
"""

import json
import os
import signal
import sys
import threading
import time
from typing import Any

LOOK = 1.0  # seconds between two looks at whether the parent is still there
WARNINGS = 2  # llama.cpp's verbosity; above it a line a request, and much more


def main() -> None:
    """Serve until nobody is there to be served."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupting a cell interrupts no server
    wanted = json.loads(sys.argv[1])
    threading.Thread(target=_watch, args=(wanted["parent"],), daemon=True).start()
    import xllamacpp  # after the watch has begun: from here on C++ may take its time

    server = xllamacpp.Server(_params(xllamacpp.CommonParams(), wanted))
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)  # requests still running have nobody to answer to


def _watch(parent: int) -> None:
    """End with the parent, even where another process holds the other end of standard input."""
    while os.name == "nt" or os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(0)


def _params(params: Any, wanted: dict[str, Any]) -> Any:
    params.model.path = wanted["path"]
    params.model_alias = {wanted["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = wanted["port"]
    params.cors_origins = "http://127.0.0.1"  # no page of the web reads from it
    params.ui = params.endpoint_slots = False
    params.n_parallel = wanted["slots"]
    params.n_ctx = wanted["slots"] * wanted["context"]  # llama.cpp divides it among the slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wanted["threads"]
    # Slots keep their own prefix; copies of it would cost memory and time.
    params.cache_ram_mib, params.cache_idle_slots = 0, False
    params.swa_full = True  # else models with sliding windows (Gemma) reuse no prefix
    params.verbosity = WARNINGS
    if wanted["embeddings"]:
        params.embedding = True
        params.n_batch = params.n_ubatch = 2048  # a sentence must fit into one batch
    return params


if __name__ == "__main__":
    main()
