"""Every control there is, alone, and mixed with all ideas: each once before it and once behind.

Nothing here names one: what a file in `controls/` lists in `__all__` is covered from then on.
"""

import importlib
import importlib.util
import pkgutil
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPT, VARIANTS, GPTConfig, build, controls
from ideas_lib.gpt.tasks import Counting
from ideas_lib.gpt.training import Recipe, train

CONFIG = GPTConfig(layers=2)
TASK = Counting(vocab_size=50)


def all_controls() -> dict[str, Any]:
    found = {}
    for module in pkgutil.iter_modules(controls.__path__):
        held = importlib.import_module(f"{controls.__name__}.{module.name}")
        found |= {f"{module.name}.{name}": getattr(held, name)() for name in held.__all__}
    return found


CONTROLS = all_controls()
MIXES = {name: (control,) for name, control in CONTROLS.items()}
for turn, (name, control) in enumerate(CONTROLS.items()):
    slugs, start = list(VARIANTS), turn % len(VARIANTS)
    slugs = slugs[start:] + slugs[:start]  # so that ideas meet in other orders, too
    some, others = slugs[: len(slugs) // 2], slugs[len(slugs) // 2 :]
    for before, behind in ((some, others), (others, some)):
        mix = (*(VARIANTS[s] for s in before), control, *(VARIANTS[s] for s in behind))
        MIXES[" + ".join((*before, name, *behind))] = mix
every_mix = pytest.mark.parametrize("tweaks", MIXES.values(), ids=MIXES)


def made(tweaks: tuple, seed: int = 0) -> GPT:
    return build(CONFIG, *tweaks, seed=seed)


@every_mix
def test_causal(tweaks: tuple, causal) -> None:
    causal(made(tweaks))


@every_mix
def test_weights_spelt_out_give_the_fused_kernels_logits(tweaks: tuple, draw) -> None:
    model, tokens, traces = made(tweaks), draw(), []
    torch.testing.assert_close(model(tokens, traces), model(tokens), atol=2e-5, rtol=1e-5)


@every_mix
def test_it_trains_and_every_parameter_has_a_gradient(tweaks: tuple) -> None:
    model = made(tweaks)
    run = train(model, TASK, Recipe(steps=2, batch=8, warmup=0))
    assert all(0 < loss < 20 for loss in run.losses)
    idle = [n for n, p in model.named_parameters() if p.requires_grad and not p.grad.any()]
    assert idle == []


@every_mix
def test_a_seed_gives_one_model_and_shares_the_baselines_start(tweaks: tuple) -> None:
    torch.manual_seed(1)
    one = made(tweaks, seed=2).state_dict()
    torch.manual_seed(2)
    two = made(tweaks, seed=2).state_dict()
    for name in one:
        assert torch.equal(one[name], two[name]), f"{name} is drawn from the global generator"
    named = {name.replace("inner.", ""): p for name, p in one.items()}
    for name, p in build(CONFIG, seed=2).state_dict().items():
        if name in named and named[name].shape == p.shape:
            assert torch.equal(named[name], p), name
