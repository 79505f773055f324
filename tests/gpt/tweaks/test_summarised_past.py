"""Summarised past: by hand, what may be seen when, equal columns, and the arms of the study."""

import sys
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPTConfig, build
from ideas_lib.gpt.controls.summarised_past import EqualWindow
from ideas_lib.gpt.seams import LayerView, Layout
from ideas_lib.gpt.training import flops, parameters
from ideas_lib.gpt.tweaks.summarised_past import (
    POOLS,
    Summaries,
    SummarisedPast,
    reached,
    summarised,
)
from ideas_lib.study.study import load_study

CONFIG = GPTConfig(layers=2)  # T 48: six spans of 8
every_pool = pytest.mark.parametrize("pool", POOLS)


def chain(length: int, width: int = 9) -> Layout:
    """Lay out a text whose rows see their last few positions."""
    at = torch.arange(length)
    apart = at[:, None] - at
    return Layout(at, (apart >= 0) & (apart < width), slice(None))


def view(length: int, layout: Layout) -> LayerView:
    """Make keys and values of one head of width 2 that say which row they are of."""
    v = torch.arange(1.0, length + 1).view(1, 1, length, 1).repeat(1, 1, 1, 2)
    return LayerView(v[0], -v, v, layout, None, [])


def columns(model: Any) -> torch.Tensor:
    """Return how many columns each row sees, in the first layer."""
    traces: list = []
    model(torch.zeros(1, model.config.context, dtype=torch.long), traces)
    return (traces[0].weights[0, 0] > 0).sum(-1)


@pytest.mark.parametrize(
    ("pool", "keep", "want"),
    [
        ("mean", 2, [1.5, 3.5, 5.5, 7.5]),
        ("mean", 1, [2.5, 6.5]),
        ("strided", 2, [2, 4, 6, 8]),
        ("strided", 1, [4, 8]),
    ],
)
def test_fixed_pools_by_hand(pool: str, keep: int, want: list[float]) -> None:
    # Spans of 4 and 16 tokens: the last two spans are recent, the first two are summarised.
    tweak = SummarisedPast(span=4, keep=keep, pool=pool)
    layout = chain(16)
    found = Summaries(GPTConfig(d_model=2, heads=1), 0, tweak)(view(16, layout))
    assert found is not None
    assert found.v[0, 0, :, 0].tolist() == want
    assert found.k[0, 0, :, 0].tolist() == [-one for one in want]
    # The first span is old from token 8 on, the second from token 12 on.
    seen = [(0, 0)] * 8 + [(1, 0)] * 4 + [(1, 1)] * 4
    assert found.visible[:, ::keep].int().tolist() == [list(pair) for pair in seen]


def test_learned_summaries_begin_as_means_over_their_group_for_the_most_part() -> None:
    model = build(CONFIG, SummarisedPast())
    source: Any = model.blocks[0].attention.sources[0]
    weights = source.place.softmax(-1)
    assert torch.allclose(weights.sum(-1), torch.ones(2, 4))
    for summary in range(4):
        own = weights[:, summary, 2 * summary : 2 * summary + 2]
        assert (own > 0.25).all()
        assert torch.allclose(own, own[0, 0])


def test_what_a_row_reaches_by_others_and_never_what_comes_later() -> None:
    mask = chain(20, width=2).mask
    assert torch.equal(reached(mask), torch.ones(20, 20).tril() > 0)
    apart = torch.eye(4, dtype=torch.bool)
    assert torch.equal(reached(apart), apart)


def test_no_summary_for_rows_that_cannot_know_it() -> None:
    # A row that sees itself alone, laid beside the text as zero input does, reads no summaries.
    layout = chain(16)
    mask = torch.zeros(17, 17, dtype=torch.bool)
    mask[:16, :16] = layout.mask
    mask[16, 16] = True
    beside = Layout(torch.cat([layout.positions, torch.tensor([15])]), mask, slice(0, 16))
    rows, visible = summarised(beside, SummarisedPast(span=4, keep=2))
    assert rows.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert visible[15].all()
    assert not visible[16].any()


@pytest.mark.parametrize("length", [0, 1, 7, 8, 15, 16])
def test_nothing_is_summarised_before_a_span_is_old(length: int) -> None:
    if length:
        layout = chain(length)
        source = Summaries(GPTConfig(d_model=2, heads=1), 0, SummarisedPast(pool="mean"))
        assert source(view(length, layout)) is None


@every_pool
@pytest.mark.parametrize("keep", [4, 2, 1])
def test_no_token_is_seen_before_its_time(pool: str, keep: int, causal: Any) -> None:
    causal(build(CONFIG, SummarisedPast(keep=keep, pool=pool)))


@pytest.mark.parametrize(("keep", "recent"), [(4, 1), (2, 1), (1, 1), (4, 2)])
def test_the_window_has_as_many_columns_in_every_row(keep: int, recent: int) -> None:
    idea = build(CONFIG, SummarisedPast(keep=keep, recent=recent))
    window = build(CONFIG, EqualWindow(keep=keep, recent=recent))
    count = columns(idea)
    assert torch.equal(count, columns(window))
    # The last row: 8 (recent + 1) of its own and recent spans, `keep` for each of the others.
    assert count[-1] == 8 * (recent + 1) + keep * (5 - recent)


def test_half_the_columns_kept_as_they_are_is_strided_attention(draw: Any) -> None:
    # Every row kept: the mask has changed its shape, and nothing else.
    tokens = draw()
    whole = build(CONFIG, SummarisedPast(keep=8, pool="strided"))
    torch.testing.assert_close(whole(tokens), build(CONFIG)(tokens), atol=1e-5, rtol=1e-4)


def test_it_costs_what_it_says() -> None:
    plain, learned = build(CONFIG), build(CONFIG, SummarisedPast())
    d, heads, keep, span = 32, 2, 4, 8
    assert parameters(learned) - parameters(plain) == 2 * heads * keep * (d + span)
    assert parameters(build(CONFIG, SummarisedPast(pool="mean"))) == parameters(plain)
    assert flops(learned) > flops(plain)  # dense and masked


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pool": "max"}, "pool='max'"),
        ({"keep": 3}, "keep=3"),
        ({"keep": -1}, "keep=-1"),
        ({"recent": 0}, "recent=0"),
    ],
)
def test_what_cannot_be_is_said(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SummarisedPast(**settings)


def test_the_study_makes_its_arms_and_takes_summaries_away() -> None:
    study = load_study("summarised-past")
    made = sys.modules["studies.summarised_past"]
    for experiment in study.experiments:
        for arm in experiment.arms:
            build(GPTConfig(), *made.tweaks(arm))
    report = made.needles("learned", 0, lr=1e-2, steps=2)
    assert report["columns"] == 8 + 4.5 + 7 * 4
    assert 0 <= report["recall old, emptied"] <= 1
    assert len(report["recall by age"]) == 8
    assert len(report["mass"]) == len(report["from facts"]) == 2
    assert "recall old, emptied" not in made.needles("window", 0, lr=1e-2, steps=2)
