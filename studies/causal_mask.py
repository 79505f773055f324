"""Causal mask: is it worth reading a finished stretch of text again, from its end?

Four experiments. A list of numbers is read, then asked for the largest up to one of them and for
the largest from one on: that decides. The ceiling re-encodes all that came before an answer, for
every answer. Counting pairs, after the paper on that ceiling, and a tiny language model are
secondary, and no difference is expected there.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=32,
    heads=4,
    layers=2,
    steps=500,
    reader_steps=500,
    batch=64,
    listed=8,
    block=32,
)

# A first look on pilot seeds: 5e-3 is too slow for every arm, and 4e-2 is worse than half of it.
RATES = tuple({"lr": lr} for lr in (5e-3, 1e-2, 2e-2, 4e-2))
COUNT_RATES = RATES[:3]
LANGUAGE_RATES = tuple({"lr": lr} for lr in (1e-2, 2e-2, 4e-2))
SEEDS = tuple(range(300, 316))
FEW = tuple(range(300, 305))

ARMS = (
    "causal",
    "deeper",
    "read twice",
    "back",
    "back, unmarked",
    "both ways",
    "both ways, instead",
)


def tweaks(arm: str, block: int, again: int | None = 1) -> tuple[Any, ...]:
    """Return the tweaks that make an arm, where the first `again` blocks are read again."""
    from ideas_lib.gpt.controls.causal_mask import EveryToken
    from ideas_lib.gpt.tweaks.causal_mask import CausalMask

    return {
        "causal": (),
        "deeper": (),
        "two deeper": (),
        "read twice": (CausalMask(block, again, reading="forth"),),
        "back": (CausalMask(block, again),),
        "back, unmarked": (CausalMask(block, again, mark=False),),
        "both ways": (CausalMask(block, again, reading="both"),),
        "both ways, instead": (CausalMask(block, again, reading="both", keep=False),),
        "every token": (EveryToken(block),),
    }[arm]


def layers(arm: str) -> int:
    """Return how many layers an arm has."""
    more = {"deeper": 1, "two deeper": 2}
    return SETTINGS["layers"] + more.get(arm, 0)


def largest(arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"]) -> dict[str, Any]:
    """Largest: the loss in halvings, by question, and where the answers look."""
    import math

    import torch
    import torch.nn.functional as F

    from ideas_lib.gpt import trace_layers, trial, trial_settings
    from ideas_lib.gpt.tasks import Largest, sample_batch

    task = Largest(listed=SETTINGS["listed"])
    settings = trial_settings(SETTINGS, layers=layers(arm), steps=steps)
    model, report = trial(task, *tweaks(arm, task.listed), seed=seed, lr=lr, **settings)
    tokens, targets = sample_batch(task, 1024, seed=10_000)
    asked = task.asked(tokens)
    with torch.no_grad():
        logits = model(tokens)
    each = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    right = (logits.argmax(-1) == targets).float()
    report["loss"] = each[asked > 0].mean().item()
    report["halvings"] = -math.log2(report["loss"])
    report["accuracy"] = right[asked > 0].mean().item()
    for kind, name in ((1, "up to it"), (2, "from it on")):
        report[f"halvings {name}"] = -math.log2(each[asked == kind].mean().item())
        report[f"accuracy {name}"] = right[asked == kind].mean().item()
        late, rows = asked == kind, slice(task.context, None)
        traces = trace_layers(model, tokens)
        seen = [trace.weights[..., : task.context, rows].sum(-1).mean(1) for trace in traces]
        report[f"second reading {name}"] = [mass[late].mean().item() for mass in seen]
    return report


def count3(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Count3, before the count is reduced: the loss in halvings, and the accuracy."""
    import math

    import torch

    from ideas_lib.gpt import loss_of, scored_trial, trial_settings
    from ideas_lib.gpt.tasks import Count3, sample_batch

    task, settings = Count3(), trial_settings(SETTINGS, layers=layers(arm), steps=600)
    model, report = scored_trial(task, *tweaks(arm, task.prefix), seed=seed, lr=lr, **settings)
    with torch.no_grad():
        report["loss"] = loss_of(model, *sample_batch(task, 1024, seed=10_000)).item()
    report["halvings"] = -math.log2(report["loss"])
    return report


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model in blocks: loss held out, in the first block, and behind it."""
    from ideas_lib.gpt import held_out_loss, language_trial, trace_layers
    from ideas_lib.gpt.tasks import Text

    text, block = Text(context=128), SETTINGS["block"]
    made = tweaks(arm, block, again=None)
    model, report = language_trial(text, *made, seed=seed, lr=lr, layers=layers(arm))
    report["loss behind"] = held_out_loss(model, text, start=block)["loss"]
    traces = trace_layers(model, text.validation_batches(1)[0][0][:8])
    late, n = slice(text.context - block, text.context), text.context
    report["second reading"] = [
        trace.weights[:, :, late, n:].sum(-1).mean().item() for trace in traces
    ]
    return report


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Largest, at the rate that was best in a first look on pilot seeds."""
    return largest(arm, seed, lr=1e-2, steps=SETTINGS["reader_steps"])


STUDY = Study(
    slug="causal-mask",
    title="Causal mask",
    prediction=Prediction(
        claim="Where a list of numbers is read a second time from its end, beside the causal "
        "reading, a two-layer GPT asked for the largest number up to an entry, or from one on, has "
        "a loss at least half a halving lower than a causal GPT with a layer more, which costs as "
        "much, each at its best learning rate.",
        outcome="halvings",
        idea="back",
        baseline="deeper",
        margin=0.5,
        confidence=0.8,
        change_our_mind="An interval that stays below half a halving: then later rows make up for "
        "what an earlier one was not let see, even where it is asked what follows it.",
    ),
    experiments=(
        Experiment(
            "largest",
            ARMS,
            largest,
            SEEDS,
            grid=RATES,
            score="halvings",
            seconds=8,
        ),
        Experiment(
            "ceiling",
            ("every token",),
            largest,
            SEEDS[:4],
            grid=RATES[1:3],
            pilot_seeds=(0, 1),
            score="halvings",
            seconds=40,
        ),
        Experiment(
            "count3",
            ("causal", "deeper", "back", "every token"),
            count3,
            FEW,
            grid=COUNT_RATES,
            pilot_seeds=(0, 1),
            score="halvings",
            seconds=12,
        ),
        Experiment(
            "language",
            ("causal", "two deeper", "back"),
            language,
            FEW,
            grid=LANGUAGE_RATES,
            pilot_seeds=(0,),
            score="loss",
            score_higher=False,
            seconds=110,
        ),
    ),
    reader=reader,
)
