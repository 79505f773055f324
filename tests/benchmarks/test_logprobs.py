"""The benchmark of scoring runs as its help says, and reads its own numbers right."""

import importlib.util
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "logprobs.py"
pytestmark = pytest.mark.timeout(600)  # transformers takes its time to read a GGUF file


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("logprobs_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_a_short_run_measures_both_and_they_agree(
    as_script: Callable[..., str], quick_gguf: Callable[[], AbstractContextManager[None]]
) -> None:
    with quick_gguf():
        out = as_script(SCRIPT, "--case", "short", "--rounds", "1")
    rates = r"short: compare [\d.]+ pairs/s, minicons [\d.]+ pairs/s, ratio [\d.]+ .*"
    found = re.search(rates + r"apart by ([\d.]+) nats", out)
    assert found
    assert float(found[1]) < 0.05


def test_no_two_rounds_share_a_context(bench: ModuleType) -> None:
    for case in bench.CASES.values():
        contexts = [context for number in range(7) for context in case.round(number)]
        assert len(set(contexts)) == len(contexts) == 7 * case.contexts
        starts = {context[:40] for context in contexts}
        assert case.sentences == 0 or len(starts) == len(contexts)  # no prefix is read twice


def test_they_take_turns_and_the_rate_is_of_the_median_round(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, order = [0.0], []
    monkeypatch.setattr(bench.time, "perf_counter", lambda: clock[0])

    def runner(name, seconds):
        def run(contexts):
            order.append(name)
            clock[0] += seconds.pop(0)
            return [1.0] * len(contexts) * len(bench.PHRASES)

        return run

    case = bench.Case("short", 4, 0, 3.0)
    runners = {
        "compare": runner("compare", [50.0, 1.0, 2.0, 9.0]),
        "minicons": runner("minicons", [50.0, 4.0, 3.0, 5.0]),
    }
    said = bench.race(case, runners, rounds=3)
    assert "compare 24.0 pairs/s, minicons 12.00 pairs/s, ratio 2.0 (target: at least 3" in said
    assert "missed" in said
    assert "apart by 0.000 nats" in said
    assert order == ["minicons", "compare", "compare", "minicons"] * 2
