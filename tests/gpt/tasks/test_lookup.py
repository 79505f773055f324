"""Lookup: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, Lookup


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    groups=st.integers(1, 3),
    on=st.integers(1, 3),
    spare=st.integers(0, 3),
)
def test_values_stand_on_from_their_keys_and_places_back_from_the_question(
    seed: int, groups: int, on: int, spare: int
) -> None:
    task = Lookup(groups * on + spare, groups * on, on)
    n, first = task.shown, 2 * task.symbols
    tokens, targets = task.batch(seeded(seed), 3)
    assert tokens.shape == targets.shape == (3, task.context)
    assert tokens.max() < task.vocab_size
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        shown = row[:n]
        assert len(set(shown)) == n
        assert [token // task.symbols for token in shown] == ([0] * on + [1] * on) * groups
        assert wanted[:n] == [IGNORE] * n
        asked = [token for token in row[n:] if token < first]
        assert sorted(asked) == sorted(token for token in shown if token < task.symbols)
        for t in range(n, task.context):
            k = row[t] - first + 1
            assert wanted[t] == shown[t - k if k > 0 else shown.index(row[t]) + on]


def test_all_places_are_asked_alike_and_so_are_both_kinds() -> None:
    task = Lookup()
    tokens, targets = task.batch(seeded(0), 4000)
    place, asked = task.by_place(tokens), targets >= 0
    assert not place[~asked].any()
    assert (place.sum(1) == task.pairs).all()
    for t in range(task.shown, task.context):  # whichever question it is
        assert place[:, t].float().mean().item() == pytest.approx(0.5, abs=0.03)
    found = (tokens[:, None, : task.shown] == targets[:, :, None]).float().argmax(-1)
    share = found[place].bincount(minlength=8) / place.sum()
    torch.testing.assert_close(share, torch.full((8,), 1 / 8), atol=0.01, rtol=0)
    assert task.chance == (1 / 4 + 1 / 8) / 2


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = (Lookup().batch(seeded(3), 5) for _ in range(2))
    assert all(map(torch.equal, one, two))
    assert not torch.equal(one[0], Lookup().batch(seeded(4), 5)[0])


@pytest.mark.parametrize(("field", "value"), [("on", 0), ("pairs", 1), ("pairs", 3), ("pairs", 34)])
def test_a_field_out_of_range_is_named(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field}={value} must be"):
        Lookup(**{field: value})
