"""Run what was printed in the sandbox, on rows of arguments: C, built by gcc, and WebAssembly."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ideas_lib.programs.sandbox.running import run_command

__all__ = ["NotRun", "run_target"]

Rows = Sequence[tuple[int, ...]]
MEMORY = 2 << 30  # bytes; a machine of WebAssembly takes more addresses than it uses
FUEL = 500_000_000  # instructions of WebAssembly, for all rows
TESTERS = {
    "c": """\
import json, subprocess
from cffi import FFI
job = json.load(open("job.json"))
gcc = ["gcc", "-O2", "-ffreestanding", "-nostdlib", "-shared", "-fPIC", "-o", "./it.so", "text"]
subprocess.run([*gcc[:1], "-x", "c", *gcc[1:]], check=True)
ffi = FFI()
ffi.cdef(job["head"])
call = getattr(ffi.dlopen("./it.so"), job["entry"])
print(json.dumps([call(*row) for row in job["rows"]]))
""",
    "wasm": f"""\
import json, wasmtime
job = json.load(open("job.json"))
config = wasmtime.Config()
config.consume_fuel = True
engine = wasmtime.Engine(config)
store = wasmtime.Store(engine)
store.set_fuel({FUEL})
module = wasmtime.Module(engine, open("text").read())
call = wasmtime.Instance(store, module, []).exports(store)[job["entry"]]
print(json.dumps([call(store, *row) for row in job["rows"]]))
""",
}


class NotRun(RuntimeError):
    """What was printed could not be run here; the message says why."""


def run_target(text: str, to: str, entry: str, rows: Rows, timeout: float = 60.0) -> list[int]:
    """Return what a function of a text, "c" or "wasm", returns for each row.

    Raises NotRun, and sandbox.Unavailable.
    """
    if to == "c" and shutil.which("gcc") is None:
        raise NotRun("there is no gcc here")
    parameters = ", ".join(["int32_t"] * len(rows[0])) or "void" if rows else "void"
    job = {"head": f"int32_t {entry}({parameters});", "entry": entry, "rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "text").write_text(text, encoding="ascii")
        Path(folder, "job.json").write_text(json.dumps(job), encoding="ascii")
        Path(folder, "tester.py").write_text(TESTERS[to], encoding="ascii")
        result = run_command(["python", "tester.py"], tree=folder, timeout=timeout, memory=MEMORY)
    if not result.ok:
        last = (result.stderr.strip().splitlines() or [""])[-1]
        raise NotRun(f"it did not run: {result.reason} {last}".strip())
    return [int(value) for value in json.loads(result.stdout)]
