"""Every seam, filled by a small stand-in for one of the ideas, alone and in pairs."""

from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.controls.null_attention import BosToken
from ideas_lib.gpt.model import Parts
from ideas_lib.gpt.seams import Columns, LayerView, Layout, append, attention_weights
from ideas_lib.gpt.tasks import Counting
from ideas_lib.gpt.training import Recipe, loss_of, train


@dataclass(frozen=True)
class Swap:
    """A tweak that wraps one part: `make(config, inner)`, or `make(config, layer, inner)`."""

    seam: str
    make: Any = field(repr=False)

    def apply(self, parts: Parts) -> Parts:
        inner = getattr(parts, self.seam)
        return parts.swap(**{self.seam: lambda config, *at: self.make(config, *at, inner)})


@dataclass(frozen=True)
class Add:
    """A tweak that adds a source."""

    make: Any = field(repr=False)

    def apply(self, parts: Parts) -> Parts:
        return parts.swap(sources=(*parts.sources, self.make))


class HalfTied(nn.Module):  # seam `vocab`
    def __init__(self, config: GPTConfig, inner: Any) -> None:
        super().__init__()
        half = config.d_model // 2
        self.shared, self.into, self.out = (
            nn.Embedding(config.vocab_size, n) for n in (half, config.d_model - half, half)
        )

    def embed(self, tokens: Tensor) -> Tensor:
        return F.embedding(tokens, torch.cat([self.shared.weight, self.into.weight], -1))

    def logits(self, x: Tensor) -> Tensor:
        return x @ torch.cat([self.shared.weight, self.out.weight], -1).T / x.size(-1) ** 0.5


class Blank(nn.Module):  # seam `start`: the stream is zero, keys and values read the tokens
    def __init__(self, config: GPTConfig, inner: Any) -> None:
        super().__init__()
        self.inner = inner(config)

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        x, context = self.inner(x, layout)
        return torch.zeros_like(x), x if context is None else context


class PlaceOnly(Blank):  # the stream knows its place, and nothing else
    def __init__(self, config: GPTConfig, inner: Any) -> None:
        super().__init__(config, inner)
        self.places = nn.Embedding(config.context + 8, config.d_model)

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        x, context = super().forward(x, layout)
        return x + self.places(layout.positions), context


class TwiceRows(nn.Module):  # seam `layout`: a first copy to read, a second one that answers
    def __init__(self, config: GPTConfig, inner: Any) -> None:
        super().__init__()
        self.inner = inner(config)

    def forward(self, length: int, device: torch.device) -> Layout:
        positions, mask, reads = self.inner(length, device)
        n = len(positions)
        upper = torch.cat([mask, torch.zeros_like(mask)], 1)
        lower = torch.cat([mask, torch.eye(n, dtype=torch.bool, device=device)], 1)
        start, stop, _ = reads.indices(n)
        return Layout(positions.repeat(2), torch.cat([upper, lower]), slice(start + n, stop + n))


class TwiceStart(Blank):
    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        n = len(layout.positions) // 2
        inside = Layout(layout.positions[:n], layout.mask[:n, :n], slice(0, n))
        x, context = self.inner(x, inside)
        return x.repeat(1, 2, 1), None if context is None else context.repeat(1, 2, 1)


@dataclass(frozen=True)
class Twice:
    def apply(self, parts: Parts) -> Parts:
        return parts.swap(
            layout=lambda config: TwiceRows(config, parts.layout),
            start=lambda config: TwiceStart(config, parts.start),
        )


class OneSpace(nn.Module):  # seam `project`: queries are keys
    def __init__(self, config: GPTConfig, layer: int, inner: Any) -> None:
        super().__init__()
        self.both = nn.Linear(config.d_model, config.d_model, bias=False)
        self.value = nn.Linear(config.d_model, config.d_model, bias=False)
        self.last = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        context = x if context is None else context
        return torch.cat([self.both(x), self.both(context), self.value(context)], -1)

    def out(self, y: Tensor, x: Tensor) -> Tensor:
        return self.last(y.transpose(1, 2).flatten(-2))


class Previous(nn.Module):  # seam `sources`: the last layer's keys and values, and an offset
    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        if layer:
            self.offset = nn.Parameter(torch.zeros(config.heads, 1, config.head_dim))

    def reset(self, generator: torch.Generator) -> None:
        if hasattr(self, "offset"):
            self.offset.normal_(generator=generator)

    def forward(self, view: LayerView) -> Columns | None:
        if not view.earlier:
            return None
        last = view.earlier[-1]
        return Columns(last.k + self.offset, last.v, last.layout.mask)


class Pooled(nn.Module):  # two rows in one column, visible to rows that see both
    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()

    def forward(self, view: LayerView) -> Columns:
        even = view.k.size(2) // 2 * 2
        k, v = (a[:, :, :even].unflatten(2, (-1, 2)).mean(3) for a in (view.k, view.v))
        return Columns(k, v, view.layout.mask[:, :even].unflatten(1, (-1, 2)).all(-1))


class Biased(nn.Module):  # a column with a bias of its own for each head, by what was projected
    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(config.heads, 1, 1))
        self.what = nn.Parameter(torch.ones(1, 1, config.d_model))

    def forward(self, view: LayerView) -> Columns:
        heads, width = view.k.size(1), view.k.size(3)
        kv = view.project(self.what, None).unflatten(-1, (3, heads, width)).transpose(1, 3)
        k, v = (kv[:, :, i].expand(view.k.size(0), -1, -1, -1) for i in (1, 2))
        return Columns(k, v, torch.ones(1, 1, dtype=torch.bool), self.bias)


class Picky(nn.Module):  # a column that only some of the heads, and only odd places, may see
    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()

    def forward(self, view: LayerView) -> Columns:
        odd = (view.layout.positions % 2 == 1)[:, None]
        heads = torch.arange(view.k.size(1))[:, None, None] == 0
        nothing = torch.zeros_like(view.k[:, :, :1])
        return Columns(nothing, nothing + 1, (odd & heads).expand(view.k.size(0), -1, -1, -1))


class HalfKept(nn.Module):  # seam `residual`: only half the dimensions carry on
    def __init__(self, config: GPTConfig, layer: int, inner: Any) -> None:
        super().__init__()
        self.inner = inner(config, layer)
        self.half = config.d_model // 2

    def forward(self, x: Tensor, fx: Tensor) -> Tensor:
        return self.inner(F.pad(x[..., : self.half], (0, x.size(-1) - self.half)), fx)


class Weighted(nn.Module):  # seam `norm`
    def __init__(self, config: GPTConfig, inner: Any) -> None:
        super().__init__()
        self.inner = inner(config)
        self.weight = nn.Parameter(torch.ones(config.d_model))

    def reset(self, generator: torch.Generator) -> None:
        self.weight.uniform_(0.5, 2, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) * self.weight


class Gated(nn.Module):  # seam `mlp`
    def __init__(self, config: GPTConfig, layer: int, inner: Any) -> None:
        super().__init__()
        self.inner = inner(config, layer)
        self.gate = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) * self.gate(x).sigmoid()


STAND_INS: dict[str, Any] = {
    "half tied": Swap("vocab", HalfTied),
    "blank start": Swap("start", Blank),
    "place only": Swap("start", PlaceOnly),
    "two copies": Twice(),
    "row in front": BosToken(),
    "one space": Swap("project", OneSpace),
    "previous layer": Add(Previous),
    "pooled past": Add(Pooled),
    "biased column": Add(Biased),
    "picky column": Add(Picky),
    "half kept": Swap("residual", HalfKept),
    "weighted norm": Swap("norm", Weighted),
    "gated mlp": Swap("mlp", Gated),
}
PAIRS = list(permutations(STAND_INS, 2))
each = pytest.mark.parametrize("name", STAND_INS)
CONFIG = GPTConfig(vocab_size=20, d_model=16, heads=2, layers=2, context=9)


def made(*names: str, config: GPTConfig = CONFIG) -> GPT:
    return build(config, *(STAND_INS[name] for name in names))


@each
def test_alone(name: str, causal, draw) -> None:
    model, tokens = made(name), draw(2, CONFIG)
    assert model(tokens).shape == (2, 9, 20)
    assert not torch.allclose(model(tokens), build(CONFIG)(tokens), atol=1e-2), "it does nothing"
    causal(model)


@each
def test_weights_spelt_out_give_the_fused_kernels_logits(name: str, draw) -> None:
    model, tokens = made(name), draw(2, CONFIG)
    traces: list = []
    torch.testing.assert_close(model(tokens, traces), model(tokens), atol=1e-5, rtol=1e-5)
    for trace in traces:
        torch.testing.assert_close(trace.weights.sum(-1), torch.ones(trace.weights.shape[:-1]))


@each
def test_every_parameter_learns(name: str, draw) -> None:
    model, tokens = made(name), draw(2, CONFIG)
    loss_of(model, tokens, tokens.roll(-1, 1)).backward()
    dead = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert dead == []


@each
def test_it_trains_at_the_shape_of_the_variants(name: str) -> None:
    config = GPTConfig(layers=3)
    run = train(made(name, config=config), Counting(vocab_size=50), Recipe(steps=2, batch=4))
    assert len(run.losses) == 2


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=" + ".join)
def test_in_pairs(first: str, second: str, causal, draw) -> None:
    model, tokens = made(first, second), draw(2, CONFIG)
    loss = loss_of(model, tokens, tokens.roll(-1, 1))
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    causal(model)


def test_all_at_once(causal) -> None:
    causal(made(*STAND_INS))
    causal(made(*reversed(STAND_INS)))


@each
def test_what_is_shared_starts_alike(name: str) -> None:
    """Wrapping a part renames nothing, so that it starts with the baseline's numbers."""
    plain = build(CONFIG, seed=3).state_dict()
    tweaked = {
        n.replace("inner.", ""): p
        for n, p in build(CONFIG, STAND_INS[name], seed=3).state_dict().items()
    }
    shared = [n for n in plain if n in tweaked and plain[n].shape == tweaked[n].shape]
    assert len(shared) >= 6
    for n in shared:
        assert torch.equal(plain[n], tweaked[n]), n


# What each seam is handed.


def test_a_source_sees_every_earlier_layer() -> None:
    seen: list[LayerView] = []

    class Spy(nn.Module):
        def __init__(self, config: GPTConfig, layer: int) -> None:
            super().__init__()

        def forward(self, view: LayerView) -> None:
            seen.append(view)

    model = build(GPTConfig(), Add(Spy))
    assert torch.equal(model(torch.arange(48)[None]), build(GPTConfig())(torch.arange(48)[None]))
    assert [len(view.earlier) for view in seen] == [0, 1, 2]
    assert seen[2].earlier[0].k is seen[0].k
    assert seen[2].earlier[1].v is seen[1].v
    for view in seen:
        assert view.x.shape == (1, 48, 32)
        assert view.k.shape == view.v.shape == (1, 2, 48, 16)
        _, k, v = view.project(view.x, None).split(32, -1)
        torch.testing.assert_close(v.unflatten(-1, (2, 16)).transpose(1, 2), view.v)
        torch.testing.assert_close(k[:, 0].unflatten(-1, (2, 16)), view.k[:, :, 0])  # not rotated


@pytest.mark.parametrize("fused", [True, False])
def test_extra_columns_by_hand(fused: bool) -> None:
    # One head of width 1, query 1. Row 0 sees itself (score 0) and the second extra column only,
    # whose score is 0 + its bias ln 2: weights 1/3 and 2/3. Row 1 sees both rows (0 and ln 3),
    # the first extra column (ln 4), and the second (ln 2): weights 1, 3, 4, 2 tenths.
    ln = torch.tensor([1.0, 2, 3, 4]).log()
    k, v = ln[[0, 2]].view(1, 1, 2, 1), torch.tensor([10.0, 20]).view(1, 1, 2, 1)
    mask = torch.tensor([[True, False], [True, True]])
    some = Columns(
        ln[3].view(1, 1, 1, 1), torch.full((1, 1, 1, 1), 30.0), torch.tensor([[False], [True]])
    )
    bias = Columns(
        ln[0].view(1, 1, 1, 1), torch.full((1, 1, 1, 1), 60.0), torch.ones(1, 1) > 0, ln[1]
    )
    k, v, scores = append(k, v, mask, [some, bias])
    q = torch.ones(1, 1, 2, 1)
    if fused:
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=scores)
    else:
        weights = attention_weights(q, k, scores)
        want = torch.tensor([[1 / 3, 0, 0, 2 / 3], [0.1, 0.3, 0.4, 0.2]])
        torch.testing.assert_close(weights[0, 0], want)
        y = weights @ v
    # (10 + 2 * 60) / 3, and 1 + 6 + 12 + 12.
    torch.testing.assert_close(y.flatten(), torch.tensor([130 / 3, 31.0]))


def test_columns_without_a_bias_keep_a_boolean_mask() -> None:
    k = torch.zeros(2, 3, 4, 5)
    mask = torch.ones(4, 4).tril() > 0
    extra = Columns(torch.ones(2, 3, 6, 5), torch.ones(2, 3, 6, 5), torch.ones(1, 6) > 0)
    keys, _, out = append(k, k, mask, [extra])
    assert keys.shape == (2, 3, 10, 5)
    assert out.dtype == torch.bool
    assert torch.equal(out[:, :4], mask)
    assert out[:, 4:].all()
    one_text = extra._replace(
        visible=torch.tensor([True, False]).view(2, 1, 1, 1).expand(2, 1, 1, 6)
    )
    out = append(k, k, mask, [one_text])[2]
    assert out.shape == (2, 3, 4, 10)
    assert out[0, ..., 4:].all()
    assert not out[1, ..., 4:].any()


def test_the_copy_that_answers_has_the_baselines_logits_when_it_reads_like_it(draw) -> None:
    """Two copies whose second sees the first like itself compute what one copy does."""

    class Reader(TwiceRows):
        def forward(self, length: int, device: torch.device) -> Layout:
            layout = super().forward(length, device)
            n = length
            mask = layout.mask.clone()
            mask[n:, :n], mask[n:, n:] = mask[:n, :n], False
            return layout._replace(mask=mask)

    @dataclass(frozen=True)
    class Again:
        def apply(self, parts: Parts) -> Parts:
            return Twice().apply(parts).swap(layout=lambda config: Reader(config, parts.layout))

    tokens = draw()
    torch.testing.assert_close(
        build(GPTConfig(), Again())(tokens), build(GPTConfig())(tokens), atol=1e-5, rtol=1e-5
    )


def test_a_row_in_front_shifts_what_lies_behind_it_and_nothing_else() -> None:
    rows = build(CONFIG, BosToken()).layout(4, torch.device("cpu"))
    assert rows.positions.tolist() == [0, 1, 2, 3, 4]
    assert torch.equal(rows.mask, torch.ones(5, 5).tril() > 0)
    assert torch.arange(5)[rows.reads].tolist() == [1, 2, 3, 4]
    twice = build(CONFIG, Twice(), BosToken()).layout(2, torch.device("cpu"))
    assert twice.positions.tolist() == [0, 1, 2, 1, 2]
    assert torch.arange(5)[twice.reads].tolist() == [3, 4]
    swapped = build(CONFIG, BosToken(), Twice()).layout(2, torch.device("cpu"))
    assert swapped.positions.tolist() == [0, 1, 2, 0, 1, 2]
    assert torch.arange(6)[swapped.reads].tolist() == [4, 5]


def test_a_start_inside_a_row_in_front_is_told_where_its_own_rows_are() -> None:
    seen: list[Layout] = []

    class Spy(Blank):
        def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
            seen.append(layout)
            return self.inner(x, layout)

    build(CONFIG, Swap("start", Spy), BosToken())(torch.zeros(1, 4, dtype=torch.long))
    assert seen[0].positions.tolist() == [0, 1, 2, 3]
    assert torch.equal(seen[0].mask, torch.ones(4, 4).tril() > 0)
    assert torch.arange(4)[seen[0].reads].tolist() == [0, 1, 2, 3]


def test_keys_and_values_read_what_the_start_says(draw) -> None:
    """A blank stream over one layer: row t is a mix of the tokens it sees, by equal weights."""
    config = GPTConfig(layers=1)
    model, tokens = build(config, Swap("start", Blank)), draw(1)
    traces: list = []
    model(tokens, traces)
    even = torch.ones(48, 48).tril() / torch.arange(1, 49)[:, None]
    torch.testing.assert_close(traces[0].weights[0], even.expand(2, -1, -1))  # queries are zero
