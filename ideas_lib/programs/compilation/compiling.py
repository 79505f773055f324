"""From a goal to C or WebAssembly, in steps that are certified; what is printed is tested."""

import random
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import z3

from ideas_lib.programs.compilation.certificate_checker import (
    FORMAT,
    BadCertificate,
    CheckedSource,
    SourceMeaning,
    check_certificate,
    claim_of,
    seal_certificate,
)
from ideas_lib.programs.compilation.certifying import Certificate, certify_programs
from ideas_lib.programs.compilation.encoding_contract import certify_post
from ideas_lib.programs.compilation.interpreter import contract_holds, interpret
from ideas_lib.programs.compilation.lowering import lower_program, reduce_strength
from ideas_lib.programs.compilation.printing_c import check_c_names, print_c
from ideas_lib.programs.compilation.printing_wasm import print_wasm
from ideas_lib.programs.compilation.program import IntegerProgram, read_integer_program
from ideas_lib.programs.compilation.reading_back import check_printed
from ideas_lib.programs.compilation.scope import sample_edges
from ideas_lib.programs.compilation.subset import Outside
from ideas_lib.programs.compilation.target_runs import NotRun, run_target
from ideas_lib.programs.sandbox.running import Unavailable

__all__ = ["CompileStep", "Compiled", "NotCertified", "compile_goal", "counterexample_text"]

WIDTH = 32
TESTS = 2000
DRAWN = 20_000  # of which those that satisfy the precondition are taken
PRINTERS = {"c": print_c, "wasm": print_wasm}
TARGETS = ("loop", "int32", "c", "wasm")


class NotCertified(RuntimeError):
    """A step that is refuted, or not certified in its time.

    `certificate` says what is known; `text`, where a counterexample is, is a program that shows it.
    """

    def __init__(self, step: str, certificate: Certificate, text: str = "") -> None:
        super().__init__(f"{step}: {certificate}")
        self.step, self.certificate, self.text = step, certificate, text


@dataclass(frozen=True)
class CompileStep:
    """A step from one form to the next: `status` is "certified" or "tested"; and in words how."""

    name: str
    status: str
    how: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Compiled:
    """What came of a goal: the steps, the forms' sources by kind, and the certificate, JSON."""

    entry: str
    claim: str
    steps: tuple[CompileStep, ...]
    forms: dict[str, str]
    certificate: str


def compile_goal(
    program: IntegerProgram,
    to: str,
    *,
    proposal: IntegerProgram | None = None,
    timeout: float = 60.0,
    second: bool = True,
    told: Callable[[CompileStep], object] = lambda step: None,
) -> Compiled:
    """Take a goal to a form, step by step; `told` of each step that holds.

    Args:
        program: The goal.
        to: One of TARGETS.
        proposal: What to start from in the goal's place, once it is certified to do the same.
        timeout: Seconds for each step.
        second: Ask cvc5 as well.
        told: Called with each CompileStep.

    Raises NotCertified for the first step that does not hold, Outside for what C, or the checker of
    certificates, does not know.
    """
    steps: list[CompileStep] = []

    def done(step: CompileStep) -> None:
        steps.append(step)
        told(step)

    goal = checked_source(program)
    start = proposal and replace(proposal, parameters=program.parameters)
    loop = lower_program(start or program)
    check_c_names(loop)
    forms = {"loop": loop} if to == "loop" else {"loop": loop, "int32": reduce_strength(loop)}
    sources = {kind: read_integer_program(text, program.entry) for kind, text in forms.items()}
    before, rounds = program, 0
    for kind, after in [*([("proposal", start)] if start else []), *sources.items()]:
        machine = kind == "int32"
        known = certify_programs(
            _with_contract(before, program),
            after,
            width=WIDTH,
            timeout=timeout,
            second=second,
            machine=machine,
        )
        if not known.ok:
            raise NotCertified(kind, known, counterexample_text(program, after, known))
        rounds = max(rounds, known.rounds)
        done(CompileStep(kind, "certified", _how(known, machine), known.seconds))
        before = after
    if program.post:
        known = certify_post(program, width=WIDTH, timeout=timeout)
        if not known.ok:
            raise NotCertified("post", known, counterexample_text(program, program, known))
        done(CompileStep("post", "certified", "the postcondition holds", known.seconds))
    last, began = "loop" if to == "loop" else "int32", time.monotonic()
    claim = claim_of(goal, last, rounds)
    fields = {"claim": claim, "format": FORMAT, "to": last, "rounds": rounds}
    certificate = seal_certificate({**fields, "goal": program.source, "form": forms[last]})
    try:
        check_certificate(certificate, timeout)
    except BadCertificate as error:
        known = Certificate(False, False, True, "", reason=f"the checker says: {error}")
        raise NotCertified("certificate", known) from None
    how = "goal and last form, read by the checker, do the same (Z3)"
    done(CompileStep("check", "certified", how, time.monotonic() - began))
    if to in PRINTERS:
        forms[to] = PRINTERS[to](forms["int32"])
        check_printed(forms[to], to, forms["int32"])
        done(CompileStep(to, "tested", _tested(program, to, forms[to])))
    return Compiled(program.entry, claim, tuple(steps), forms, certificate)


def checked_source(program: IntegerProgram) -> CheckedSource:
    """Return a goal as the checker reads it. Raises Outside for what a certificate cannot have."""
    if len(program.functions) > 1:
        others = ", ".join(name for name in program.functions if name != program.entry)
        raise Outside(f"it calls {others}: a certificate has one function")
    if program.constants:
        names = ", ".join(program.constants)
        raise Outside(f"{names} stands outside of the function: write its figures inside")
    try:
        source = CheckedSource(program.source)
        SourceMeaning(source, 1, [z3.BitVec(name, WIDTH) for name in source.given])  # it reads all
    except (BadCertificate, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Outside(f"a certificate cannot have it: {error}") from None
    return source


def counterexample_text(goal: IntegerProgram, other: IntegerProgram, known: Certificate) -> str:
    """Return a program that shows what two programs do with the arguments on which they differ."""
    if known.counterexample is None:
        return ""
    values = ", ".join(map(str, known.counterexample.values()))
    shown = ", ".join(f"{name}={value}" for name, value in known.counterexample.items())
    lines = [f"# Goal and step differ for {shown}. Run this file to see it."]
    for side, each in (("goal", goal), ("step", other)):
        body = textwrap.indent(each.source.strip(), "    ")
        lines += [f"def {side}():", body, f"    return {each.entry}({values})", ""]
    lines += [
        "for side in (goal, step):",
        "    try:",
        "        print(side.__name__, int(side()))",
        "    except (ZeroDivisionError, ValueError) as error:",
        "        print(side.__name__, type(error).__name__)",
    ]
    return "\n".join(lines) + "\n"


def _with_contract(form: IntegerProgram, goal: IntegerProgram) -> IntegerProgram:
    """Return a form with the goal's precondition, on parameters of the same names."""
    return IntegerProgram(
        form.entry,
        goal.parameters,
        form.functions,
        {**goal.constants, **form.constants},
        goal.pre,
        (),
        form.source,
    )


def _how(known: Certificate, machine: bool) -> str:
    fits = ", and no value leaves int32" if machine else ""
    rounds = f"; {known.rounds} rounds of a loop, proved to be enough" if known.rounds else ""
    second = {"agrees": ", cvc5 agrees", "no answer": ", cvc5 had no answer"}.get(known.second, "")
    return f"does the same{fits} (Z3{second}; {known.tried} arguments tried{rounds})"


def _tested(program: IntegerProgram, to: str, text: str) -> str:
    """Run what was printed on edges, beside the goal; return in words what came of it."""
    drawn = sample_edges(program.parameters, WIDTH, DRAWN, random.Random(program.source))
    rows: list[tuple[int, ...]] = []
    for args in drawn:
        if len(rows) < TESTS and contract_holds(program, args):
            rows.append(args)
    printed = "read back as the int32 form, phrase for phrase"
    try:
        made = run_target(text, to, program.entry, rows)
    except (NotRun, Unavailable) as error:
        return f"{printed}; not run: {str(error).splitlines()[0]}"
    for args, other in zip(rows, made, strict=True):
        value = interpret(program, args).value
        if value != other:
            shown = {p.name: v for p, v in zip(program.parameters, args, strict=True)}
            pair = str(value), str(other)
            raise NotCertified(to, Certificate(False, True, False, "", shown, pair))
    by = "gcc, cffi" if to == "c" else "wasmtime"
    return f"{printed}, and run on {len(rows)} arguments, edges first ({by})"
