"""Previous layer: does it help to attend to the keys and values of the layer before?

Four experiments. Following a chain for two hops decides: the second hop is one more look-up in a
table that the layer before has just used, so its keys and values should come in handy. Associative
recall asks how fast the columns are learned with, in a window and with multi-query attention too;
the same for longer asks whether that is all. The last one is a tiny language model.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=32,
    heads=1,
    layers=3,
    steps=600,
    reader_steps=600,
    batch=64,
    window=12,
)

# A first look on pilot seeds: on both tasks 1e-2 is better than half of it and than twice as much.
RATES = tuple({"lr": lr} for lr in (5e-3, 1e-2, 2e-2))
LANGUAGE_RATES = tuple({"lr": lr} for lr in (3e-3, 1e-2, 3e-2))
SEEDS = tuple(range(100, 108))

FORMS = (
    "no embedding",
    "offset in keys",
    "offset in keys and values",
    "component in keys",
    "component in keys and values",
)
CONTROLS = ("same layer again", "previous layer again", "extra layer")


def tweaks(arm: str) -> tuple[Any, ...]:
    """Return the tweaks that make an arm."""
    from ideas_lib.gpt.controls.previous_layer import MultiQuery, OwnProjections, Window
    from ideas_lib.gpt.tweaks.previous_layer import PreviousLayer

    near = Window(SETTINGS["window"])
    return {
        "none": (),
        "no embedding": (PreviousLayer("none"),),
        "offset in keys": (PreviousLayer(),),
        "offset in keys and values": (PreviousLayer(values=True),),
        "component in keys": (PreviousLayer("component"),),
        "component in keys and values": (PreviousLayer("component", values=True),),
        "same layer again": (OwnProjections(),),
        "previous layer again": (OwnProjections(back=1),),
        "extra layer": (),
        "multi-query": (MultiQuery(),),
        "multi-query, offset in keys": (MultiQuery(), PreviousLayer()),
        "half window": (near,),
        "half window, offset in keys": (near, PreviousLayer()),
    }[arm]


def steps_to(losses: list[float], level: float, width: int = 20) -> int:
    """Return when the mean of the last `width` losses first is at the level: steps, at most all."""
    for step in range(width, len(losses) + 1):
        if sum(losses[step - width : step]) / width <= level:
            return step
    return len(losses)


def two_hops(arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"]) -> dict[str, Any]:
    """Follow a chain: accuracy by hops, where attention goes by depth, what it is needed for."""
    import torch

    from ideas_lib.gpt import trace_layers, trial, trial_settings, without_sources
    from ideas_lib.gpt.tasks import Hops, sample_batch

    task = Hops()
    layers = SETTINGS["layers"] + (arm == "extra layer")
    settings = trial_settings(SETTINGS, layers=layers, steps=steps)
    model, report = trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)
    tokens, targets = sample_batch(task, 512, seed=10_000)
    hops = task.hops(tokens)

    def right(add: str = "") -> dict[str, float]:
        with torch.no_grad():
            hit = (model(tokens).argmax(-1) == targets).float()
        each = {
            f"{name} hop{'s' * (n > 1)}": hit[hops == n] for n, name in enumerate(("one", "two"), 1)
        }
        return {name + add: one.mean().item() for name, one in each.items()}

    report |= right()
    traces = trace_layers(model, tokens)
    extra = [trace.weights[..., task.context :].sum(-1) for trace in traces]  # (B, H, R) a layer
    report["mass"] = [mass.mean().item() for mass in extra]
    for n, name in enumerate(("one hop", "two hops"), 1):
        report[f"mass at {name}"] = [mass.mean(1)[hops == n].mean().item() for mass in extra]
    if any(mass.any() for mass in extra):
        with without_sources(model):
            report |= right(" without")
    return report


def recall(arm: str, seed: int, lr: float, steps: int = 300) -> dict[str, Any]:
    """Multi-query associative recall with two layers of two heads: accuracy, and how fast."""
    from ideas_lib.gpt import masses, score, scored_trial, trial_settings, without_sources
    from ideas_lib.gpt.tasks import MQAR, sample_batch

    task, settings = MQAR(context=24), trial_settings(SETTINGS, heads=2, layers=2, steps=steps)
    model, report = scored_trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)
    seen = masses(model, sample_batch(task, 128, seed=10_001)[0])
    report["mass"] = seen.extra.mean(1).tolist()
    report["steps to 0.1 nats"] = steps_to(report["losses"], 0.1)
    if seen.extra.any():
        with without_sources(model):
            report["accuracy without"] = score(model, task)
    return report


def longer(arm: str, seed: int) -> dict[str, Any]:
    """Recall with more than twice the steps, at the middle rate."""
    return recall(arm, seed, lr=1e-2, steps=800)


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model: loss held out, and with the extra columns taken away."""
    from ideas_lib.gpt import held_out_loss, language_trial, masses, without_sources
    from ideas_lib.gpt.tasks import Text

    text = Text(context=64)
    model, report = language_trial(text, *tweaks(arm), seed=seed, lr=lr)
    seen = masses(model, text.validation_batches(1)[0][0])
    report["mass"] = seen.extra.mean(1).tolist()
    if seen.extra.any():
        with without_sources(model):
            report["loss without"] = held_out_loss(model, text)["loss"]
    return report


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Two hops, at the rate that was best in a first look on pilot seeds."""
    return two_hops(arm, seed, lr=1e-2, steps=SETTINGS["reader_steps"])


STUDY = Study(
    slug="previous-layer",
    title="Previous layer",
    prediction=Prediction(
        claim="On two-hop recall, a three-layer GPT whose layers also attend to the previous "
        "layer's keys and values, marked by a learned offset in the keys, answers at least 0.05 "
        "more of the two-hop questions than the same GPT without, each at its best learning rate.",
        outcome="two hops",
        idea="offset in keys",
        baseline="none",
        margin=0.05,
        change_our_mind="An interval that stays below 0.05: then a layer that could use the "
        "previous layer's look-up table a second time has no use for it, in the task that suits "
        "the idea best.",
    ),
    experiments=(
        Experiment(
            "two hops",
            ("none", *FORMS, *CONTROLS),
            two_hops,
            SEEDS,
            grid=RATES,
            score="two hops",
            seconds=10,
        ),
        Experiment(
            "recall",
            (
                "none",
                "offset in keys",
                "same layer again",
                "multi-query",
                "multi-query, offset in keys",
                "half window",
                "half window, offset in keys",
            ),
            recall,
            SEEDS,
            grid=RATES,
            score="accuracy",
            seconds=4,
        ),
        Experiment(
            "longer recall",
            ("none", "offset in keys"),
            longer,
            SEEDS,
            seconds=10,
        ),
        Experiment(
            "language",
            ("none", "offset in keys", "same layer again"),
            language,
            SEEDS,
            grid=LANGUAGE_RATES,
            score="loss",
            score_higher=False,
            seconds=8,
        ),
    ),
    reader=reader,
)
