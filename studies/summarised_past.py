"""Summarised past: are half as many columns for what is old worth having, and which ones?

Three experiments. Needles decide: facts lie in eight spans of filler, and all are asked for at the
end. Fewer columns a span, a quarter and an eighth, go towards the Perceiver. The last experiment
is a tiny language model. Arms of one table have as many columns in every row, but for full
attention, the ceiling. Training is dense and masked; `benchmarks/summarised_past.py` drops the
columns and takes the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=32,
    heads=2,
    layers=2,
    steps=400,
    reader_steps=300,
    batch=32,
    span=8,
    recent=1,
    text_span=16,
)

# A first look on pilot seeds: 1e-2 is better than half of it, and than twice as much.
RATES = tuple({"lr": lr} for lr in (5e-3, 1e-2, 2e-2))
LANGUAGE_RATES = tuple({"lr": lr} for lr in (5e-3, 1e-2, 2e-2))
SEEDS = tuple(range(300, 308))
KEPT = {"1/2": 2, "1/4": 4, "1/8": 8}


def tweaks(arm: str, span: int = SETTINGS["span"]) -> tuple[Any, ...]:
    """Return the tweaks that make an arm: how the past is seen, and the share of it kept."""
    from ideas_lib.gpt.controls.summarised_past import EqualWindow
    from ideas_lib.gpt.tweaks.summarised_past import SummarisedPast

    if arm == "full":
        return ()
    how, _, share = arm.partition(" ")
    size = {"span": span, "keep": span // KEPT[share or "1/2"], "recent": SETTINGS["recent"]}
    return (EqualWindow(**size),) if how == "window" else (SummarisedPast(**size, pool=how),)


@contextmanager
def strangers(model: Any) -> Iterator[None]:
    """Give every text the summaries of another text of its batch for a while."""
    import torch

    class Strange(torch.nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, view: Any) -> Any:
            found = self.inner(view)
            return found and found._replace(k=found.k.roll(1, 0), v=found.v.roll(1, 0))

    layers = [block.attention for block in model.blocks]
    kept = [layer.sources for layer in layers]
    for layer, sources in zip(layers, kept, strict=True):
        layer.sources = torch.nn.ModuleList(Strange(source) for source in sources)
    try:
        yield
    finally:
        for layer, sources in zip(layers, kept, strict=True):
            layer.sources = sources


def columns(model: Any, tokens: Any) -> list[int]:
    """Return how many columns each row sees in the first layer, summaries among them."""
    from ideas_lib.gpt import trace_layers

    seen = trace_layers(model, tokens[:1])[0].weights[0, 0] > 0
    return seen.sum(-1).tolist()


def chosen(model: Any, task: Any, tokens: Any) -> dict[str, list[float]]:
    """Return, by layer, how much of a summary comes from rows that are facts, and their share."""
    import torch

    found: list[float] = []

    def note(source: Any, inputs: tuple[Any, ...], output: Any) -> None:
        rows, _ = source.plan(inputs[0].layout)
        weights = source.pooled(inputs[0].x[:, rows])
        fact = (tokens < task.keys * task.values)[:, rows].float()  # (B, S, N)
        weights = weights.expand(len(tokens), SETTINGS["heads"], len(rows), -1, -1)
        taken = torch.einsum("bhsmn,bsn->bhsm", weights, fact)
        found.append(taken.mean().item())
        share.append(fact.mean().item())

    share: list[float] = []
    hooks = [
        source.register_forward_hook(note) for b in model.blocks for source in b.attention.sources
    ]
    with torch.no_grad():
        model(tokens)
    for hook in hooks:
        hook.remove()
    return {"from facts": found, "share of facts": share}


def needles(arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"]) -> dict[str, Any]:
    """Facts among filler: recall by distance and by facts a span, and what it is needed for."""
    import torch

    from ideas_lib.gpt import trace_layers, trial, trial_settings, without_sources
    from ideas_lib.gpt.tasks import Needles

    task = Needles(span=SETTINGS["span"])
    settings = trial_settings(SETTINGS, steps=steps)
    model, report = trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)
    tokens, targets, age, crowd = task.asked(torch.Generator().manual_seed(10_000), 768)
    asked = slice(-task.span, None)

    def right() -> Any:
        with torch.no_grad():
            logits = torch.cat([model(part)[:, asked] for part in tokens.split(128)])
        return (logits.argmax(-1) == targets[:, asked]).float()

    hit = right()
    report["recall"] = hit.mean().item()
    report["recall by age"] = [hit[age == a].mean().item() for a in range(1, task.spans + 1)]
    report["recall by facts"] = [hit[crowd == c].mean().item() for c in range(1, task.most + 1)]
    for name, old in (("recent", age <= SETTINGS["recent"]), ("old", age > SETTINGS["recent"])):
        report[f"recall {name}"] = hit[old].mean().item()
    if not model.blocks[0].attention.sources:
        return report | {"columns": sum(columns(model, tokens)[asked]) / task.span}
    old = age > SETTINGS["recent"]
    with without_sources(model):
        report["recall old, emptied"] = right()[old].mean().item()
    with strangers(model):
        report["recall old, strangers"] = right()[old].mean().item()
    weights = [
        trace.weights[:, :, asked, task.context :] for trace in trace_layers(model, tokens[:128])
    ]
    report["mass"] = [each.sum(-1).mean().item() for each in weights]
    report |= chosen(model, task, tokens[:128])
    return report | {"columns": sum(columns(model, tokens)[asked]) / task.span}


def fewer(arm: str, seed: int) -> dict[str, Any]:
    """Needles with fewer columns a span, at the middle rate."""
    return needles(arm, seed, lr=RATES[1]["lr"])


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model: held-out loss, by span, and with summaries emptied or strange."""
    from ideas_lib.gpt import held_out_loss, language_trial, without_sources
    from ideas_lib.gpt.tasks import Text

    text, span = Text(context=128), SETTINGS["text_span"]
    model, report = language_trial(text, *tweaks(arm, span), seed=seed, lr=lr)
    report["loss by span"] = by_span(model, text, span)
    late = span * (SETTINGS["recent"] + 1)  # where something is old
    report["loss late"] = held_out_loss(model, text, start=late)["loss"]
    if model.blocks[0].attention.sources:
        with without_sources(model):
            report["loss late, emptied"] = held_out_loss(model, text, start=late)["loss"]
        with strangers(model):
            report["loss late, strangers"] = held_out_loss(model, text, start=late)["loss"]
    return report


def by_span(model: Any, text: Any, span: int) -> list[float]:
    """Return the held-out loss of each span of the context, first span first."""
    import torch
    import torch.nn.functional as F

    found = []
    with torch.no_grad():
        for tokens, targets in text.validation_batches(4):
            loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten(), reduction="none")
            found.append(loss.view(len(tokens), -1, span).mean((0, 2)))
    return torch.stack(found).mean(0).tolist()


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Needles with less training, at the middle rate."""
    return needles(arm, seed, lr=RATES[1]["lr"], steps=SETTINGS["reader_steps"])


STUDY = Study(
    slug="summarised-past",
    title="Summarise the past",
    prediction=Prediction(
        claim="Asked for facts that lie up to eight spans back, a two-layer GPT that sees what is "
        "old as half as many learned summaries recalls at least 0.05 more of them than one that "
        "sees it as means of two, in as many columns, each at its best learning rate.",
        outcome="recall",
        idea="learned",
        baseline="mean",
        margin=0.05,
        confidence=0.9,
        change_our_mind="An interval that stays below 0.05: then learning what to keep buys "
        "nothing over averaging neighbours, and any gain over a window is that of seeing at all.",
    ),
    experiments=(
        Experiment(
            "needles",
            ("full", "window", "strided", "mean", "learned"),
            needles,
            SEEDS,
            grid=RATES,
            score="recall",
            seconds=16,
        ),
        Experiment(
            "fewer",
            tuple(
                f"{how} {share}"
                for share in ("1/4", "1/8")
                for how in ("window", "mean", "learned")
            ),
            fewer,
            SEEDS[:5],
            score="recall",
            seconds=16,
        ),
        Experiment(
            "language",
            ("full", "window", "learned"),
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
