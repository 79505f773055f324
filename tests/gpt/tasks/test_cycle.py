"""Copy and map: worked by hand, by law, and refused where it cannot be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import CopyAndMap


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(seed=st.integers(0, 2**32), vocab=st.integers(4, 9), uniform=st.booleans())
def test_every_answer_is_a_copy_or_the_next_on_the_cycle(
    seed: int, vocab: int, uniform: bool
) -> None:
    task = CopyAndMap(vocab, context=12, copies=0.5, uniform=uniform, cycle=seed)
    tokens, targets = task.batch(seeded(seed), 3)
    after = task.following.tolist()
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        assert row[0] != vocab - 1
        for t in range(12):
            if row[t] == vocab - 1:
                assert wanted[t] == row[t - 1] < vocab - 1
            else:
                assert wanted[t] == after[row[t]]


@pytest.mark.parametrize("cycle", range(3))
def test_the_map_is_one_cycle(cycle: int) -> None:
    after = CopyAndMap(vocab_size=30, cycle=cycle).following
    at, seen = 0, []
    for _ in range(29):
        at = int(after[at])
        seen.append(at)
    assert sorted(seen) == list(range(29))
    assert not torch.equal(after, CopyAndMap(vocab_size=30, cycle=cycle + 1).following)


def test_copies_and_tokens_are_as_frequent_as_it_says() -> None:
    task = CopyAndMap(vocab_size=11)
    tokens, targets = task.batch(seeded(1), 4000)
    copy = tokens == 10
    assert copy[:, 0].sum() == 0
    asked = copy[:, 1:][~copy[:, :-1]].float().mean().item()
    assert asked == pytest.approx(0.4, abs=0.01)
    shares = tokens[~copy].bincount(minlength=10) / (~copy).sum()
    ranks = torch.arange(1, 12.0)
    law = (ranks[1:] / ranks[:-1]).log() / torch.tensor(11.0).log()
    torch.testing.assert_close(shares, law, atol=0.005, rtol=0)
    first = (targets[~copy] == task.following[0]).float().mean().item()
    assert first == pytest.approx(task.chance, abs=0.005)
    alike = CopyAndMap(vocab_size=11, copies=0, uniform=True)
    shares = alike.batch(seeded(2), 4000)[0].flatten().bincount(minlength=11) / (4000 * 32)
    torch.testing.assert_close(shares[:10], torch.full((10,), 0.1), atol=0.005, rtol=0)
    assert alike.chance == pytest.approx(0.1)


def test_a_seed_gives_one_batch() -> None:
    one, two, other = (CopyAndMap().batch(seeded(seed), 4) for seed in (3, 3, 4))
    assert torch.equal(one[0], two[0])
    assert torch.equal(one[1], two[1])
    assert not torch.equal(one[0], other[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"vocab_size": 3}, "vocab_size=3 must be at least 4"),
        ({"context": 0}, "context=0 must be at least 1"),
        ({"copies": 1.5}, "copies=1.5 must be a probability"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CopyAndMap(**settings)
