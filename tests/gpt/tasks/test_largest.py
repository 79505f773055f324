"""Largest: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, Largest


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(seed=st.integers(0, 2**32), listed=st.integers(2, 9))
def test_every_answer_is_the_largest_of_its_part(seed: int, listed: int) -> None:
    task = Largest(numbers=9, listed=listed, questions=5)
    tokens, targets = task.batch(seeded(seed), 3)
    asked = task.asked(tokens)
    assert tokens.shape == targets.shape == (3, task.context)
    assert tokens.max() < task.vocab_size
    for row, wanted, kinds in zip(tokens.tolist(), targets.tolist(), asked.tolist(), strict=True):
        numbers = row[:listed]
        assert len({*numbers}) == listed
        assert wanted[:listed] == [IGNORE] * listed
        assert kinds[:listed] == [0] * listed
        for token, answer, kind in zip(row[listed:], wanted[listed:], kinds[listed:], strict=True):
            at = numbers.index(token % 9)
            assert answer == max(numbers[: at + 1] if kind == 1 else numbers[at:])


def test_both_questions_come_alike_and_chance_is_what_naming_the_largest_gets() -> None:
    task = Largest()
    tokens, targets = task.batch(seeded(0), 4000)
    late = task.asked(tokens)[:, 8:]
    assert (late == 2).float().mean().item() == pytest.approx(0.5, abs=0.01)
    top = tokens[:, :8].amax(1, keepdim=True)
    assert (targets[:, 8:] == top).float().mean().item() == pytest.approx(task.chance, abs=0.01)
    assert task.chance == 9 / 16


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"listed": 17}, "listed=17 must be at most numbers = 16"),
        ({"listed": 1}, "listed=1 must be at least 2"),
        ({"questions": 0}, "questions=0 must be at least 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Largest(**settings)
