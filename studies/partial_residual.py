"""Partial residual: what if only some dims of the stream have residual connections?

Own or two back decides, in six layers: half of the tokens ask for themselves and half for the
token two back, so that a stream which forgets its own token cannot answer. Recall, solved or not,
and a tiny language model are secondary. Every verdict run says what each part of the stream
holds by depth, which part the answer needs, and how large the gradient is behind each layer.

A first look on pilot seeds: every fraction but none ends at an accuracy of 1.0, so the loss
decides. At 8e-2 its log2 was -6.9 with all residuals and -6.3 with half of them; with the residual
half alone -5.2, and -5.0 with a stream of half the width. With the other half back in the last
layer alone it was -6.3 again. The margin is less than half of what it costs to take that half out.
A rate of 1e-2 was worse for all six arms that were looked at. At 8e-2 a run with all residuals
came out at -4.4 on another seed: so there are three pilot seeds.
On recall, six layers stayed at chance for 500 steps: so it has four, and 64 texts a step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=32,
    heads=2,
    layers=6,
    steps=250,
    recall_steps=500,
    batch=32,
    vocab_size=128,
    context=16,
)

RATES = tuple({"lr": lr} for lr in (2e-2, 4e-2, 8e-2, 1.6e-1))
RECALL_RATES = tuple({"lr": lr} for lr in (2.5e-3, 5e-3, 1e-2, 2e-2))
LANGUAGE_RATES = tuple({"lr": lr} for lr in (1e-2, 2e-2, 4e-2))
SEEDS = tuple(range(300, 308))
PILOT_SEEDS = (0, 1, 2)
RECALL_SEEDS = tuple(range(300, 316))

FRACTIONS = {"all": 1.0, "three quarters": 0.75, "half": 0.5, "a quarter": 0.25, "no channel": 0.0}
ARMS = (
    *FRACTIONS,
    *("learned scale", "all, two norms", "half, one norm"),
    *("residual half alone", "rest in the last layer", "narrow"),
)
PARTS = ("residual part", "rest")
TEXTS = 256  # for probes


def tweaks(arm: str) -> tuple[Any, ...]:
    """Return the tweaks that make an arm; the narrow one is made by `width` alone."""
    from ideas_lib.gpt.controls.partial_residual import ResidualOnly, TwoNorms
    from ideas_lib.gpt.tweaks.partial_residual import PartialResidual

    made: dict[str, tuple[Any, ...]] = {
        name: (PartialResidual(fraction),) for name, fraction in FRACTIONS.items()
    }
    return {
        **made,
        "learned scale": (PartialResidual(1.0, learned=True),),
        "all, two norms": (TwoNorms(),),
        "half, one norm": (PartialResidual(apart=False),),
        "residual half alone": (PartialResidual(), ResidualOnly()),
        "rest in the last layer": (PartialResidual(), ResidualOnly(spare_last=True)),
        "narrow": (),
    }[arm]


def width(arm: str, full: int = SETTINGS["d_model"]) -> int:
    """Return how many channels an arm's stream has: the narrow one as many as half has that add."""
    return full // 2 if arm == "narrow" else full


def parts(arm: str) -> dict[str, slice]:
    """Return the channels that have residual connections and the rest; two halves if all alike."""
    fraction = FRACTIONS.get(arm, 0.5)
    cut = width(arm) - round(width(arm) * (fraction if 0 < fraction < 1 else 0.5))
    return dict(zip(PARTS, (slice(cut, None), slice(0, cut)), strict=True))


@contextmanager
def reading(model: Any, channels: slice) -> Iterator[None]:
    """Let what looks through the model's last norm see some channels only, for a while."""
    import torch

    class Some(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            found, seen = torch.zeros_like(x), kept(x)
            found[..., channels] = seen[..., channels]
            return found

    kept = model.norm
    model.norm = Some()
    try:
        yield
    finally:
        model.norm = kept


@contextmanager
def swapped(model: Any, layer: int, channels: slice) -> Iterator[None]:
    """Give some channels behind a layer to the next text of the batch, for a while."""

    def give(block: Any, inputs: Any, x: Any) -> Any:
        x = x.clone()
        x[..., channels] = x[..., channels].roll(1, 0)
        return x

    hook = model.blocks[layer].register_forward_hook(give)
    try:
        yield
    finally:
        hook.remove()


def gradients(model: Any, task: Any, channels: dict[str, slice]) -> dict[str, list[float]]:
    """Return the loss's gradient by the stream behind each layer: its norm, part by part."""
    import torch

    from ideas_lib.gpt.tasks import IGNORE, sample_batch

    tokens, targets = sample_batch(task, 64, seed=10_002)
    traces: list[Any] = []
    logits = model(tokens, traces)
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE
    )
    found = torch.autograd.grad(loss, [trace.x for trace in traces])
    return {
        part: [grad[..., where].norm().item() for grad in found] for part, where in channels.items()
    }


def look_inside(model: Any, task: Any, channels: dict[str, slice]) -> dict[str, Any]:
    """Say what each part holds by depth, and how often answers are right without it."""
    from ideas_lib.gpt import decodable, score
    from ideas_lib.gpt.tasks import sample_batch

    tokens, targets = sample_batch(task, TEXTS, seed=10_001)
    # Where there is no token two back, and where nothing is asked, "nothing" is a class.
    nothing = task.vocab_size
    earlier = tokens.roll(task.back, 1)
    earlier[:, : task.back] = nothing
    labels = {
        "own token": tokens,
        "two back": earlier,
        "answer": targets.where(targets >= 0, nothing),
    }
    report: dict[str, Any] = {}
    for part, where in channels.items():
        for name, wanted in labels.items():
            with reading(model, where):
                report[f"{name} in {part}"] = decodable(model, tokens, wanted)
        without = []
        for layer in range(model.config.layers):
            with swapped(model, layer, where):
                without.append(score(model, task, size=256))
        report[f"accuracy, {part} swapped"] = without
    return report


def own_or_back(
    arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"], look: bool = True
) -> dict[str, Any]:
    """Own or two back: the loss on fresh texts; on verdict seeds, what the parts are for, too."""
    import math

    import torch

    from ideas_lib.gpt import loss_of, scored_trial, trial_settings
    from ideas_lib.gpt.tasks import OwnOrBack, sample_batch

    task = OwnOrBack(SETTINGS["vocab_size"], SETTINGS["context"])
    settings = trial_settings(SETTINGS, d_model=width(arm), steps=steps)
    look = look and seed >= 100
    first: dict[str, list[float]] = {}

    def watch(model: Any, done: int) -> None:
        if look and not done:
            first.update(gradients(model, task, parts(arm)))

    made = tweaks(arm)
    model, report = scored_trial(task, *made, seed=seed, lr=lr, watch=watch, **settings)
    with torch.no_grad():
        loss = loss_of(model, *sample_batch(task, 512, seed=10_001)).item()
    report |= {"loss": loss, "log2 loss": math.log2(loss)}
    if not look:
        return report
    report |= look_inside(model, task, parts(arm))
    for when, found in (("first", first), ("last", gradients(model, task, parts(arm)))):
        report |= {f"gradient in {part}, at {when}": norms for part, norms in found.items()}
    if arm == "learned scale":
        joins = [j for block in model.blocks for j in (block.join_attention, block.join_mlp)]
        report["kept, mean"] = [join.keep.mean().item() for join in joins]
        report["kept, share below a half"] = [
            (join.keep < 0.5).float().mean().item() for join in joins
        ]
    return report


def recall(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Multi-query associative recall, solved or not."""
    from ideas_lib.gpt import scored_trial, trial_settings
    from ideas_lib.gpt.tasks import MQAR

    own = dict(d_model=width(arm), layers=4, batch=64, steps=SETTINGS["recall_steps"])
    settings = trial_settings(SETTINGS, **own)
    task = MQAR(context=32)
    report = scored_trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)[1]
    return report | {"solved": float(report["accuracy"] > 0.9)}


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """The book's small language model, which has two layers: the loss held out."""
    from ideas_lib.gpt import LANGUAGE, language_trial
    from ideas_lib.gpt.tasks import Text

    wide = width(arm, LANGUAGE["d_model"])
    made = tweaks(arm)
    return language_trial(Text(context=128), *made, seed=seed, lr=lr, d_model=wide)[1]


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Own or two back at the rate that the pilot seeds favoured, without looking inside."""
    return own_or_back(arm, seed, lr=8e-2, look=False)


STUDY = Study(
    slug="partial-residual",
    title="Partial residuals",
    prediction=Prediction(
        claim="On own or two back, a six-layer GPT in which half of the channels have residual "
        "connections, the halves normed apart, ends no worse than the GPT in which all have them, "
        "by less than three quarters of a halving of the loss, each at its best learning rate.",
        outcome="log2 loss",
        idea="half",
        baseline="all",
        margin=0.75,
        higher=False,
        no_worse=True,
        confidence=0.6,
        change_our_mind="An interval that reaches a loss 1.7 times as large: then forgetting in "
        "half of the stream costs about half as much as not having that half.",
    ),
    experiments=(
        Experiment(
            "own or two back",
            ARMS,
            own_or_back,
            SEEDS,
            grid=RATES,
            pilot_seeds=PILOT_SEEDS,
            score="log2 loss",
            score_higher=False,
            seconds=8,
        ),
        Experiment(
            "recall",
            ("all", "half", "narrow"),
            recall,
            RECALL_SEEDS,
            grid=RECALL_RATES,
            pilot_seeds=PILOT_SEEDS,
            score="accuracy",
            seconds=9,
        ),
        Experiment(
            "language",
            ("all", "half", "residual half alone"),
            language,
            SEEDS[:5],
            grid=LANGUAGE_RATES,
            pilot_seeds=(0,),
            score="loss",
            score_higher=False,
            seconds=85,
        ),
    ),
    reader=reader,
)
