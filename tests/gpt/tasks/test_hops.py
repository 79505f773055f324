"""Following a chain: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, Hops


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(seed=st.integers(0, 2**32), symbols=st.integers(4, 6), most=st.integers(1, 3))
def test_every_answer_is_where_the_pairs_lead(seed: int, symbols: int, most: int) -> None:
    task = Hops(vocab_size=12, context=20, symbols=symbols, most=most)
    tokens, targets = task.batch(seeded(seed), 3)
    hops = task.hops(tokens)
    for row, wanted, asked in zip(tokens.tolist(), targets.tolist(), hops.tolist(), strict=True):
        start = 2 * symbols
        after = dict(zip(row[:start:2], row[1:start:2], strict=True))
        assert len(after) == symbols
        assert set(after) == set(after.values())
        assert all(1 <= x < 12 - most for x in after)
        for t in range(20):
            if t < start or t % 2 == 0:
                assert (wanted[t], asked[t]) == (IGNORE, 0)
                continue
            assert 1 <= asked[t] == row[t - 1] - (12 - most) + 1 <= most
            answer = row[t]
            for _ in range(asked[t]):
                answer = after[answer]
            assert wanted[t] == answer != row[t]


def test_the_ring_is_one_ring() -> None:
    task = Hops(symbols=6, most=5)
    tokens, _ = task.batch(seeded(0), 50)
    for row in tokens.tolist():
        after = dict(zip(row[:12:2], row[1:12:2], strict=True))
        at, seen = row[0], set()
        while at not in seen:
            seen.add(at)
            at = after[at]
        assert len(seen) == 6


def test_order_symbols_and_hops_are_drawn_evenly() -> None:
    task = Hops()
    tokens, targets = task.batch(seeded(1), 4000)
    hops = task.hops(tokens)
    assert (hops == 1).sum().item() / 32_000 == pytest.approx(0.5, abs=0.01)
    assert (hops > 0).sum().item() == 32_000
    symbols = tokens[:, :8].flatten().bincount(minlength=19) / 32_000
    torch.testing.assert_close(symbols[1:17], torch.full((16,), 1 / 16), atol=0.005, rtol=0)
    # Among the three that an answer may be, none stands out by its place among the pairs.
    place = (tokens[:, :8:2][:, None] == targets[:, 9::2, None]).flatten(0, 1).float().mean(0)
    torch.testing.assert_close(place, torch.full((4,), 1 / 4), atol=0.01, rtol=0)
    assert task.chance == pytest.approx(1 / 3)


def test_a_seed_gives_one_batch() -> None:
    one, two, other = (Hops().batch(seeded(seed), 4) for seed in (3, 3, 4))
    assert torch.equal(one[0], two[0])
    assert torch.equal(one[1], two[1])
    assert not torch.equal(one[0], other[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"most": 0}, "most=0 must be at least 1"),
        ({"symbols": 2}, "symbols=2 must be at least most"),
        ({"vocab_size": 6}, "vocab_size=6 must be at least symbols"),
        ({"context": 8}, "context=8 must be at least 2"),
        ({"context": 23}, "context=23 must be even"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Hops(**settings)
