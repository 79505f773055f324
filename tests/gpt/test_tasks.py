"""The synthetic tasks: worked cases, what every batch must satisfy, what chance is worth."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt.tasks import (
    IGNORE,
    MQAR,
    Counting,
    SelectiveCopy,
    Task,
    accuracy,
    sample_batch,
)

TASKS = [
    Counting(),
    Counting(vocab_size=5, context=9, fewest=1, most=3, cap=2),
    MQAR(),
    MQAR(random_non_queries=False),
    MQAR(vocab_size=8192, context=64, pairs=4),
    MQAR(vocab_size=8192, context=128, pairs=8),
    MQAR(vocab_size=8192, context=256, pairs=16),
    SelectiveCopy(),
    SelectiveCopy(vocab_size=16, context=256, copies=16),
]
every_task = pytest.mark.parametrize("task", TASKS, ids=str)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@every_task
def test_a_batch_has_the_shape_and_the_ids_that_the_task_promises(task: Task) -> None:
    tokens, targets = task.batch(seeded(0), 33)
    assert tokens.shape == targets.shape == (33, task.context)
    assert tokens.dtype == targets.dtype == torch.int64
    assert tokens.min() >= 0
    assert tokens.max() < task.vocab_size
    asked = targets[targets != IGNORE]
    assert asked.min() >= 0
    assert asked.max() < task.vocab_size
    assert (targets != IGNORE).any(1).all()


@every_task
def test_the_generator_alone_decides_the_batch(task: Task) -> None:
    torch.manual_seed(1)
    first = task.batch(seeded(5), 8)
    torch.manual_seed(2)
    again = task.batch(seeded(5), 8)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], task.batch(seeded(6), 8)[0])


@every_task
def test_a_generator_moves_on(task: Task) -> None:
    rng = seeded(5)
    assert not torch.equal(task.batch(rng, 8)[0], task.batch(rng, 8)[0])


def test_a_seed_of_its_own_gives_a_batch_of_its_own() -> None:
    task = Counting()
    for one, want in zip(
        sample_batch(task, 3, seed=5), task.batch(torch.Generator().manual_seed(5), 3), strict=True
    ):
        assert torch.equal(one, want)
    assert not torch.equal(sample_batch(task, 3, seed=6)[0], sample_batch(task, 3, seed=5)[0])


def test_counting_by_hand() -> None:
    task = Counting(cap=3)
    tokens, targets = task.batch(seeded(0), 16)
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        assert wanted == [min(row[: t + 1].count(x), 3) for t, x in enumerate(row)]


@given(
    seed=st.integers(0, 2**32),
    context=st.integers(1, 40),
    fewest=st.integers(1, 6),
    more=st.integers(0, 6),
    cap=st.integers(2, 11),
)
def test_counting_targets_depend_on_the_past_alone(seed, context, fewest, more, cap) -> None:
    task = Counting(vocab_size=12, context=context, fewest=fewest, most=fewest + more, cap=cap)
    tokens, targets = task.batch(seeded(seed), 3)
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        assert wanted == [min(row[: t + 1].count(x), cap) for t, x in enumerate(row)]
        assert len(set(row)) <= fewest + more


def test_counting_draws_the_number_of_symbols_uniformly() -> None:
    # Only 2..4 symbols and 48 tokens: nearly every symbol shows up, so the number can be read off.
    tokens, _ = Counting(fewest=2, most=4).batch(seeded(0), 3000)
    used = torch.tensor([len(set(row)) for row in tokens.tolist()]).bincount(minlength=5)
    assert used[2:].sum() == 3000
    assert torch.allclose(used[2:] / 3000, torch.full((3,), 1 / 3), atol=0.04)
    spread = tokens.flatten().bincount(minlength=64) / tokens.numel()
    assert torch.allclose(spread, torch.full((64,), 1 / 64), atol=0.006)


def test_what_counting_nothing_scores() -> None:
    task = Counting()
    _, targets = task.batch(seeded(1), 20_000)
    share = targets.flatten().bincount() / targets.numel()
    guesses = task.guesses()
    assert task.chance == guesses["constant"] == pytest.approx(share.max().item(), abs=0.005)
    by_position = [column.bincount().max().item() / 20_000 for column in targets.T]
    assert guesses["position"] == pytest.approx(sum(by_position) / task.context, abs=0.005)
    assert guesses["constant"] < guesses["position"] < guesses["position and symbols"] < 1


def test_counting_with_one_symbol_needs_the_position_only() -> None:
    guesses = Counting(fewest=1, most=1).guesses()
    assert guesses["position"] == 1
    assert guesses["constant"] == pytest.approx(41 / 48)  # 48 counts, all but seven at the cap


@given(
    seed=st.integers(0, 2**32),
    pairs=st.integers(1, 6),
    spare=st.integers(0, 10),
    noise=st.booleans(),
)
def test_mqar_asks_every_key_once_and_its_value_came_with_it(seed, pairs, spare, noise) -> None:
    task = MQAR(16, 4 * pairs + 2 * spare, pairs, random_non_queries=noise)
    tokens, targets = task.batch(seeded(seed), 3)
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        keys, values = row[0 : 2 * pairs : 2], row[1 : 2 * pairs : 2]
        assert len(set(keys)) == len(set(values)) == pairs
        assert all(1 <= key < 8 <= value < 16 for key, value in zip(keys, values, strict=True))
        asked = [t for t, target in enumerate(wanted) if target != IGNORE]
        assert all(t >= 2 * pairs and t % 2 == 0 for t in asked)
        found = {row[t]: wanted[t] for t in asked}
        assert found == dict(zip(keys, values, strict=True))
        assert len(asked) == pairs
        if not noise:
            rest = set(range(2 * pairs, task.context)) - set(asked)
            assert {row[t] for t in rest} <= {0}


def test_mqar_gaps_follow_the_power_law() -> None:
    task = MQAR(context=24, pairs=1, power=0.01)
    _, targets = task.batch(seeded(0), 20_000)
    places = (targets != IGNORE).double().mean(0)[2::2]
    law = torch.arange(1, 12, dtype=torch.float64) ** (0.01 - 1)
    assert torch.allclose(places, law / law.sum(), atol=0.012)


def test_selective_copy_by_hand() -> None:
    tokens, targets = SelectiveCopy(vocab_size=5, context=12, copies=3).batch(seeded(0), 50)
    for row, wanted in zip(tokens.tolist(), targets.tolist(), strict=True):
        content = [x for x in row[:8] if x != 3]
        assert len(content) == 3
        assert max(content) < 3
        assert row[8:] == [4, 3, 3, 3]
        assert wanted == [IGNORE] * 9 + content


def test_selective_copy_fills_a_sequence_without_blanks() -> None:
    tokens, targets = SelectiveCopy(context=7, copies=3).batch(seeded(0), 4)
    assert torch.equal(tokens[:, :3], targets[:, 4:])


def test_accuracy_counts_asked_positions_only() -> None:
    logits = torch.eye(4)[torch.tensor([[0, 1, 2], [3, 3, 3]])]
    targets = torch.tensor([[0, IGNORE, 1], [3, IGNORE, IGNORE]])
    assert accuracy(logits, targets) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="all 2 targets are -100"):
        accuracy(logits[0, :2], torch.full((2,), IGNORE))
    with pytest.raises(ValueError, match=r"\(2, 3, 4\) do not fit targets \(2, 4\)"):
        accuracy(logits, torch.zeros(2, 4, dtype=torch.int64))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Counting(context=0), "context=0 must be at least 1"),
        (lambda: Counting(fewest=9, most=8), "fewest=9 must be at most most = 8"),
        (lambda: Counting(most=65), "most=65 must be at most vocab_size = 64"),
        (lambda: Counting(cap=64), "cap=64 must be at most vocab_size - 1 = 63"),
        (lambda: MQAR(pairs=0), "pairs=0 must be at least 1"),
        (lambda: MQAR(vocab_size=8, pairs=4), "pairs=4 must be at most vocab_size // 2 - 1 = 3"),
        (lambda: MQAR(context=14), "context=14 must be at least 4 * pairs = 16"),
        (lambda: MQAR(context=47), "context=47 must be even"),
        (lambda: MQAR(power=0.0), "power=0.0 must be above 0"),
        (lambda: SelectiveCopy(vocab_size=2), "vocab_size=2 must be at least 3"),
        (lambda: SelectiveCopy(copies=24), "context=48 must be at least 2 * copies + 1 = 49"),
    ],
)
def test_a_bad_field_is_named_with_its_value(make, message) -> None:
    with pytest.raises(ValueError, match=message.replace("*", r"\*").replace("+", r"\+")):
        make()
