"""The benchmark really drops columns, and computes what the dense, masked model computes."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "summarised_past.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_summarised_past", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["full", "1/2", "1/4", "1/8"])
def test_reading_and_writing_are_the_dense_masked_model(bench: ModuleType, name: str) -> None:
    way = bench.ways(8)[name]
    model = way.model(60)
    tokens = torch.randint(256, (2, 60), generator=torch.Generator().manual_seed(1))
    want = model(tokens).detach()
    torch.testing.assert_close(bench.read(model, tokens, way), want, atol=1e-4, rtol=1e-4)
    pasts = [bench.Past(way, block.attention, 60, 2) for block in model.blocks]
    wrote = [bench.write(model, tokens[:, i : i + 1], i, pasts) for i in range(60)]
    torch.testing.assert_close(torch.cat(wrote, 1), want, atol=1e-4, rtol=1e-4)
    spans = {"full": 60, "1/2": 6 * 4 + 12, "1/4": 6 * 2 + 12, "1/8": 6 + 12}
    assert pasts[0].length == spans[name]


@pytest.mark.parametrize("place", [7, 8, 16, 17, 24, 25, 56])
@pytest.mark.parametrize("name", ["full", "1/2", "1/8", "recent only"])
def test_a_filled_past_is_as_long_as_a_written_one(
    bench: ModuleType, name: str, place: int
) -> None:
    way = bench.ways(8)[name]
    model = way.model(60)
    wrote, filled = (bench.Past(way, model.blocks[0].attention, 60, 1) for _ in range(2))
    for i in range(place):
        row = [torch.zeros(1, 1, 64), *(torch.zeros(1, 2, 1, 32) for _ in "kv")]
        wrote.join(i, *row)
    filled.fill(place)
    assert filled.length == wrote.length
    assert len(filled.x) == len(wrote.x)


def test_recent_only_is_constant_and_a_half_is_half(bench: ModuleType) -> None:
    held = {}
    for name in ("full", "1/2", "recent only"):
        way = bench.ways(8)[name]
        past = bench.Past(way, way.model(600).blocks[0].attention, 600, 1)
        for place in (128, 256, 512):
            past.fill(place)
            held[name, place] = past.kilobytes()
    assert held["recent only", 512] == held["recent only", 128]
    assert held["full", 512] == 2 * held["full", 256]
    assert 0.5 < held["1/2", 512] / held["full", 512] < 0.52


def test_a_short_run_prints_every_way(as_script: Callable[..., str]) -> None:
    out = as_script(SCRIPT, "--longest", "256", "--rounds", "1", "--span", "16")
    for name in ("full", "1/2", "1/4", "1/8", "recent only"):
        assert any(line.startswith(f"{name}  ") for line in out.splitlines())
    assert "kept" not in out
