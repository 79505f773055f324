"""DSL: are other people's programs shorter in a language that was learned than in a simple one?

A seed is a module of the standard library. How one half of the packages here use it is learned
from; how the other half do, which strangers wrote, is written. Then the same by halves of each
package's files, which colleagues wrote. All arms choose at most as many constructs, by the same
rule, and differ in what may be one: any expression with slots, or only whole expressions, and calls
with their usual values.

Then: do models write better in such a language, or only under a grammar? A seed is a family of
three tasks, told in words and taken from what strangers wrote with a module. Each is written in the
language that was learned from the other half of the packages, and in Python's calls of the same
functions: freely, and under a grammar made of the same table. An answer is right if it gives what
the stranger's expression gives on five inputs. What models wrote is recorded: `python -m
studies.dsl.asking_models MODEL`. Expected of the larger model before it was asked, at odds of three
to two: under a grammar it is right on at least a tenth more tasks in Python's calls than in the
language. Expected of both, less surely: the grammar brings the language more than it brings Python.
"""

from functools import partial
from pathlib import Path
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    constructs=12,
    slots=4,
)

WHOLE, CALLS = "whole expressions", "calls with usual values"
KINDS = STRANGERS, COLLEAGUES = "strangers", "colleagues"
SIMPLE, LEARNED, PAIRS = "simple", "learned", "learned, without Stitch"
ARMS = (WHOLE, CALLS, SIMPLE, LEARNED, PAIRS)
SEEDS = tuple(range(100, 135))
SIZES = (1, 2, 3, 4, 6, 8, 10, 12)
MODELS = LARGE, SMALL = "qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct"
NOTATION_ARMS = ("language, free", "language, grammar", "Python, free", "Python, grammar")
TASK_SEEDS = tuple(range(100, 124))
SECONDS = 30.0  # for an answer to be tried, which takes a moment


def construct_sources(arm: str) -> tuple[Any, Any]:
    """Return what proposes an arm's constructs: once, and before each step."""
    from ideas_lib.programs.dsl.proposals import by_pairs, by_stitch
    from studies.dsl.simple import by_both, by_calls, by_whole, nothing_more

    return {
        WHOLE: (nothing_more, by_whole),
        CALLS: (nothing_more, by_calls),
        SIMPLE: (nothing_more, by_both),
        LEARNED: (by_stitch, by_pairs),
        PAIRS: (nothing_more, by_pairs),
    }[arm]


def write_half(arm: str, seed: int, path: Path, by: str) -> dict[str, Any]:
    """Learn from one half of what a file holds, and write the other half.

    `saved` is the share of its tokens that constructs save, the words of the API being words
    already; what it takes to define them is not counted there.
    """
    from ideas_lib.programs.dsl.learning import compress, learn, total_size
    from studies.dsl.corpora import read_halves

    found = read_halves(path, seed, by)
    propose, again = construct_sources(arm)
    how = dict(most=SETTINGS["constructs"], arity=SETTINGS["slots"], again=again)
    made, learned = learn(found.learn, propose, **how)
    written = compress(found.write, made)
    before, inside = total_size(found.write), total_size(found.learn)
    sizes = [total_size(compress(found.write, made[:count])) for count in SIZES]
    report: dict[str, Any] = {"saved": 1 - total_size(written) / before}
    report |= {"saved, learned from": 1 - total_size(learned) / inside}
    report |= {"saved by size": [1 - each / before for each in sizes]}
    report |= {"constructs": len(made), "tokens": before, "tokens learned from": inside}
    return report | {"snippets": len(found.write), "packages": found.packages[1]}


def measure(arm: str, seed: int, by: str = STRANGERS, packages: int = 0) -> dict[str, Any]:
    """Write half of a module's snippets by one arm; of so many packages, or of all."""
    from studies.dsl.corpora import APIS, gather

    make = partial(gather, APIS[seed], seed, packages=packages)
    path = shared_file(STUDY, f"{seed}-{packages}.pickle", make)
    return write_half(arm, seed, path, by)


def write_tasks(arm: str, seed: int, model: str) -> dict[str, Any]:
    """Judge what a model wrote for a family's tasks in one arm: which are right, and are read."""
    from studies.dsl.asking_models import asked_hash, kept_answers, language_of, request_for
    from studies.dsl.judging_answers import judge_answer
    from studies.dsl.model_tasks import FAMILIES, tasks_of

    notation, how = arm.split(", ")
    tasks = list(tasks_of(list(FAMILIES)[seed - TASK_SEEDS[0]]))
    language = language_of(tasks[0].domain)[notation]
    asked = [asked_hash(request_for(task, language, how == "grammar")) for task in tasks]
    answers = kept_answers(model)
    if any(each not in answers for each in asked):
        raise LookupError(
            f"{model} was asked something else: ask it again by `python -m "
            f"studies.dsl.asking_models {model}`"
        )
    judged = [
        judge_answer(task, language, answers[each], SECONDS)
        for task, each in zip(tasks, asked, strict=True)
    ]
    report: dict[str, Any] = {"right": sum(each == "right" for each in judged) / len(tasks)}
    report |= {"read": sum(each != "unread" for each in judged) / len(tasks)}
    return report


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Write what a few packages do with a pilot's module."""
    return measure(arm, seed, packages=8)


STUDY = Study(
    slug="dsl",
    title="A DSL generator",
    prediction=Prediction(
        claim="Constructs that are searched for among all expressions with slots save strangers "
        "no fewer tokens, by less than one in two hundred, than at most as many whole "
        "expressions and usual calls do.",
        outcome="saved",
        idea=LEARNED,
        baseline=SIMPLE,
        margin=0.005,
        no_worse=True,
        confidence=0.55,
        change_our_mind="An interval at or below -0.005: then the search finds what is there by "
        "luck, and the tool should look for usual calls instead.",
    ),
    experiments=(
        Experiment(STRANGERS, ARMS, measure, SEEDS, seconds=5.0),
        Experiment(
            COLLEAGUES, (SIMPLE, LEARNED), partial(measure, by=COLLEAGUES), SEEDS, seconds=3.0
        ),
        *(
            Experiment(
                model, NOTATION_ARMS, partial(write_tasks, model=model), TASK_SEEDS, seconds=3.0
            )
            for model in MODELS
        ),
    ),
    reader=reader,
    reader_seeds=(0, 1),
    tolerance=0.002,
)
