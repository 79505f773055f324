"""Ask a model for variations of an exercise, and another model to solve them from the text alone.

What is asked for numbers keeps to holes: a model never writes a number that a test depends on.
"""

import dataclasses
import json
import re
from typing import Any

from ideas_lib.exercises.drawing import ExerciseVariant
from ideas_lib.exercises.exercise import Exercise, Wrong
from ideas_lib.exercises.handout import student_markdown
from ideas_lib.exercises.holes import hole_names
from ideas_lib.lm.generate import Generator
from ideas_lib.lm.request import Decoding, Prompt, Reply
from ideas_lib.programs.copilot.sample import FENCE

__all__ = ["BadDraft", "DraftRun", "draft_prompt", "read_draft", "solving_prompt"]

KINDS_IN_WORDS = {
    "story": "with another story: other people, other things, the same task. What is asked, and "
    "what would be computed, stays exactly as it is",
    "structure": "so that it asks for something else with the same parameters and the same means",
    "harder": "so that it is harder, by one more step or condition, with the same parameters",
    "easier": "so that it is easier, by leaving out one step or condition",
}
KEYS = {
    "program": ("prompt", "starter", "solution", "calls"),
    "answer": ("prompt", "answer"),
}
PENS = "{{ who }} has {{ boxes }} boxes with {{ each }} pens in each"
SHOWN: dict[str, dict[str, dict[str, Any]]] = {  # an exercise, and what each kind makes of it
    "program": {
        "plain": {
            "prompt": f"{PENS}. Write `total(more)`, which returns how many pens there are with "
            "`more` pens beside the boxes.",
            "starter": "def total(more):\n    raise NotImplementedError\n",
            "solution": "def total(more):\n    return {{ boxes }} * {{ each }} + more\n",
            "calls": ("total(0)", "total(5)"),
        },
        "story": {
            "prompt": "{{ who }} counts {{ boxes }} ships in the harbour, and "
            "{{ each }} people on each of them. Write `total(more)`, which returns how many people "
            "there are with `more` people on the quay.",
        },
        "structure": {
            "prompt": f"{PENS}. Write `lacking(wanted)`, which returns how many pens are lacking "
            "if `wanted` pens are wanted; if there are enough, none is.",
            "starter": "def lacking(wanted):\n    raise NotImplementedError\n",
            "solution": "def lacking(wanted):\n    have = {{ boxes }} * {{ each }}\n"
            "    return wanted - have if wanted > have else 0\n",
            "calls": (
                *("lacking(0)", "lacking({{ boxes }} * {{ each }})"),
                *("lacking({{ boxes }} * {{ each }} + 1)", "lacking(5000)"),
            ),
        },
        "harder": {
            "prompt": f"{PENS}. Write `total(more, taken)`, which returns how many pens are left "
            "when `more` pens come in, and then `taken` pens are taken. Nobody takes pens that "
            "are not there.",
            "starter": "def total(more, taken):\n    raise NotImplementedError\n",
            "solution": "def total(more, taken):\n"
            "    left = {{ boxes }} * {{ each }} + more - taken\n"
            "    return left if left > 0 else 0\n",
            "calls": ("total(0, 0)", "total(5, 1)", "total(1, 5000)", "total(3, 4)"),
        },
    },
    "answer": {
        "plain": {"prompt": f"{PENS}. How many pens are that?", "answer": "boxes * each"},
        "story": {
            "prompt": "{{ who }} counts {{ boxes }} ships in the harbour, and "
            "{{ each }} people on each of them. How many people are that?",
        },
        "structure": {
            "prompt": "{{ who }} has {{ each }} pens, and puts them into {{ boxes }} boxes, as "
            "many into each as into the others. How many are in each box?",
            "answer": "each / boxes",
        },
        "harder": {
            "prompt": f"{PENS}, and as many pens beside the boxes as there are boxes. How many "
            "pens are that?",
            "answer": "boxes * each + boxes",
        },
    },
}
DRAFTS = Decoding(temperature=0.9, max_tokens=700)
SOLUTIONS = Decoding(temperature=0.7, max_tokens=500)
MOST = 12  # calls of a draft


class BadDraft(ValueError):
    """Raised for a reply that holds no variation; it says why."""


@dataclasses.dataclass(frozen=True)
class DraftRun:
    """Who writes `drafts` variations of a kind, and who solves each, `tries` times at most.

    `solver` is None where nobody is to.
    """

    kind: str
    writer: Generator
    solver: Generator | None
    drafts: int = 8
    tries: int = 4


def draft_prompt(exercise: Exercise, kind: str) -> Prompt:
    """Return what a model is asked for one variation, after one that it is shown.

    Without the example small models solve the exercise, and write no other.
    """
    shown = [dataclasses.replace(exercise, keep=(), **given) for given in _shown(exercise, kind)]
    return [
        {"role": "user", "content": _asked(shown[0], kind)},
        {"role": "assistant", "content": _given(shown[1], kind)},
        {"role": "user", "content": _asked(exercise, kind)},
    ]


def _shown(exercise: Exercise, kind: str) -> list[dict[str, Any]]:
    """Return what an exercise and its variation are to have, as an example."""
    named = dict.fromkeys(("starter", "solution", "answer"), "") | {"calls": (), "hidden_calls": ()}
    forms = SHOWN[exercise.subject]
    pair = {"easier": ("harder", "plain")}.get(kind, ("plain", kind))
    return [named | {"prompt": forms["plain"]["prompt"]} | forms[each] for each in pair]


def _asked(exercise: Exercise, kind: str) -> str:
    """Return an exercise, and what is to be made of it."""
    holes = ", ".join(f"{{{{ {name} }}}}" for name in dict.fromkeys(hole_names(exercise.prompt)))
    rules = [f"Write this exercise anew, {KINDS_IN_WORDS[kind]}. Do not solve it."]
    if holes:
        rules.append(f"Keep each of these placeholders, exactly once, as it is: {holes}.")
    rules.append("Write no number, neither in digits nor in words: placeholders stand for them.")
    if exercise.keep:
        rules.append(f"These words have to stay: {', '.join(exercise.keep)}.")
    if kind == "story":
        rules.append("Answer with the new text alone.")
    else:
        keys = ", ".join(KEYS[exercise.subject])
        rules.append(f"Answer with a JSON object with the keys {keys}, and nothing else.")
    return "\n".join((_given(exercise, kind), "---", *rules))


def _given(exercise: Exercise, kind: str) -> str:
    """Return what a model gets, or gives back, of an exercise."""
    if kind == "story":
        return exercise.prompt.strip()
    given = {key: getattr(exercise, key) for key in KEYS[exercise.subject]}
    if "calls" in given:
        given["calls"] = [*exercise.calls, *exercise.hidden_calls]
    return json.dumps(given, indent=1, ensure_ascii=False)


def solving_prompt(exercise: Exercise, variant: ExerciseVariant) -> Prompt:
    """Return what another model is asked, who sees what a student sees."""
    if exercise.subject == "program":
        words = "Solve this exercise. Answer with one block of Python, the whole function alone."
        return _chat(words, student_markdown(exercise, variant))
    unit = f", in {exercise.unit}" if exercise.unit else ""
    symbols = " as text that SymPy reads" if exercise.symbols or variant.decimal is None else ""
    words = (
        "Solve this exercise. Answer with one block of Python: a function `answer()` without "
        f"parameters that returns the answer{unit}{symbols}."
    )
    return _chat(words, variant.prompt)


def _chat(rules: str, text: str) -> Prompt:
    return [{"role": "user", "content": f"{rules}\n\n{text}"}]


def read_draft(exercise: Exercise, kind: str, reply: Reply) -> Exercise:
    """Return the exercise with what a reply changes of it. Raises BadDraft."""
    if not reply.finished:
        raise BadDraft("the reply was cut off")
    text = reply.text.strip()
    if kind == "story":
        text = re.sub(r"\A```\w*\n(.*)\n```\Z", r"\1", text, flags=re.S)
        return dataclasses.replace(exercise, prompt=text.strip() + "\n")
    keys = KEYS[exercise.subject]
    found = _object(text)
    if set(found) != set(keys):
        raise BadDraft(f"the reply has the keys {', '.join(map(str, found))[:80]}, not {keys}")
    calls = found.pop("calls", [])
    if not all(isinstance(value, str) and value.strip() for value in found.values()):
        raise BadDraft("a part of the reply is no text, or empty")
    if not isinstance(calls, list) or not all(isinstance(call, str) for call in calls):
        raise BadDraft("calls is no list of texts")
    if exercise.subject == "program" and not 2 <= len(calls) <= MOST:
        raise BadDraft(f"there are {len(calls)} calls, and from 2 to {MOST} are wanted")
    changed: dict[str, Any] = dict(found, prompt=found["prompt"].strip() + "\n")
    if exercise.subject == "program":
        half = (len(calls) + 1) // 2
        changed |= {"calls": tuple(calls[:half]), "hidden_calls": tuple(calls[half:])}
    # Mistakes and tests were about what was asked before.
    wrong: tuple[Wrong, ...] = ()
    return dataclasses.replace(exercise, **changed, tests="", wrong=wrong, working="")


def _object(text: str) -> dict[str, Any]:
    block = FENCE.search(text)
    try:
        found = json.loads(block[1] if block else text)
    except (ValueError, RecursionError):
        raise BadDraft("the reply is no JSON") from None
    if not isinstance(found, dict):
        raise BadDraft("the reply is no JSON object")
    return found
