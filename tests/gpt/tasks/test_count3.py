"""Count3: worked by hand, against the formula written out, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, Count3


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(
    seed=st.integers(0, 2**32),
    modulus=st.integers(0, 5),
    values=st.integers(1, 9),
    reduced=st.booleans(),
)
def test_every_answer_is_the_formula(seed: int, modulus: int, values: int, reduced: bool) -> None:
    task = Count3(50, context=7, prefix=2, values=values, modulus=modulus, reduced=reduced)
    tokens, targets = task.batch(seeded(seed), 3)
    assert tokens.max() < values
    for x, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        assert wanted[:2] == [IGNORE] * 2
        for n in range(3, 8):
            m = modulus or n
            pairs = sum((a + b + x[n - 1]) % m == 0 for a in x[:n] for b in x[:n])
            assert wanted[n - 1] == (pairs % m if reduced else pairs)


def test_the_example_of_the_docstring() -> None:
    x, wanted = [0, 1, 3, 0], [2, 6]
    for n, count in zip((3, 4), wanted, strict=True):
        assert sum((a + b + x[n - 1]) % 4 == 0 for a in x[:n] for b in x[:n]) == count


def test_more_pairs_than_classes_are_the_last_class() -> None:
    _, targets = Count3(vocab_size=3, values=1, modulus=1).batch(seeded(0), 2)
    assert targets[:, 8:].unique().tolist() == [2]


def test_chance_is_what_one_answer_a_place_gets() -> None:
    task = Count3(values=1, modulus=1, vocab_size=200)
    assert task.chance == 1
    assert 0.1 < Count3().chance < 0.3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"prefix": 12}, "prefix=12 must be at most context - 1 = 11"),
        ({"values": 65}, "values=65 must be at most vocab_size = 64"),
        ({"modulus": -1}, "modulus=-1 must be at least 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Count3(**settings)
