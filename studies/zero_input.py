"""Zero input: does a small GPT predict better when its stream does not start from the token?

Runs of repeats decide: which token came before the run that is under way? The current token is
the one wrong answer there, and a narrow stream has little room for it. Then the two routes of the
token one at a time, with one layer; longer training; recall; and a tiny language model. The width,
the vocabulary and the rates of the first were chosen on pilot seeds, to suit the idea.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    d_model=16,
    heads=2,
    layers=2,
    vocab_size=128,
    context=24,
    steps=400,
    reader_steps=300,
    batch=64,
)

RATES = tuple({"lr": lr} for lr in (1e-2, 3e-2, 1e-1))
LOWER_RATES = tuple({"lr": lr} for lr in (3e-3, 1e-2, 3e-2))
SEEDS = tuple(range(100, 108))


def tweaks(arm: str) -> tuple[Any, ...]:
    """Return the tweaks that make an arm."""
    from ideas_lib.gpt.controls.zero_input import FadingStream, Queries
    from ideas_lib.gpt.tweaks.zero_input import ZeroInput

    token = ZeroInput(keep=1.0, reads="stream")  # what every other arm has, too: a learned vector
    return {
        "plain": (),
        "token": (token,),
        "token, fading": (token, FadingStream()),
        "token, deeper": (token,),
        "token, own rows": (ZeroInput(keep=1.0),),
        "zero input": (ZeroInput(),),
        "zero, positions": (ZeroInput(start="positions"),),
        "zero, no vector": (ZeroInput(start="zero"),),
        "token, raw keys": (ZeroInput(keep=1.0, reads="embeddings"),),
        "zero, raw keys": (ZeroInput(reads="embeddings"),),
        "both routes": (token,),
        "residual only": (token, Queries()),
        "query only": (ZeroInput(reads="embeddings"), Queries(text=True)),
        "neither": (ZeroInput(reads="embeddings"),),
    }[arm]


ARMS = (
    *("plain", "token", "token, fading", "token, deeper", "token, own rows", "zero input"),
    *("zero, positions", "zero, no vector", "token, raw keys", "zero, raw keys"),
)


def layers(arm: str) -> int:
    """Return how many layers an arm has: the deeper one twice as many."""
    return SETTINGS["layers"] * (2 if arm == "token, deeper" else 1)


@contextmanager
def unseen(model: Any) -> Iterator[None]:
    """Let no answering row see its own token's column for a while, but the first, which must."""
    import torch

    class Unseen(torch.nn.Module):
        def forward(self, length: int, device: torch.device) -> Any:
            layout = kept(length, device)
            rows = torch.arange(len(layout.positions), device=device)[layout.reads]
            mask = layout.mask.clone()
            mask[rows[1:], torch.arange(1, length, device=device)] = False
            return layout._replace(mask=mask)

    kept = model.layout
    model.layout = Unseen()
    try:
        yield
    finally:
        model.layout = kept


def last_different(
    arm: str, seed: int, lr: float, steps: int = SETTINGS["steps"], probe: bool = True
) -> dict[str, Any]:
    """Runs of repeats: accuracy, and what becomes of the current token."""
    import torch

    from ideas_lib.gpt import decodable, scored_trial, trace_layers, trial_settings
    from ideas_lib.gpt.tasks import LastDifferent, sample_batch

    task = LastDifferent(SETTINGS["vocab_size"], SETTINGS["context"])
    settings = trial_settings(SETTINGS, layers=layers(arm), steps=steps)
    model, report = scored_trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)
    if not probe:
        return report
    tokens, targets = sample_batch(task, 512, seed=10_001)
    report["own token by depth"] = decodable(model, tokens, tokens)
    # Where nothing is asked yet, "nothing" is the answer.
    answers = targets.where(targets >= 0, task.vocab_size)
    report["answer by depth"] = decodable(model, tokens, answers)
    reads = model.plan(task.context, tokens.device)[0].reads
    # A text's own columns come first, also where answering rows of their own come behind them.
    seen = [trace.weights[..., reads, : task.context] for trace in trace_layers(model, tokens)]
    own = [weights.diagonal(dim1=-2, dim2=-1) for weights in seen]
    report["own mass"] = [each[..., 1:].mean((0, 2)).tolist() for each in own]
    with torch.no_grad():
        found = model(tokens).argmax(-1)
        with unseen(model):
            blind = model(tokens).argmax(-1)
    asked = targets >= 0
    wrong = asked & (found != targets)
    report["accuracy, own unseen"] = (blind == targets)[asked].float().mean().item()
    report["own token named"] = (found == tokens)[wrong].sum().item() / asked.sum().item()
    same = tokens[:, 1:] == tokens[:, :-1]
    place = torch.zeros_like(tokens)  # how many repeats of the run came before
    for t in range(1, task.context):
        place[:, t] = (place[:, t - 1] + 1) * same[:, t - 1]
    at = [asked & (place.clamp(max=3) == k) for k in range(4)]
    report["accuracy by place"] = [(found == targets)[rows].float().mean().item() for rows in at]
    return report


def routes(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """One layer, a small vocabulary: the token in the query, in the residual stream, in neither."""
    from ideas_lib.gpt import scored_trial, trial_settings
    from ideas_lib.gpt.tasks import LastDifferent

    task = LastDifferent(vocab_size=32, context=SETTINGS["context"])
    settings = trial_settings(SETTINGS, d_model=32, layers=1)
    return scored_trial(task, *tweaks(arm), seed=seed, lr=lr, **settings)[1]


def longer(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Twice the training."""
    return last_different(arm, seed, lr, steps=2 * SETTINGS["steps"], probe=False)


def recall(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """Multi-query associative recall, where the current token is what the query is about."""
    from ideas_lib.gpt import scored_trial, trial_settings
    from ideas_lib.gpt.tasks import MQAR

    settings = trial_settings(SETTINGS, d_model=32, steps=400)
    return scored_trial(MQAR(), *tweaks(arm), seed=seed, lr=lr, **settings)[1]


def language(arm: str, seed: int, lr: float) -> dict[str, Any]:
    """A tiny language model: loss held out."""
    from ideas_lib.gpt import language_trial
    from ideas_lib.gpt.tasks import Text

    shape = {"heads": SETTINGS["heads"], "layers": layers(arm)}
    return language_trial(Text(context=64), *tweaks(arm), seed=seed, lr=lr, **shape)[1]


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Less training, at the rate that the pilot seeds chose."""
    return last_different(arm, seed, lr=3e-2, steps=SETTINGS["reader_steps"], probe=False)


STUDY = Study(
    slug="zero-input",
    title="Zero input",
    prediction=Prediction(
        claim="On runs of repeats, a narrow two-layer GPT whose answering rows start from a "
        "learned vector names the last different token at least 0.05 more often than the same GPT "
        "whose answering rows start from the vector and the current token, each at its best "
        "learning rate.",
        outcome="accuracy",
        idea="zero input",
        baseline="token, own rows",
        margin=0.05,
        change_our_mind="An interval that stays below 0.05: then the current token is no burden "
        "even where it is the one wrong answer, and room is short.",
    ),
    experiments=(
        Experiment("runs", ARMS, last_different, SEEDS, grid=RATES, score="accuracy", seconds=5),
        Experiment(
            "routes",
            ("both routes", "residual only", "query only", "neither"),
            routes,
            SEEDS,
            grid=LOWER_RATES,
            score="accuracy",
            seconds=3.3,
        ),
        Experiment(
            "longer",
            ("token, own rows", "zero input"),
            longer,
            SEEDS,
            grid=({"lr": 3e-2},),
            score="accuracy",
            seconds=12,
        ),
        Experiment(
            "recall",
            ("token", "zero input", "zero, raw keys"),
            recall,
            SEEDS,
            grid=LOWER_RATES,
            score="accuracy",
            seconds=11,
        ),
        Experiment(
            "language",
            ("token", "token, deeper", "zero input"),
            language,
            SEEDS,
            grid=LOWER_RATES,
            score="loss",
            score_higher=False,
            seconds=11,
        ),
    ),
    reader=reader,
)
