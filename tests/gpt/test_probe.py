"""Looking into a model: masses by hand, and that what is taken away is put back."""

import pytest
import torch
from torch import Tensor

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.controls.null_attention import BosToken, LearnedLogit, SigmoidGate
from ideas_lib.gpt.probe import (
    decodable,
    masses,
    previous_mass,
    silenced,
    trace_layers,
    windowed,
    without_sources,
)
from ideas_lib.gpt.seams import Layout
from ideas_lib.gpt.tweaks.null_attention import NullAttention

CONFIG = GPTConfig(vocab_size=9, d_model=16, heads=2, layers=2, context=8)
EVERY = {
    "none": (),
    "null": (NullAttention(),),
    "logit": (LearnedLogit(),),
    "gate": (SigmoidGate(),),
    "row in front": (BosToken(),),
}
everywhere = pytest.mark.parametrize("tweaks", EVERY.values(), ids=EVERY)


def blind(model: GPT) -> GPT:
    """Let every query be zero, so that a row spreads its attention evenly over what it sees."""
    for block in model.blocks:
        block.attention.project.qkv.weight.data[: CONFIG.d_model] = 0
    return model


# References.


def test_masses_of_a_blind_model_by_hand(draw) -> None:
    # Row t sees t + 1 rows evenly: the rows behind the first give it 1/2, 1/3, ... 1/8.
    seen = masses(blind(build(CONFIG)), draw(3, CONFIG))
    want = sum(1 / n for n in range(2, 9)) / 7
    torch.testing.assert_close(seen.first, torch.full((2, 2), want))
    assert seen.extra.tolist() == [[0, 0], [0, 0]]


def test_own_mass_of_a_blind_model_by_hand(draw) -> None:
    # Row t gives itself 1 / (t + 1); a row in front takes as much again, and does not answer.
    seen = masses(blind(build(CONFIG)), draw(3, CONFIG))
    torch.testing.assert_close(seen.own, torch.full((2, 2), sum(1 / n for n in range(1, 9)) / 8))
    seen = masses(blind(build(CONFIG, BosToken())), draw(3, CONFIG))
    torch.testing.assert_close(seen.own, torch.full((2, 2), sum(1 / n for n in range(2, 10)) / 8))


def test_attention_on_the_row_before_by_hand() -> None:
    # Zero queries spread evenly: row i gives 1 / (i + 1) to the row before it, row 0 has none.
    found = previous_mass(blind(build(CONFIG)), torch.zeros(1, 4, dtype=torch.long))
    torch.testing.assert_close(found, torch.full((2, 2), (1 / 2 + 1 / 3 + 1 / 4) / 3))


def test_a_model_of_no_layers_has_no_masses(draw) -> None:
    config = GPTConfig(vocab_size=9, d_model=16, layers=0, context=8)
    with pytest.raises(ValueError, match="layers=0"):
        masses(build(config), draw(3, config))


@everywhere
def test_the_stream_starts_as_the_token_and_holds_nothing_of_chance(tweaks: tuple) -> None:
    model = build(CONFIG, *tweaks)
    rng = torch.Generator().manual_seed(1)
    tokens = torch.randint(9, (64, 8), generator=rng)
    own = decodable(model, tokens, tokens)
    assert len(own) == 1 + CONFIG.layers
    assert own[0] == 1
    noise = decodable(model, tokens, torch.randint(9, (64, 8), generator=rng))
    assert all(share < 0.25 for share in noise)


def test_a_probe_reads_what_a_layer_brought_in() -> None:
    # Keys and queries are blind but for the place; the value of the token before comes through.
    model = build(CONFIG)
    tokens = torch.randint(9, (128, 8), generator=torch.Generator().manual_seed(1))
    before = tokens.roll(1, 1)
    before[:, 0] = 0
    model.layout = type("Before", (torch.nn.Module,), {"forward": previous_only})()
    found = decodable(model, tokens, before)
    assert found[0] < 0.3
    assert found[1] > 0.8


def previous_only(self: torch.nn.Module, length: int, device: torch.device) -> Layout:
    mask = torch.eye(length, dtype=torch.bool).roll(-1, 1)
    mask[0] = torch.arange(length) == 0
    return Layout(torch.arange(length), mask, slice(None))


def test_null_mass_of_a_blind_model_by_hand(draw) -> None:
    # With three null columns, row t sees t + 4 columns: they take 3/4, 3/5, ... 3/11.
    seen = masses(blind(build(CONFIG, NullAttention(count=3))), draw(3, CONFIG))
    want = sum(3 / n for n in range(4, 12)) / 8
    torch.testing.assert_close(seen.extra, torch.full((2, 2), want))


def test_the_first_row_is_the_token_in_front_where_there_is_one(draw) -> None:
    seen = masses(blind(build(CONFIG, BosToken())), draw(3, CONFIG))
    torch.testing.assert_close(seen.first, torch.full((2, 2), sum(1 / n for n in range(2, 10)) / 8))


def test_masses_tell_heads_and_layers_apart(draw) -> None:
    model = build(CONFIG, LearnedLogit())
    model.blocks[1].attention.sources[0].logit.data = torch.tensor([50.0, -50.0]).view(2, 1, 1)
    extra = masses(model, draw(3, CONFIG)).extra
    assert extra[1].tolist() == pytest.approx([1, 0], abs=1e-6)
    assert ((extra[0] > 0.01) & (extra[0] < 0.99)).all()


def test_the_largest_activation_is_found_in_any_layer(draw) -> None:
    model, tokens = build(CONFIG), draw(3, CONFIG)
    streams = [trace.x.abs().max().item() for trace in trace_layers(model, tokens)]
    assert masses(model, tokens).largest == max(streams)
    model.blocks[0].mlp.down.weight.data *= 1000
    assert masses(model, tokens).largest > 100 * max(streams)


def test_a_silenced_head_is_one_whose_output_matrix_is_zero(draw) -> None:
    model, other, tokens = build(CONFIG), build(CONFIG), draw(3, CONFIG)
    other.blocks[1].attention.project.output.weight.data[:, 8:] = 0  # head 1: channels 8 to 15
    with silenced(model, layer=1, head=1):
        torch.testing.assert_close(model(tokens), other(tokens))
    assert not torch.allclose(model(tokens), other(tokens), atol=1e-3)


def test_without_sources_it_is_the_baseline(draw) -> None:
    model, tokens = build(CONFIG, NullAttention(count=2)), draw(3, CONFIG)
    with without_sources(model):
        torch.testing.assert_close(model(tokens), build(CONFIG)(tokens))
        assert masses(model, tokens).extra.tolist() == [[0, 0], [0, 0]]


def test_a_window_is_what_a_row_can_see_of_the_text(draw) -> None:
    # One layer: the last row of a window of 3 knows the last 3 tokens, as if the text were these.
    config = GPTConfig(vocab_size=9, d_model=16, heads=2, layers=1, context=8)
    model, tokens = build(config), draw(3, config)
    with windowed(model, 3):
        cut = model(tokens)
        mask = model.layout(8, torch.device("cpu")).mask
    assert mask.sum(1).tolist() == [1, 2, 3, 3, 3, 3, 3, 3]
    torch.testing.assert_close(cut[:, -1], model(tokens[:, -3:])[:, -1], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(cut[:, -1], model(tokens)[:, -1], atol=1e-3)


def test_a_window_can_keep_the_first_row(draw) -> None:
    model = build(CONFIG)
    with windowed(model, 3, keep_first=True):
        mask = model.layout(8, torch.device("cpu")).mask
    assert mask.sum(1).tolist() == [1, 2, 3, 4, 4, 4, 4, 4]
    assert mask[:, 0].all()
    assert not mask.triu(1).any()


# Invariants.


@everywhere
def test_a_window_over_everything_changes_nothing(tweaks: tuple, draw) -> None:
    model, tokens = build(CONFIG, *tweaks), draw(3, CONFIG)
    before = model(tokens)
    with windowed(model, 9):
        assert torch.equal(model(tokens), before)


def acts(model: GPT) -> list:
    return [
        silenced(model, 0, 1),
        silenced(model, 1, 0),
        windowed(model, 2),
        windowed(model, 2, keep_first=True),
        without_sources(model),
    ]


@everywhere
@pytest.mark.parametrize("which", range(5))
def test_what_is_taken_away_is_put_back(tweaks: tuple, which: int, draw) -> None:
    model, tokens = build(CONFIG, *tweaks), draw(3, CONFIG)
    before, state = model(tokens), list(model.state_dict())
    with acts(model)[which]:
        inside = model(tokens)
    assert torch.equal(model(tokens), before)
    assert list(model.state_dict()) == state
    if which < 4:
        assert not torch.equal(inside, before)

    class Stop(Exception):
        pass

    with pytest.raises(Stop), acts(model)[which]:
        raise Stop
    assert torch.equal(model(tokens), before)


@pytest.mark.parametrize("heads", [((0, 0), (0, 1)), ((0, 0), (1, 0)), ((1, 1), (1, 0))])
def test_more_than_one_head_can_be_silenced(heads: tuple, draw) -> None:
    model, other, tokens = build(CONFIG), build(CONFIG), draw(3, CONFIG)
    for layer, head in heads:
        columns = slice(8 * head, 8 * head + 8)
        other.blocks[layer].attention.project.output.weight.data[:, columns] = 0
    before = model(tokens)
    with silenced(model, *heads[0]), silenced(model, *heads[1]):
        torch.testing.assert_close(model(tokens), other(tokens))
    assert torch.equal(model(tokens), before)


def test_probes_leave_no_gradient_behind(draw) -> None:
    model: GPT = build(CONFIG, NullAttention())
    weights: Tensor = trace_layers(model, draw(3, CONFIG))[0].weights
    assert not weights.requires_grad
    assert all(p.grad is None for p in model.parameters())
