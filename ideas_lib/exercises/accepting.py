"""Accept a variation that a model wrote only if everything that can be tried holds; else say why.

    accepted, drafts = accept_drafts(exercise, DraftRun("story", writer, solver))

In this order: the text (`text_gates`); no near-duplicate; the reference solves it, the starter
compiles and fails, and draws that make an exercise can be found; what students run touches no file,
process or network, by a look at its text; mutants of the reference that
differ from it are caught by the tests; and a second solution, by another model that saw what a
student sees, agrees with all tests, the hidden ones too, in a sandbox apart from them.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tqdm import tqdm

from ideas_lib.exercises.deciding import ask_sandbox
from ideas_lib.exercises.draft_requests import (
    DRAFTS,
    SOLUTIONS,
    BadDraft,
    DraftRun,
    draft_prompt,
    read_draft,
    solving_prompt,
)
from ideas_lib.exercises.drawing import ExerciseVariant, make_variants
from ideas_lib.exercises.exercise import BadExercise, Exercise
from ideas_lib.exercises.exercise_checks import check_exercise
from ideas_lib.exercises.handout import grading_tests
from ideas_lib.exercises.text_gates import NEAR, likeness, text_fault
from ideas_lib.formatting import printable
from ideas_lib.lm.request import Reply
from ideas_lib.programs.checks.touches import may_touch
from ideas_lib.programs.copilot.sample import FENCE
from ideas_lib.programs.judge.judging import CheckResult, check_program

__all__ = [
    "DraftVerdict",
    "accept_drafts",
    "first_variant",
    "judge_solution",
    "mutants_fault",
    "second_fault",
    "touches_fault",
]

PROBES = 24  # calls that a mutant may differ from the reference in
MUTANTS = 24
SECONDS = 10.0  # for a second solution


@dataclass(frozen=True)
class DraftVerdict:
    """A draft and what became of it: accepted where `gate` and `reason` are empty.

    `text` is what the model wrote, `form` the exercise where it was accepted.
    """

    text: str
    gate: str = ""
    reason: str = ""
    form: Exercise | None = None


def accept_drafts(exercise: Exercise, asked: DraftRun, *, term: str = "") -> list[DraftVerdict]:
    """Have drafts written, and return what became of each, in order.

    Without a solver no second solution is asked for. Raises what the models raise, BadExercise for
    a template that is wrong itself, and sandbox.Unavailable.
    """
    if asked.solver and asked.writer.model == asked.solver.model:
        raise BadExercise(
            f"{asked.writer.model} would write and solve: name another model by --second, for one "
            "that misreads its own text agrees with itself"
        )
    prompt = draft_prompt(exercise, asked.kind)
    (replies,) = asked.writer.generate([prompt], asked.drafts, decoding=DRAFTS)
    found: list[DraftVerdict] = []
    kept = [exercise]
    for reply in tqdm(replies, desc="drafts", delay=2, leave=False):
        gate, reason, form = "reply", "", None
        try:
            form = read_draft(exercise, asked.kind, reply)
        except BadDraft as error:
            reason = str(error)
        if form:
            gate, reason = _fault(exercise, form, kept, asked, term)
        if form and not reason:
            kept.append(form)
        shown = printable(reason)
        found.append(
            DraftVerdict(reply.text, gate if reason else "", shown, None if reason else form)
        )
    return found


def _fault(
    exercise: Exercise, form: Exercise, kept: Sequence[Exercise], asked: DraftRun, term: str
) -> tuple[str, str]:
    """Return the gate that a draft fails at, and why; two empty texts if at none."""
    reason = text_fault(form.prompt, exercise.prompt, exercise.keep)
    if reason:
        return "text", reason
    score, which = likeness(form.prompt, [each.prompt for each in kept])
    if score >= NEAR and (asked.kind == "story" or which):
        other = f"accepted draft {which}" if which else "the exercise itself"
        return "duplicate", f"it is a near-duplicate of {other} ({score:.0f} of 100)"
    gate = "reference"
    try:
        variant = first_variant(form, term)
        if asked.kind != "story" and form.subject == "program":
            for gate, fault in (("touches", touches_fault), ("mutants", mutants_fault)):
                reason = fault(variant)
                if reason:
                    return gate, reason
        gate = "second"
        return gate, second_fault(form, variant, asked) if asked.solver else ""
    except BadExercise as error:  # the draft's fault at whichever gate: the others go on
        return gate, str(error)


def first_variant(form: Exercise, term: str = "") -> ExerciseVariant:
    """Return a draft's first variant. Raises BadExercise where it is no exercise.

    Its template is whole, its reference passes its own tests, and its starter compiles and fails.
    """
    check_exercise(form)
    return make_variants([form], 1, term=term)[0][0]


def touches_fault(variant: ExerciseVariant) -> str:
    """Return what programs that a student runs may touch, by a look at their text, if anything."""
    calls = "\n".join(f"    {call}" for call in (*variant.calls, *variant.hidden_calls))
    programs = (variant.starter, variant.solution, f"def calls():\n{calls}\n")
    found = [each for program in programs for each in may_touch(program)]
    return f"its programs may touch {'; '.join(found)}" if found else ""


def mutants_fault(variant: ExerciseVariant) -> str:
    """Return a small mistake in the reference that its tests do not catch, if there is one.

    A mutant counts only if it is seen to differ: on calls like those of the tests, with numbers a
    little moved. So one that does the same as the reference is no fault of the tests.
    """
    from ideas_lib.programs.mutate.listing import list_mutations

    mutations = list_mutations(variant.solution)
    chosen = mutations[:: max(1, len(mutations) // MUTANTS)][:MUTANTS]
    calls = [*variant.calls, *variant.hidden_calls]
    told = ask_sandbox(
        "mutants",
        [{"program": each.apply(variant.solution)} for each in chosen],
        solution=variant.solution,
        calls=calls,
        expected=variant.expected,
        tests=variant.tests,
        probes=_probes(calls),
    )
    for mutation, each in zip(chosen, told, strict=True):
        if each.get("differs"):
            change = f"{mutation.before!r:.60} becomes {mutation.after!r:.60}"
            return f"no test notices that {change}, though {each['differs']} differs"
    return ""


def _probes(calls: Sequence[str]) -> list[str]:
    """Return calls with one number of each moved a little."""
    found: dict[str, None] = {}
    for call in calls:
        tree = ast.parse(call, mode="eval")
        numbers = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and type(node.value) in (int, float)
        ]
        for node in numbers:
            before = node.value
            for moved in (-1, 1, 2, 7):
                node.value = before + moved  # type: ignore[operator]
                found.setdefault(ast.unparse(tree))
            node.value = before
    return [call for call in found if call not in calls][:PROBES]


def second_fault(exercise: Exercise, variant: ExerciseVariant, asked: DraftRun) -> str:
    """Return why no second solution agrees with the tests, nothing if one does."""
    assert asked.solver, "somebody has to solve it"
    prompt = solving_prompt(exercise, variant)
    (replies,) = asked.solver.generate([prompt], asked.tries, decoding=SOLUTIONS)
    first = ""
    for reply in replies:
        found = judge_solution(exercise, variant, reply)
        if found.passed:
            return ""
        first = first or found.reason
    return f"none of {len(replies)} solutions by {asked.solver.model} agrees; the first: {first}"


def judge_solution(exercise: Exercise, variant: ExerciseVariant, reply: Reply) -> CheckResult:
    """Judge a solution that a model wrote by all tests, the hidden ones too.

    Tests, expected answers and the solution are in processes apart from each other.
    """
    entry = _entry(variant.solution) if exercise.subject == "program" else "answer"
    block = FENCE.search(reply.text)
    source, tests = block[1] if block else reply.text, grading_tests(exercise, variant)
    return check_program(source, entry, tests=tests, timeout=SECONDS)


def _entry(solution: str) -> str:
    """Return the name of the last function of a program."""
    names = re.findall(r"^def (\w+)", solution, re.M)
    if not names:
        raise BadExercise("the solution defines no function, so nobody can be asked for a second")
    return names[-1]
