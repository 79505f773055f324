"""The benchmark of the sandbox runs as its help says, and reads its own numbers right."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ideas_lib.programs.sandbox.running import Unavailable, run

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "sandbox.py"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")


@pytest.fixture(scope="module", autouse=True)
def _isolating() -> None:
    try:
        run("pass", timeout=60.0)
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sandbox_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_short_run_measures_everything(bench: ModuleType) -> None:
    command = [sys.executable, str(SCRIPT), "--rounds", "1"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in bench.CONTESTANTS:
        assert name in out
    assert "a sandbox costs" in out


def test_the_cost_is_the_median_of_the_differences(bench: ModuleType) -> None:
    took = {"one": [10.0, 20.0, 90.0], "other": [1.0, 19.0, 30.0]}  # 9, 1 and 60 more
    assert bench.beyond(took, "one", "other") == 9


def test_what_failed_is_not_measured(bench: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        bench.clean("1/0")
