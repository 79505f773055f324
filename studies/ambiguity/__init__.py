"""Ambiguity: is it worth choosing the question that tells most of a text's programs apart?

A seed is a problem of HumanEval whose text was made ambiguous by a rule (`prompts`): its examples
go, then its last sentence. A small model wrote eight programs for it; the problems are those whose
programs differ on the tool's inputs. A person who knows what was meant answers questions, which
rules programs out; then one of the largest cluster is taken, and HumanEval's tests judge it. All
arms have the same programs, inputs and answers, and differ in which input is asked about. Where a
choice is drawn, its mean over draws counts.

Beside it: the same problems with their last sentence, and as they are, which tells what is open in
the text from what the model gets wrong whatever the text says.

Expected beside the prediction, at odds of three to two: after two answers, the choices that worth
and chance among splitting inputs make are within a twentieth of each other. Expected, less surely:
the last sentence is worth fewer right programs than the examples before it.

What the model wrote is recorded, by `python -m studies.ambiguity.sampling_texts`, and so is what
that did, by `python -m studies.ambiguity.trying_texts`.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study
from studies.ambiguity.prompts import FEWER, LOOSE
from studies.ambiguity.questioning import BEST, CHOICES, SPLITTING, question_many
from studies.ambiguity.trying_texts import WHOLE, load_outcomes

SETTINGS = dict(
    answers=5,
)

ASKING, SAYING = "asking", "saying"
FIRST = 100  # the seed of HumanEval/0
# Problems whose programs differ; and those with all three texts.
# fmt: off
AMBIGUOUS = (
    100, 101, 102, 103, 104, 105, 106, 107, 109, 110, 111, 112, 114, 115, 116, 117, 119, 120,
    121, 124, 125, 126, 127, 136, 138, 141, 143, 146, 149, 150, 151, 154, 156, 159, 160, 161,
    164, 165, 166, 167, 168, 169, 170, 171, 172, 174, 175, 177, 178, 179, 180, 181, 182, 183,
    184, 185, 186, 187, 188, 189, 190, 192, 193, 194, 195, 196, 197, 198, 199, 200, 201, 202,
    203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 216, 217, 218, 219, 220, 221,
    222, 224, 225, 226, 227, 228, 229, 230, 231, 232, 234, 235, 236, 237, 238, 240, 241, 242,
    243, 244, 246, 247, 248, 249, 250, 252, 253, 254, 255, 257, 258, 259, 260, 261, 263,
)
SAID = (
    101, 102, 103, 104, 106, 108, 110, 111, 112, 117, 118, 119, 125, 126, 138, 141, 150, 159,
    164, 165, 167, 168, 169, 170, 171, 172, 173, 175, 177, 178, 179, 180, 181, 186, 187, 188,
    189, 191, 192, 193, 194, 195, 197, 199, 200, 201, 202, 203, 204, 208, 209, 210, 211, 212,
    213, 216, 217, 218, 219, 223, 224, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236,
    237, 241, 242, 244, 245, 247, 248, 249, 251, 252, 253, 254, 257, 258, 260, 261, 262,
)
# fmt: on


def outcomes_of(seed: int, said: str | None = None) -> dict[str, Any]:
    """Return what was done for a seed's problem: in the text, or in its most ambiguous one."""
    found = load_outcomes()
    for text in (said,) if said else (FEWER, LOOSE):
        row = found.get((f"HumanEval/{seed - FIRST}", str(text)))
        if row:
            return row
    raise LookupError(f"nothing was tried for HumanEval/{seed - FIRST} with {said or 'any text'}")


def ask(arm: str, seed: int) -> dict[str, Any]:
    """Ask about one problem, one question after the other."""
    steps = question_many(outcomes_of(seed), arm, SETTINGS["answers"], seed)
    right, bits, some, ended = map(list, zip(*steps, strict=True))
    report: dict[str, Any] = {"right after one": right[1], "right after two": right[2]}
    report |= {"right": right, "bits": bits, "some left": some, "nothing to ask": ended}
    return report


def say(arm: str, seed: int) -> dict[str, float]:
    """Count what is open, and what is right, with one text of a problem: of four programs."""
    from studies.ambiguity.questioning import Sitting
    from studies.ambiguity.sampling_texts import BESIDE

    row = outcomes_of(seed, arm)
    row |= {"right": row["right"][:BESIDE], "did": [*row["did"][:BESIDE], row["did"][-1]]}
    sitting = Sitting(row)
    _, bits, _, _ = sitting.report()
    programs = len(row["right"])
    return {
        "right": sum(row["right"]) / programs,
        "bits": bits,
        "run": len(sitting.left) / programs,
    }


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Ask about one of the problems; the first of them for seed 0."""
    return ask(arm, AMBIGUOUS[seed])


STUDY = Study(
    slug="ambiguity",
    title="A compiler of ambiguous code",
    prediction=Prediction(
        claim="After one answer, the program that is taken is right more often where the question "
        "was the one worth most than where it was any on which the programs differ.",
        outcome="right after one",
        idea=BEST,
        baseline=SPLITTING,
        margin=0.03,
        confidence=0.55,
        change_our_mind="An interval that holds 0.03: then any input on which programs differ will "
        "do, and the tool need not count bits.",
    ),
    experiments=(
        Experiment(ASKING, tuple(CHOICES), ask, AMBIGUOUS, seconds=1.0),
        Experiment(SAYING, (FEWER, LOOSE, WHOLE), say, SAID, seconds=1.0),
    ),
    reader=reader,
    reader_seeds=(0, 1, 2, 3, 4, 5, 6, 7),
    tolerance=0.002,
)
