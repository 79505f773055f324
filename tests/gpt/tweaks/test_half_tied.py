"""Half-tied embeddings: by hand, between the ends it must have, and the controls."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ideas_lib.gpt import GPT, GPTConfig, build, held_out_loss
from ideas_lib.gpt.controls.half_tied import Gain, NoMLP, StreamUnits, TiedMap
from ideas_lib.gpt.tasks import Text
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


@pytest.mark.parametrize("inner", [HalfTied(), TiedMap()])
def test_a_gain_of_one_changes_nothing_and_another_scales_all_logits(inner: Any, draw) -> None:
    tokens, plain, gain = draw(2, CONFIG), build(CONFIG, inner), build(CONFIG, inner, Gain())
    torch.testing.assert_close(gain(tokens), plain(tokens))
    gain.vocab.gain.data.fill_(3)
    torch.testing.assert_close(gain(tokens), 3 * plain(tokens))
    torch.testing.assert_close(table(gain), table(plain))  # the logits' gain, not the embedding's


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


def test_the_cells_cross_ties_gain_and_units_and_no_two_are_the_same() -> None:
    assert len(set(CODE.CELLS)) == 16
    made = [CODE.tweaks(cell) for cell in CODE.CELLS]
    assert len({frozenset(map(repr, tweaks)) for tweaks in made}) == 16
    for kind in (Gain, StreamUnits):
        assert sum(any(isinstance(tweak, kind) for tweak in tweaks) for tweaks in made) == 8
    assert CODE.tweaks("untied") == CODE.tweaks("untied, narrower") == ()
    with pytest.raises(KeyError, match="nonsense"):
        CODE.tweaks("half, nonsense")


@pytest.mark.parametrize("cell", CODE.CELLS)
def test_every_cell_learns_with_all_of_its_parameters_and_sees_no_future(
    cell: str, draw, causal
) -> None:
    model, tokens = build(CONFIG, *CODE.tweaks(cell)), draw(2, CONFIG)
    same = build(CONFIG, *CODE.tweaks(cell.removesuffix(", stream units").removesuffix(", gain")))
    torch.testing.assert_close(model(tokens), same(tokens), atol=1e-5, rtol=1e-5)
    loss_of(model, tokens, tokens.roll(-1, 1)).backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())
    causal(model)


def test_the_weights_that_the_study_speaks_of() -> None:
    shape: Any = dict(vocab_size=2048, context=8, heads=2, layers=2)
    size = {
        arm: parameters(build(GPTConfig(d_model=64, **shape), *CODE.tweaks(arm)))
        for arm in ("untied", "half")
    }
    assert 1 - size["half"] / size["untied"] == pytest.approx(0.18, abs=0.005)
    narrower = parameters(build(GPTConfig(d_model=CODE.NARROWER, **shape)))
    assert 1 <= narrower / size["half"] < 1.04


def test_a_target_is_seen_where_it_stood_in_the_text_before_and_nowhere_else() -> None:
    tokens, targets = torch.tensor([[5, 6, 5, 7]]), torch.tensor([[6, 5, 7, 7]])
    seen, new, rare_seen, rare_new = CODE.turns(tokens, targets, targets == 7)
    assert seen.tolist() == [[False, True, False, True]]
    assert new.tolist() == (~seen).tolist()
    assert rare_seen.tolist() == [[False, False, False, True]]
    assert rare_new.tolist() == [[False, False, True, False]]


def test_losses_by_turn_add_up_to_the_loss(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat and the dog sat on the cat. " * 200)
    text = Text(path, context=9)
    model = build(GPTConfig(vocab_size=text.vocab_size, d_model=16, layers=1, context=9))
    found = CODE.by_turn(model, text)
    parts = [found[f"loss, {turn}"] * found[f"share, {turn}"] for turn in ("seen", "new")]
    assert sum(parts) == pytest.approx(held_out_loss(model, text)["loss"], rel=1e-5)
    assert 0 < found["share, seen"] < 1


def test_the_direct_path_of_a_tied_table_says_itself_and_of_a_moved_head_next() -> None:
    config = GPTConfig(vocab_size=9, d_model=16, heads=2, layers=0, context=9)
    following = torch.arange(8).roll(-1)
    model, tied = build(config), build(config, HalfTied(1))
    with torch.no_grad():
        bare(tied.vocab).embedding.weight.copy_(torch.eye(9, 8).repeat(1, 2))
        model.vocab.embedding.weight.copy_(torch.eye(9, 16) * 4)
        model.vocab.head.weight.zero_()
        model.vocab.head.weight[following] = torch.eye(8, 16)
    found = CODE.direct_path(tied, following)
    assert {found[f"itself, {which}"] for which in ("first", "other", "all")} == {1.0}
    found = CODE.direct_path(model, following)
    assert (found["next, all"], found["itself, all"]) == (1.0, 0.0)
    assert found["next, first"] == 1.0, "the first half of the columns holds it all"
