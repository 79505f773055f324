"""One space: by hand, against the baseline with its matrices set, then what symmetry means."""

import sys
from itertools import combinations
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPTConfig, build
from ideas_lib.gpt.controls.null_attention import BosToken
from ideas_lib.gpt.probe import asymmetry, attention_scores, masses, trace_layers
from ideas_lib.gpt.tasks import MQAR, AskedBack
from ideas_lib.gpt.training import parameters
from ideas_lib.gpt.tweaks.half_tied import bare
from ideas_lib.gpt.tweaks.one_space import Mix, OneSpace, Others, Shared
from ideas_lib.study.study import load_study

CONFIG = GPTConfig(layers=2)
CPU = torch.device("cpu")
LEVELS = ("kkvo", ".kvo", "..vo", "kkko", "....")


def only(matrices: str) -> OneSpace:
    return OneSpace(matrices, tied=False, others_only=False, mix=False)


@pytest.mark.parametrize("matrices", LEVELS)
def test_it_is_the_baseline_with_its_matrices_set(matrices: str, draw) -> None:
    # A shared matrix is one that stands in several places; a dot is a unit matrix.
    plain, one, tokens = build(CONFIG), build(CONFIG, only(matrices), seed=1), draw()
    with torch.no_grad():
        for name, p in plain.named_parameters():
            if "project" not in name:
                one.get_parameter(name).copy_(p)
        for mine, theirs in zip(one.blocks, plain.blocks, strict=True):
            ours: Any = mine.attention.project
            unit = {".": torch.eye(32)}
            made = unit | {name: matrix.weight for name, matrix in ours.into.items()}
            theirs.attention.project.qkv.weight.copy_(torch.cat([made[m] for m in matrices[:3]]))
            out = unit["."] if matrices[3] == "." else ours.output.weight
            theirs.attention.project.output.weight.copy_(out)
    torch.testing.assert_close(one(tokens), plain(tokens), atol=1e-5, rtol=1e-5)


def test_queries_read_the_stream_and_keys_and_values_the_context() -> None:
    project = Shared(GPTConfig(d_model=4, heads=2), 0, "....")
    assert project.sharpness is not None
    project.sharpness.data = torch.tensor([2.0, 3.0])
    x, context = torch.ones(1, 1, 4), 5 * torch.ones(1, 1, 4)
    want = [2.0, 2, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5]
    assert project(x, context).flatten().tolist() == want
    assert project(x, None).flatten().tolist() == [*want[:4], *[1.0] * 8]


def test_rows_see_others_and_themselves_only_where_there_is_nobody_else() -> None:
    inner = build(CONFIG).layout
    want = torch.tensor([[1, 0, 0], [1, 0, 0], [1, 1, 0]]) > 0
    assert torch.equal(Others(inner)(3, CPU).mask, want)
    # Behind a row in front, which itself sees nobody else, every row has one to see.
    front = build(CONFIG, BosToken()).layout
    assert torch.equal(Others(front)(2, CPU).mask, want)


def test_a_token_starts_with_half_of_the_one_before() -> None:
    mix = Mix(GPTConfig(d_model=4), build(CONFIG).start)
    x = torch.tensor([1.0, 10, 100]).view(1, 3, 1).expand(1, 3, 4)
    started, context = mix(x, build(CONFIG).layout(3, CPU))
    assert started[0, :, 0].tolist() == [1.0, 10.5, 105.0]
    assert context is None


def test_tied_logits_are_products_with_the_embeddings(draw) -> None:
    model = build(CONFIG, OneSpace("qkvo", tied=True, others_only=False, mix=False))
    plain, tokens = build(CONFIG), draw()
    with torch.no_grad():
        plain.vocab.head.weight.copy_(bare(model.vocab).embedding.weight)
    torch.testing.assert_close(model(tokens), plain(tokens), atol=1e-5, rtol=1e-5)


def test_parameters_by_hand() -> None:
    d, v, layers, heads = 32, 50, 2, 2
    mlps = layers * 8 * d * d
    assert parameters(build(CONFIG, OneSpace())) == 1 + v * d + mlps + layers * heads + d
    assert parameters(build(CONFIG, only("kkvo"))) == 1 + 2 * v * d + mlps + layers * 3 * d * d
    assert parameters(build(CONFIG, only(".kvo"))) == 1 + 2 * v * d + mlps + layers * 3 * d * d


# What symmetry means.


def test_scores_are_what_attention_weighs_by(draw) -> None:
    tokens = draw()
    for tweak in (only("qkvo"), OneSpace()):
        model = build(CONFIG, tweak, seed=2)
        mask = model.plan(48, CPU)[0].mask
        both = zip(attention_scores(model, tokens), trace_layers(model, tokens), strict=True)
        for found, trace in both:
            weights = found.masked_fill(~mask, float("-inf")).softmax(-1)
            torch.testing.assert_close(weights, trace.weights, atol=1e-5, rtol=1e-5)


def test_equal_queries_and_keys_make_symmetric_scores_whatever_the_positions(draw) -> None:
    tokens = draw(4)
    for matrices in ("kkvo", "..vo", "....", "kkko"):
        assert asymmetry(build(CONFIG, only(matrices)), tokens).max() < 1e-5
    for matrices in ("qkvo", ".kvo"):
        assert asymmetry(build(CONFIG, only(matrices)), tokens).min() > 1


def test_with_normed_rows_and_no_matrix_a_row_looks_most_at_itself(draw) -> None:
    # Cauchy and Schwarz: of vectors of one length, none has a larger product with it.
    model = build(GPTConfig(layers=2, heads=1), only("...."))
    for layer in attention_scores(model, draw()):
        assert (layer.argmax(-1) == torch.arange(48)).all()
    assert masses(build(CONFIG, OneSpace()), draw()).own.max() <= 1 / 48 + 1e-6


# The study.


@pytest.fixture
def module() -> Any:
    load_study("one-space")
    return sys.modules["studies.one_space"]


def test_every_arm_builds_and_no_two_are_alike(module: Any, draw) -> None:
    tokens = draw()
    logits = {arm: build(CONFIG, *module.tweaks(arm))(tokens) for arm in module.ARMS}
    del logits[module.WHOLE]  # it differs in width from the arm that it is else
    for one, two in combinations(logits.values(), 2):
        assert not torch.allclose(one, two, atol=1e-4)
    with pytest.raises(KeyError, match="nonsense"):
        module.tweaks("nonsense")


@pytest.mark.parametrize("task", [AskedBack(), MQAR(context=32)])
def test_arms_have_about_as_many_parameters_as_their_rival_and_no_more(module: Any, task) -> None:
    def count(arm: str, wide: int, vocab: int) -> int:
        shape = GPTConfig(vocab, wide, heads=2, layers=2, context=32)
        return parameters(build(shape, *module.tweaks(arm)))

    vocab = task.vocab_size
    whole, keys, rival = (
        count(arm, module.width(arm), vocab) for arm in (module.WHOLE, module.KEYS, module.BASELINE)
    )
    assert 0.95 * rival < whole <= rival
    assert 0.85 * rival < keys <= rival
    text = {arm: count(arm, wide, 2048) for arm, wide in module.TEXT_WIDTHS.items()}
    rival = text.pop(module.BASELINE)
    assert all(0.94 * rival < other <= rival for other in text.values())


def test_the_mass_on_what_is_asked_by_hand(module: Any, draw) -> None:
    # Where queries are nothing, a row sees all of its past alike: row t its t + 1 columns.
    model, tokens = build(GPTConfig(layers=1), only("qkvo")), draw()
    with torch.no_grad():
        model.blocks[0].attention.project.qkv.weight[:32].zero_()
        back = torch.full_like(tokens, 2)
        back[:, 4:] = 1
        found = module.mass_asked(model, tokens, back, far=2)
    one = sum(1 / (t + 1) for t in range(4, 48)) / 44
    two = (1 / 3 + 1 / 4) / 2
    assert found == [[[pytest.approx(one)] * 2, [pytest.approx(two)] * 2]]


def test_what_attention_adds_is_read_as_the_stream_is(module: Any, draw) -> None:
    model, tokens = build(CONFIG, OneSpace(others_only=False, mix=False)), draw()
    # One layer that looks at nothing but itself adds the stream that it reads, and so its token.
    with torch.no_grad():
        for block in model.blocks:
            block.attention.project.sharpness.fill_(50.0)
    assert module.named(model, tokens, tokens, below=50)[0] > 0.9
    nothing = torch.full_like(tokens, -100)
    nothing[:, 5] = 49
    assert module.named(model, tokens, nothing, below=49)[0] == 0
