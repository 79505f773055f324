"""Own or two back: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, OwnOrBack


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(
    seed=st.integers(0, 2**32),
    vocab=st.integers(2, 9),
    context=st.integers(4, 12),
    back=st.integers(1, 3),
)
def test_even_tokens_ask_for_themselves_and_odd_ones_for_an_earlier(
    seed: int, vocab: int, context: int, back: int
) -> None:
    tokens, targets = OwnOrBack(vocab, context, back).batch(seeded(seed), 3)
    assert tokens.shape == targets.shape == (3, context)
    assert tokens.min() >= 0
    assert tokens.max() < vocab
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        for t in range(context):
            earlier = row[t - back] if t >= back else IGNORE
            assert wanted[t] == (earlier if row[t] % 2 else row[t])


def test_guesses_are_right_as_often_as_they_say() -> None:
    task = OwnOrBack(vocab_size=4, context=30)
    tokens, targets = task.batch(seeded(0), 4000)
    tokens, targets, earlier = tokens[:, 2:], targets[:, 2:], tokens[:, :-2]
    even = torch.full((4,), 1 / 4)
    torch.testing.assert_close(
        tokens.flatten().bincount() / tokens.numel(), even, atol=0.01, rtol=0
    )
    guesses = task.guesses()
    own = (targets == tokens).float().mean().item()
    assert own == pytest.approx(guesses["the own token"], abs=0.005)
    back = (targets == earlier).float().mean().item()
    assert back == pytest.approx(guesses["the one back"], abs=0.005)
    assert guesses == {"the own token": 5 / 8, "the one back": 5 / 8}
    assert task.chance == 1 / 4


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = (OwnOrBack().batch(seeded(3), 5) for _ in range(2))
    assert all(map(torch.equal, one, two))
    assert not torch.equal(one[0], OwnOrBack().batch(seeded(4), 5)[0])


@pytest.mark.parametrize(("field", "value"), [("vocab_size", 1), ("context", 2), ("back", 0)])
def test_a_field_out_of_range_is_named(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field}={value} must be"):
        OwnOrBack(**{field: value})
