"""Needles: every question has its one fact, where and among how many it is said to be."""

import pytest
import torch

from ideas_lib.gpt.tasks import IGNORE, Needles, sample_batch

TASKS = [Needles(), Needles(spans=3, span=5, most=5, values=2, filler=1)]
every_task = pytest.mark.parametrize("task", TASKS, ids=str)


@every_task
def test_every_question_by_hand(task: Needles) -> None:
    draw = torch.Generator().manual_seed(1)
    tokens, targets, ages, crowds = task.asked(draw, 24)
    facts, first = task.keys * task.values, task.spans * task.span
    ask = facts + task.filler
    for row, answers, age, crowd in zip(
        *(x.tolist() for x in (tokens, targets, ages, crowds)), strict=True
    ):
        assert answers[:first] == [IGNORE] * first
        known = {t // task.values: (t % task.values, i) for i, t in enumerate(row) if t < facts}
        assert len(known) == sum(t < facts for t in row)  # keys are distinct
        for i, token in enumerate(row[first:]):
            value, place = known[token - ask]
            span = place // task.span
            assert answers[first + i] == value
            assert age[i] == task.spans - span
            held = row[span * task.span : (span + 1) * task.span]
            assert crowd[i] == sum(t < facts for t in held)


@every_task
def test_a_batch_is_what_is_asked_and_the_generator_decides(task: Needles) -> None:
    one, two = sample_batch(task, 5, 3), task.asked(torch.Generator().manual_seed(3), 5)
    assert torch.equal(one[0], two[0])
    assert torch.equal(one[1], two[1])
    assert one[0].shape == (5, task.context)
    assert one[0].max() < task.vocab_size
    assert not torch.equal(one[0], sample_batch(task, 5, 4)[0])


def test_ages_places_and_crowds_are_uniform() -> None:
    task = Needles()
    tokens, _, ages, crowds = task.asked(torch.Generator().manual_seed(0), 4000)
    assert torch.allclose(
        ages.flatten().bincount()[1:] / ages.numel(), torch.tensor(1 / 8), atol=0.01
    )
    share = crowds.flatten().bincount()[1:] / crowds.numel()
    assert torch.allclose(share, torch.tensor(1 / 3), atol=0.01)
    facts = (tokens[:, :64] < task.keys * task.values).float().view(-1, 8, 8).mean((0, 1))
    assert torch.allclose(facts, torch.tensor(2 / 8), atol=0.01)


@pytest.mark.parametrize("wrong", [{"most": 9}, {"spans": 0}, {"values": 1}, {"filler": 0}])
def test_what_cannot_be_is_said(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Needles(**wrong)
