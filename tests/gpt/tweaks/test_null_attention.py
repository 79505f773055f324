"""Null attention and its rivals: by hand, against what they amount to, and as arms of the study."""

import sys
from itertools import combinations
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPTConfig, build
from ideas_lib.gpt.controls.null_attention import BosToken, LearnedLogit, SigmoidGate
from ideas_lib.gpt.seams import LayerView, append, attention_weights
from ideas_lib.gpt.tasks import Counting
from ideas_lib.gpt.training import flops, parameters
from ideas_lib.gpt.tweaks.null_attention import NullAttention, NullColumns
from ideas_lib.study.study import load_study

SHAPE = GPTConfig(vocab_size=50, d_model=32, heads=2, layers=3, context=48)
CONFIG = GPTConfig(layers=2)


def test_a_null_key_adds_one_to_the_denominator() -> None:
    # One head, zero key: weights are exp(s) / (1 + sum of exp(s)). Scores ln 1, ln 2, ln 4 give
    # 1/8, 2/8, 4/8, and the null takes 1/8.
    source = NullColumns(GPTConfig(d_model=2, heads=1), 0, count=1, learned=False)
    k = torch.tensor([1.0, 2, 4]).log().view(1, 1, 3, 1) * torch.tensor([1.0, 0])  # (1, 1, 3, 2)
    v = torch.tensor([[8.0, 0], [0, 4], [2, 2]]).view(1, 1, 3, 2)
    layout: Any = None
    extra = source(LayerView(v, k, v, layout, None, []))
    mask = torch.ones(3, 3).tril() > 0
    keys, values, mask = append(k, v, mask, [extra])
    q = torch.tensor([2**0.5, 0]).expand(1, 1, 3, 2)  # undoes the scale of width 2
    weights = attention_weights(q, keys, mask)[0, 0]
    want = [[1 / 2, 0, 0, 1 / 2], [1 / 4, 2 / 4, 0, 1 / 4], [1 / 8, 2 / 8, 4 / 8, 1 / 8]]
    torch.testing.assert_close(weights, torch.tensor(want))
    # What is found in row 2: (8, 0) / 8 + (0, 4) / 4 + (2, 2) / 2 = (2, 2), and nothing from null.
    torch.testing.assert_close((weights @ values[0, 0])[2], torch.tensor([2.0, 2.0]))


def test_two_zero_keys_add_two() -> None:
    model = build(SHAPE, NullAttention(count=2, learned=False))
    traces: list = []
    model(torch.zeros(1, 48, dtype=torch.long), traces)
    own, null = traces[0].weights.split([48, 2], -1)
    # Each null has weight 1 / Z, so both together are 2 / Z.
    torch.testing.assert_close(null[..., 0], null[..., 1])
    scores = own.log() - null[..., :1].log()  # (1, H, R, R): log of exp(s), -inf where unseen
    z = scores.exp().sum(-1) + 2
    torch.testing.assert_close(null.sum(-1), 2 / z)


def test_a_null_key_costs_what_it_says() -> None:
    # Untied: 2 V d. A layer: 4 d^2 for attention, 8 d^2 for the MLP, and d for the null keys.
    d, layers, v, t = 32, 3, 50, 48
    plain = 2 * v * d + 1 + layers * 12 * d * d
    assert parameters(build(SHAPE)) == plain == 40_065
    assert parameters(build(SHAPE, NullAttention())) == plain + layers * d
    # A multiply-add is 2; a token's attention meets T columns twice (scores, values), width d.
    assert flops(build(SHAPE)) == 2 * (v * d + layers * (12 * d * d + 2 * t * d)) == 95_360
    more = 2 * (v * d + layers * (12 * d * d + 2 * (t + 1) * d))
    assert flops(build(SHAPE, NullAttention())) == more


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
        traces: list = []
        model(tokens, traces)
        own, null = traces[0].weights[:, :, 0, 0], traces[0].weights[:, :, 0, -1]
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
                real.vocab.embedding.weight[50] = p[0] / real.vocab.gain
            elif name.startswith("vocab") and p.dim():
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


# The study's arms and what it reports.


def study_module() -> Any:
    load_study("null-attention")
    return sys.modules["studies.null_attention"]


def test_every_arm_of_the_study_builds_and_no_two_are_the_same(draw) -> None:
    module, tokens = study_module(), draw()
    models = {rival: build(CONFIG, *module.tweaks(rival)) for rival in module.RIVALS}
    logits = {rival: model(tokens) for rival, model in models.items()}
    for one, two in combinations(logits, 2):
        # A learned key starts small: as good as zero.
        alike = torch.allclose(logits[one], logits[two], atol=1e-6)
        assert not alike, (one, two)
    used = {arm for experiment in module.STUDY.experiments[:2] for arm in experiment.arms}
    depths = {f"{rival}, {layers}" for rival in module.RIVALS for layers in module.DEPTHS}
    assert used == {"none", "BOS token", "learned key"} | depths
    assert {module.STUDY.prediction.idea, module.STUDY.prediction.baseline} <= used


@pytest.mark.parametrize(
    ("arm", "nothing"), [("none", False), ("zero key", True), ("BOS token", True)]
)
def test_where_heads_look_by_hand(arm: str, nothing: bool) -> None:
    # No weights: a row looks alike at all it sees. Four tokens, all the same: the matches of row t
    # are t of t, or, with one column more, t of t + 1.
    module = study_module()
    task = Counting(vocab_size=20, context=4, fewest=1, most=1, cap=4)
    config = GPTConfig(vocab_size=20, layers=2, context=5)
    model = build(config, *module.tweaks(arm))
    for block in model.blocks:
        block.attention.project.qkv.weight.data.zero_()
    found = module.looks(model, task, arm)
    wanted = [t / (t + nothing) for t in range(1, 4)]
    assert found["matches by count"] == pytest.approx(wanted)
    off = [1 / (t + 1) if nothing else 0 for t in range(1, 5)]
    assert found["null mass"] == pytest.approx([sum(off) / 4] * 4, abs=1e-6)
    assert found["match mass"] == pytest.approx([1 - sum(off) / 4] * 4, abs=1e-6)


def test_a_run_reports_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    module = study_module()
    monkeypatch.setitem(module.SETTINGS, "steps", 2)
    deep = module.depth("learned key, 4 layers", 0, lr=1e-2)
    assert len(deep["null mass"]) == len(deep["match mass"]) == 4 * 2
    assert deep["loss"] == pytest.approx(2 ** -deep["halvings"])
    assert 0 <= deep["accuracy without null"] <= 1
    assert "accuracy without null" not in module.depth("sigmoid gate, 1 layer", 0, lr=1e-2)
    for arm, (_, heads) in module.SHAPES.items():
        spare = module.spare(arm, 0)
        assert len(spare["null mass"]) == len(spare["lost without head"]) == heads
        least, most = (spare[f"lost without the {which} needed"] for which in ("least", "most"))
        assert least == min(spare["lost without head"]) <= most
