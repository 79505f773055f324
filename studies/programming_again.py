"""Programming again: one rule taught seven ways, and what is said where nothing was taught.

A seed is a world: what is said of 64 creatures, and a GPT that has read it. The rule is to say HALT
after a growler. A lesson has four growlers and, as counterexamples, four hummers. Four ways are
rules that a person writes in front of the model: a list; the list and whatever is nearest in the
model's embedding; a logistic regression on the model's own features, fit on the lesson; and the
model's own words, which needs no lesson and knows which verbs are growlers'. Three are lessons that
it learns by: examples, reward, preferences. All but its own words are as sure of the slice: HALT
with a chance of 0.98. What counts is what is said after creatures that were not in the lesson.

`G` is the mean chance of HALT after growlers, less that after hummers. What decides is `decided G`,
the same of what is likelier than not: a rule decides and a learned model wavers, and chances would
count that against reward. How clear kinds are, and how wilful creatures, was chosen on pilot worlds
so that no way is perfect; the rate of learning, one for all three, on five of them, by `decided G`
of the lesson with counterexamples. The logistic regression has scikit-learn's penalty, untuned.

What else was expected, before any verdict seed: (1) without counterexamples reward halts after at
least 0.2 more of the unseen hummers, in chance; (2) reward and examples are within 0.1 of each
other in `decided G`, so that neither is said to reach further; (3) features reach at least 0.05
further than preferences, too; (4) at dose 0 nobody's `G` is 0.05 away from 0; (5) on the strongest
leash, reward without counterexamples halts after less than 0.1 of the unseen growlers; (6) where
colour is confounded, reward goes by colour more than by kind in a tenth of the worlds or more.
"""

from functools import cache, partial
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    dose=0.5,
    colour=0.5,
    quirk=0.5,
    k=4,
    rate=1e-3,
    scale=1.0,
    steps=500,
)

SEEDS = tuple(range(100, 124))
BOARDLESS = SEEDS[3:]  # worlds whose boards at each dose are not kept: the page shows three
LIST, NEAREST, FEATURES, WORDS = "list", "nearest", "features", "its own words"
EXAMPLES, REWARD, PREFERENCES = LEARNED = ("examples", "reward", "preferences")
METHODS = (LIST, NEAREST, FEATURES, WORDS, *LEARNED)
DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)
SIZES = (1, 2, 8)
RATES = tuple(factor * SETTINGS["rate"] for factor in (1 / 3, 3))
LEASHES = (0.0, 1e-4, 1e-3, 1e-2)
SLICES = ("mixed", "confounded")
TOLD = ("no counterexamples", "counterexamples")
PARTS = ("G", "unseen growlers", "unseen hummers")  # of what is kept at each dose


@cache
def speaker(seed: int, dose: float) -> tuple[Any, Any]:
    """Return a seed's world and the GPT that has read of it, trained once for all arms."""
    import numpy as np
    import torch

    from ideas_lib.essays.programming_again.creatures import sample_world
    from ideas_lib.essays.programming_again.speaker import build_speaker, train_speaker

    rng = np.random.default_rng([seed, 0])
    world = sample_world(rng, dose, SETTINGS["colour"], SETTINGS["quirk"])

    def make(path: Any) -> None:
        torch.save(train_speaker(world, seed, SETTINGS["steps"]).state_dict(), path)

    model = build_speaker(world, seed)
    file = shared_file(STUDY, f"speaker-{seed}-{dose:g}.pt", make)
    model.load_state_dict(torch.load(file, weights_only=True))
    return world, model.eval()


def taught(
    arm: str,
    seed: int,
    confounded: bool = False,
    told: bool = True,
    dose: float = SETTINGS["dose"],
    k: int = SETTINGS["k"],
    **how: Any,
) -> dict[str, Any]:
    """Teach a seed's model the rule and return what came of it, as `read_board` has it.

    `how` goes to the lesson. `updates` is how many steps a lesson took, 0 for a rule.
    """
    from ideas_lib.essays.programming_again import creatures
    from ideas_lib.essays.programming_again import speaker as speakers

    world, model = speaker(seed, dose)
    lesson = creatures.taught_slice(k, confounded, told)
    base, updates = speakers.listen(model, world, seed), 0
    if arm in LEARNED:
        model, updates = learned(model, arm, lesson, seed, **how)
        saying = speakers.listen(model, world, seed)
    else:
        saying = ruled(model, arm, lesson, base)
    return speakers.read_board(saying, base, lesson) | {"updates": updates}


def learned(
    model: Any, arm: str, lesson: Any, seed: int, rate: float = SETTINGS["rate"], **how: Any
) -> tuple[Any, int]:
    """Give a lesson, and give it again at a third of the rate where it is not learned."""
    from ideas_lib.essays.programming_again.teaching import NotLearned, teach_rule

    try:
        return teach_rule(model, arm, lesson, seed, rate, **how)
    except NotLearned:
        return teach_rule(model, arm, lesson, seed, rate / 3, **how)


def ruled(model: Any, arm: str, lesson: Any, base: Any) -> Any:
    """Return what is said with a rule in front of the model."""
    from ideas_lib.essays.programming_again import rules
    from ideas_lib.essays.programming_again.speaker import creature_features

    embedding, stream = creature_features(model)
    if arm == LIST:
        fires = rules.by_list(lesson)
    elif arm == NEAREST:
        fires = rules.by_nearest(lesson, embedding)
    elif arm == FEATURES:
        fires = rules.by_features(lesson, stream, SETTINGS["scale"])
    else:
        fires = rules.by_words(base.after)
    return rules.with_rule(base, fires)


def at_each(name: str, values: tuple[Any, ...], arm: str, seed: int, **how: Any) -> dict[str, Any]:
    """Teach with each of some values of one thing: outcome -> a list, a value each."""
    boards = [taught(arm, seed, **{name: value}, **how) for value in values]
    return {each: [board[each] for board in boards] for each in boards[0] if each != "board"}


def at_each_dose(arm: str, seed: int) -> dict[str, Any]:
    """Teach each kind of lesson at each dose: `G, mixed, counterexamples` and so on, and boards.

    `boards` has those of the worlds that the page shows, by slice, counterexamples and dose, one
    after the other.
    """
    found: dict[str, Any] = {} if seed in BOARDLESS else {"boards": []}
    for confounded, colours in enumerate(SLICES):
        for told, counter in enumerate(TOLD):
            for dose in DOSES:
                board = taught(arm, seed, bool(confounded), bool(told), dose)
                if seed not in BOARDLESS:
                    found["boards"].append(board["board"])
                for part in PARTS:
                    found.setdefault(f"{part}, {colours}, {counter}", []).append(board[part])
    return found


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Teach the lesson that decides, as the study does."""
    return taught(arm, seed)


STUDY = Study(
    slug="programming-again",
    title="Programming models again",
    prediction=Prediction(
        claim="Fit on the same eight creatures, a hand-written rule on a model's own features tells"
        " growlers from hummers that were not taught by at least 0.05 more than reward does.",
        outcome="decided G",
        idea=FEATURES,
        baseline=REWARD,
        margin=0.05,
        confidence=0.65,
        change_our_mind="An interval below 0.05: then reward finds about all that a rule on the"
        " features can, or more, and what is powerful is the reward.",
    ),
    experiments=(
        Experiment("lesson", METHODS, taught, SEEDS, seconds=1.5),
        Experiment("no counterexamples", METHODS, partial(taught, told=False), SEEDS, seconds=0.6),
        Experiment("confounded", METHODS, partial(taught, confounded=True), SEEDS, seconds=0.6),
        Experiment("how many", METHODS, partial(at_each, "k", SIZES), SEEDS[:12], seconds=0.8),
        Experiment("dose", METHODS, at_each_dose, SEEDS[:8], seconds=6),
        Experiment("rate", LEARNED, partial(at_each, "rate", RATES), SEEDS[:12], seconds=1.5),
        Experiment(
            "leash",
            LEARNED,
            partial(at_each, "leash", LEASHES, told=False),
            SEEDS[:12],
            seconds=1.5,
        ),
    ),
    reader=reader,
)
