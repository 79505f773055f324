"""Whether a goal keeps its own postcondition, for all arguments that satisfy its precondition."""

import time

from ideas_lib.programs.compilation.bitvalues import Bits, all_of, any_of, negated
from ideas_lib.programs.compilation.certifying import Certificate, arguments_of
from ideas_lib.programs.compilation.encoder import encode_condition, encode_program, make_arguments
from ideas_lib.programs.compilation.expressions import TooLarge
from ideas_lib.programs.compilation.interpreter import contract_holds, interpret
from ideas_lib.programs.compilation.program import RESULT, IntegerProgram
from ideas_lib.programs.compilation.scope import scope_of
from ideas_lib.programs.compilation.solvers import ask_z3
from ideas_lib.programs.compilation.subset import Outside

__all__ = ["certify_post"]


def certify_post(program: IntegerProgram, *, width: int = 32, timeout: float = 10.0) -> Certificate:
    """Say whether `post` holds of what a program returns, and that it returns."""
    began, bits, scope = time.monotonic(), Bits(), scope_of(program, width)
    try:
        arguments = make_arguments(bits, program.parameters, width)
        pre, names = encode_condition(bits, program, program.pre, arguments)
        made = encode_program(bits, program, [names[p.name] for p in program.parameters])
        post, _ = encode_condition(bits, program, program.post, {**names, RESULT: made.value})
    except (TooLarge, Outside, RecursionError) as error:
        return Certificate(
            False, False, True, scope, reason=str(error) or "it is nested too deeply"
        )
    wrong = any_of(negated(post), made.escaped(), *made.errors.values())
    found = ask_z3(all_of(pre, wrong), timeout)
    known = {"rounds": made.rounds, "seconds": time.monotonic() - began}
    if found.holds is False:
        return Certificate(True, False, False, scope, **known)  # type: ignore[arg-type]
    if found.holds:
        args = arguments_of(program, found.model, arguments)
        outcome = interpret(program, args)
        if outcome.value is None or not contract_holds(program, args, outcome.value):
            shown = {p.name: value for p, value in zip(program.parameters, args, strict=True)}
            pair = str(outcome), "what breaks the postcondition"
            return Certificate(False, True, False, scope, shown, pair)
    return Certificate(False, False, True, scope, reason="the solver had no answer in its time")
