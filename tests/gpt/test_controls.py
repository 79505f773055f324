"""The controls: each against what it should be, worked out another way; then with all else."""

import importlib
import importlib.util
import pkgutil
from itertools import combinations, permutations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPT, VARIANTS, GPTConfig, build, controls
from ideas_lib.gpt.controls.null_attention import BosToken, LearnedLogit, SigmoidGate
from ideas_lib.gpt.tasks import Counting
from ideas_lib.gpt.train import Recipe, parameters, train
from ideas_lib.gpt.tweaks.null_attention import NullAttention

CONFIG = GPTConfig(layers=2)
TASK = Counting(vocab_size=50)


def all_controls() -> dict[str, Any]:
    found = {}
    for module in pkgutil.iter_modules(controls.__path__):
        held = importlib.import_module(f"{controls.__name__}.{module.name}")
        found |= {name: getattr(held, name)() for name in held.__all__}
    return found


CONTROLS = all_controls()
MIXES = {name: (control,) for name, control in CONTROLS.items()}
MIXES |= {" + ".join(pair): tuple(CONTROLS[n] for n in pair) for pair in permutations(CONTROLS, 2)}
for slug in VARIANTS:
    for name, control in CONTROLS.items():
        MIXES |= {f"{slug} + {name}": (VARIANTS[slug], control)}
        MIXES |= {f"{name} + {slug}": (control, VARIANTS[slug])}
every_mix = pytest.mark.parametrize("tweaks", MIXES.values(), ids=MIXES)


# References.


def test_a_learned_logit_of_zero_is_a_zero_key(draw) -> None:
    tokens = draw()
    softmax1 = build(CONFIG, NullAttention(learned=False))
    torch.testing.assert_close(build(CONFIG, LearnedLogit())(tokens), softmax1(tokens))


def test_a_learned_logit_by_hand(draw) -> None:
    # The null's share of row 0, which sees one row of score s, is e^b / (e^b + e^s).
    model, tokens = build(CONFIG, LearnedLogit()), draw()
    plain: list = []
    for bias in (-1.0, 0.0, 2.0):
        model.blocks[0].attention.sources[0].logit.data.fill_(bias)
        looks: list = []
        model(tokens, looks)
        own, null = looks[0].weights[:, :, 0, 0], looks[0].weights[:, :, 0, -1]
        plain.append((own / null).log() + bias)  # the score s, whatever the bias
    torch.testing.assert_close(plain[0], plain[1], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(plain[2], plain[1], atol=1e-4, rtol=1e-4)


def test_a_token_in_front_is_a_real_token_that_every_text_starts_with(draw) -> None:
    tokens = draw()
    model = build(CONFIG, BosToken(), seed=1)
    real = build(GPTConfig(vocab_size=51, layers=2, context=49), seed=1)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name == "start.token.weight":
                real.vocab.embedding.weight[50] = p[0]
            elif name.startswith("vocab"):
                real.get_parameter(name)[:50] = p
            else:
                real.get_parameter(name).copy_(p)
    text = torch.cat([torch.full((2, 1), 50), tokens], 1)
    torch.testing.assert_close(model(tokens), real(text)[:, 1:, :50], atol=1e-5, rtol=1e-5)


def test_an_open_gate_is_the_baseline_and_a_shut_one_a_silent_head(draw) -> None:
    model, other, tokens = build(CONFIG, SigmoidGate()), build(CONFIG), draw()
    before = other(tokens)
    other.blocks[0].attention.project.output.weight.data[:, 16:] = 0
    for block in model.blocks:
        gate = block.attention.project.gate
        gate.weight.data.zero_()
        if gate.bias is None:  # rows are normed, so no weight alone opens it: give it a bias
            gate.register_parameter("bias", torch.nn.Parameter(torch.zeros(2)))
        gate.bias.data.fill_(50)
    torch.testing.assert_close(model(tokens), before, atol=1e-5, rtol=1e-5)
    model.blocks[0].attention.project.gate.bias.data[1] = -50
    torch.testing.assert_close(model(tokens), other(tokens), atol=1e-5, rtol=1e-5)


def test_parameters_by_hand() -> None:
    plain = parameters(build(CONFIG))  # two layers, two heads, width 32
    assert parameters(build(CONFIG, BosToken())) == plain + 32
    assert parameters(build(CONFIG, LearnedLogit())) == plain + 2 * 2
    assert parameters(build(CONFIG, NullAttention(learned=False))) == plain
    gate = build(CONFIG, SigmoidGate()).blocks[0].attention.project.gate
    assert parameters(build(CONFIG, SigmoidGate())) == plain + 2 * parameters(gate)
    assert gate.weight.shape == (2, 32)


# Invariants, for any control there is, and with every variant.


def made(tweaks: tuple, seed: int = 0) -> GPT:
    return build(CONFIG, *tweaks, seed=seed)


@every_mix
def test_causal(tweaks: tuple, causal) -> None:
    causal(made(tweaks))


@every_mix
def test_weights_spelt_out_give_the_fused_kernels_logits(tweaks: tuple, draw) -> None:
    model, tokens, looks = made(tweaks), draw(), []
    torch.testing.assert_close(model(tokens, looks), model(tokens), atol=2e-5, rtol=1e-5)


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
        assert torch.equal(named[name], p), name


# The study's arms.


def study() -> ModuleType:
    path = Path(__file__).parents[2] / "studies" / "null_attention.py"
    spec = importlib.util.spec_from_file_location("a_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_arm_of_the_study_builds_and_no_two_are_the_same(draw) -> None:
    module, tokens = study(), draw()
    logits = {arm: made(module.tweaks(arm))(tokens) for arm in module.ARMS}
    same = [
        (one, two)
        for one, two in combinations(logits, 2)
        if torch.allclose(logits[one], logits[two], atol=1e-4)
    ]
    # A learned logit starts at zero, so only training tells it from a zero key.
    assert same == [("zero key", "learned logit")]
    used = {arm for experiment in module.STUDY.experiments for arm in experiment.arms}
    assert used == set(module.ARMS)
    assert {module.STUDY.prediction.idea, module.STUDY.prediction.baseline} <= used


def test_no_other_arm_is_built() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        study().tweaks("nonsense")
