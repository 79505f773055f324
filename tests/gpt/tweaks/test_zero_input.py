"""Zero input and its controls: by hand, against what they should equal, as arms of the study."""

import sys
from itertools import combinations
from typing import Any

import pytest
import torch
from torch import Tensor

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.controls.null_attention import BosToken
from ideas_lib.gpt.controls.zero_input import Queries
from ideas_lib.gpt.probe import decodable
from ideas_lib.gpt.training import flops, parameters
from ideas_lib.gpt.tweaks.zero_input import READS, STARTS, ZeroInput
from ideas_lib.study.study import load_study

CONFIG = GPTConfig(layers=2)
ONE = GPTConfig(layers=1)
CPU = torch.device("cpu")


def shared(one: GPT, other: GPT) -> None:
    """Give the other model the first one's numbers, wherever the names are the same."""
    mine = one.state_dict()
    with torch.no_grad():
        for name, p in other.named_parameters():
            if name in mine and mine[name].shape == p.shape:
                p.copy_(mine[name])


def start(model: GPT, tokens: Tensor) -> tuple[Tensor, Tensor | None]:
    layout, _ = model.plan(tokens.size(1), tokens.device)
    return model.start(model.vocab.embed(tokens), layout)


# By hand.


def test_rows_by_hand() -> None:
    layout = build(CONFIG, ZeroInput()).layout(3, CPU)
    assert layout.positions.tolist() == [0, 1, 2, 0, 1, 2]
    past = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert layout.mask.long().tolist() == [[*row, 0, 0, 0] for row in (*past, *past)]
    assert torch.arange(6)[layout.reads].tolist() == [3, 4, 5]


@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("reads", ["rows", "embeddings"])
def test_where_the_stream_starts(keep: float, reads: str, draw) -> None:
    model, tokens = build(CONFIG, ZeroInput(keep=keep, reads=reads)), draw()
    x = model.vocab.embed(tokens)
    answer = model.start.answer.weight
    stream, context = start(model, tokens)
    if reads == "rows":
        assert context is None
        context, stream = stream.chunk(2, dim=1)
    assert torch.equal(context, x)
    torch.testing.assert_close(stream, keep * x + answer)


@pytest.mark.parametrize("begin", ["constant", "positions"])
def test_a_learned_start_is_small_beside_a_token_and_is_drawn_with_the_seed(begin: str) -> None:
    one, two = (build(CONFIG, ZeroInput(start=begin), seed=seed).start.answer for seed in (1, 2))
    token = build(CONFIG).vocab.embed(torch.arange(50)).std().item()
    assert 0.01 < one.weight.std().item() < 0.03 < token / 20
    assert not torch.equal(one.weight, two.weight)
    again = build(CONFIG, ZeroInput(start=begin), seed=1).start.answer
    assert torch.equal(one.weight, again.weight)


def test_a_place_has_a_vector_and_nothing_is_nothing(draw) -> None:
    model, tokens = build(CONFIG, ZeroInput(start="positions")), draw()
    found = start(model, tokens)[0][:, 48:]
    assert torch.equal(found, model.start.answer.weight[:48].expand(2, -1, -1))
    x, context = start(build(CONFIG, ZeroInput(start="zero", reads="embeddings")), tokens)
    assert not x.any()
    assert context is not None


def test_nothing_asks_nothing_so_that_one_layer_averages(draw) -> None:
    traces: list[Any] = []
    build(ONE, ZeroInput(start="zero", reads="embeddings"))(draw(1), traces)
    even = torch.ones(48, 48).tril() / torch.arange(1, 49)[:, None]
    torch.testing.assert_close(traces[0].weights[0], even.expand(2, -1, -1))


# Against what it should equal.


def test_rows_that_keep_the_token_compute_what_one_row_does(draw) -> None:
    tokens, two = draw(), build(CONFIG, ZeroInput(keep=1.0))
    with torch.no_grad():
        two.start.answer.weight.zero_()
    one = build(CONFIG)
    shared(two, one)
    torch.testing.assert_close(two(tokens), one(tokens), atol=1e-5, rtol=1e-5)
    # So its own rows cost it nothing at first, for the vector is small.
    first = build(CONFIG, ZeroInput(keep=1.0))(tokens)
    assert (first - one(tokens)).std() < 0.1 * first.std()


def test_with_one_layer_rows_are_embeddings(draw) -> None:
    tokens = draw()
    rows, raw = (build(ONE, ZeroInput(reads=reads), seed=1) for reads in READS[:2])
    torch.testing.assert_close(rows(tokens), raw(tokens), atol=1e-5, rtol=1e-5)
    rows, raw = (build(CONFIG, ZeroInput(reads=reads), seed=1) for reads in READS[:2])
    assert not torch.allclose(rows(tokens), raw(tokens), atol=1e-2)


def test_the_text_runs_as_in_a_gpt_that_has_no_answering_rows(draw) -> None:
    tokens, traces, plain = draw(), [], []
    build(CONFIG, ZeroInput())(tokens, traces)
    build(CONFIG)(tokens, plain)
    for two, alone in zip(traces, plain, strict=True):
        torch.testing.assert_close(two.x[:, :48], alone.x, atol=1e-5, rtol=1e-5)


def test_the_token_comes_in_through_attention_alone() -> None:
    tokens = torch.randint(50, (128, 48), generator=torch.Generator().manual_seed(1))
    found = decodable(build(CONFIG, ZeroInput()), tokens, tokens)
    assert found[0] < 0.04 < found[1]  # chance is 0.02, and nothing is trained
    assert decodable(build(CONFIG, ZeroInput(keep=1.0)), tokens, tokens)[0] > 0.9


def test_an_answering_row_sees_its_own_token_whatever_others_hide(draw) -> None:
    class Strict(torch.nn.Module):
        def __init__(self, inner: torch.nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, length: int, device: torch.device) -> Any:
            layout = self.inner(length, device)
            mask = layout.mask.tril(-1)
            mask[0, 0] = True
            return layout._replace(mask=mask)

    class Hide:
        def apply(self, parts: Any) -> Any:
            return parts.swap(layout=lambda config: Strict(parts.layout(config)))

    mask = build(CONFIG, Hide(), ZeroInput()).layout(4, CPU).mask
    assert torch.equal(mask[4:, :4], torch.ones(4, 4).tril() > 0)


@pytest.mark.parametrize("reads", READS)
def test_a_row_in_front_of_it_or_behind(reads: str, causal) -> None:
    tweak = ZeroInput(reads=reads, keep=1.0 if reads == "stream" else 0.0, start="positions")
    for mix in ((tweak, BosToken()), (BosToken(), tweak)):
        causal(build(CONFIG, *mix))


@pytest.mark.parametrize("begin", STARTS)
@pytest.mark.parametrize("reads", READS)
@pytest.mark.parametrize("keep", [0.5, 1.0])
def test_every_form_is_causal(begin: str, reads: str, keep: float, causal) -> None:
    causal(build(GPTConfig(layers=2, context=9), ZeroInput(begin, keep, reads)))


def test_costs_by_hand() -> None:
    plain, v, d, t = build(CONFIG), 50, 32, 48
    assert parameters(build(CONFIG, ZeroInput(keep=1.0, reads="stream"))) == parameters(plain) + d
    for reads in ("rows", "embeddings"):
        costs = {keep: build(CONFIG, ZeroInput(keep=keep, reads=reads)) for keep in (0.0, 1.0)}
        assert {parameters(model) for model in costs.values()} == {parameters(plain) + d}
        assert flops(costs[0.0]) == flops(costs[1.0])
    assert flops(build(CONFIG, ZeroInput(reads="embeddings"))) == flops(plain)
    # Twice the rows, each of which meets twice the columns.
    twice = 2 * (v * d + 2 * (2 * 12 * d * d + 4 * 2 * t * d))
    assert flops(build(CONFIG, ZeroInput())) == twice


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": "noise"}, "start='noise' is none of"),
        ({"reads": "tea leaves"}, "reads='tea leaves' is none of"),
        ({"reads": "stream"}, "nothing of the text would come in"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ZeroInput(**settings)


# The controls.


def test_queries_of_the_text_and_of_one_vector_by_hand(draw) -> None:
    tokens = draw()
    token = ZeroInput(keep=1.0, reads="stream")
    traces: dict[str, list[Any]] = {"text": [], "vector": []}
    text = build(ONE, ZeroInput(reads="embeddings"), Queries(text=True))
    text(tokens, traces["text"])
    vector = build(ONE, token, Queries())
    vector(tokens, traces["vector"])
    plain: list[Any] = []
    build(ONE)(tokens, plain)
    torch.testing.assert_close(traces["text"][0].weights, plain[0].weights)
    # One vector asks the same everywhere: equal tokens at equal distances score the same.
    constant = torch.zeros(1, 48, dtype=torch.long)
    traces["vector"].clear()
    vector(constant, traces["vector"])
    scores = traces["vector"][0].weights[0].log()
    gaps = scores.diagonal(dim1=-2, dim2=-1)[:, 1:] - scores.diagonal(-1, dim1=-2, dim2=-1)
    torch.testing.assert_close(gaps, gaps[:, :1].expand_as(gaps), atol=1e-3, rtol=1e-3)


def test_a_query_of_the_stream_is_the_query_of_the_text_where_they_are_one(draw) -> None:
    tokens = draw()
    torch.testing.assert_close(build(CONFIG, Queries(text=True))(tokens), build(CONFIG)(tokens))


# The study.


def test_every_arm_of_the_study_builds_and_those_that_are_the_same_are_meant_to_be(draw) -> None:
    load_study("zero-input")
    module, tokens = sys.modules["studies.zero_input"], draw()
    arms = {arm for experiment in module.STUDY.experiments for arm in experiment.arms}
    logits = {arm: build(CONFIG, *module.tweaks(arm))(tokens) for arm in sorted(arms)}
    same = {
        frozenset(pair)
        for pair in combinations(logits, 2)
        if torch.allclose(logits[pair[0]], logits[pair[1]], atol=1e-4)
    }
    # These differ in their layers, and two arms have another name with one layer.
    want = {frozenset(pair) for pair in combinations(("plain", "deeper", "a layer less"), 2)}
    assert same == want | {frozenset(["neither", "zero, raw keys"])}
    assert [module.layers(arm) for arm in ("plain", "deeper", "a layer less")] == [2, 4, 1]


def test_the_arms_that_decide_differ_in_the_start_alone() -> None:
    load_study("zero-input")
    module = sys.modules["studies.zero_input"]
    one, two = (build(CONFIG, *module.tweaks(arm)) for arm in module.STUDY.prediction.arms)
    assert (parameters(one), flops(one)) == (parameters(two), flops(two))
    for mine, theirs in zip(one.state_dict().items(), two.state_dict().items(), strict=True):
        assert mine[0] == theirs[0]
        assert torch.equal(mine[1], theirs[1])


def test_mistakes_in_halvings_by_hand() -> None:
    load_study("zero-input")
    halvings = sys.modules["studies.zero_input"].halvings
    assert halvings(3, 6) == 1
    assert halvings(0, 7) == 4
    # The margin is half as many mistakes again.
    few, many = halvings(1000, 100_000), halvings(1500, 100_000)
    assert few - many == pytest.approx(0.585, abs=0.001)


def test_the_mass_on_the_own_token_is_that_of_the_answering_rows(draw) -> None:
    load_study("zero-input")
    own_mass, tokens = sys.modules["studies.zero_input"].own_mass, draw()
    # From nothing, one layer averages: of t + 1 columns, one is a row's own.
    model = build(ONE, ZeroInput(start="zero"))
    even = sum(1 / (t + 1) for t in range(1, 48)) / 47
    assert own_mass(model, tokens) == [pytest.approx(even, abs=1e-5)]


@pytest.mark.parametrize("reads", READS)
def test_what_is_unseen_by_hand(reads: str) -> None:
    load_study("zero-input")
    module = sys.modules["studies.zero_input"]
    model = build(CONFIG, ZeroInput(keep=1.0, reads=reads))
    before = model.layout(4, CPU)
    with module.unseen(model):
        layout = model.layout(4, CPU)
    text = layout.mask[layout.reads, :4].long().tolist()
    assert text == [[1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]
    assert (before.mask & ~layout.mask).sum() == 3
    assert torch.equal(model.layout(4, CPU).mask, before.mask)
