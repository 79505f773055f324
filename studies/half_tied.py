"""Half-tied embeddings: should input and output share half of their weights?

The book's language model decides, between half and none. At the same length, what may matter more
is crossed: four ways to tie, a learned gain on the logits or none, and the embedding in the head's
units or in the stream's. Copy and map, a task made for the idea, says what the columns come to do.

The first edition had half 0.026 nats behind none (0.010 to 0.042), after 200 steps of another
recipe, and 0.13 ahead of all. A first look, one run of half at 2e-2 on a pilot seed, was stopped at
step 443: every 17th step of it, from step 103 on, has a loss within 0.01 of that of none, in the
mean. So no gain is to be had, and the question is whether half is no worse, at fewer weights.

The prediction was decided before the cells: they were first run with a tenth of the tokens, where
models end above the table of pairs. What was expected of them at full length, before they ran and
with untied, half and tied in the head's units known: in the mean over the cells the head's units
are worth more than 0.02 nats, and less than the 0.4 that they were worth early; a gain on the
logits is worth less than 0.02 either way; and tied is further behind untied in the stream's units
than in the head's.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    reader_steps=120,
    reader_batch=8,
    d_model=32,
    heads=2,
    layers=1,
    steps=400,
    batch=32,
)

RATES = tuple({"lr": lr} for lr in (1e-2, 3e-2, 1e-1))
LANGUAGE_RATES = tuple({"lr": lr} for lr in (1e-2, 2e-2, 4e-2))
SEEDS = tuple(range(300, 308))

TIES = ("untied", "half", "tied", "tied + matrix")
GAINS = ("", ", gain")
UNITS = ("", ", stream units")
CELLS = tuple(tie + gain + units for units in UNITS for gain in GAINS for tie in TIES)
OTHERS = (*(cell for cell in CELLS if cell not in ("untied", "half")), "untied, narrower")
NARROWER = 56  # untied, as large in all as the half-tied language model, by three percent more
FREQUENT = 256  # tokens of the text that are not rare, and of copy and map 128
TURNS = ("seen", "new", "rare seen", "rare new")


def tweaks(arm: str) -> tuple[Any, ...]:
    """Return the tweaks that make an arm: how it ties, and what else it has.

    Unless an arm says otherwise, its embedding is in the head's units, and its logits have no gain.
    """
    from ideas_lib.gpt.controls.half_tied import Gain, StreamUnits, TiedMap
    from ideas_lib.gpt.tweaks.half_tied import HalfTied

    ties: dict[str, tuple[Any, ...]] = {
        "untied": (),
        "half": (HalfTied(),),
        "tied": (HalfTied(1),),
        "tied + matrix": (TiedMap(),),
    }
    more: dict[str, tuple[Any, ...]] = {
        "gain": (Gain(),),
        "stream units": (StreamUnits(),),
        "narrower": (),
    }
    tie, *others = arm.split(", ")
    return ties[tie] + tuple(tweak for other in others for tweak in more[other])


def language(arm: str, seed: int, lr: float, **shorter: int) -> dict[str, Any]:
    """A tiny language model: the loss held out, by whether a target stood in the text before."""
    from ideas_lib.gpt import LANGUAGE, language_trial
    from ideas_lib.gpt.tasks import Text

    text = Text(context=128)
    width = NARROWER if arm.endswith("narrower") else LANGUAGE["d_model"]
    made = tweaks(arm)
    model, report = language_trial(text, *made, seed=seed, lr=lr, d_model=width, **shorter)
    return report | by_turn(model, text)


def by_turn(model: Any, text: Any) -> dict[str, float]:
    """Return the held-out loss where a target was seen before in its window, and where it is new.

    For all targets, and for rare ones, with the share of all targets that each kind has.
    """
    import numpy as np
    import torch
    import torch.nn.functional as F

    counts = np.bincount(text.tokens.train, minlength=text.vocab_size)
    rank = torch.from_numpy(counts).argsort(descending=True, stable=True).argsort()
    losses, kinds = [], []
    for tokens, targets in text.validation_batches(4):
        with torch.no_grad():
            logits = model(tokens)
        losses.append(F.cross_entropy(logits.transpose(1, 2), targets, reduction="none"))
        kinds.append(turns(tokens, targets, rank[targets] >= FREQUENT))
    loss, kind = torch.cat(losses), torch.cat(kinds, dim=1)
    found = {}
    for name, which in zip(TURNS, kind, strict=True):
        found[f"loss, {name}"] = loss[which].mean().item()
        found[f"share, {name}"] = which.float().mean().item()
    return found


def turns(tokens: Any, targets: Any, rare: Any) -> Any:
    """Return which targets are of each of TURNS: (B, T), (B, T), (B, T) bool -> (4, B, T) bool."""
    import torch

    before = torch.ones(tokens.size(1), tokens.size(1), dtype=torch.bool).tril()
    seen = ((targets[:, :, None] == tokens[:, None, :]) & before).any(-1)
    return torch.stack([seen, ~seen, rare & seen, rare & ~seen])


def copy_and_map(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Copy and map, by attention alone: the loss by kind and rarity, and the direct path.

    All arms have a gain on the logits, for the loss of what is always right measures loudness.
    """
    import torch
    import torch.nn.functional as F

    from ideas_lib.gpt import trial, trial_settings
    from ideas_lib.gpt.controls.half_tied import NoMLP
    from ideas_lib.gpt.tasks import CopyAndMap, sample_batch

    task, made = CopyAndMap(cycle=seed), (*tweaks(f"{arm}, gain"), NoMLP())
    model, report = trial(task, *made, seed=seed, lr=lr, **trial_settings(SETTINGS))
    tokens, targets = sample_batch(task, 512, seed=10_000)
    with torch.no_grad():
        logits = model(tokens)
    loss = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    right = (logits.argmax(-1) == targets).float()
    report |= {"loss": loss.mean().item(), "log2 loss": loss.mean().log2().item()}
    report["accuracy"] = right.mean().item()
    copy, rare = tokens == task.vocab_size - 1, targets >= FREQUENT // 2
    kinds = {"copies": copy, "maps": ~copy, "rare copies": copy & rare, "rare maps": ~copy & rare}
    report |= {f"loss, {kind}": loss[which].mean().item() for kind, which in kinds.items()}
    return report | direct_path(model, task.following)


def direct_path(model: Any, following: Any) -> dict[str, float]:
    """Return how often, past the attention, a token scores itself highest, or the next one.

    By what passes through the first half of the columns, which a half-tied model shares, the other
    half, and all. `following` is what follows each token, (V,).
    """
    import torch

    everything, width = torch.arange(len(following)), model.config.d_model
    halves = {"first": slice(width // 2), "other": slice(width // 2, width), "all": slice(width)}
    found = {}
    with torch.no_grad():
        into = model.norm(model.vocab.embed(everything[None]))[0]  # (V, d)
        head = model.vocab.logits(torch.eye(width)[None])[0].T  # (V + 1, d)
    for name, columns in halves.items():
        best = (into[:, columns] @ head[:, columns].T).argmax(1)
        found[f"itself, {name}"] = (best == everything).float().mean().item()
        found[f"next, {name}"] = (best == following).float().mean().item()
    return found


def reader(arm: str, seed: int) -> dict[str, Any]:
    """The language model after few steps of few texts, at the middle rate."""
    few = dict(steps=SETTINGS["reader_steps"], batch=SETTINGS["reader_batch"])
    return language(arm, seed, LANGUAGE_RATES[1]["lr"], **few)


SPOKEN: dict[str, Any] = dict(
    grid=LANGUAGE_RATES, pilot_seeds=(0,), score="loss", score_higher=False
)

STUDY = Study(
    slug="half-tied",
    title="Half-tied embeddings",
    prediction=Prediction(
        claim="On the book's text, the language model whose head shares half of the embedding's "
        "columns ends less than 0.02 nats a token behind the one whose head shares none, with 18 % "
        "fewer parameters in all, each at its best learning rate.",
        outcome="loss",
        idea="half",
        baseline="untied",
        margin=0.02,
        higher=False,
        confidence=0.7,
        no_worse=True,
        change_our_mind="An interval that lies at or below minus 0.02: then half of a table is not "
        "to be had for nothing, even on a small vocabulary.",
    ),
    experiments=(
        Experiment("language", ("untied", "half"), language, SEEDS, **SPOKEN, seconds=58),
        Experiment("language, cells", OTHERS, language, SEEDS[:4], **SPOKEN, seconds=58),
        Experiment(
            "copy and map",
            TIES,
            copy_and_map,
            SEEDS,
            grid=RATES,
            score="log2 loss",
            score_higher=False,
            seconds=4.5,
        ),
    ),
    reader=reader,
    tolerance=0.01,
)
