"""What studies measure alike: the same as by hand, and the same again."""

from pathlib import Path

import pytest
import torch

from ideas_lib.gpt import GPT, GPTConfig, build
from ideas_lib.gpt.benchmarks import (
    LANGUAGE,
    held_out_loss,
    language_trial,
    scored_trial,
    trial,
    trial_settings,
)
from ideas_lib.gpt.tasks import Counting, Text
from ideas_lib.gpt.training import Recipe, flops, loss_of, parameters, score, train
from ideas_lib.gpt.tweaks.null_attention import NullAttention

TASK = Counting(vocab_size=20, context=12, most=4, cap=3)
SMALL = {"d_model": 16, "heads": 2, "layers": 1, "steps": 3, "batch": 4}


@pytest.fixture
def text(tmp_path: Path) -> Text:
    path = tmp_path / "text.txt"
    path.write_text("What is said three times is true, said the Bellman. " * 400, encoding="utf-8")
    return Text(path, context=8)


def test_a_trial_is_building_and_training_by_hand(draw) -> None:
    shape = {"d_model": 16, "heads": 2, "layers": 1}
    model, report = trial(TASK, NullAttention(), seed=3, lr=1e-2, steps=4, batch=8, **shape)
    config = GPTConfig(vocab_size=20, context=12, **shape)
    other = build(config, NullAttention(), seed=3)
    run = train(other, TASK, Recipe(steps=4, batch=8, lr=1e-2), seed=3)
    assert model.config == config
    assert report == {"losses": run.losses, "params": parameters(other), "flops": flops(other)}
    assert torch.equal(model(draw(2, config)), other(draw(2, config)))


def test_a_shape_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="depth"):
        trial(TASK, seed=0, lr=1e-2, steps=1, depth=3)


def test_the_watch_sees_the_model_before_the_first_step_and_after_each() -> None:
    seen: list[tuple[int, torch.Tensor]] = []

    def watch(model: GPT, done: int) -> None:
        seen.append((done, model.vocab.head.weight.detach().clone()))

    model, report = trial(TASK, seed=3, lr=1e-2, watch=watch, **SMALL)
    assert [done for done, _ in seen] == [0, 1, 2, 3]
    assert torch.equal(seen[0][1], build(model.config, seed=3).vocab.head.weight)
    assert torch.equal(seen[-1][1], model.vocab.head.weight)
    assert report == trial(TASK, seed=3, lr=1e-2, **SMALL)[1]


def test_a_trial_takes_of_the_settings_what_it_knows() -> None:
    settings = {"d_model": 8, "heads": 2, "reader_steps": 9, "steps": 7, "window": 12}
    assert trial_settings(settings) == {"d_model": 8, "heads": 2, "steps": 7}
    own = trial_settings(settings, steps=3, layers=1)
    assert own == {"d_model": 8, "heads": 2, "steps": 3, "layers": 1}


def test_a_scored_trial_adds_the_accuracy_on_fresh_sequences() -> None:
    model, report = scored_trial(TASK, NullAttention(), seed=1, lr=1e-2, **SMALL)
    plain, want = trial(TASK, NullAttention(), seed=1, lr=1e-2, **SMALL)
    assert report == want | {"accuracy": score(plain, TASK)}
    assert all(map(torch.equal, model.parameters(), plain.parameters()))


def test_a_language_trial_adds_the_held_out_loss_and_has_a_shape_of_its_own(text: Text) -> None:
    model, report = language_trial(text, NullAttention(), seed=1, lr=1e-2, steps=2, layers=1)
    want = trial(text, NullAttention(), seed=1, lr=1e-2, **LANGUAGE | {"steps": 2, "layers": 1})
    assert report == want[1] | held_out_loss(want[0], text)
    assert (model.config.d_model, model.config.layers) == (LANGUAGE["d_model"], 1)


def test_the_held_out_loss_by_hand(text: Text) -> None:
    model = build(GPTConfig(text.vocab_size, d_model=16, heads=2, layers=1, context=8))
    (tokens, targets), *rest = text.validation_batches(1)
    assert not rest
    with torch.no_grad():
        loss = loss_of(model, tokens, targets).item()
        late = loss_of(model, tokens, targets.where(torch.arange(8) >= 4, -100)).item()
    found = held_out_loss(model, text, batches=1)
    assert found == pytest.approx({"loss": loss, "nats per byte": loss / text.bytes_per_token})
    assert held_out_loss(model, text, batches=1, start=4)["loss"] == pytest.approx(late)
    assert late != pytest.approx(loss)
