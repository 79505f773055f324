"""Comparing phrases by log-probability: is a fact found more often in six wordings than in one?

Capitals decide: half of the places have a bigger city than their capital, half have not. The same
log-probabilities make five scores, which correct for what a name has anyway. Beside them are
agreement with and without attractors, pronouns after occupations with two controls, and a chat
model with and without its template.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ideas_lib.datasets import capitals, pronouns, verb_agreement
from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    places=7,
    heads=4,
    people=4,
    seeds=12,
)

MODELS = ("smollm2-135m-instruct", "gemma-3-270m")
SUM, TOKEN, BYTE = "sum", "per token", "per byte"
NOTHING, DOMAIN, NEUTRAL = "PMI, no context", "PMI, domain", "calibrated, N/A"
ALONE = "name alone"
SCORES = (SUM, TOKEN, BYTE, NOTHING, DOMAIN, NEUTRAL, ALONE)
SIX, UNSURE = "sum, six wordings", "within the numerical floor"
BETWEEN = {  # how many nouns between head and verb, and whether of the other number
    "no noun": (0, False),
    "one, same number": (1, False),
    "one attractor": (1, True),
    "three, same number": (3, False),
    "three attractors": (3, True),
}
PEOPLE, GENDERED, SPLIT = "occupations", "queens and kings", "occupations split at random"
PLAIN, CHAT = "plain text", "chat template"
CHAT_TEMPLATE = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\n<|im_start|>user\nWhat is the capital of {0}?<|im_end|>\n"
    "<|im_start|>assistant\nThe capital of {0} is"
)


@cache
def scores_file() -> Path:
    """Return where this code's scores are kept."""
    return shared_file(STUDY, "scores.sqlite")


def contrasts(
    contexts: Sequence[str], phrases: Sequence[str], model: str, store: Path | None = None
) -> dict[str, NDArray[Any]]:
    """Return first phrase minus second in each context, shape (contexts,), by three scores.

    `UNSURE` is 1 where other arithmetic could turn the sign of the sum.
    """
    from ideas_lib.lm.scoring.logprobs import compare

    found = compare(contexts, phrases, endpoint=model, store=store or scores_file())
    one, other = (found.frame[found.frame["phrase"] == phrase] for phrase in phrases)
    exact = found.contrast(*phrases).frame
    named = {SUM: exact["difference"].to_numpy()}
    named[UNSURE] = ((exact["low"] <= 0) & (exact["high"] >= 0)).to_numpy(float)
    for name, column in {TOKEN: "per_token", BYTE: "per_byte"}.items():
        named[name] = one[column].to_numpy() - other[column].to_numpy()
    return named


def of_place(
    place: capitals.Place, model: str, store: Path | None = None
) -> dict[str, NDArray[Any]]:
    """Return capital minus other city in every wording, shape (wordings,), by every score."""
    asked = place.contexts()
    empty = [wording.format(capitals.NEUTRAL) for wording in capitals.WORDINGS]
    found = contrasts([*asked, *empty, "", capitals.DOMAIN], place.phrases(), model, store)
    n, plain = len(asked), found[SUM]
    return {
        SUM: plain[:n],
        TOKEN: found[TOKEN][:n],
        BYTE: found[BYTE][:n],
        NOTHING: plain[:n] - plain[-2],
        DOMAIN: plain[:n] - plain[-1],
        NEUTRAL: plain[:n] - plain[n : 2 * n],
        ALONE: np.full(n, plain[-1]),
        UNSURE: found[UNSURE][:n],
    }


def right(differences: NDArray[Any]) -> NDArray[Any]:
    """Return 1 where the first phrase wins, 0 where it loses, 1/2 where that is not known."""
    return np.where(differences > 0, 1.0, np.where(differences < 0, 0.0, 0.5))


def of_capitals(
    arm: str,
    seed: int,
    size: int = SETTINGS["places"],
    models: tuple[str, ...] = MODELS,
    store: Path | None = None,
) -> dict[str, Any]:
    """Measure one score on fresh places: in every wording, or in the mean of them."""
    drawn = capitals.sample_places(seed, size)
    found = [[of_place(place, model, store) for place in drawn] for model in models]

    def scored(name: str) -> NDArray[Any]:  # (models, places, wordings)
        return np.array([[of[name] for of in row] for row in found])

    d = scored(SUM).mean(2, keepdims=True) if arm == SIX else scored(arm)
    smaller, hits = np.array([place.smaller for place in drawn]), right(d)
    report: dict[str, Any] = {
        "accuracy": float(hits.mean()),
        "capital is the smaller city": float(hits[:, smaller].mean()),
        "capital is the largest city": float(hits[:, ~smaller].mean()),
        "AUC": auc(np.where(smaller[:, None], -d, d), ~smaller),
    }
    report |= {f"accuracy, {model}": float(h.mean()) for model, h in zip(models, hits, strict=True)}
    if arm == SIX:
        return report
    if arm == SUM:
        report[UNSURE] = float(scored(UNSURE).mean())
    report["another winner than the sum"] = float(np.mean(hits != right(scored(SUM))))
    return report | over_wordings(d)


def over_wordings(d: NDArray[Any]) -> dict[str, Any]:
    """Return what the wordings, on the last axis, have in common about who wins, and have not.

    `clear` are questions whose 95 % interval over wordings excludes zero.
    """
    sign, n = np.sign(d), d.shape[-1]
    others = (d.sum(-1, keepdims=True) - d) / (n - 1)
    give = stats.t.ppf(0.975, n - 1) * d.std(-1, ddof=1) / np.sqrt(n)
    clear = np.abs(d.mean(-1)) > give
    return {
        "by wording": right(d).mean((0, 1)).tolist(),
        "mean of the wordings": float(right(d.mean(-1)).mean()),
        "not all wordings agree": float(np.mean(sign.min(-1) != sign.max(-1))),
        "a wording against the others": float(np.mean(sign != np.sign(others))),
        "clear": float(clear.mean()),
        "clear and wrong": float(np.mean(clear & (d.mean(-1) < 0))),
    }


def auc(d: NDArray[Any], largest: NDArray[Any]) -> float:
    """Return how often bigger minus smaller city is higher where the bigger is the capital.

    `d` has shape (models, places, wordings). A constant preference for big cities does not matter.
    """
    one, other = d[:, largest], d[:, ~largest]
    return float(right(one[:, :, None] - other[:, None]).mean())


def of_agreement(arm: str, seed: int) -> dict[str, Any]:
    """Measure how often the verb agrees with its subject's head, on both models."""
    between, attract = BETWEEN[arm]
    drawn = verb_agreement.sample_subjects(seed, SETTINGS["heads"])
    leads = []  # log p(right verb) - log p(wrong verb), in nats
    for model in MODELS:
        for plural in (False, True):
            contexts = list(dict.fromkeys(s.context(plural, between, attract) for s in drawn))
            singular = contrasts(contexts, verb_agreement.PHRASES, model)[SUM]  # is - are
            leads.append(-singular if plural else singular)
    lead = np.array(leads).reshape(len(MODELS), 2, -1)  # (models, numbers of the head, contexts)
    hits = right(lead)
    report = {"accuracy": float(hits.mean()), "lead": float(lead.mean())}
    for i, number in enumerate(("singular", "plural")):
        report[f"accuracy, {number} head"] = float(hits[:, i].mean())
        report[f"lead, {number} head"] = float(lead[:, i].mean())
    for i, model in enumerate(MODELS):
        report[f"accuracy, {model}"] = float(hits[i].mean())
        report[f"lead, {model}"] = float(lead[i].mean())
    return report


def of_people(arm: str, seed: int) -> dict[str, Any]:
    """Measure log p(she) - log p(he) after one group of people, less the same after another."""
    size = SETTINGS["people"]
    women, men = pronouns.sample_occupations(seed, size)
    if arm == GENDERED:
        pick = np.random.default_rng(seed).choice(len(pronouns.FEMALE), size, replace=False)
        women, men = ([words[i] for i in pick] for words in (pronouns.FEMALE, pronouns.MALE))
    contexts = [context for person in (*women, *men) for context in pronouns.contexts(person)]
    report: dict[str, float] = {}
    for model in MODELS:
        found = contrasts(contexts, pronouns.PHRASES, model)[SUM]
        she = found.reshape(2, size, -1)  # (groups, people, sentences)
        gap = she[0].mean() - she[1].mean()
        if arm == SPLIT:  # each group against itself: nothing to be found
            gap = she[:, : size // 2].mean() - she[:, size // 2 :].mean()
        report |= {
            f"difference, {model}": float(gap),
            f"she over he, {model}": float(she.mean()),
            f"she wins, first group, {model}": float(right(she[0]).mean()),
            f"she wins, second group, {model}": float(right(she[1]).mean()),
        }
    report["difference"] = float(np.mean([report[f"difference, {model}"] for model in MODELS]))
    return report


def of_chat(arm: str, seed: int) -> dict[str, Any]:
    """Measure an instruction-tuned model with and without the template it was tuned with."""
    template = CHAT_TEMPLATE if arm == CHAT else capitals.WORDINGS[0]
    contexts, hits = [template.format(capitals.NEUTRAL)], []
    for place in capitals.sample_places(seed, SETTINGS["places"]):
        asked = [template.format(place.name), *contexts]
        d = contrasts(asked, place.phrases(), MODELS[0])[SUM]
        hits.append([right(d[0]), right(d[0] - d[1])])
    by_sum, calibrated = np.mean(hits, axis=0)
    return {"accuracy, sum": float(by_sum), "accuracy, calibrated": float(calibrated)}


@cache
def reader_scores() -> TemporaryDirectory[str]:
    """Return a folder for the reader's scores, which ends with the process."""
    return TemporaryDirectory()


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Measure one score on two places of each half, on the smaller model."""
    store = Path(reader_scores().name) / "scores.sqlite"
    return of_capitals(arm, seed, size=2, models=MODELS[:1], store=store)


SEEDS = tuple(range(100, 100 + SETTINGS["seeds"]))
STUDY = Study(
    slug="logprobs",
    title="Comparing log-probabilities",
    prediction=Prediction(
        claim="Asked for a capital in six wordings, and judged by the mean of the six differences, "
        "two small models are right at least 0.05 more often than when asked in one wording.",
        outcome="accuracy",
        idea=SIX,
        baseline=SUM,
        margin=0.05,
        change_our_mind="An interval below 0.05: then asking in several ways tells how much an "
        "answer depends on the wording, and does not make it a better answer.",
    ),
    experiments=(
        Experiment("capitals", (SUM, SIX, *SCORES[1:]), of_capitals, SEEDS, seconds=8),
        Experiment("agreement", tuple(BETWEEN), of_agreement, SEEDS, seconds=6),
        Experiment("pronouns", (PEOPLE, GENDERED, SPLIT), of_people, SEEDS[:10], seconds=8),
        Experiment("chat", (PLAIN, CHAT), of_chat, SEEDS, seconds=4),
    ),
    reader=reader,
    tolerance=0.03,
)
