"""Run what was printed, on rows of arguments: C, built by gcc in the sandbox, and WebAssembly."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ideas_lib.programs.sandbox.running import run_command

__all__ = ["NotRun", "run_c", "run_wasm"]

Rows = Sequence[tuple[int, ...]]
FUEL = 500_000_000  # instructions of WebAssembly, for all rows
TESTER = """\
import json, subprocess
from cffi import FFI
job = json.load(open("job.json"))
gcc = ["gcc", "-O2", "-ffreestanding", "-nostdlib", "-shared", "-fPIC", "-o", "./it.so", "it.c"]
subprocess.run(gcc, check=True)
ffi = FFI()
ffi.cdef(job["head"])
call = getattr(ffi.dlopen("./it.so"), job["entry"])
print(json.dumps([call(*row) for row in job["rows"]]))
"""


class NotRun(RuntimeError):
    """What was printed could not be run here; the message says why."""


def run_c(text: str, entry: str, rows: Rows, timeout: float = 60.0) -> list[int]:
    """Return what a C function returns for each row. Raises NotRun and sandbox.Unavailable."""
    if shutil.which("gcc") is None:
        raise NotRun("there is no gcc here")
    parameters = ", ".join(["int32_t"] * len(rows[0])) or "void" if rows else "void"
    job = {"head": f"int32_t {entry}({parameters});", "entry": entry, "rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "it.c").write_text(text, encoding="ascii")
        Path(folder, "job.json").write_text(json.dumps(job), encoding="ascii")
        Path(folder, "tester.py").write_text(TESTER, encoding="ascii")
        result = run_command(["python", "tester.py"], tree=folder, timeout=timeout)
    if not result.ok:
        raise NotRun(f"C did not run: {result.reason}")
    return [int(value) for value in json.loads(result.stdout)]


def run_wasm(text: str, entry: str, rows: Rows) -> list[int]:
    """Return what an exported function returns for each row. Raises NotRun."""
    import wasmtime

    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(FUEL)
    try:
        instance = wasmtime.Instance(store, wasmtime.Module(engine, text), [])
        call = instance.exports(store)[entry]
        return [int(call(store, *row)) for row in rows]  # type: ignore[operator]
    except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
        raise NotRun(f"WebAssembly did not run: {str(error).splitlines()[0]}") from None
