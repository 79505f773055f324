"""Ask solvers whether a condition can hold: Z3, and cvc5 as a second opinion; both have limits."""

import re
import time
from dataclasses import dataclass
from typing import Any

import z3

from ideas_lib.programs.compilation.bitvalues import Truth

__all__ = ["SolverAnswer", "ask_cvc5", "ask_z3"]

MEGABYTES = 2048  # that Z3 may use


@dataclass(frozen=True)
class SolverAnswer:
    """`holds` says whether a condition can hold, None where a solver gave up; `model`, how."""

    holds: bool | None
    model: Any = None


def ask_z3(condition: Truth, seconds: float) -> SolverAnswer:
    """Ask Z3 whether a condition can hold."""
    if condition is False:
        return SolverAnswer(False)
    if seconds <= 0:
        return SolverAnswer(None)
    solver = z3.SolverFor("QF_BV")
    solver.set("timeout", max(1, int(1000 * seconds)))
    solver.set("max_memory", MEGABYTES)
    solver.add(condition)
    try:
        said = solver.check()
    except z3.Z3Exception:
        return SolverAnswer(None)
    if said == z3.sat:
        return SolverAnswer(True, solver.model())
    return SolverAnswer(False if said == z3.unsat else None)


def ask_cvc5(condition: Truth, seconds: float) -> bool | None:
    """Ask cvc5, which reads the condition as text, whether it can hold; None where it gave up."""
    simple = condition if isinstance(condition, bool) else z3.simplify(condition)
    if isinstance(simple, bool) or z3.is_true(simple) or z3.is_false(simple):
        return bool(simple) if isinstance(simple, bool) else z3.is_true(simple)
    import cvc5

    until = time.monotonic() + seconds
    script = z3.Solver()
    script.add(simple)
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(max(1, int(1000 * (until - time.monotonic())))))
    solver.setLogic("QF_BV")
    parser = cvc5.InputParser(solver)
    # Z3 has names of its own for division, where it knows that the divisor is not 0.
    text = re.sub(r"\(check-sat\)|(?<=div|rem|mod)_i\b", "", script.to_smt2())
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "condition")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    said = solver.checkSat()
    return None if said.isUnknown() else bool(said.isSat())
