"""Null attention: does a null column with a learned key help a small GPT?

Four experiments. Causal counting decides. The trigger task, recall and a tiny language model are
secondary; from what others report and from a first look on pilot seeds, no difference is expected
there.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=32,
    heads=2,
    layers=1,
    steps=1200,
    reader_steps=400,
    batch=64,
)

# A first look on pilot seeds: at 3e-3 every arm counts worse than at 1e-2.
RATES = tuple({"lr": lr} for lr in (1e-2, 3e-2, 1e-1))
LANGUAGE_RATES = tuple({"lr": lr} for lr in (3e-3, 1e-2, 3e-2))
SEEDS = tuple(range(100, 108))


def tweaks(arm: str) -> tuple[Any, ...]:
    """Return the tweaks that make an arm."""
    from ideas_lib.gpt.controls.null_attention import BosToken, LearnedLogit, SigmoidGate
    from ideas_lib.gpt.tweaks.null_attention import NullAttention

    return {
        "none": (),
        "BOS token": (BosToken(),),
        "zero key": (NullAttention(learned=False),),
        "learned logit": (LearnedLogit(),),
        "learned key": (NullAttention(),),
        "sigmoid gate": (SigmoidGate(),),
    }[arm]


ARMS = ("none", "BOS token", "zero key", "learned logit", "learned key", "sigmoid gate")


def counting(arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"]) -> dict[str, Any]:
    """Causal counting: accuracy, what the heads look at, and what they are needed for."""
    from ideas_lib.gpt import masses, score, scored_trial, silenced, trial_settings, without_sources
    from ideas_lib.gpt.tasks import Counting, sample_batch

    task, settings = Counting(), trial_settings(SETTINGS, steps=steps)
    model, report = scored_trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)
    seen = masses(model, sample_batch(task, 128, seed=10_001)[0])
    report["largest"] = seen.largest
    report |= {"null mass": seen.extra.tolist(), "first mass": seen.first.tolist()}
    alone = []
    for layer in range(model.config.layers):
        for head in range(model.config.heads):
            with silenced(model, layer, head):
                alone.append(score(model, task, size=256))
    report["accuracy without head"] = alone
    if arm in ("zero key", "learned logit", "learned key"):
        with without_sources(model):
            report["accuracy without null"] = score(model, task)
    return report


def trigger(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """The trigger task: accuracy at triggers, and the null mass with and without work to do."""
    import torch

    from ideas_lib.gpt import trace_layers, trial, trial_settings
    from ideas_lib.gpt.tasks import Trigger, sample_batch

    task, settings = Trigger(), trial_settings(SETTINGS, steps=600)
    model, report = trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)
    tokens, targets = sample_batch(task, 512, seed=10_000)
    busy = targets != task.vocab_size - 2
    with torch.no_grad():
        answers = model(tokens).argmax(-1)
    report["accuracy"] = (answers == targets).float().mean().item()
    report["accuracy at triggers"] = (answers == targets)[busy].float().mean().item()
    weights = trace_layers(model, tokens)[0].weights
    null = weights[..., weights.size(-2) :].sum(-1)  # (B, H, R), all 0 where there is no null
    per_head = null.transpose(0, 1)[..., -task.context :]
    report["null mass at work"] = per_head[:, busy].mean(-1).tolist()
    report["null mass idle"] = per_head[:, ~busy].mean(-1).tolist()
    return report


def recall(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Multi-query associative recall with two layers."""
    from ideas_lib.gpt import scored_trial, trial_settings
    from ideas_lib.gpt.tasks import MQAR

    settings = trial_settings(SETTINGS, layers=2, steps=500)
    return scored_trial(MQAR(), *tweaks(arm), seed=seed, lr=lr, **settings)[1]


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model: loss held out, and in a window that the first token has left."""
    from ideas_lib.gpt import held_out_loss, language_trial, masses, windowed
    from ideas_lib.gpt.tasks import Text

    text, heads = Text(context=128), SETTINGS["heads"]
    model, report = language_trial(text, *tweaks(arm), seed=seed, lr=lr, heads=heads)
    half = text.context // 2
    seen = masses(model, text.validation_batches(4)[0][0])
    report |= {"largest": seen.largest}
    report |= {"null mass": seen.extra.tolist(), "first mass": seen.first.tolist()}
    report["loss late"] = held_out_loss(model, text, start=half)["loss"]
    for name, keep in (("loss late, first token gone", False), ("loss late, first kept", True)):
        with windowed(model, half, keep_first=keep):
            report[name] = held_out_loss(model, text, start=half)["loss"]
    return report


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Count with a third of the training, at the rate that the pilot seeds chose for the idea."""
    return counting(arm, seed, lr=1e-2, steps=SETTINGS["reader_steps"])


STUDY = Study(
    slug="null-attention",
    title="Null attention",
    prediction=Prediction(
        claim="On causal counting, a one-layer GPT whose heads have a null column with a learned "
        "key is right at least 0.05 more often than the same GPT without, each at its best "
        "learning rate.",
        outcome="accuracy",
        idea="learned key",
        baseline="none",
        margin=0.05,
        change_our_mind="An interval that stays below 0.05: then softmax counts well enough "
        "without a null, and the idea has lost the task that suits it best.",
    ),
    experiments=(
        Experiment(
            "counting",
            ARMS,
            counting,
            SEEDS,
            grid=RATES,
            score="accuracy",
            seconds=20,
        ),
        Experiment(
            "trigger",
            ("none", "zero key", "learned key"),
            trigger,
            SEEDS,
            grid=RATES,
            score="accuracy",
            seconds=10,
        ),
        Experiment(
            "recall",
            ("none", "zero key", "learned key"),
            recall,
            SEEDS,
            grid=RATES,
            score="accuracy",
            seconds=14,
        ),
        Experiment(
            "language",
            ("none", "BOS token", "learned key"),
            language,
            SEEDS,
            grid=LANGUAGE_RATES,
            score="loss",
            score_higher=False,
            seconds=25,
        ),
    ),
    reader=reader,
)
