"""The last different token: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, LastDifferent


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(
    seed=st.integers(0, 2**32),
    vocab=st.integers(2, 9),
    context=st.integers(2, 12),
    repeat=st.floats(0, 0.95),
)
def test_every_answer_is_the_last_token_that_is_another(
    seed: int, vocab: int, context: int, repeat: float
) -> None:
    tokens, targets = LastDifferent(vocab, context, repeat).batch(seeded(seed), 3)
    assert tokens.shape == targets.shape == (3, context)
    assert tokens.min() >= 0
    assert tokens.max() < vocab
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        for t in range(context):
            others = [token for token in row[:t] if token != row[t]]
            assert wanted[t] == (others[-1] if others else IGNORE)


def test_runs_and_tokens_are_drawn_as_it_says() -> None:
    task = LastDifferent(vocab_size=5, context=40, repeat=0.7)
    tokens, targets = task.batch(seeded(0), 4000)
    again = tokens[:, 1:] == tokens[:, :-1]
    assert again.float().mean().item() == pytest.approx(0.7, abs=0.005)
    even = torch.full((5,), 1 / 5)
    torch.testing.assert_close(tokens[:, 0].bincount() / 4000, even, atol=0.02, rtol=0)
    steps = ((tokens[:, 1:] - tokens[:, :-1]) % 5)[~again].bincount(minlength=5)
    uniform = torch.full((4,), 1 / 4)
    torch.testing.assert_close(steps[1:] / steps.sum(), uniform, atol=0.01, rtol=0)
    asked = targets != IGNORE
    before = (targets[:, 1:] == tokens[:, :-1])[asked[:, 1:]].float().mean().item()
    assert before == pytest.approx(task.guesses()["the one before"], abs=0.005)
    one = (targets == (tokens + 1) % 5)[asked].float().mean().item()
    assert one == pytest.approx(task.chance, abs=0.01)


def test_guesses_by_hand() -> None:
    # Two tokens, a coin's repeat: asked at 1 in a half of the texts, and then the one before is it.
    assert LastDifferent(vocab_size=4, context=2).guesses() == {
        "another": 1 / 3,
        "the one before": 1,
    }
    # At 2 in three quarters, of which two thirds have just begun a run: (1/2 + 1/2) / (1/2 + 3/4).
    assert LastDifferent(context=3).guesses()["the one before"] == pytest.approx(4 / 5)
    assert LastDifferent(repeat=0.0).guesses()["the one before"] == 1


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = (LastDifferent().batch(seeded(3), 5) for _ in range(2))
    assert all(map(torch.equal, one, two))
    assert not torch.equal(one[0], LastDifferent().batch(seeded(4), 5)[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [("vocab_size", 1), ("context", 1), ("repeat", -0.1), ("repeat", 1.0), ("repeat", 7)],
)
def test_a_field_out_of_range_is_named(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field}={value} must be"):
        LastDifferent(**{field: value})
