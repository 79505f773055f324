"""A run of a study: the same as by hand, and the same again."""

import pytest
import torch

from ideas_lib.gpt import GPTConfig, build
from ideas_lib.gpt.tasks import Counting, Text
from ideas_lib.gpt.train import Recipe, flops, loss_of, parameters, train
from ideas_lib.gpt.trial import held_out_loss, trial
from ideas_lib.gpt.tweaks.null_attention import NullAttention

TASK = Counting(vocab_size=20, context=12, most=4, cap=3)


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


def test_the_held_out_loss_by_hand(tmp_path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("What is said three times is true, said the Bellman. " * 400, encoding="utf-8")
    text = Text(path, context=8)
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
