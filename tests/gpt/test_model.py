"""The baseline: against PyTorch's own, against cases worked by hand, then invariants, seeds."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.model import Causal, Norm, Parts, Project
from ideas_lib.gpt.seams import attention_weights, rope_phases, rotate
from ideas_lib.gpt.training import loss_of

SHAPES = [
    GPTConfig(),
    GPTConfig(vocab_size=7, d_model=16, heads=4, layers=1, context=5),
    GPTConfig(vocab_size=3, d_model=2, heads=1, layers=2, context=1),
]


# References.


def test_attention_by_hand() -> None:
    # One head of width 1, so the scale is 1. Queries ln 2, keys 0 and 1, values 3 and 9:
    # the row of position 0 sees itself alone: 3. The row of position 1 has scores 0 and ln 2,
    # so weights 1/3 and 2/3, and finds 3/3 + 18/3 = 7.
    q = torch.tensor([[[[math.log(2)], [math.log(2)]]]])
    k, v = torch.tensor([[[[0.0], [1.0]]]]), torch.tensor([[[[3.0], [9.0]]]])
    mask = Causal(GPTConfig())(2, torch.device("cpu")).mask
    weights = attention_weights(q, k, mask)
    torch.testing.assert_close(weights, torch.tensor([[[[1.0, 0.0], [1 / 3, 2 / 3]]]]))
    torch.testing.assert_close(weights @ v, torch.tensor([[[[3.0], [7.0]]]]))


def test_attention_is_multihead_attention_where_nothing_is_rotated() -> None:
    config = GPTConfig(layers=1)
    theirs = nn.MultiheadAttention(config.d_model, config.heads, bias=False, batch_first=True)
    ours = build(config).blocks[0].attention
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.project.qkv.weight)
        theirs.out_proj.weight.copy_(ours.project.output.weight)
    layout = Causal(config)(config.context, torch.device("cpu"))
    by = rope_phases(torch.zeros(config.context), config.heads, config.head_dim)
    x = torch.randn(2, config.context, config.d_model, generator=torch.Generator().manual_seed(1))
    weights: list[Tensor] = []
    y = ours(x, None, layout, by, [], weights)
    want, their_weights = theirs(x, x, x, attn_mask=~layout.mask, average_attn_weights=False)
    torch.testing.assert_close(y, want)
    torch.testing.assert_close(weights[0], their_weights)
    torch.testing.assert_close(ours(x, None, layout, by, [], None), want)


def test_rotation_by_hand() -> None:
    # One head of width 4: pairs (0, 1) and (2, 3) turn by 1 and 10,000^(-2/4) = 0.01 radian a row.
    # Row 3 of q and k: (1, 0) turns to (cos 3, sin 3), and (0, 1) to (-sin 0.03, cos 0.03).
    by = rope_phases(torch.arange(4), heads=1, head_dim=4)
    qkv = torch.tensor([1.0, 0.0, 0.0, 1.0]).repeat(3).expand(1, 4, 12)
    q, k, v = rotate(qkv, by)[0, 3].split(4)
    want = torch.tensor([math.cos(3), math.sin(3), -math.sin(0.03), math.cos(0.03)])
    torch.testing.assert_close(q, want)
    torch.testing.assert_close(k, want)
    assert v.tolist() == [1, 0, 0, 1]  # values are not turned
    assert rotate(qkv, by)[0, 0].tolist() == qkv[0, 0].tolist()  # nor is row 0


def test_every_head_is_turned_alike() -> None:
    qkv = torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(0)).repeat(1, 1, 9)
    turned = rotate(qkv, rope_phases(torch.arange(6), heads=3, head_dim=8)).unflatten(-1, (3, 3, 8))
    alone = rotate(qkv[..., :24], rope_phases(torch.arange(6), heads=1, head_dim=8))
    for head in range(3):
        torch.testing.assert_close(turned[..., head, :].flatten(-2), alone)


@pytest.mark.parametrize("shift", [1, 17, 200])
def test_scores_depend_on_distances_only(shift: int) -> None:
    qkv = torch.randn(1, 10, 48, generator=torch.Generator().manual_seed(0))

    def scores(positions: Tensor) -> Tensor:
        q, k, _ = rotate(qkv, rope_phases(positions, heads=1, head_dim=16)).split(16, -1)
        return q @ k.transpose(-2, -1)

    first = scores(torch.arange(10))
    torch.testing.assert_close(scores(torch.arange(10) + shift), first, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(scores(torch.arange(10) * 2), first, atol=1e-2)


def test_norm_is_layer_norm() -> None:
    x = torch.randn(2, 5, 32, generator=torch.Generator().manual_seed(0)) * 3 + 1
    ours = Norm(GPTConfig())(x)
    torch.testing.assert_close(ours, nn.LayerNorm(32, elementwise_affine=False)(x))
    torch.testing.assert_close(ours.mean(-1), torch.zeros(2, 5), atol=1e-6, rtol=0)
    # (1, 3) has mean 2 and variance 1.
    by_hand = Norm(GPTConfig())(torch.tensor([[1.0, 3.0]]))
    torch.testing.assert_close(by_hand, torch.tensor([[-1.0, 1.0]]), atol=1e-4, rtol=0)


def test_uniform_logits_cost_the_log_of_the_vocabulary() -> None:
    model = build(GPTConfig())
    nn.init.zeros_(model.vocab.head.weight)
    tokens = torch.zeros(2, 48, dtype=torch.long)
    torch.testing.assert_close(loss_of(model, tokens, tokens), torch.tensor(math.log(50)))


def test_the_whole_model_written_out(draw) -> None:
    """The same function in a dozen plain lines, without parts, seams or fused kernels."""
    config = GPTConfig(layers=2)
    model, tokens = build(config, seed=4), draw(2, config)
    w = model.state_dict()
    norm = lambda x: (x - x.mean(-1, True)) / (x.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()  # noqa: E731
    length, width = config.context, config.head_dim
    angle = torch.arange(length)[:, None] * 1e4 ** (-torch.arange(0, width, 2) / width)
    sin, cos = angle.sin(), angle.cos()

    def rope(a: Tensor) -> Tensor:
        even, odd = a[..., ::2], a[..., 1::2]
        return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)

    x = w["vocab.gain"] * w["vocab.embedding.weight"][tokens]
    for i in range(config.layers):
        q, k, v = (norm(x) @ w[f"blocks.{i}.attention.project.qkv.weight"].T).split(32, -1)
        q, k, v = (a.unflatten(-1, (config.heads, width)).transpose(1, 2) for a in (q, k, v))
        scores = rope(q) @ rope(k).mT / width**0.5
        later = torch.arange(length)[None, :] > torch.arange(length)[:, None]
        y = scores.masked_fill(later, -math.inf).softmax(-1) @ v
        y = y.transpose(1, 2).reshape(2, length, 32)
        x = x + y @ w[f"blocks.{i}.attention.project.output.weight"].T
        up = norm(x) @ w[f"blocks.{i}.mlp.up.weight"].T
        x = x + (up * up.sigmoid()) @ w[f"blocks.{i}.mlp.down.weight"].T
    torch.testing.assert_close(model(tokens), norm(x) @ w["vocab.head.weight"].T, atol=1e-4, rtol=0)


# Invariants.


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_shapes_and_finite_loss(config: GPTConfig, draw) -> None:
    tokens = draw(3, config)
    logits = build(config)(tokens)
    assert logits.shape == (3, config.context, config.vocab_size)
    assert loss_of(build(config), tokens, tokens).isfinite()


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_causal(config: GPTConfig, causal) -> None:
    causal(build(config))


def test_weights_spelt_out_give_the_fused_kernels_logits(draw) -> None:
    model, tokens = build(GPTConfig()), draw()
    traces: list = []
    torch.testing.assert_close(model(tokens, traces), model(tokens), atol=1e-5, rtol=1e-5)
    assert len(traces) == 3
    for trace in traces:
        assert trace.weights.shape == (2, 2, 48, 48)
        torch.testing.assert_close(trace.weights.sum(-1), torch.ones(2, 2, 48))
        assert not trace.weights.triu(1).any()
    torch.testing.assert_close(model.vocab.logits(model.norm(traces[-1].x)), model(tokens))


def test_a_shorter_text_has_the_logits_of_the_longer_ones_beginning(draw) -> None:
    model, tokens = build(GPTConfig()), draw()
    torch.testing.assert_close(model(tokens[:, :11]), model(tokens)[:, :11], atol=1e-5, rtol=1e-5)


def test_keys_and_values_from_a_context_that_is_the_stream_change_nothing(draw) -> None:
    project = build(GPTConfig()).blocks[0].attention.project
    x = torch.randn(2, 5, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(project(x, x), project(x, None))
    q, k, v = project(x, torch.zeros_like(x)).split(32, -1)
    torch.testing.assert_close(q, project(x, None)[..., :32])
    assert not k.any()
    assert not v.any()


def test_double_precision_is_kept_all_the_way() -> None:
    by = rope_phases(torch.arange(3), heads=1, head_dim=2)
    qkv = torch.full((1, 3, 6), 1 + 1e-12, dtype=torch.float64)
    assert rotate(qkv, by)[0, 0, 0] == 1 + 1e-12


def test_a_model_used_for_inference_can_be_trained_afterwards(draw) -> None:
    model, tokens = build(GPTConfig()), draw()
    with torch.inference_mode():
        model(tokens)
    loss_of(model, tokens, tokens).backward()
    assert model.vocab.head.weight.grad is not None


def test_a_copy_is_a_model_of_its_own(draw) -> None:
    model, tokens = build(GPTConfig()), draw()
    before = model(tokens)
    other = copy.deepcopy(model)
    torch.nn.init.zeros_(other.vocab.head.weight)
    assert torch.equal(model(tokens), before)
    assert not other(tokens).any()


# Seeds.


def all_weights(model: GPT) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_one_seed_gives_one_model_whatever_was_drawn_before() -> None:
    first = build(GPTConfig(), seed=5)
    torch.rand(100)
    second = build(GPTConfig(), seed=5)
    assert torch.equal(all_weights(first), all_weights(second))


def test_building_leaves_the_global_generator_of_a_trained_model_out(draw) -> None:
    tokens = draw()
    torch.manual_seed(1)
    first = build(GPTConfig())(tokens)
    torch.manual_seed(2)
    assert torch.equal(build(GPTConfig())(tokens), first)


@pytest.mark.parametrize("other", [1, 2, 100, 1 << 20])
def test_every_matrix_differs_between_seeds(other: int) -> None:
    ones, others = build(GPTConfig(), seed=0), build(GPTConfig(), seed=other)
    for (name, one), two in zip(ones.named_parameters(), others.parameters(), strict=True):
        if name == "vocab.gain":
            continue
        assert not torch.isclose(one, two).float().mean() > 0.01, f"{name} ignores the seed"


def test_no_two_matrices_of_a_model_start_alike() -> None:
    starts = [p.flatten()[:32] for p in build(GPTConfig()).parameters() if p.dim()]
    for i, one in enumerate(starts):
        assert not any(torch.equal(one, two) for two in starts[:i])


def test_first_values_have_the_spread_that_keeps_activations_at_one() -> None:
    model = build(GPTConfig(vocab_size=512, d_model=128, heads=2))
    assert model.vocab.embed(torch.arange(512)).std().item() == pytest.approx(1, rel=0.03)
    for name, p in model.named_parameters():
        if name == "vocab.gain":
            continue
        want = p.size(1) ** -0.5
        assert p.std().item() == pytest.approx(want, rel=0.03), name
        assert abs(p.mean().item()) < 0.03 * want, name


# What cannot be built, or fed.


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (dict(vocab_size=0), "vocab_size=0 must be at least 1"),
        (dict(d_model=0), "d_model=0 must be at least 1"),
        (dict(heads=-1), "heads=-1 must be at least 1"),
        (dict(context=0), "context=0 must be at least 1"),
        (dict(layers=-1), "layers=-1 must not be negative"),
        (dict(d_model=30, heads=4), "d_model=30 does not split into heads=4 of even width"),
        (dict(d_model=6, heads=2), "d_model=6 does not split into heads=2 of even width"),
    ],
)
def test_a_shape_that_cannot_be_is_named(bad: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        GPTConfig(**bad)


def test_too_long_a_text_is_named() -> None:
    with pytest.raises(ValueError, match="49 tokens do not fit context=48"):
        build(GPTConfig())(torch.zeros(1, 49, dtype=torch.long))


def test_no_part_is_named_that_does_not_exist() -> None:
    with pytest.raises(TypeError, match="nonsense"):
        Parts().swap(nonsense=Project)


def test_no_layer_at_all_is_a_bigram_model(draw) -> None:
    model, tokens = build(GPTConfig(layers=0)), draw()
    want = F.layer_norm(model.vocab.embed(tokens), (32,)) @ model.vocab.head.weight.T
    torch.testing.assert_close(model(tokens), want)
