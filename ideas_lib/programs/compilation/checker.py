"""Check a certificate again, from the sources in it: a program of its own that trusts no field.

Its formulas come from `checker_reading`, and no code of what made the certificate has part in it.
cvc5 is asked first, and Z3 where it has no answer.
"""

import ast
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import cvc5
import z3

from ideas_lib.programs.compilation.checker_reading import Reading
from ideas_lib.programs.compilation.checker_terms import (
    BadCertificate,
    Source,
    bit_vector,
    demand,
    every,
    negation,
)
from ideas_lib.programs.compilation.preludes import PRELUDE, WASM_PRELUDE
from ideas_lib.programs.compilation.reading_back import read_c, read_wasm, tree_of

__all__ = ["BadCertificate", "check_certificate", "first_line"]

FORMAT, MACHINE, SMALL = "ideas compile 1", 32, 256
LONGEST = 1 << 20  # characters of a certificate
FORMS = (["loop"], ["loop", "int32"])


def check_certificate(text: str, seconds: float = 60.0, told: Callable[[str], object] = str) -> str:
    """Return a certificate's first line, if everything that it says holds; `told` of each step.

    Args:
        text: The certificate, JSON.
        seconds: For each question to a solver.
        told: Called with a line for each step.

    Raises BadCertificate, which says what does not hold.
    """
    try:
        demand(len(text) <= LONGEST, f"it has over {LONGEST} characters")
        data = json.loads(text)
        demand(isinstance(data, dict) and data.get("format") == FORMAT, f"it is not {FORMAT!r}")
        return _checked(data, seconds, told)
    except BadCertificate:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, SyntaxError) as error:
        raise BadCertificate(f"it cannot be read: {error}"[:200]) from None
    except (RecursionError, MemoryError, OverflowError, z3.Z3Exception):
        raise BadCertificate("it cannot be read: something in it is too large") from None


def first_line(goal: Source, unroll: int, last: str, targets: list[str]) -> str:
    """Return what a certificate says, made from its sources."""
    names = [a.arg for a in goal.last.args.args]
    rounds = f", loops unrolled up to {unroll} times, proved to be enough" if unroll else ""
    lines = " and ".join(f"({ast.unparse(line)})" for line in goal.contract("pre"))
    where = f" with {lines}" if lines else ""
    tested = (
        f"; {', '.join(targets)}: printed from that and read back, not proved" if targets else ""
    )
    return (
        f"{goal.last.name}({', '.join(names)}): certified to do what its {last} form does "
        f"for all arguments of 32 bits{where}{rounds}{tested}"
    )


def _checked(data: dict[str, Any], seconds: float, told: Callable[[str], object]) -> str:
    goal, unroll = Source(data["goal"]), int(data["unroll"])
    demand(0 <= unroll <= 128, f"loops are unrolled {unroll} times")
    kinds = [str(form["kind"]) for form in data["forms"]]
    demand(kinds in FORMS, f"its forms are {kinds}")
    forms = [Source(form["source"]) for form in data["forms"]]
    args = []
    for arg in goal.last.args.args:
        hint = ast.unparse(arg.annotation).strip("'\"") if arg.annotation else "int"
        demand(hint in ("int", "bool"), f"{arg.arg} is of type {hint}")
        args.append(bit_vector(arg.arg, 1 if hint == "bool" else MACHINE))
    pre = every(_condition(goal, unroll, args, "pre"))
    holds, _ = _ask(pre, seconds)
    demand(holds, "it is not known that any argument satisfies the precondition")

    before = goal
    demand(not data["targets"] or kinds[-1] == "int32", "its targets have no int32 form")
    for kind, form in zip(kinds, forms, strict=True):
        began = time.monotonic()
        machine = kind != "loop"
        one, other = Reading(before, unroll), Reading(form, unroll, MACHINE if machine else None)
        values = [each.call(each.source.last.name, args) for each in (one, other)]
        same = every(values[0] == values[1], negation(one.leaves), negation(other.leaves))
        says = f"{kind}: does the same" + (", and no value leaves int32" if machine else "")
        _shown(every(pre, negation(same)), says, seconds, began, told)
        before = form
    began, one = time.monotonic(), Reading(goal, unroll)
    made = one.call(goal.last.name, args)
    if goal.contract("post"):
        post = _condition(goal, unroll, args, "post", made)
        _shown(every(pre, negation(post)), "postcondition: holds", seconds, began, told)
    _exhausted(goal, forms, unroll, told)
    targets = {str(name): str(text) for name, text in data["targets"].items()}
    _read_back(targets, str(data["forms"][-1]["source"]), told)
    line = first_line(goal, unroll, kinds[-1], sorted(targets))
    demand(data["claim"] == line, f"its first line should be: {line}")
    return line


def _condition(source: Source, unroll: int, args: Any, kind: str, result: Any = None) -> Any:
    """Say when the lines of a contract hold, without an error."""
    run = Reading(source, unroll)
    run.names = {a.arg: (v, True) for a, v in zip(source.last.args.args, args, strict=True)}
    run.names |= {} if result is None else {"__return__": (result, True)}
    return every(*[run.truth(line) for line in source.contract(kind)], negation(run.leaves))


def _shown(
    condition: Any, says: str, seconds: float, began: float, told: Callable[[str], object]
) -> None:
    holds, who = _ask(condition, seconds)
    demand(holds is not True, f"{says.partition(':')[0]}: it does not hold, says {who}")
    demand(holds is False, f"{says.partition(':')[0]}: no solver had an answer in {seconds:g} s")
    told(f"{says} ({who}, {time.monotonic() - began:.1f} s)")


def _ask(condition: Any, seconds: float) -> tuple[bool | None, str]:
    """Ask whether a condition can hold: cvc5, then Z3; None where neither knows."""
    if isinstance(condition, bool):
        return condition, "by reading"
    simple = z3.simplify(condition)
    if z3.is_true(simple) or z3.is_false(simple):
        return z3.is_true(simple), "Z3's rewriting"
    script = z3.Solver()
    script.add(simple)
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(int(1000 * seconds / 2)))
    parser = cvc5.InputParser(solver)
    text = "(set-logic QF_BV)\n" + script.to_smt2().replace("(check-sat)", "")
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "condition")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    said = solver.checkSat()
    if not said.isUnknown():
        return bool(said.isSat()), "cvc5"
    second = z3.SolverFor("QF_BV")
    second.set("timeout", int(1000 * seconds / 2))
    second.add(condition)
    answer = second.check()
    return (None if answer == z3.unknown else answer == z3.sat), "Z3"


def _exhausted(
    goal: Source, forms: list[Source], unroll: int, told: Callable[[str], object]
) -> None:
    """Compare all sources on arguments from -8 to 7, as numbers, without a solver."""
    count = 0
    for args in itertools.islice(
        itertools.product(range(-8, 8), repeat=len(goal.last.args.args)), SMALL
    ):
        terms = [bit_vector(str(value), value=value) for value in args]
        if _condition(goal, unroll, terms, "pre") is not True:
            continue
        made = [Reading(each, unroll).call(each.last.name, terms) for each in (goal, *forms)]
        found = {z3.simplify(each).as_signed_long() for each in made}
        demand(len(found) == 1, f"the forms differ for {args}: {sorted(found)}")
        count += 1
    told(f"small: all forms do the same on {count} small arguments (tried)")


def _read_back(targets: dict[str, str], form: str, told: Callable[[str], object]) -> None:
    trees = [tree_of(node) for node in ast.parse(form).body]
    for name, text in targets.items():
        demand(name in ("c", "wasm"), f"there is no target {name}")
        head = PRELUDE if name == "c" else WASM_PRELUDE
        demand(text.startswith(head), f"{name}: its head is not that of this program")
        rest = text[len(head) :]
        if name == "c":
            found = read_c(rest)
        else:
            demand(rest.endswith(")\n"), "wasm: it does not end")
            found, last = read_wasm(rest[:-2]), trees[-1][0]
            demand(found.pop() == ("export", f'"{last}"', f"${last}"), "wasm: an odd export")
        demand(found == trees, f"{name}: it is not what the last form is")
        told(f"{name}: read back, it is the last form, phrase for phrase")
