"""What has to hold of an exercise before anything is drawn: names, holes, and what would leak."""

import ast
import builtins
import difflib
import keyword
import re

from ideas_lib.exercises.exercise import BadExercise, Exercise
from ideas_lib.exercises.holes import HOLE, hole_names

__all__ = ["check_exercise", "check_leak"]

NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
MARK = re.compile(r"#+\s*(?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.I)
NAMING = re.compile(
    r"(?:async )?def .*:|class .*:|import [\w., ]+|from [\w.]+ import [^;]*|\"{3}.*"
)
LEAST = 10  # characters of a line that tells something


def check_exercise(exercise: Exercise) -> None:
    """Raise BadExercise, which names what is wrong, for an exercise that cannot be handed out."""
    _check_names(exercise)
    texts = {
        "prompt": exercise.prompt,
        "solution": exercise.solution,
        "starter": exercise.starter,
        "tests": exercise.tests,
        "calls": "\n".join((*exercise.calls, *exercise.hidden_calls)),
        "wrong": "\n".join(each.text for each in exercise.wrong),
    }
    for where, text in texts.items():
        _check_holes(exercise, where, text, exercise.names)
        _check_marks(where, text)
    _check_holes(exercise, "working", exercise.working, (*exercise.names, "answer"))
    for where, found in (("answer", exercise.answer), ("constraints", exercise.constraints)):
        if hole_names("\n".join(found) if isinstance(found, tuple) else found):
            raise BadExercise(f"{where} has a hole: an expression names its parameters without")
    told = set(hole_names(exercise.prompt + exercise.starter))
    rest = " ".join(exercise.derived.values())
    for name in exercise.parameters:
        if name not in told and not re.search(rf"\b{name}\b", rest):
            raise BadExercise(
                f"the prompt never says {name!r}: put {{{{ {name} }}}} into it, or derive from it"
            )
    for word in exercise.keep:
        if word not in exercise.prompt:
            raise BadExercise(f"keep has {word!r}, which the prompt itself does not say")
    if exercise.subject == "program":
        _check_program(exercise)


def _check_names(exercise: Exercise) -> None:
    for name in (*exercise.names, *exercise.symbols):
        if not NAME.fullmatch(name) or keyword.iskeyword(name) or hasattr(builtins, name):
            raise BadExercise(
                f"{name!r} is no name for a parameter: letters, digits and _, no word of Python"
            )
        if (*exercise.names, *exercise.symbols).count(name) > 1:
            raise BadExercise(f"the name {name!r} is given twice")
    if "answer" in exercise.names:
        raise BadExercise("no parameter can be called 'answer': that is what is computed")


def _check_marks(where: str, text: str) -> None:
    """Refuse what nbgrader cuts solutions and hidden tests out by."""
    found = MARK.search(text)
    if found:
        raise BadExercise(f"{where} has {found[0]!r}, which nbgrader takes for a mark of its own")


def _check_holes(exercise: Exercise, where: str, text: str, names: tuple[str, ...]) -> None:
    for name in hole_names(text):
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"names are {', '.join(names)}"
            raise BadExercise(f"{where} has a hole {name!r}, which is no parameter; {hint}")
    if where == "prompt" and "{{" in HOLE.sub("", text):
        raise BadExercise("the prompt has {{ that begins no hole: a hole is {{ name }}")


def _check_program(exercise: Exercise) -> None:
    if not (exercise.calls or exercise.hidden_calls or exercise.tests.strip()):
        raise BadExercise("there is nothing to test by: give calls, hidden_calls or tests")
    for call in (*exercise.calls, *exercise.hidden_calls):
        try:
            ast.parse(HOLE.sub("1", call), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise BadExercise(f"the call {call!r:.60} is no expression of Python") from None
    check_leak(exercise.solution, exercise.starter, {"prompt": exercise.prompt})
    secret = _lines(exercise.solution)
    if secret and secret <= _lines(exercise.starter):
        raise BadExercise("the starter holds the whole solution")


def check_leak(solution: str, starter: str, shown: dict[str, str]) -> None:
    """Raise BadExercise where a text that students see has a line of the solution.

    Lines that the starter has too are no secret, nor are short ones, unless they are all there is.
    """
    secret = _lines(solution) - _lines(starter)
    telling = {line for line in secret if len(line) >= LEAST} or secret
    for where, text in shown.items():
        squeezed = "".join(text.split())
        for line in sorted(telling):
            if line and line in squeezed:
                raise BadExercise(f"the {where} gives the solution away: {line!r:.60}")


def _lines(source: str) -> set[str]:
    """Return a program's lines without spaces and comments; none that only names or imports."""
    lines = (line.split("#")[0].strip() for line in source.splitlines())
    return {"".join(line.split()) for line in lines if line and not NAMING.fullmatch(line)}
