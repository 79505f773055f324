"""The benchmark runs as its help says, and reads its own numbers right."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from click.testing import CliRunner

from ideas_lib.gpt import VARIANTS

pytest.importorskip("transformers")
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "train_step.py"

# A stand-in for nanoGPT's model.py: the same interface, told targets it returns (logits, loss).
NANO = """
from dataclasses import dataclass
import torch
import torch.nn.functional as F
@dataclass
class GPTConfig:
    block_size: int; vocab_size: int; n_layer: int; n_head: int; n_embd: int
    dropout: float; bias: bool
class GPT(torch.nn.Module):
    def __init__(self, config):
        super().__init__()
        self.wte = torch.nn.Embedding(config.vocab_size, config.n_embd)
        print("number of parameters: 0.00M")
    def forward(self, idx, targets=None):
        logits = self.wte(idx) @ self.wte.weight.T
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
"""


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_step", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["train_step"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_a_quick_run_measures_every_model(tmp_path: Path, as_script: Callable[..., str]) -> None:
    (tmp_path / "model.py").write_text(NANO)
    args = ["--quick", "--shape", "small", "--vocab", "65", "--nanogpt", str(tmp_path / "model.py")]
    out = as_script(SCRIPT, *args)
    names = [line.split("  ")[0] for line in out.splitlines()]
    for name in ("GPT-2 (transformers)", "nanoGPT", "baseline", *VARIANTS):
        assert name in names
    assert "number of parameters" not in out
    assert "the baseline trains at" in out


def test_help_teaches(bench: ModuleType) -> None:
    out = CliRunner().invoke(bench.main, ["--help"]).output
    for word in ("--to-loss", "--nanogpt", "--vocab", "COST", "Examples"):
        assert word in out


def test_speed_is_the_median_over_the_rounds(bench: ModuleType) -> None:
    slow, fast = (bench.Runner(torch.nn.Linear(1, 1), bench.NANO_RECIPE) for _ in range(2))
    slow.seconds, fast.seconds = [2.0, 6.0, 90.0], [1.0, 2.0, 3.0]  # 2, 3 and 30 times as long
    assert bench.speed({"fast": fast, "slow": slow}, "fast", "slow") == 3
    assert bench.speed({"fast": fast, "slow": slow}, "slow", "fast") == pytest.approx(1 / 3)


def test_a_dear_variant_says_why_or_that_it_does_not(bench: ModuleType, monkeypatch) -> None:
    slug = next(iter(VARIANTS))
    runners = bench.contestants(bench.Shape(1, 8, 4, 2), 5, None)
    for name, runner in runners.items():
        runner.seconds = [1.2 if name == slug else 1.0] * 3
    module = sys.modules[type(VARIANTS[slug]).__module__]
    monkeypatch.delattr(module, "COST", raising=False)
    monkeypatch.setattr(module, "__doc__", "An idea.\n")
    lines = list(bench.table(runners, bench.Shape(1, 8, 4, 2)))
    assert lines[-1] == f"{slug} costs 1.20 times the baseline: no reason given"
    monkeypatch.setattr(module, "COST", "it thinks twice", raising=False)
    assert list(bench.table(runners, bench.Shape(1, 8, 4, 2)))[-1].endswith("it thinks twice")
    monkeypatch.setattr(module, "__doc__", "An idea.\n\nCost: it reads\ntwice.\n")
    assert list(bench.table(runners, bench.Shape(1, 8, 4, 2)))[-1].endswith(": it reads twice")
    runners[slug].seconds = [1.1] * 3
    assert "costs" not in "".join(bench.table(runners, bench.Shape(1, 8, 4, 2)))


def test_the_time_to_a_loss_by_hand(bench: ModuleType) -> None:
    # GPT-2's best is 2.0 in 4 steps of 1 s. The baseline is there at step 3 of 0.5 s: 1.5 of 4 s.
    peer, ours = (bench.Runner(torch.nn.Linear(1, 1), bench.NANO_RECIPE) for _ in range(2))
    peer.seconds, ours.seconds = [1.0] * 4, [0.5] * 4
    runners = {bench.GPT2: peer, bench.BASELINE: ours}
    curves = {
        bench.GPT2: [(2, 3.0), (3, 2.0), (4, 2.1)],
        bench.BASELINE: [(2, 2.5), (3, 1.9), (4, 2.2)],
    }
    lines = list(bench.verdict(runners, curves))
    assert lines[0].startswith("GPT-2 (transformers): held-out loss 2.000 in 4 steps, 4.0 s")
    assert lines[1] == "baseline: there in 3 steps, 1.5 s"
    assert lines[2] == "ratio of wall times: 0.38 (target: at most 0.7, met)"
    curves[bench.BASELINE] = [(2, 2.5), (4, 2.2)]
    lines = list(bench.verdict(runners, curves))
    assert lines[1] == "the baseline does not get there in 4 steps; its lowest is 2.200"


def test_gpt2s_recipe_is_nanogpts(bench: ModuleType) -> None:
    recipe = bench.NANO_RECIPE
    assert (recipe.steps, recipe.lr, recipe.warmup, recipe.decay) == (1000, 1e-3, 100, 0.1)
    assert (recipe.betas, recipe.schedule, recipe.floor) == ((0.9, 0.99), "cosine", 0.1)


def test_both_runners_of_a_race_see_the_same_batches(bench: ModuleType) -> None:
    seen: dict[str, list[torch.Tensor]] = {}

    class Short(bench.Text):
        vocab_size = 7

        def batch(self, rng, size):
            tokens = torch.randint(7, (size, 5), generator=rng)
            seen.setdefault(str(rng.initial_seed()) + str(id(rng)), []).append(tokens)
            return tokens[:, :-1], tokens[:, 1:]

        def validation_batches(self, n, size=32):
            return [self.batch(torch.Generator().manual_seed(99), 2)]

    recipe = bench.Recipe(steps=3, batch=2)
    lines = list(bench.race(Short(context=4), bench.Shape(1, 8, 4, 2), recipe, 1, peer_steps=6))
    assert "in 6 steps" in lines[0]
    theirs, ours = (runs for runs in seen.values() if len(runs) > 1)
    assert len(theirs) == 6
    assert len(ours) == 3
    assert all(map(torch.equal, theirs, ours))
