"""Noise bounds: does an interval made with noise hold what another kind of noise gives?

Questions come from a bank, so that seeds are fresh draws of phrases and contexts. Each family of
noise is held out in turn: on other contexts than the interval was made of, which decides, and on
the very same. Pairs that are equal by construction count false alarms, and the last experiment
splits the variance.

The arms of an experiment are ways to make an interval of the same scores, so scores are kept in
the study's work folder from one arm to the next, under the key of the code that made them.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    questions=1,
    contexts=8,
    more=32,
    others=48,
    copies=1,
)

MODELS = ("smollm2-135m-instruct", "gemma-3-270m")
FAMILIES = ("format", "punctuation", "typos", "prefix", "order", "synonyms")
REWORDED = "reworded by hand"
SEEDS = tuple(range(100, 112))
SIZES = (3, 4, 6, 8)  # contexts

PLAIN, MORE, NAIVE, ONE = "no noise", "more contexts, no noise", "every variant", "one context"
SAME, MEAN, NEW, THESE = "contexts", "all families", "a new family", "a new family, these contexts"
ARMS = (PLAIN, MORE, NAIVE, ONE, SAME, MEAN, NEW)
ARMS_HERE = (PLAIN, NAIVE, SAME, NEW, THESE)
ARMS_EQUAL = (PLAIN, NAIVE, ONE, SAME, MEAN, NEW)
Rows = list[pd.DataFrame]  # one frame a question


def interval(arm: str, rows: pd.DataFrame) -> Any:
    """Make an arm's interval of rows `context, family, difference, role`."""
    from ideas_lib.lm.noise.bounds import noise_bounds
    from ideas_lib.lm.noise.coverage import AS_WRITTEN

    if arm != MORE:
        rows = rows[rows["role"] != "more"]
    if arm in (PLAIN, MORE):
        return noise_bounds(rows[rows["family"] == AS_WRITTEN], over="rows")
    rows = rows[rows["family"] != AS_WRITTEN]
    if arm == ONE:
        return noise_bounds(rows[rows["context"] == rows["context"].iloc[0]], over="rows")
    if arm == THESE:
        return noise_bounds(rows, over="new family", contexts="these")
    over = {NAIVE: "rows", SAME: "variants", MEAN: "families", NEW: "new family"}[arm]
    return noise_bounds(rows, over=over)


def scored(model: str, texts: list[str], phrases: tuple[str, str]) -> pd.Series:
    """Return log p(a) - log p(b) after each text, in nats."""
    from ideas_lib.lm.scoring.logprobs import compare

    found = compare(list(dict.fromkeys(texts)), phrases, endpoint=model, store=store())
    return found.contrast(*phrases).frame.set_index("context")["difference"]


@cache
def store() -> Path:
    """Return where this code's scores are kept."""
    return shared_file(STUDY, "scores.sqlite")


def variants(texts: list[str], seed: int, copies: int) -> list[tuple[int, str, str]]:
    """Return (context, family, text): each text as written, then its variants."""
    from ideas_lib.lm.noise.coverage import AS_WRITTEN
    from ideas_lib.lm.noise.families import Noise

    noise = Noise(FAMILIES, copies=copies, seed=seed, protect=())
    found = []
    for number, text in enumerate(texts):
        found.append((number, AS_WRITTEN, text))
        found += [(number, each.family, each.text) for each in noise.variants(text)]
    return found


@cache
def measured(model: str, seed: int, contexts: int, more: int, others: int, copies: int) -> Any:
    """Score one question's contexts. `role` says what they are for.

    here and there: two sets with noise, and reworded, so that each set can be the other one's
    truth. more: as written only, for the arm that has no noise and as many scores. others: as
    written only, so that the truth about other contexts is known well.
    """
    from ideas_lib.datasets.stem_questions import sample_question
    from ideas_lib.lm.noise.coverage import AS_WRITTEN

    roles = ["here"] * contexts + ["there"] * contexts + ["more"] * more + ["others"] * others
    question = sample_question(seed, len(roles))
    noisy, plain = question.contexts[: 2 * contexts], question.contexts[2 * contexts :]
    found = variants([each.text for each in noisy], seed, copies)
    found += [(number, REWORDED, each.reworded) for number, each in enumerate(noisy)]
    found += [(number, AS_WRITTEN, each.text) for number, each in enumerate(plain, len(noisy))]
    rows = pd.DataFrame(found, columns=["context", "family", "text"])
    rows["difference"] = rows["text"].map(scored(model, list(rows["text"]), question.phrases))
    return rows.assign(role=[roles[each] for each in rows["context"]])


def holding_out(
    of: Callable[[str, Rows], dict[str, Any]],
    arm: str,
    seed: int,
    models: tuple[str, ...] = MODELS,
    **how: int,
) -> dict[str, Any]:
    """Measure one arm on a seed's questions, by each model; outcomes are means over models."""
    size = SETTINGS | how
    count, shape = size.pop("questions"), tuple(size.values())
    found = {
        model: of(arm, [measured(model, 1000 * seed + each, *shape) for each in range(count)])
        for model in models
    }
    names = found[models[0]]
    report = {name: np.mean([each[name] for each in found.values()], 0).tolist() for name in names}
    return report | {
        f"{name}, {model}": each[name]
        for model, each in found.items()
        for name in names
        if isinstance(each[name], float)
    }


def other_contexts(arm: str, asked: Rows) -> dict[str, Any]:
    """Hold out each family, on the contexts that the interval was not made of, both ways round."""
    from ideas_lib.lm.noise.coverage import against, false_alarms, hold_out_families

    make = partial(interval, arm)
    held, reworded, alarms = [], [], []
    by_size: dict[int, list[Any]] = {size: [] for size in SIZES}
    for rows in asked:
        for role, other in (("here", "there"), ("there", "here")):
            truth = rows[rows["role"].isin([other, "others"])]
            mine = rows[rows["role"].isin([role, "more"]) & (rows["family"] != REWORDED)]
            reworded.append(against(make(mine), truth, REWORDED))
            held += hold_out_families(mine, make, truth)
            for size, some in by_size.items():
                some += hold_out_families(first(mine, role, size), make, truth)
        alarms.append(false_alarms(mine[mine["role"] == role], make))
    return (
        summary(held)
        | {f"{name}, reworded": value for name, value in summary(reworded).items()}
        | {"coverage by family": [share(h for h in held if h.family == f) for f in FAMILIES]}
        | {"coverage by contexts": [share(some) for some in by_size.values()]}
        | {"score by contexts": [mean(h.score for h in some) for some in by_size.values()]}
        | {"false alarms": mean(alarms)}
    )


def first(rows: pd.DataFrame, role: str, size: int) -> pd.DataFrame:
    """Return the first contexts of a role, and four times as many of those without noise."""
    ids, more = (rows[rows["role"] == each]["context"].unique() for each in (role, "more"))
    return rows[rows["context"].isin([*ids[:size], *more[: 4 * size]])]


def these_contexts(arm: str, asked: Rows) -> dict[str, Any]:
    """Hold out each family on the very same contexts, so that only the writing is other."""
    from ideas_lib.lm.noise.coverage import here, hold_out_families

    make = partial(interval, arm)
    held, reworded = [], []
    for rows in asked:
        for role in ("here", "there"):
            mine = rows[rows["role"] == role]
            noise = mine[mine["family"] != REWORDED]
            held += hold_out_families(noise, make)
            reworded.append(here(make(noise), mine, REWORDED))
    by_hand = {f"{name}, reworded": value for name, value in summary(reworded).items()}
    return summary(held) | by_hand


def share(held: Any) -> float:
    """Return how many are covered."""
    return mean(each.covered for each in held)


def mean(values: Any) -> float:
    """Return a mean as a plain number."""
    return float(np.mean(list(values)))


def summary(held: Any) -> dict[str, float]:
    """Sum up intervals and what they were to hold."""
    claims = [each for each in held if each.claim]
    return {
        "coverage": share(held),
        "width": mean(each.high - each.low for each in held),
        "score": mean(each.score for each in held),
        "claims": len(claims) / len(held),
        "wrong signs": sum(each.claim * each.truth < 0 for each in claims) / len(held),
    }


def equal(arm: str, seed: int) -> dict[str, float]:
    """Count an arm's false alarms on made-up words, of which neither can be the likelier.

    With `own` words each context has two of its own; with `shared` words, two contexts each have
    the same two, and `by words` takes such contexts for one.
    """
    from ideas_lib.lm.noise.coverage import false_alarms

    alarms = partial(false_alarms, interval=partial(interval, arm), unit="words")
    report = []
    for model in MODELS:
        own, shared = (nonsense(model, 1000 * seed + times, times) for times in (1, 2))
        by_words = shared.assign(context=shared["words"])
        report.append([alarms(own), alarms(shared), alarms(by_words)])
    names = ("own words", "shared words", "by words")
    return dict(zip(names, np.mean(report, 0).tolist(), strict=True))


@cache
def nonsense(model: str, seed: int, times: int, contexts: int = 8) -> pd.DataFrame:
    """Score contexts with noise, `times` of them with the same two made-up words."""
    from ideas_lib.datasets.stem_questions import nonce_words, sample_question

    texts = [each.text for each in sample_question(seed, contexts, "nonce").contexts]
    words = nonce_words(np.random.default_rng([seed, 1]), 2 * contexts // times)
    rows = pd.DataFrame(variants(texts, seed, 1), columns=["context", "family", "text"])
    rows["words"], rows["role"] = rows["context"] // times, "here"
    parts = []
    for number, part in rows.groupby("words"):
        pair = f" {words[2 * number]}", f" {words[2 * number + 1]}"
        found = scored(model, list(part["text"]), pair)
        parts.append(part.assign(difference=part["text"].map(found)))
    return pd.concat(parts, ignore_index=True)


def spread(model: str, seed: int) -> dict[str, float]:
    """Split the variance of a seed's questions: by context, family of noise, and the rest."""
    from ideas_lib.lm.noise.coverage import AS_WRITTEN
    from ideas_lib.lm.noise.variance import variance_of_difference

    reports = []
    size = dict(SETTINGS)
    for number in range(size.pop("questions")):
        rows = measured(model, 1000 * seed + number, *size.values())
        rows = rows[rows["role"].isin(["here", "there"])]
        plain = rows[rows["family"] == AS_WRITTEN].set_index("context")["difference"]
        shift = rows["difference"] - rows["context"].map(plain)
        noise = rows[~rows["family"].isin([AS_WRITTEN, REWORDED])]
        parts = variance_of_difference(noise)["variance"]
        report = {name: float(parts[name]) for name in ("context", "family")}
        report["rest"] = float(parts.drop(["context", "family"]).sum())
        for family in (*FAMILIES, REWORDED):
            report[f"shift, {family}"] = abs(mean(shift[rows["family"] == family]))
            report[f"change, {family}"] = mean(abs(shift[rows["family"] == family]))
        reports.append(report)
    return {name: mean(each[name] for each in reports) for name in reports[0]}


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Measure one arm on one question, with one model."""
    return holding_out(other_contexts, arm, seed, MODELS[:1], questions=1, more=0, others=16)


STUDY = Study(
    slug="noise-bounds",
    title="Noise bounds",
    prediction=Prediction(
        claim="An interval made of eight contexts with noise holds what another kind of noise "
        "gives on other contexts at least 0.05 more often than an interval made of the same eight "
        "contexts without noise.",
        outcome="coverage",
        idea=NEW,
        baseline=PLAIN,
        margin=0.05,
        change_our_mind="An interval of the effect below 0.05: then the contexts alone say what "
        "the noise could, and it is not worth its price.",
    ),
    experiments=(
        Experiment("other contexts", ARMS, partial(holding_out, other_contexts), SEEDS, seconds=30),
        Experiment(
            "these contexts", ARMS_HERE, partial(holding_out, these_contexts), SEEDS, seconds=2
        ),
        Experiment("equal pairs", ARMS_EQUAL, equal, SEEDS[:8], seconds=10),
        Experiment("spread", MODELS, spread, SEEDS, seconds=1),
    ),
    reader=reader,
)
