"""Half-tied embeddings: should input and output share half of their weights?

Copy and map decides: copying wants a token's input and output vectors to agree, mapping wants them
to differ. The map alone, the same with an MLP, and the same with another scale of the embedding
say why. Then a tiny language model, and what its shared and separate columns are like.

All arms but the book's baseline of then have the embedding in the head's units and a learned gain
on the logits. A first look on pilot seeds: without the two, who wins is settled by the size of
steps and of logits. There, log2 of the loss at 1e-2, 3e-2 and 1e-1 was about -1.4, -3.8 and -3.2
untied, -2.9, -6.1 and -3.6 tied; half -8.2 and -10.2 at the last two, and -6.6 at 3e-1. So tied,
not untied, is the baseline to beat.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=32,
    heads=2,
    layers=1,
    steps=400,
    batch=32,
)

RATES = tuple({"lr": lr} for lr in (1e-2, 3e-2, 1e-1, 3e-1))
LANGUAGE_RATES = tuple({"lr": lr} for lr in (3e-3, 1e-2, 3e-2))
SEEDS = tuple(range(100, 108))
WATCHED = (0, 1 / 40, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)  # when gradients are looked at, of all steps

FRACTIONS = {"untied": 0, "quarter": 0.25, "half": 0.5, "three quarters": 0.75, "tied": 1}
# Of the half-tied model's width: as many weights in embedding and head as it has.
WIDTHS = {"untied, narrower": 0.75, "tied, wider": 1.5}
# The same for the language model: about as many weights in all.
LANGUAGE_WIDTHS = {"untied, narrower": 56, "tied, wider": 76}


def tweaks(arm: str) -> tuple[Any, ...]:
    """Return the tweaks that make an arm."""
    from ideas_lib.gpt.controls.half_tied import Gain, LearnedScale, StreamUnits, TiedMap
    from ideas_lib.gpt.tweaks.half_tied import HalfTied

    if arm == "the book's baseline":
        return (StreamUnits(),)
    size = (StreamUnits(),) if arm.endswith(", embedding units") else ()
    kind = arm.removesuffix(", embedding units").removesuffix(", narrower")
    kind = kind.removesuffix(", wider")
    ties = {name: HalfTied(fraction) for name, fraction in FRACTIONS.items()}
    ties |= {"tied + map": TiedMap(), "half, learned scale": LearnedScale()}
    return (*size, ties[kind], Gain())


def trained(arm: str, seed: int, task: Any, lr: float, *more: Any, **settings: int) -> Any:
    """Train one arm on a task, watching both sides of its embedding; return model and report."""
    from ideas_lib.gpt import trial

    watched = {round(share * settings["steps"]) for share in WATCHED}
    seen = []

    def watch(model: Any, done: int) -> None:
        if done in watched:
            seen.append(sides(model, task))

    made = (*tweaks(arm), *more)
    model, report = trial(task, *made, seed=seed, lr=lr, watch=watch, **settings)
    into, out, agreement = zip(*seen, strict=True)
    report["input's share of the gradient"] = [i / (i + o) for i, o in zip(into, out, strict=True)]
    if None not in agreement:
        report["agreement of the gradients"] = list(agreement)
    return model, report


def sides(model: Any, task: Any) -> tuple[float, float, float | None]:
    """Return the gradient's norm on the embedding from the input side, and from the output side.

    On what is shared, as it is stored, and with the cosine between the two; where nothing is
    shared, the first is the embedding's and the second the head's.
    """
    import torch

    from ideas_lib.gpt import loss_of
    from ideas_lib.gpt.tasks import sample_batch
    from ideas_lib.gpt.tweaks.half_tied import bare

    tokens, targets = sample_batch(task, 32, seed=10_002)
    table = next(bare(model.vocab).embedding.parameters())
    tie = next((m for m in model.vocab.modules() if hasattr(m, "shared")), None)
    columns = tie.shared if tie is not None else 0
    own = [p for name, p in model.vocab.named_parameters() if name.endswith("head.weight")]
    (both,) = torch.autograd.grad(loss_of(model, tokens, targets), table)
    embed = model.vocab.embed
    model.vocab.embed = lambda tokens: embed(tokens).detach()  # now only the head learns
    try:
        loss = loss_of(model, tokens, targets)
        (out,) = torch.autograd.grad(loss, table if columns else own[0])
    finally:
        del model.vocab.embed
    if not columns:
        return both.norm().item(), out.norm().item(), None
    into, out = (both - out)[:, :columns].flatten(), out[:, :columns].flatten()
    agreement = torch.cosine_similarity(into, out, dim=0)
    return into.norm().item(), out.norm().item(), agreement.item()


def copy_and_map(arm: str, seed: int, lr: float, mlp: bool = False) -> dict[str, Any]:
    """Copy and map: loss by kind and rarity, and which columns of the head do which of the two."""
    import torch
    import torch.nn.functional as F

    from ideas_lib.gpt.controls.half_tied import NoMLP
    from ideas_lib.gpt.tasks import CopyAndMap, sample_batch

    task, width = CopyAndMap(cycle=seed), round(WIDTHS.get(arm, 1) * SETTINGS["d_model"])
    settings = SETTINGS | {"d_model": width}
    model, report = trained(arm, seed, task, lr, *(() if mlp else (NoMLP(),)), **settings)
    tokens, targets = sample_batch(task, 512, seed=10_000)
    copy, rare = tokens == task.vocab_size - 1, targets >= 128
    with torch.no_grad():
        stream = normed(model, tokens)
        logits = model.vocab.logits(stream)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        loss = loss.view_as(targets)
    report |= {"loss": loss.mean().item(), "log2 loss": loss.mean().log2().item()}
    report["accuracy"] = (logits.argmax(-1) == targets).float().mean().item()
    kinds = {"copies": copy, "maps": ~copy, "rare copies": copy & rare, "rare maps": ~copy & rare}
    report |= {f"loss, {kind}": loss[which].mean().item() for kind, which in kinds.items()}
    shared = round(FRACTIONS.get(arm, 0) * width)
    shared = shared if 0 < shared < width else width // 2
    first = torch.arange(width) < shared
    for name, columns in {"first columns": first, "other columns": ~first}.items():
        with torch.no_grad():
            right = model.vocab.logits(stream * columns).argmax(-1) == targets
        for kind in ("copies", "maps"):
            report[f"{kind}, {name} alone"] = right[kinds[kind]].float().mean().item()
    return report


def normed(model: Any, tokens: Any) -> Any:
    """Return what the head reads, (B, T, d)."""
    model.vocab.logits = lambda x: x
    try:
        return model(tokens)
    finally:
        del model.vocab.logits


def with_mlp(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Copy and map with an MLP behind the attention."""
    return copy_and_map(arm, seed, lr, mlp=True)


def map_alone(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Copy and map without the copying, tokens drawn alike, and no layers at all: accuracy."""
    from ideas_lib.gpt import score
    from ideas_lib.gpt.tasks import CopyAndMap

    task = CopyAndMap(context=16, copies=0, uniform=True, cycle=seed)
    settings = SETTINGS | dict(layers=0, steps=150, batch=64)
    model, report = trained(arm, seed, task, lr, **settings)
    return report | {"accuracy": score(model, task)}


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model: the loss held out."""
    from ideas_lib.gpt import LANGUAGE, held_out_loss
    from ideas_lib.gpt.tasks import Text

    text, width = Text(context=64), LANGUAGE_WIDTHS.get(arm, LANGUAGE["d_model"])
    model, report = trained(arm, seed, text, lr, **LANGUAGE | {"d_model": width})
    return report | held_out_loss(model, text)


def kinship(arm: str, seed: int) -> dict[str, Any]:
    """How like an untied language model's two matrices the half-tied one's three are.

    By the 256 most frequent tokens: the debiased similarity of their Gram matrices (1905.00414),
    which turns of the space leave alone. All models have first weights and data of their own.
    """
    import numpy as np
    import torch

    from ideas_lib.gpt import LANGUAGE, trial
    from ideas_lib.gpt.tasks import Text

    text = Text(context=64)
    frequent = np.bincount(text.tokens.train, minlength=text.vocab_size).argsort()[-256:].copy()

    def matrices(arm: str, seed: int) -> tuple[Any, Any]:
        model, _ = trial(text, *tweaks(arm), seed=seed, lr=1e-2, **LANGUAGE)
        with torch.no_grad():
            head = model.vocab.logits(torch.eye(64)[None])[0].T
            return model.vocab.embed(torch.from_numpy(frequent)), head[frequent]

    into, out = matrices("untied", seed + 1000)
    again, out_again = matrices("untied", seed + 2000)
    a_b, a_c = matrices("half", seed)
    rows = {"A": a_b[:, :32], "B": a_b[:, 32:], "C": a_c[:, 32:], "tied": matrices("tied", seed)[0]}
    rows |= {"untied input": again, "untied output": out_again}
    found = {f"{name} to input": alike(rows[name], into) for name in rows}
    return found | {f"{name} to output": alike(rows[name], out) for name in rows}


def alike(x: Any, y: Any) -> float:
    """Return the debiased linear CKA of (n, p) and (n, q): 1 for the same, 0 for unrelated."""
    grams = [(z @ z.T).double().fill_diagonal_(0) for z in (x, y)]
    n = len(x)

    def hsic(k: Any, m: Any) -> Any:
        cross = (k * m).sum() - 2 / (n - 2) * k.sum(0) @ m.sum(0)
        return cross + k.sum() * m.sum() / ((n - 1) * (n - 2))

    k, m = grams
    return (hsic(k, m) / (hsic(k, k) * hsic(m, m)).sqrt()).item()


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Copy and map, at the rate that was best for the baseline on pilot seeds."""
    return copy_and_map(arm, seed, lr=3e-2)


COPY_AND_MAP = (*FRACTIONS, "tied + map", "half, learned scale", *WIDTHS)
THREE = ("untied", "half", "tied")

STUDY = Study(
    slug="half-tied",
    title="Half-tied embeddings",
    prediction=Prediction(
        claim="On copy-and-map, a one-layer GPT without an MLP whose head shares half of the "
        "embedding's columns ends with at most half the held-out loss of the same GPT with all "
        "of them tied, each at its best learning rate.",
        outcome="log2 loss",
        idea="half",
        baseline="tied",
        margin=1.0,
        higher=False,
        change_our_mind="An interval that stays below one halving of the loss: then sharing only "
        "half is of little use even where the two halves have opposite things to do.",
    ),
    experiments=(
        Experiment(
            "copy and map",
            COPY_AND_MAP,
            copy_and_map,
            SEEDS,
            grid=RATES,
            score="log2 loss",
            score_higher=False,
            seconds=4.5,
        ),
        Experiment(
            "map alone",
            (*FRACTIONS, "tied + map"),
            map_alone,
            SEEDS,
            grid=RATES[:3],
            score="accuracy",
            seconds=2,
        ),
        Experiment(
            "with an MLP",
            THREE,
            with_mlp,
            SEEDS,
            grid=RATES[:3],
            score="log2 loss",
            score_higher=False,
            seconds=5,
        ),
        Experiment(
            "embedding units",
            tuple(f"{arm}, embedding units" for arm in THREE),
            copy_and_map,
            SEEDS,
            grid=RATES[1:],
            score="log2 loss",
            score_higher=False,
            seconds=4.5,
        ),
        Experiment(
            "language",
            (*THREE, "tied + map", *LANGUAGE_WIDTHS, "the book's baseline"),
            language,
            SEEDS,
            grid=LANGUAGE_RATES,
            score="loss",
            score_higher=False,
            seconds=6.7,
        ),
        Experiment("kinship", ("all",), kinship, SEEDS, seconds=27),
    ),
    reader=reader,
)
