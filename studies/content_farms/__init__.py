"""Content farms: what is it worth to a language model to be asked for a fact, and what is fame?

The same two cities stand after two questions. One asks for the capital, and has an answer; the
other asks for any city, and both will do. What the first adds to the log-odds of the capital is
what the question is worth, in nats; what a city gains by having ten times the inhabitants, asked
for the capital, is what fame is worth. A seed is seven places of each half of the bank, which no
other seed has, so that fame is not always on the wrong side.

Beside it are larger models, and a market on real film ratings: charts that mix what a film was
rated with how often it was, judged by users who had no say in them; and charts that their visitors
move.

What was expected there, before any verdict seed: of each of the two small models the capital and
the other city are even where that has less than ten times the inhabitants, the whole interval; in
both markets popularity alone is worse than ratings alone, by 0.1 stars or more in the first; and a
quarter of popularity is within 0.05 stars of ratings alone.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ideas_lib.study import Experiment, Prediction, Study, shared_file
from studies.content_farms.asking import CAPITAL, CITY, log_odds

SETTINGS = dict(
    places=7,
    times=10.0,
    top=50,
    attention=1.0,
)

FAME, ASKED = "ten times the inhabitants", "being asked for"
SMALL = ("smollm2-135m-instruct", "gemma-3-270m")
LARGER = ("qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
FEW = 3  # wordings, of the bank's six, that larger models are asked in
SEEDS = tuple(range(300, 312))
BANK = 200  # below the seeds: the bank's own begin at 100
CHARTS = {
    "ratings alone": 0.0,
    "a quarter popularity": 0.25,
    "half popularity": 0.5,
    "three quarters popularity": 0.75,
    "popularity alone": 1.0,
}
EAGER = (0.5, 1.0, 2.0)  # how steeply attention falls, as multiples of the setting


def drawn(seed: int, size: int) -> list[Any]:
    """Return a seed's places, half of which have a bigger city than their capital."""
    from ideas_lib.datasets.capitals import sample_places

    return sample_places(seed - BANK if seed >= SEEDS[0] else seed, size)


@cache
def scores_file() -> Path:
    """Return where this code's scores are kept."""
    return shared_file(STUDY, "scores.sqlite")


def of_models(
    arm: str, places: list[Any], models: tuple[str, ...], store: Path, wordings: int = 6
) -> dict[str, Any]:
    """Return what the lines of some models say of these places, and what they rest on."""
    from ideas_lib.datasets.capitals import WORDINGS
    from ideas_lib.datasets.inhabitants import log_ratio
    from ideas_lib.essays.content_farms import exchange_rate

    ratios = np.array([log_ratio(place) for place in places])
    found: dict[str, Any] = {"log ratios": ratios.round(4).tolist()}
    for model in models:
        each = log_odds(places, arm, model, store, WORDINGS[:wordings])
        mean = each.mean(axis=1)
        line = exchange_rate(ratios, mean)
        found[f"fame, {model}"] = line.fame * float(np.log(SETTINGS["times"]))
        found[f"truth, {model}"] = line.truth
        found[f"right, {model}"] = float((each > 0).mean())
        found[f"log-odds, {model}"] = mean.round(4).tolist()
    for what in ("fame", "truth", "right"):
        found[what] = float(np.mean([found[f"{what}, {model}"] for model in models]))
    return found


def worth(
    arm: str, seed: int, size: int, models: tuple[str, ...], store: Path, wordings: int = 6
) -> dict[str, float]:
    """Return the nats that a capital gains by being asked for, or a city by its inhabitants."""
    places = drawn(seed, size)
    asked, any_city = (
        of_models(question, places, models, store, wordings) for question in (CAPITAL, CITY)
    )
    found = {}
    for model in models:
        gained = np.subtract(asked[f"log-odds, {model}"], any_city[f"log-odds, {model}"])
        of = {ASKED: float(gained.mean()), FAME: asked[f"fame, {model}"]}
        found[f"worth, {model}"] = of[arm]
    return {"worth": float(np.mean(list(found.values())))} | found


def of_worth(arm: str, seed: int) -> dict[str, float]:
    """Ask the small models both questions in all wordings."""
    return worth(arm, seed, SETTINGS["places"], SMALL, scores_file())


def of_questions(arm: str, seed: int) -> dict[str, Any]:
    """Report what the small models say to one question, in all wordings."""
    return of_models(arm, drawn(seed, SETTINGS["places"]), SMALL, scores_file())


def of_sizes(arm: str, seed: int) -> dict[str, Any]:
    """Ask one model both questions in the first wordings."""
    found: dict[str, Any] = {}
    for question in (CAPITAL, CITY):
        places = drawn(seed, SETTINGS["places"])
        said = of_models(question, places, (arm,), scores_file(), FEW)
        found |= {f"{name.removesuffix(f', {arm}')}, {question}": v for name, v in said.items()}
    return found


def halves(seed: int) -> tuple[Any, Any]:
    """Return the ratings of a seed's half of the users, and of the other half."""
    from ideas_lib.datasets.film_ratings import load_film_ratings

    ratings = load_film_ratings()
    users = 1 + int(ratings.users.max())
    some = np.random.default_rng(seed).permutation(users) < users // 2
    return ratings.of(some), ratings.of(~some)


def of_market(arm: str, seed: int) -> dict[str, float]:
    """Sort films by one half of the users, and have the other half judge the top of the chart."""
    from ideas_lib.essays.content_farms import judge_chart

    one, other = halves(seed)
    ratings = float(one.stars.size + other.stars.size)
    return judge_chart(one, other, CHARTS[arm], SETTINGS["top"]) | {"ratings": ratings}


def of_visits(arm: str, seed: int) -> dict[str, Any]:
    """Let the other half come, choose by the chart and move it, at each steepness of attention."""
    from ideas_lib.essays.content_farms import prior_weight, replay_visits

    one, other = halves(seed)
    prior = prior_weight(one)
    found: dict[str, Any] = {}
    for steep in EAGER:
        rng = np.random.default_rng([seed, round(100 * steep)])
        said = replay_visits(other, CHARTS[arm], steep * SETTINGS["attention"], prior, rng)
        for name, value in said.items():
            found.setdefault(name, []).append(value)
    return found


@cache
def reader_scores() -> TemporaryDirectory[str]:
    """Return a folder for the reader's scores, which ends with the process."""
    return TemporaryDirectory()


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Ask the smallest model about three places of each half, in one wording."""
    return worth(arm, seed, 3, SMALL[:1], Path(reader_scores().name) / "scores.sqlite", 1)


STUDY = Study(
    slug="content-farms",
    title="Content farms",
    prediction=Prediction(
        claim="To two small language models that are asked for a capital, ten times the inhabitants"
        " are worth at least 1 nat more than being asked for is.",
        outcome="worth",
        idea=FAME,
        baseline=ASKED,
        margin=1.0,
        confidence=0.85,
        change_our_mind="An interval below 1 nat: then a question of fact weighs about as much as"
        " the fame of a city ten times bigger, and truth is not outbid at everyday ratios.",
    ),
    experiments=(
        Experiment("places", (FAME, ASKED), of_worth, SEEDS, seconds=40),
        Experiment("questions", (CAPITAL, CITY), of_questions, SEEDS, seconds=2),
        Experiment("sizes", (*SMALL, *LARGER), of_sizes, SEEDS[:6], seconds=50),
        Experiment("market", tuple(CHARTS), of_market, SEEDS, seconds=1, overlap=1.0),
        Experiment("visits", tuple(CHARTS), of_visits, SEEDS, seconds=3, overlap=1.0),
    ),
    reader=reader,
    tolerance=0.1,
)
