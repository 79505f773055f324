"""The previous layer's keys and values: by hand, against other ways to the same, and controls."""

import sys
from itertools import combinations

import pytest
import torch
from torch import Tensor, nn

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.controls.previous_layer import OwnProjections, PreviousOnly
from ideas_lib.gpt.model import Parts
from ideas_lib.gpt.seams import LayerView, Layout, attention_weights, rope_phases, rotate
from ideas_lib.gpt.tasks import Hops
from ideas_lib.gpt.training import flops, loss_of, parameters
from ideas_lib.gpt.tweaks.previous_layer import EMBEDDINGS, PreviousColumns, PreviousLayer
from ideas_lib.study.study import load_study

CONFIG = GPTConfig(vocab_size=20, d_model=16, heads=2, layers=3, context=9)
MASK = torch.ones(2, 2).tril() > 0
LAYOUT = Layout(torch.arange(2), MASK, slice(None))


def weights(model: GPT, tokens: Tensor) -> list[Tensor]:
    traces: list = []
    model(tokens, traces)
    return [trace.weights for trace in traces]


def view_of(k: Tensor, v: Tensor, earlier: list[LayerView]) -> LayerView:
    return LayerView(v, k, v, LAYOUT, None, earlier)


# By hand.


def test_columns_are_the_previous_layers_and_carry_the_mark() -> None:
    config = GPTConfig(d_model=4, heads=1)
    first = view_of(torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 2, 4), [])
    last = view_of(torch.arange(8.0).view(1, 1, 2, 4), -torch.ones(1, 1, 2, 4), [first])
    now = view_of(torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 2, 4), [first, last])
    wanted = {
        ("none", False): ([0.0, 1, 2, 3], [-1.0, -1, -1, -1]),
        ("component", False): ([0.0, 1, 2, 4], [-1.0, -1, -1, -1]),
        ("component", True): ([0.0, 1, 2, 4], [-1.0, -1, -1, 0]),
        ("offset", False): ([9.0, 10, 11, 12], [-1.0, -1, -1, -1]),
        ("offset", True): ([9.0, 10, 11, 12], [8.0, 8, 8, 8]),
    }
    for (embedding, values), (k, v) in wanted.items():
        source = PreviousColumns(config, 2, 1, PreviousLayer(embedding, values))
        for offset in source.parameters():
            nn.init.constant_(offset, 9)
        columns = source(now)
        assert columns.k[0, 0, 0].tolist() == k
        assert columns.v[0, 0, 0].tolist() == v
        assert torch.equal(columns.visible, MASK)
        assert columns.bias is None


def test_a_row_shares_its_attention_between_two_layers() -> None:
    # One head of width 1 cannot rotate, so width 2: scores are products of first coordinates,
    # which the query's sqrt(2) keeps from being scaled. Own keys score ln 1 and ln 2, the previous
    # layer's ln 3 and ln 4: row 0 weighs 1 : 3, row 1 weighs 1 : 2 : 3 : 4.
    ln = torch.tensor([1.0, 2, 3, 4]).log()
    flat = torch.tensor([1.0, 0])
    own, old = (part.view(1, 1, 2, 1) * flat for part in ln.split(2))
    source = PreviousColumns(GPTConfig(d_model=2, heads=1), 1, 1, PreviousLayer("none"))
    columns = source(view_of(own, own, [view_of(old, old, [])]))
    k = torch.cat([own, columns.k], 2)
    found = attention_weights(
        2**0.5 * flat.expand(1, 1, 2, 2), k, torch.cat([MASK, columns.visible], 1)
    )
    want = torch.tensor([[1 / 4, 0, 3 / 4, 0], [1 / 10, 2 / 10, 3 / 10, 4 / 10]])
    torch.testing.assert_close(found[0, 0], want)


def test_the_first_layer_has_no_predecessor_and_no_parameter() -> None:
    model = build(CONFIG, PreviousLayer(values=True))
    assert [sum(p.numel() for p in b.attention.sources.parameters()) for b in model.blocks] == [
        0, 2 * 16, 2 * 16,
    ]  # fmt: skip
    tokens = torch.arange(9)[None]
    assert [w.size(-1) for w in weights(model, tokens)] == [9, 18, 18]
    two = build(CONFIG, PreviousLayer(layers=2))
    assert [w.size(-1) for w in weights(two, tokens)] == [9, 18, 27]


# Against another way to the same thing.


def test_an_offset_cancels_in_all_columns_and_counts_in_some() -> None:
    draw = torch.Generator().manual_seed(0)
    q, own, old, offset = (torch.randn(1, 1, 2, 4, generator=draw) for _ in range(4))
    offset = offset[:, :, :1]
    mask = torch.cat([MASK, MASK], 1)
    plain = attention_weights(q, torch.cat([own, old], 2), mask)
    everywhere = attention_weights(q, torch.cat([own + offset, old + offset], 2), mask)
    marked = attention_weights(q, torch.cat([own, old + offset], 2), mask)
    torch.testing.assert_close(everywhere, plain)
    # What a query gives to the previous layer is weighed by exp(q . offset / 2) first.
    by = (q @ offset.transpose(-2, -1) / 2).exp()
    want = torch.cat([plain[..., :2], by * plain[..., 2:]], -1)
    torch.testing.assert_close(marked, want / want.sum(-1, keepdim=True))


def test_a_component_is_an_offset_that_does_not_learn(draw) -> None:
    tokens = draw(2, CONFIG)
    for values in (False, True):
        offset, component = (build(CONFIG, PreviousLayer(e, values)) for e in EMBEDDINGS[1:])
        for name, p in offset.named_parameters():
            if "sources" in name:
                nn.init.zeros_(p)
                p.data[..., -1] = 1
        torch.testing.assert_close(offset(tokens), component(tokens))
        assert parameters(component) == parameters(build(CONFIG))


def test_own_projections_of_the_layers_own_weights_change_nothing(draw) -> None:
    """Every column twice halves each weight and keeps the sum: the control needs its own."""
    tokens = draw(2, CONFIG)
    model = build(CONFIG, OwnProjections())
    for block in list(model.blocks)[1:]:
        own = block.attention.project.qkv.weight.detach()
        block.attention.sources[0].kv.weight.data.copy_(own[16:])
    torch.testing.assert_close(model(tokens), build(CONFIG)(tokens), atol=1e-5, rtol=1e-5)


def test_the_previous_layers_own_weights_make_the_idea(draw) -> None:
    tokens = draw(2, CONFIG)
    model = build(CONFIG, OwnProjections(back=1))
    for before, block in zip(model.blocks, list(model.blocks)[1:], strict=False):
        own = before.attention.project.qkv.weight.detach()
        block.attention.sources[0].kv.weight.data.copy_(own[16:])
    idea = build(CONFIG, PreviousLayer("none"))
    torch.testing.assert_close(model(tokens), idea(tokens), atol=1e-5, rtol=1e-5)


def test_a_layer_without_columns_of_its_own_reads_those_below(draw) -> None:
    tokens = draw(2, CONFIG)
    plain, seen = build(CONFIG), []

    def note(source: nn.Module, inputs: tuple) -> None:
        seen.append(inputs[0])

    # What layer n reads is what the plain model's layer n - 1 makes of the same stream.
    model = build(CONFIG, PreviousOnly(), PreviousLayer("none"))
    for block in model.blocks:
        block.attention.sources[0].register_forward_pre_hook(note)
    model(tokens)
    first, second, third = seen
    d = CONFIG.d_model
    for view, maker, at in ((first, first, 0), (second, first, 0), (third, second, 1)):
        w = plain.blocks[at].attention.project.qkv.weight
        made = rotate(maker.x @ w.T, rope_phases(torch.arange(9), 2, 8))
        k, v = (part.unflatten(-1, (2, 8)).transpose(1, 2) for part in made.split(d, -1)[1:])
        torch.testing.assert_close(view.k, k)
        torch.testing.assert_close(view.v, v)
    assert parameters(build(CONFIG, PreviousOnly())) == parameters(plain)
    assert flops(build(CONFIG, PreviousOnly())) == flops(plain)


def test_own_columns_stand_where_their_rows_stand() -> None:
    x = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(0))
    layout = Layout(torch.arange(5), torch.ones(5, 5).tril() > 0, slice(None))
    source = build(CONFIG, OwnProjections()).blocks[1].attention.sources[0]
    rows = torch.zeros(1, 2, 5, 8)
    columns = source(
        LayerView(x, rows, rows, layout, None, [LayerView(x, rows, rows, layout, None, [])])
    )
    k, v = source.kv(x).chunk(2, -1)
    turned = rotate(torch.cat([k, k, v], -1), rope_phases(layout.positions, 2, 8)).chunk(3, -1)
    torch.testing.assert_close(columns.k.transpose(1, 2).flatten(2), turned[1])
    torch.testing.assert_close(columns.v.transpose(1, 2).flatten(2), turned[2])


# Invariants.


@pytest.mark.parametrize("embedding", EMBEDDINGS)
@pytest.mark.parametrize("values", [False, True])
def test_every_form_is_causal_and_learns(embedding: str, values: bool, causal, draw) -> None:
    model, tokens = build(CONFIG, PreviousLayer(embedding, values)), draw(2, CONFIG)
    loss_of(model, tokens, tokens.roll(-1, 1)).backward()
    assert all(p.grad.any() for p in model.parameters())
    causal(model)


@pytest.mark.parametrize("tweaks", [(OwnProjections(1),), (PreviousOnly(),)])
def test_controls_are_causal_and_learn(tweaks: tuple, causal, draw) -> None:
    model, tokens = build(CONFIG, *tweaks), draw(2, CONFIG)
    loss_of(model, tokens, tokens.roll(-1, 1)).backward()
    assert all(p.grad.any() for p in model.parameters())
    causal(model)


def test_what_each_costs() -> None:
    d, layers, t = 16, 3, 9
    plain = build(CONFIG)
    score = 2 * 2 * t * d  # of a token with one more set of t columns
    for tweak, params, more in (
        (PreviousLayer("none"), 0, 0),
        (PreviousLayer(), (layers - 1) * d, 0),
        (PreviousLayer(values=True), (layers - 1) * 2 * d, 0),
        (OwnProjections(), (layers - 1) * 2 * d * d, 2 * 2 * d * d),
        (OwnProjections(1), (layers - 1) * 2 * d * d, 2 * 2 * d * d),
    ):
        model = build(CONFIG, tweak)
        assert parameters(model) == parameters(plain) + params
        assert flops(model) == flops(plain) + (layers - 1) * (score + more)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PreviousLayer("both"), "embedding='both' is none of none, offset, component"),
        (lambda: PreviousLayer(layers=-1), "layers=-1 must not be negative"),
        (lambda: OwnProjections(2), "back=2 must be 0"),
    ],
)
def test_what_cannot_be_is_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_no_layers_adds_no_source() -> None:
    parts = PreviousLayer(layers=0).apply(Parts())
    assert parts.sources == ()


# The study's arms.


def test_every_arm_of_the_study_builds_and_no_two_are_the_same(draw) -> None:
    study = load_study("previous-layer")
    module = sys.modules["studies.previous_layer"]
    config = GPTConfig(vocab_size=20, d_model=16, heads=2, layers=3, context=24)
    tokens, found = draw(2, config), {}
    for arm in sorted({arm for experiment in study.experiments for arm in experiment.arms}):
        model = build(config, *module.tweaks(arm))
        for name, p in model.named_parameters():
            if "sources" in name:
                p.data.add_(0.1)  # offsets start small
        found[arm] = model(tokens)
    for one, two in combinations(found, 2):
        assert not torch.allclose(found[one], found[two], atol=1e-4), (one, two)
    assert {study.prediction.idea, study.prediction.baseline} <= set(found)


def test_the_ring_is_walked_from_what_is_asked_about() -> None:
    load_study("previous-layer")
    along = sys.modules["studies.previous_layer"].along
    # The ring 4 7 2 9 (4): pairs 7-2, 9-4, 2-9, 4-7, and then two hops from 7.
    text = torch.tensor([[7, 2, 9, 4, 2, 9, 4, 7, 18, 7]])
    walked, places = along(text, 4)
    assert walked[0, -1].tolist() == [7, 2, 9, 4]
    assert places[0, -1].tolist() == [0, 2, 1, 3]


@pytest.mark.parametrize(("symbols", "left"), [(4, 1), (5, 2), (6, 3)])
def test_leaving_out_what_is_asked_about_leaves_three_in_a_ring_of_six(
    symbols: int, left: int
) -> None:
    """The shortcut of two layers: of the pairs without x, what stands in two of them."""
    task = Hops(symbols=symbols, context=28)
    tokens, targets = task.batch(torch.Generator().manual_seed(0), 50)
    hit = []
    for text, row in (task.hops(tokens) == 2).nonzero().tolist():
        pairs = tokens[text, : 2 * symbols].view(-1, 2).tolist()
        rest = [s for pair in pairs if int(tokens[text, row]) not in pair for s in pair]
        twice = {s for s in rest if rest.count(s) == 2}
        assert len(twice) == left
        hit.append(int(targets[text, row]) in twice)
    assert all(hit)  # so a guess among them is right once in `left`


def test_a_run_reports_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    load_study("previous-layer")
    module = sys.modules["studies.previous_layer"]
    monkeypatch.setattr(module, "EVERY", 2)
    found = module.two_hops("offset in keys", 0, lr=1e-2, steps=2)
    read = [name for name in found if name.startswith("layer ")]
    assert len(read) == 5
    assert "layer 1 reads the layer before" not in read
    assert all(len(found[name]) == 6 and 0 <= sum(found[name]) <= 1 for name in read)
    assert len(found["two hops, so far"]) == len(found["one hop, so far"]) == 1
    assert found["answers by steps"][2] == pytest.approx(found["two hops"])
    assert sum(found["answers by steps"]) <= 1 + 1e-6
    assert found["loss"] == pytest.approx(2 ** -found["halvings"])
    assert found["mass at two hops"][0] == 0 < found["mass at two hops"][1]
    assert 0 <= found["two hops without"] <= 1
