"""Asked back: by law, by its odds, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import IGNORE, AskedBack


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    vocab=st.integers(4, 9),
    context=st.integers(5, 12),
    far=st.integers(1, 4),
)
def test_a_token_asks_for_an_earlier_one_as_far_back_as_its_type_says(
    seed: int, vocab: int, context: int, far: int
) -> None:
    tokens, targets = AskedBack(vocab, context, far).batch(seeded(seed), 3)
    assert tokens.shape == targets.shape == (3, context)
    assert 0 <= tokens.min() <= tokens.max() < vocab
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        for t in range(context):
            back = 1 + row[t] % far
            assert wanted[t] == (row[t - back] if t >= back else IGNORE)


def test_every_distance_is_asked_alike_and_no_token_is_likelier() -> None:
    task = AskedBack(vocab_size=6)
    tokens, targets = task.batch(seeded(0), 4000)
    for distance in (1, 2, 3):
        where = task.back(tokens) == distance
        assert where.float().mean().item() == pytest.approx(1 / 3, abs=0.01)
        share = targets[where & (targets >= 0)].bincount(minlength=6).float()
        torch.testing.assert_close(share / share.sum(), torch.full((6,), 1 / 6), atol=0.01, rtol=0)
    assert task.chance == 1 / 6


def test_the_same_seed_gives_the_same_batch() -> None:
    one, two = (AskedBack().batch(seeded(3), 5) for _ in range(2))
    assert all(map(torch.equal, one, two))
    assert not torch.equal(one[0], AskedBack().batch(seeded(4), 5)[0])


@pytest.mark.parametrize(("field", "value"), [("far", 0), ("far", 65), ("context", 3)])
def test_a_field_out_of_range_is_named(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field}={value} must be"):
        AskedBack(**{field: value})
