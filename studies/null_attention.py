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


def trained(arm: str, seed: int, task: Any, lr: float, **shape: int) -> tuple[Any, dict[str, Any]]:
    """Train one arm on a task; return the model and what every run reports."""
    from ideas_lib.gpt.trial import trial

    shape = {k: v for k, v in (SETTINGS | shape).items() if k != "reader_steps"}
    return trial(task, *tweaks(arm), seed=seed, lr=lr, **shape)


def counting(arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"]) -> dict[str, Any]:
    """Causal counting: accuracy, what the heads look at, and what they are needed for."""
    import torch

    from ideas_lib.gpt.probe import masses, silenced, without_sources
    from ideas_lib.gpt.tasks import Counting
    from ideas_lib.gpt.train import score

    task = Counting()
    model, report = trained(arm, seed, task, lr, steps=steps)
    seen = masses(model, task.batch(torch.Generator().manual_seed(10_001), 128)[0])
    report |= {"accuracy": score(model, task), "largest": seen.largest}
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

    from ideas_lib.gpt.probe import trace_layers
    from ideas_lib.gpt.tasks import Trigger

    task = Trigger()
    model, report = trained(arm, seed, task, lr, steps=600)
    tokens, targets = task.batch(torch.Generator().manual_seed(10_000), 512)
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
    from ideas_lib.gpt.tasks import MQAR
    from ideas_lib.gpt.train import score

    task = MQAR()
    model, report = trained(arm, seed, task, lr, layers=2, steps=500)
    return report | {"accuracy": score(model, task)}


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model: loss held out, and in a window that the first token has left."""
    from ideas_lib.gpt.probe import masses, windowed
    from ideas_lib.gpt.tasks import Text
    from ideas_lib.gpt.trial import held_out_loss

    task = Text(context=128)
    model, report = trained(arm, seed, task, lr, d_model=64, layers=2, steps=200, batch=16)
    half = task.context // 2
    seen = masses(model, task.validation_batches(4)[0][0])
    report |= held_out_loss(model, task) | {"largest": seen.largest}
    report |= {"null mass": seen.extra.tolist(), "first mass": seen.first.tolist()}
    report["loss late"] = held_out_loss(model, task, start=half)["loss"]
    for name, keep in (("loss late, first token gone", False), ("loss late, first kept", True)):
        with windowed(model, half, keep_first=keep):
            report[name] = held_out_loss(model, task, start=half)["loss"]
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
