"""What does a token cost, in time and memory, when old spans are kept as fewer columns?

    python benchmarks/summarised_past.py            print the table, write nothing
    python benchmarks/summarised_past.py --write    also keep it in results/, for the page

Columns that are summarised are really dropped here: writing keeps one buffer a layer in which a
span's columns are overwritten by its summaries, reading goes span by span over what is left. A
test holds both equal to the dense, masked model that the study trains. Every way is measured in
every round, in an order drawn anew: whatever else the machine does hits all of them alike.
"""

import json
import random
import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

import click
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.seams import rope_phases, rotate
from ideas_lib.gpt.tweaks.summarised_past import SummarisedPast
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import head, machine, now, versions, write_atomic

KEPT = "results/summarised-past.cost.json"
LENGTHS = (256, 512, 1024, 2048, 4096)


@dataclass(frozen=True)
class Way:
    """How the past is kept: all of it, or `keep` columns of every old span (0: none)."""

    span: int
    keep: int | None = None

    def model(self, context: int) -> GPT:
        """Return the model of the study's kind that keeps its past like this."""
        config = GPTConfig(vocab_size=256, d_model=64, heads=2, layers=2, context=context)
        return build(config, *([SummarisedPast(self.span, self.keep)] if self.keep else []))


def ways(span: int) -> dict[str, Way]:
    """Return what is measured."""
    shares = {f"1/{n}": Way(span, span // n) for n in (2, 4, 8)}
    return {"full": Way(span)} | shares | {"recent only": Way(span, 0)}


class Past:
    """The columns of one layer: summaries first, then what is recent, in one buffer."""

    def __init__(self, way: Way, attention: Any, size: int, batch: int, recent: int = 1) -> None:
        self.way, self.recent, self.attention = way, recent, attention
        heads, width = attention.heads, attention.project.output.in_features // attention.heads
        self.k = torch.zeros(batch, heads, size, width)
        self.v = torch.zeros(batch, heads, size, width)
        self.x: list[Tensor] = []  # what the rows that are recent were made from
        self.length = 0

    def join(self, place: int, x: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Take in one row, (B, 1, d) and (B, H, 1, h); return all columns that it may see."""
        span, keep = self.way.span, self.way.keep
        if keep is not None:
            if place % span == 0 and place // span > self.recent:
                self.drop_oldest(span, keep)
            self.x.append(x)
        self.k[:, :, self.length], self.v[:, :, self.length] = k[:, :, 0], v[:, :, 0]
        self.length += 1
        return self.k[:, :, : self.length], self.v[:, :, : self.length]

    def drop_oldest(self, span: int, keep: int) -> None:
        """Overwrite the oldest span by its summaries, and move what is behind it up."""
        raw = self.length - (self.recent + 1) * span
        after = slice(raw + span, self.length)
        if keep:
            weights = self.attention.sources[0].pooled(torch.cat(self.x[:span], 1)[:, None])[
                :, :, 0
            ]
        for part in (self.k, self.v):
            if keep:
                part[:, :, raw : raw + keep] = weights @ part[:, :, raw : raw + span]
            part[:, :, raw + keep : self.length - span + keep] = part[:, :, after].clone()
        self.length -= span - keep
        del self.x[:span]

    def fill(self, place: int) -> None:
        """Hold random columns, as many as there are before the row at a place."""
        span, keep = self.way.span, self.way.keep
        self.length = place
        if keep is not None:
            self.length -= max(0, (place - 1) // span - self.recent) * (span - keep)
            held = place - max(0, (place - 1) // span - self.recent) * span
            self.x = [torch.randn(self.k.size(0), 1, self.k.size(1) * self.k.size(3))] * held
        for part in (self.k, self.v):
            part[:, :, : self.length].normal_()

    def kilobytes(self) -> float:
        """Return the memory that the columns take."""
        held = self.k[:, :, : self.length]
        return 2 * held.numel() * held.element_size() / 1024


def split(attention: Any, x: Tensor, places: Tensor, width: int) -> tuple[Tensor, ...]:
    """Return queries, keys and values of rows at places: (B, R, d) -> three of (B, H, R, h)."""
    qkv = rotate(attention.project(x, None), rope_phases(places, attention.heads, width))
    parts = qkv.unflatten(-1, (3, attention.heads, -1)).unbind(2)
    return tuple(part.transpose(1, 2) for part in parts)


@torch.no_grad()
def write(model: GPT, token: Tensor, place: int, pasts: list[Past]) -> Tensor:
    """Take in one token, (B, 1), and return the logits of the next, (B, 1, V)."""
    x = model.vocab.embed(token)
    for block, past in zip(list[Any](model.blocks), pasts, strict=True):
        y = block.norm_attention(x)
        q, k, v = split(block.attention, y, torch.tensor([place]), model.config.head_dim)
        seen = past.join(place, y, k, v)
        found = F.scaled_dot_product_attention(q, *seen)
        x = block.join_attention(x, block.attention.project.out(found, y))
        x = block.join_mlp(x, block.mlp(block.norm_mlp(x)))
    return model.vocab.logits(model.norm(x))


@torch.no_grad()
def read(model: GPT, tokens: Tensor, way: Way) -> Tensor:
    """Take in a whole text, (B, T), attention span by span; return its logits (B, T, V)."""
    x, places = model.vocab.embed(tokens), torch.arange(tokens.size(1))
    for block in list[Any](model.blocks):
        y = block.norm_attention(x)
        q, k, v = split(block.attention, y, places, model.config.head_dim)
        if way.keep is None:
            found = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            found = by_span(block.attention, y, q, k, v, way)
        x = block.join_attention(x, block.attention.project.out(found, y))
        x = block.join_mlp(x, block.mlp(block.norm_mlp(x)))
    return model.vocab.logits(model.norm(x))


def by_span(
    attention: Any, x: Tensor, q: Tensor, k: Tensor, v: Tensor, way: Way, recent: int = 1
) -> Tensor:
    """Attend span by span: each to the summaries of old spans, the recent ones, and itself."""
    span, keep = way.span, way.keep or 0
    whole = x.size(1) // span * span
    sums = [part[:, :, :0] for part in (k, v)]
    if keep:
        weights = attention.sources[0].pooled(x[:, :whole].unflatten(1, (-1, span)))
        spans = [part[:, :, :whole].unflatten(2, (-1, span)) for part in (k, v)]
        sums = [(weights @ part).flatten(2, 3) for part in spans]
    found = []
    for start in range(0, x.size(1), span):
        first, end = max(0, start - recent * span), min(start + span, x.size(1))
        seen = [
            torch.cat([old[:, :, : first // span * keep], part[:, :, first:end]], 2)
            for old, part in zip(sums, (k, v), strict=True)
        ]
        rows, columns = end - start, seen[0].size(2)
        mask = torch.ones(rows, columns, dtype=torch.bool).tril(columns - rows)
        found.append(F.scaled_dot_product_attention(q[:, :, start:end], seen[0], seen[1], mask))
    return torch.cat(found, 2)


@dataclass
class Cost:
    """What a token costs at a length: microseconds to write one and to read one, and memory."""

    way: str
    length: int
    write_us: float
    read_us: float
    kilobytes: float


def measure(span: int, lengths: tuple[int, ...], rounds: int, batch: int) -> list[Cost]:
    """Measure all ways at all lengths, once in every round; return the medians."""
    order, times = random.Random(0), dict[tuple[str, int], list[tuple[float, float, float]]]()
    found = {name: (way, way.model(max(lengths) + span)) for name, way in ways(span).items()}
    cases = [(name, length) for name in found for length in lengths]
    for turn in tqdm(range(rounds + 1), unit="round", leave=False, disable=None):
        for name, length in order.sample(cases, len(cases)):
            way, model = found[name]
            took = once(way, model, length, batch)
            if turn:  # the first round warms up
                times.setdefault((name, length), []).append(took)
    return [
        Cost(*case, *(statistics.median(part) for part in zip(*times[case], strict=True)))
        for case in cases
    ]


def once(way: Way, model: GPT, length: int, batch: int) -> tuple[float, float, float]:
    """Write a span behind `length` tokens in each text of a batch, and read one such text."""
    size = length + way.span
    pasts = [Past(way, block.attention, size, batch) for block in list[Any](model.blocks)]
    for past in pasts:
        past.fill(length)
    token = torch.zeros(batch, 1, dtype=torch.long)
    began = time.perf_counter()
    for place in range(length, size):
        write(model, token, place, pasts)
    wrote = (time.perf_counter() - began) / (way.span * batch)
    held = sum(past.kilobytes() for past in pasts) / batch
    tokens = torch.zeros(1, length, dtype=torch.long)
    began = time.perf_counter()
    read(model, tokens, way)
    took = (time.perf_counter() - began) / length
    return 1e6 * wrote, 1e6 * took, held


def table(costs: list[Cost]) -> list[str]:
    """Write the costs as lines."""
    lines = [f"{'':12} {'length':>6}  {'us/token, writing':>18}  {'reading':>8}  {'KiB held':>9}"]
    for c in costs:
        lines.append(
            f"{c.way:12} {c.length:6}  {c.write_us:18.1f}  {c.read_us:8.2f}  {c.kilobytes:9.0f}"
        )
    return lines


@click.command(help=__doc__.split("\n", 1)[0])
@click.option("--span", type=click.IntRange(8), default=64, show_default=True)
@click.option("--longest", type=click.Choice([str(n) for n in LENGTHS]), default="4096")
@click.option("--rounds", type=click.IntRange(1), default=15, show_default=True)
@click.option(
    "--batch", type=click.IntRange(1), default=16, show_default=True, help="Texts written at once."
)
@click.option("--write", "keep", is_flag=True, help=f"Keep the result in {KEPT}.")
def main(span: int, longest: str, rounds: int, batch: int, keep: bool) -> None:
    """Measure, print, and keep if that is asked for."""
    torch.set_num_threads(1)
    lengths = tuple(n for n in LENGTHS if n <= int(longest))
    costs = measure(span, lengths, rounds, batch)
    click.echo("\n".join(table(costs)))
    if keep:
        said = {"span": span, "recent": 1, "rounds": rounds, "batch": batch, "threads": 1}
        where = {
            "when": now(),
            "commit": head(),
            "machine": machine(),
            "versions": versions("torch"),
        }
        record = said | where | {"costs": [asdict(cost) for cost in costs]}
        write_atomic(root() / KEPT, json.dumps(record, indent=1) + "\n")
        click.echo(f"kept in {KEPT}")


if __name__ == "__main__":
    main()
