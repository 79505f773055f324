"""From a goal to C or WebAssembly, in steps that are certified; what is printed is tested."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from ideas_lib.programs.compilation.certifying import Certificate, certify_programs
from ideas_lib.programs.compilation.checker import FORMAT, first_line
from ideas_lib.programs.compilation.checker_terms import Source
from ideas_lib.programs.compilation.encoding_contract import certify_post
from ideas_lib.programs.compilation.interpreter import holds, interpret
from ideas_lib.programs.compilation.lowering import lower, reduce_strength
from ideas_lib.programs.compilation.printing_c import check_names, print_c
from ideas_lib.programs.compilation.printing_wasm import print_wasm
from ideas_lib.programs.compilation.program import Program, read_program
from ideas_lib.programs.compilation.scope import sample_edges
from ideas_lib.programs.compilation.target_runs import NotRun, run_c, run_wasm
from ideas_lib.programs.sandbox.running import Unavailable

__all__ = ["Compiled", "NotCertified", "Step", "compile_goal"]

WIDTH = 32
TESTS = 2000
DRAWN = 20_000  # of which those that satisfy the precondition are taken
PRINTERS = {"c": print_c, "wasm": print_wasm}
TARGETS = ("loop", "int32", "c", "wasm")


class NotCertified(RuntimeError):
    """A step that is refuted, or not certified in its time; `certificate` says what is known."""

    def __init__(self, step: str, certificate: Certificate) -> None:
        super().__init__(f"{step}: {certificate}")
        self.step, self.certificate = step, certificate


@dataclass(frozen=True)
class Step:
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
    steps: tuple[Step, ...]
    forms: dict[str, str]
    certificate: str


def compile_goal(
    program: Program,
    to: str,
    *,
    timeout: float = 60.0,
    second: bool = True,
    told: Callable[[Step], object] = lambda step: None,
) -> Compiled:
    """Take a goal to a form, step by step; `told` of each step that holds.

    Args:
        program: The goal.
        to: One of TARGETS.
        timeout: Seconds for each step.
        second: Ask cvc5 as well.
        told: Called with each Step.

    Raises NotCertified for the first step that does not hold, Outside for names that C lacks.
    """
    steps: list[Step] = []

    def done(step: Step) -> None:
        steps.append(step)
        told(step)

    loop = lower(program)
    check_names(loop)
    forms, before, rounds = {"loop": loop}, program, 0
    if to != "loop":
        forms["int32"] = reduce_strength(loop)
    for kind, source in forms.items():
        after = read_program(source, program.entry)
        machine = kind != "loop"
        known = certify_programs(
            _with_contract(before, program),
            after,
            width=WIDTH,
            timeout=timeout,
            second=second,
            machine=machine,
        )
        if not known.ok:
            raise NotCertified(kind, known)
        rounds = max(rounds, known.rounds)
        done(Step(kind, "certified", _how(known, machine), known.seconds))
        before = after
    if program.post:
        known = certify_post(program, width=WIDTH, timeout=timeout)
        if not known.ok:
            raise NotCertified("post", known)
        done(Step("post", "certified", "the postcondition holds", known.seconds))
    targets = {}
    if to in PRINTERS:
        targets[to] = forms[to] = PRINTERS[to](forms["int32"])
        done(Step(to, "tested", _tested(program, to, forms[to])))
    last = [kind for kind in forms if kind not in targets][-1]
    claim = first_line(Source(program.source), rounds, last, sorted(targets))
    return Compiled(
        program.entry, claim, tuple(steps), forms, _written(program, claim, rounds, forms, targets)
    )


def _with_contract(form: Program, goal: Program) -> Program:
    """Return a form with the goal's precondition, on parameters of the same names."""
    return Program(
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


def _tested(program: Program, to: str, text: str) -> str:
    """Run what was printed on edges, beside the goal; return in words what came of it."""
    drawn = sample_edges(program.parameters, WIDTH, DRAWN, random.Random(program.source))
    rows: list[tuple[int, ...]] = []
    for args in drawn:
        if len(rows) < TESTS and holds(program, args):
            rows.append(args)
    wanted = [interpret(program, args).value for args in rows]
    try:
        made = (
            run_c(text, program.entry, rows) if to == "c" else run_wasm(text, program.entry, rows)
        )
    except (NotRun, Unavailable) as error:
        return f"printed phrase for phrase; not run: {str(error).splitlines()[0]}"
    for args, value, other in zip(rows, wanted, made, strict=True):
        if value != other:
            shown = {p.name: v for p, v in zip(program.parameters, args, strict=True)}
            pair = str(value), str(other)
            raise NotCertified(to, Certificate(False, True, False, "", shown, pair))
    by = "gcc, cffi" if to == "c" else "wasmtime"
    return f"printed phrase for phrase, and run on {len(rows)} arguments, edges first ({by})"


def _written(
    program: Program, claim: str, rounds: int, forms: dict[str, str], targets: dict[str, str]
) -> str:
    data = {
        "claim": claim,
        "format": FORMAT,
        "goal": program.source,
        "unroll": rounds,
        "forms": [{"kind": k, "source": s} for k, s in forms.items() if k not in targets],
        "targets": targets,
    }
    text = json.dumps(data, indent=1, ensure_ascii=True)
    return "{" + text[1:].lstrip() + "\n"  # the first line is the claim
