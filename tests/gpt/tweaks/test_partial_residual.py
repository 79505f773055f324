"""Partial residual and its controls: by hand, against what they amount to, and as arms."""

import sys
from itertools import combinations

import pytest
import torch
from torch import nn

from ideas_lib.gpt import GPTConfig, build, decodable, score
from ideas_lib.gpt.controls.partial_residual import ResidualOnly, TwoNorms
from ideas_lib.gpt.model import Norm, Residual
from ideas_lib.gpt.tasks import OwnOrBack
from ideas_lib.gpt.training import flops, parameters
from ideas_lib.gpt.tweaks.partial_residual import Apart, Keep, PartialResidual
from ideas_lib.study.study import load_study

CONFIG = GPTConfig(layers=2)
FOUR = GPTConfig(d_model=4, heads=1)


def test_some_channels_add_and_the_others_are_written_anew() -> None:
    x, fx = torch.tensor([[[1.0, 2, 3, 4]]]), torch.tensor([[[10.0, 20, 30, 40]]])
    join = Keep(FOUR, Residual(), count=1, learned=False)
    torch.testing.assert_close(join(x, fx), torch.tensor([[[10.0, 20, 30, 44]]]))
    join = Keep(FOUR, Residual(), count=3, learned=True)
    join.keep.data[1] = 0.5
    torch.testing.assert_close(join(x, fx), torch.tensor([[[10.0, 21, 33, 44]]]))


def test_parts_normed_apart_do_not_rescale_each_other() -> None:
    norm = Apart(2, Norm(), Norm())
    x = torch.tensor([[[3.0, 1, 70, 50]]])
    torch.testing.assert_close(norm(x), torch.tensor([[[1.0, -1, 1, -1]]]), atol=1e-4, rtol=0)
    x[..., 2:] *= 1000
    torch.testing.assert_close(norm(x)[..., :2], torch.tensor([[[1.0, -1]]]), atol=1e-4, rtol=0)
    three = Apart(3, Norm(), Norm())(torch.tensor([[[9.0, 3, 3, 6]]]))
    half = 0.5**0.5
    want = torch.tensor([[[0.0, -half, -half, 2 * half]]])
    torch.testing.assert_close(three, want, atol=1e-4, rtol=0)


def test_without_residuals_the_stream_is_what_the_last_mlp_wrote(draw) -> None:
    model, tokens, wrote = build(CONFIG, PartialResidual(0.0)), draw(), []
    model.blocks[1].mlp.register_forward_hook(lambda module, read, found: wrote.append(found))
    logits = model(tokens)
    want = model.vocab.logits(nn.functional.layer_norm(wrote[-1], (32,)))
    torch.testing.assert_close(logits, want)


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.75])
def test_the_rest_holds_what_the_last_mlp_wrote_and_the_kept_part_the_sum(draw, fraction) -> None:
    model, tokens, traces, wrote = build(CONFIG, PartialResidual(fraction)), draw(), [], []
    for block in model.blocks:
        for part in (block.attention, block.mlp):
            part.register_forward_hook(lambda module, read, found: wrote.append(found))
    model(tokens, traces)
    cut = 32 - round(fraction * 32)
    added = model.vocab.embed(tokens) + sum(wrote)
    torch.testing.assert_close(traces[-1].x[..., cut:], added[..., cut:], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(traces[-1].x[..., :cut], wrote[-1][..., :cut])


def test_nothing_is_zero_at_first(draw) -> None:
    model, traces = build(CONFIG, PartialResidual()), []
    model(draw(), traces)
    assert all(trace.x[..., :16].std() > 0.05 for trace in traces)


def test_the_residual_half_alone_is_blind_to_what_is_written_to_the_rest(draw) -> None:
    model, tokens = build(CONFIG, PartialResidual(), ResidualOnly()), draw()
    before = model(tokens)
    for block in model.blocks:
        block.attention.project.output.weight.data[:16] = 7
        block.mlp.down.weight.data[:16] = 7
    torch.testing.assert_close(model(tokens), before)
    assert not torch.allclose(build(CONFIG, PartialResidual())(tokens), before, atol=1e-2)


def test_spared_the_last_layer_writes_to_the_rest_and_no_other_does(draw) -> None:
    model, traces = build(CONFIG, PartialResidual(), ResidualOnly(spare_last=True)), []
    model(draw(), traces)
    assert not traces[0].x[..., :16].any()
    assert traces[0].x[..., 16:].all()
    assert traces[1].x[..., :16].all()


def test_two_norms_alone_change_no_residual(draw) -> None:
    model, tokens, traces, wrote = build(CONFIG, TwoNorms(0.25)), draw(), [], []
    for part in (model.blocks[0].attention, model.blocks[0].mlp):
        part.register_forward_hook(lambda module, read, found: wrote.append(found))
    model(tokens, traces)
    torch.testing.assert_close(traces[0].x, model.vocab.embed(tokens) + wrote[0] + wrote[1])
    normed = model.norm(traces[0].x)
    for part in (slice(0, 24), slice(24, None)):
        torch.testing.assert_close(normed[..., part].mean(-1), torch.zeros(tokens.shape))


def test_a_learned_scale_starts_as_the_baseline_and_costs_what_it_says(draw) -> None:
    tokens, plain = draw(), build(CONFIG)
    learned = build(CONFIG, PartialResidual(1.0, learned=True))
    assert torch.equal(learned(tokens), plain(tokens))
    assert parameters(learned) == parameters(plain) + 2 * 2 * 32  # two joins a layer
    assert parameters(build(CONFIG, PartialResidual())) == parameters(plain)
    assert flops(build(CONFIG, PartialResidual())) == flops(plain)


@pytest.mark.parametrize("fraction", [-0.1, 1.5])
def test_a_fraction_that_there_is_not_is_named(fraction: float) -> None:
    with pytest.raises(ValueError, match=f"fraction={fraction} must be from 0 to 1"):
        PartialResidual(fraction)


def test_every_arm_of_the_study_builds_and_no_two_are_the_same(draw) -> None:
    load_study("partial-residual")
    module, tokens = sys.modules["studies.partial_residual"], draw()
    logits = {
        arm: build(GPTConfig(layers=2, d_model=module.width(arm)), *module.tweaks(arm))(tokens)
        for arm in module.ARMS
    }
    same = [
        (one, two)
        for one, two in combinations(logits, 2)
        if torch.allclose(logits[one], logits[two], atol=1e-4)
    ]
    assert same == [("all", "learned scale")]  # until it is trained
    used = {arm for experiment in module.STUDY.experiments for arm in experiment.arms}
    assert used == set(module.ARMS)


def test_what_the_study_looks_at() -> None:
    load_study("partial-residual")
    module, task = sys.modules["studies.partial_residual"], OwnOrBack(vocab_size=8, context=16)
    model = build(GPTConfig(vocab_size=8, context=16, layers=2), PartialResidual(0.25))
    channels = module.parts("a quarter")
    assert channels == {"residual part": slice(24, None), "rest": slice(0, 24)}
    tokens, _ = task.batch(torch.Generator().manual_seed(0), 64)
    whole = decodable(model, tokens, tokens)
    with module.reading(model, slice(0, 0)):
        nothing = decodable(model, tokens, tokens)
    assert whole[0] == 1.0
    assert max(nothing) < 0.3  # the most frequent of eight tokens, whatever the stream holds
    assert decodable(model, tokens, tokens) == whole
    before = score(model, task, size=64)
    with module.swapped(model, 1, slice(None)):
        assert score(model, task, size=64) != before
    assert score(model, task, size=64) == before
    grads = module.gradients(model, task, channels)
    assert [len(norms) for norms in grads.values()] == [2, 2]
    assert all(norm > 0 for norms in grads.values() for norm in norms)
