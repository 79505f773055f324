"""Half-tied embeddings: by hand, between the ends it must have, and the controls."""

import sys
from itertools import combinations

import pytest
import torch
from torch import Tensor

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.controls.half_tied import Gain, LearnedScale, NoMLP, StreamUnits, TiedMap
from ideas_lib.gpt.training import flops, loss_of, parameters
from ideas_lib.gpt.tweaks.half_tied import HalfTied, bare
from ideas_lib.study.study import load_study

CONFIG = GPTConfig(vocab_size=20, d_model=16, heads=2, layers=2, context=9)
FRACTIONS = (0.0, 0.25, 0.5, 0.75, 1.0)


def table(model: GPT) -> Tensor:
    return model.vocab.embed(torch.arange(20)).detach()


def head(model: GPT) -> Tensor:
    return model.vocab.logits(torch.eye(16)).detach().T


# By hand.


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_the_head_is_the_embedding_and_then_the_baselines_own(fraction: float) -> None:
    model, plain, k = build(CONFIG, HalfTied(fraction)), build(CONFIG), round(16 * fraction)
    torch.testing.assert_close(table(model), table(plain))
    torch.testing.assert_close(head(model)[:, :k], table(plain)[:, :k] / 4)
    torch.testing.assert_close(head(model)[:, k:], head(plain)[:, k:])
    assert parameters(model) == parameters(plain) - 20 * k
    assert flops(model) == flops(plain)


def test_what_is_shared_hears_from_both_sides_and_the_rest_from_one(draw) -> None:
    tokens = draw(1, CONFIG)
    model = build(CONFIG, HalfTied())
    unseen = next(t for t in range(20) if t not in tokens)
    weight = bare(model.vocab).embedding.weight
    loss_of(model, tokens, tokens.roll(-1, 1)).backward()
    assert weight.grad[unseen, :8].any()  # as a wrong answer
    assert not weight.grad[unseen, 8:].any()  # no text has asked for it
    assert model.vocab.head.weight.grad.shape == (20, 8)
    assert model.vocab.head.weight.grad[unseen].any()


def test_tied_without_layers_is_symmetric_and_half_is_not() -> None:
    config = GPTConfig(vocab_size=20, d_model=16, layers=0, context=9)
    for fraction, symmetric in ((1, True), (0.5, False), (0, False)):
        model = build(config, HalfTied(fraction))
        direct = table(model) @ head(model).T
        assert torch.allclose(direct, direct.T, atol=1e-5) == symmetric


@pytest.mark.parametrize("fraction", [-0.1, 1.5])
def test_a_fraction_that_is_none_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match=f"fraction={fraction} must lie between 0 and 1"):
        HalfTied(fraction)


# The controls.


@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("first", [True, False])
def test_stream_units_change_no_logit_and_every_step(fraction: float, first: bool, draw) -> None:
    tokens, tie = draw(2, CONFIG), HalfTied(fraction)
    large = build(CONFIG, *((StreamUnits(), tie) if first else (tie, StreamUnits())))
    small = build(CONFIG, tie)
    torch.testing.assert_close(small(tokens), large(tokens), atol=1e-5, rtol=1e-5)
    for model in (small, large):
        loss_of(model, tokens, tokens.roll(-1, 1)).backward()
    small_grad, large_grad = (
        next(bare(m.vocab).embedding.parameters()).grad for m in (small, large)
    )
    torch.testing.assert_close(small_grad, 4 * large_grad, atol=1e-6, rtol=1e-4)


def test_gains_of_one_change_nothing_and_others_scale_what_they_say(draw) -> None:
    tokens = draw(2, CONFIG)
    half, gain, scaled = (
        build(CONFIG, *t) for t in ([HalfTied()], [HalfTied(), Gain()], [LearnedScale()])
    )
    torch.testing.assert_close(gain(tokens), half(tokens))
    torch.testing.assert_close(scaled(tokens), half(tokens))
    gain.vocab.gain.data.fill_(3)
    scaled.vocab.gain.data.fill_(3)
    torch.testing.assert_close(head(gain), 3 * head(half))
    torch.testing.assert_close(head(scaled)[:, :8], 3 * head(half)[:, :8])
    torch.testing.assert_close(head(scaled)[:, 8:], head(half)[:, 8:])


def test_a_map_that_is_the_identity_is_tied(draw) -> None:
    tokens, model = draw(2, CONFIG), build(CONFIG, TiedMap())
    assert parameters(model) == parameters(build(CONFIG, HalfTied(1))) + 16 * 16
    model.vocab.map.weight.data.copy_(torch.eye(16))
    torch.testing.assert_close(model(tokens), build(CONFIG, HalfTied(1))(tokens))


def test_no_mlp_is_an_mlp_that_says_nothing(draw) -> None:
    tokens, silent = draw(2, CONFIG), build(CONFIG)
    for block in silent.blocks:
        block.mlp.down.weight.data.zero_()
    torch.testing.assert_close(build(CONFIG, NoMLP())(tokens), silent(tokens))
    assert parameters(build(CONFIG, NoMLP())) == parameters(build(CONFIG)) - 2 * 8 * 16 * 16


# The study's own measures.

STUDY = load_study("half-tied")
CODE = sys.modules["studies.half_tied"]


def test_every_arm_of_the_study_builds_and_no_two_are_the_same(draw) -> None:
    tokens = draw()
    arms = {arm for e in STUDY.experiments for arm in e.arms} - {"all"}
    # Widths are set elsewhere; units and scales tell in training only.
    arms = {arm for arm in arms if not arm.endswith(("rower", "wider", "units", "scale", "line"))}
    logits = {arm: build(GPTConfig(), *CODE.tweaks(arm))(tokens) for arm in arms}
    assert len(arms) == 6
    for one, two in combinations(arms, 2):
        assert not torch.allclose(logits[one], logits[two], atol=1e-2), (one, two)
    with pytest.raises(KeyError, match="nonsense"):
        CODE.tweaks("nonsense")


@pytest.mark.parametrize("arm", ["untied", "half", "tied", "the book's baseline"])
def test_the_two_sides_add_up_to_the_gradient(arm: str) -> None:
    from ideas_lib.gpt.tasks import CopyAndMap

    task = CopyAndMap(vocab_size=20, context=9)
    model = build(CONFIG, *CODE.tweaks(arm))
    into, out, agreement = CODE.sides(model, task)
    tokens, targets = task.batch(torch.Generator().manual_seed(10_002), 32)
    loss_of(model, tokens, targets).backward()
    weight = next(bare(model.vocab).embedding.parameters())
    shared = round(16 * CODE.FRACTIONS.get(arm, 0))
    if not shared:
        assert agreement is None
        assert into == pytest.approx(weight.grad.norm().item(), rel=1e-4)
        assert out == pytest.approx(bare_head(model).grad.norm().item(), rel=1e-4)
    else:
        # The rule of the cosine: |a + b|^2 = |a|^2 + |b|^2 + 2 |a| |b| cos.
        total = into**2 + out**2 + 2 * into * out * agreement
        assert weight.grad[:, :shared].norm().item() ** 2 == pytest.approx(total, rel=1e-3)


def bare_head(model: GPT) -> Tensor:
    return next(p for name, p in model.named_parameters() if name.endswith("head.weight"))


def test_alike_is_1_for_a_turned_copy_and_0_for_strangers() -> None:
    draw = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 200, 16, generator=draw)
    turn = torch.linalg.qr(torch.randn(16, 16, generator=draw))[0]
    assert CODE.alike(x, 3 * x @ turn + 1) == pytest.approx(1, abs=1e-4)
    assert abs(CODE.alike(x, y)) < 0.05
