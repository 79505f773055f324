"""What has to hold of an exercise before anything is drawn: names, holes, and what would leak."""

import ast
import builtins
import difflib
import keyword
import re
import unicodedata
from collections.abc import Iterator

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
    program = exercise.subject == "program"
    wrong = "\n".join(each.text for each in exercise.wrong)
    texts = {
        "prompt": exercise.prompt,
        "solution": exercise.solution,
        "starter": exercise.starter,
        "tests": exercise.tests,
        "calls": "\n".join((*exercise.calls, *exercise.hidden_calls)),
        "wrong": wrong if program else "",
    }
    for where, text in texts.items():
        _check_holes(exercise, where, text, exercise.names)
        _check_marks(where, text)
    _check_holes(exercise, "working", exercise.working, (*exercise.names, "answer"))
    expressions = {
        "answer": exercise.answer,
        "constraints": "\n".join(exercise.constraints),
        "derived": "\n".join(exercise.derived.values()),
        "wrong": "" if program else wrong,
    }
    for where, text in expressions.items():
        for hole in HOLE.finditer(text):
            raise BadExercise(
                f"{where} has the hole {hole[0]!r}: an expression names its parameters as they "
                f"are, {hole[2]}"
            )
    units = [exercise.unit, *(each.unit for each in exercise.parameters.values())]
    plain = {
        "title": exercise.title,
        "unit": "\n".join(units),
        "symbols": "\n".join(exercise.symbols),
        "keep": "\n".join(exercise.keep),
        "why": "\n".join(each.why for each in exercise.wrong),
    }
    for where, text in plain.items():
        for hole in HOLE.finditer(text):
            raise BadExercise(f"{where} has the hole {hole[0]!r}, and none is filled there")
    for where, text in (texts | expressions | plain | {"working": exercise.working}).items():
        for character in _strange(text):
            raise BadExercise(f"{where} has the character {character!r}, which no page can show")
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
            hint = f"names are {', '.join(names)}" if names else "add it to parameters"
            hint = f"did you mean {near[0]!r}?" if near else hint
            raise BadExercise(f"{where} has a hole {name!r}, which is no parameter; {hint}")
    rest = HOLE.sub("", text)
    if where == "prompt" and "{{" in rest:
        there = " ".join(rest[rest.index("{{") :].split())
        raise BadExercise(
            f"the prompt has {there!r:.40}, which is no hole: a hole is {{{{ name }}}}, and what "
            "is computed is named in derived"
        )


def _strange(text: str) -> Iterator[str]:
    """Yield control characters and what is no character: XML and terminals cannot have them."""
    for each in text:
        control = unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t"
        if control or each in "\ufffe\uffff":
            yield each


def _check_program(exercise: Exercise) -> None:
    if not (exercise.calls or exercise.hidden_calls or exercise.tests.strip()):
        raise BadExercise("there is nothing to test by: give calls, hidden_calls or tests")
    for call in (*exercise.calls, *exercise.hidden_calls):
        try:
            ast.parse(HOLE.sub("1", call), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise BadExercise(f"the call {call!r:.60} is no expression of Python") from None
    shown = {"prompt": exercise.prompt, "starter": exercise.starter}
    check_leak(exercise.solution, exercise.starter, shown)
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
