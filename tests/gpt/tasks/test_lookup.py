"""Lookup: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, Lookup


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(
    seed=st.integers(0, 2**32),
    listed=st.integers(4, 9),
    spare=st.integers(0, 3),
    on=st.integers(1, 3),
)
def test_answers_stand_on_from_a_symbol_or_back_from_the_question(
    seed: int, listed: int, spare: int, on: int
) -> None:
    task = Lookup(listed + spare, listed, listed - on, on)
    tokens, targets = task.batch(seeded(seed), 3)
    assert tokens.shape == targets.shape == (3, task.context)
    assert tokens.max() < task.vocab_size
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        shown = row[:listed]
        assert len(set(shown)) == listed
        assert max(shown) < task.symbols
        assert wanted[:listed] == [IGNORE] * listed
        by_symbol = [token for token in row[listed:] if token < task.symbols]
        assert len(set(by_symbol)) == len(by_symbol)
        for t in range(listed, task.context):
            k = row[t] - task.symbols + 1
            place = t - k if k > 0 else shown.index(row[t]) + on
            assert wanted[t] == shown[place]


def test_both_kinds_and_all_places_are_asked_alike() -> None:
    task = Lookup()
    tokens, targets = task.batch(seeded(0), 4000)
    place, asked = task.by_place(tokens), targets >= 0
    assert not place[~asked].any()
    assert place[asked].float().mean().item() == pytest.approx(0.5, abs=0.01)
    found = (tokens[:, None, : task.listed] == targets[:, :, None]).float().argmax(-1)
    for kind, places in ((place, 12), (asked & ~place, 10)):
        share = found[kind].bincount(minlength=12) / kind.sum()
        assert (share > 0.8 / places).sum() == places
    assert task.chance == 1 / 12


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = (Lookup().batch(seeded(3), 5) for _ in range(2))
    assert all(map(torch.equal, one, two))
    assert not torch.equal(one[0], Lookup().batch(seeded(4), 5)[0])


@pytest.mark.parametrize(
    ("field", "value"), [("on", 0), ("listed", 2), ("listed", 33), ("asked", 0), ("asked", 11)]
)
def test_a_field_out_of_range_is_named(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field}={value} must be"):
        Lookup(**{field: value})
