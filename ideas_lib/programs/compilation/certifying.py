"""Whether two functions of the subset do the same for all arguments: proved, refuted, or unknown.

from ideas_lib.programs.compilation import certify
certify("def f(x): return x * 2", "def g(x): return x << 1").ok
"""

import itertools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.compilation.bitvalues import Bits, Truth, all_of, any_of, negated
from ideas_lib.programs.compilation.encoder import (
    Encoding,
    encode_condition,
    encode_program,
    make_arguments,
)
from ideas_lib.programs.compilation.expressions import Names, TooLarge
from ideas_lib.programs.compilation.interpreter import RunOutcome, contract_holds, interpret
from ideas_lib.programs.compilation.program import (
    IntegerProgram,
    function_source,
    read_integer_program,
)
from ideas_lib.programs.compilation.scope import sample_edges, scope_of
from ideas_lib.programs.compilation.solvers import ask_cvc5, ask_z3
from ideas_lib.programs.compilation.subset import Outside

__all__ = ["Certificate", "arguments_of", "certify", "certify_programs"]

Function = str | Callable[..., Any]
SMALL = 4  # bits, at which all arguments are tried
TRIES = 4096  # of arguments of few bits
EDGES = 400
OPINION = 20.0  # seconds for the second opinion
LOOK = 0.2  # seconds for whether a loop can go on


@dataclass(frozen=True)
class Certificate:
    """What is known of two functions: `ok`, `refuted` or `unknown`, one of them True.

    `scope` says for which arguments; `counterexample` has arguments, by name, on which they differ,
    and `outcomes` what the two did with them. `reason` says why it is unknown. `rounds` is how
    often the longest loop was unrolled, which was proved to be enough. `second` is what cvc5 said,
    `agrees`, `no answer` or nothing, where it was not asked. `tried` counts the arguments that an
    interpreter tried as well.
    """

    ok: bool
    refuted: bool
    unknown: bool
    scope: str
    counterexample: dict[str, int] | None = None
    outcomes: tuple[str, str] | None = None
    reason: str = ""
    rounds: int = 0
    tried: int = 0
    second: str = ""
    seconds: float = 0.0
    least: int = 1

    def __str__(self) -> str:
        if self.ok:
            return f"certified for {self.scope}"
        if self.refuted:
            one, other = self.outcomes or ("", "")
            shown = ", ".join(
                f"{name}={value}" for name, value in (self.counterexample or {}).items()
            )
            return f"refuted: for {shown} one gives {one}, the other {other}"
        return f"unknown: {self.reason}"


def certify(
    spec: Function,
    candidate: Function,
    *,
    width: int = 32,
    timeout: float = 10.0,
    second: bool = False,
) -> Certificate:
    """Say whether a candidate does what a specification does, for all arguments in its scope.

    Args:
        spec: A function or source; of source its last function. Its docstring's `pre:` lines
            narrow the scope. Nothing of it is run: its text is read, see `subset`.
        candidate: Likewise; its docstring says nothing.
        width: Bits of the arguments, which are integers with sign; what is computed of them has
            as many as it needs, as in Python.
        timeout: Seconds, for all of it.
        second: Ask cvc5 too; where it says otherwise nothing is certified.

    What is outside the subset, too large or too slow is `unknown`, with the reason.
    """
    if not 2 <= width <= 64:
        raise ValueError(f"width={width!r} has to be from 2 to 64 bits")
    if not timeout > 0:
        raise ValueError(f"timeout={timeout!r} has to be above 0 seconds")
    programs = []
    for name, each in (("spec", spec), ("candidate", candidate)):
        try:
            source, entry = (each, "") if isinstance(each, str) else function_source(each)
            programs.append(read_integer_program(source, entry))
        except Outside as error:
            return Certificate(False, False, True, "", reason=f"{name}: {error}")
    return certify_programs(*programs, width=width, timeout=timeout, second=second)


def certify_programs(
    spec: IntegerProgram,
    candidate: IntegerProgram,
    *,
    width: int = 32,
    timeout: float = 10.0,
    second: bool = False,
    machine: bool = False,
) -> Certificate:
    """Certify as `certify` does; with `machine` that no value of the candidate leaves `width`.

    Then a candidate that ends in an error, or that leaves, is unknown, even if it is equal.
    """
    began = time.monotonic()
    scope = scope_of(spec, width)
    if len(spec.parameters) != len(candidate.parameters):
        counts = f"{len(spec.parameters)} and {len(candidate.parameters)}"
        return Certificate(False, False, True, scope, reason=f"they take {counts} arguments")
    work = _Work(spec, candidate, width, began + timeout, scope, machine)
    found, tried = work.differing(began + timeout / 4)
    try:
        made = found or work.proved(second)
    except (TooLarge, Outside) as error:
        made = {"reason": str(error)}
    except RecursionError:
        made = {"reason": "it is nested too deeply"}
    seconds = time.monotonic() - began
    if made.get("ok") and seconds > timeout:
        made = {"reason": f"it took {seconds:.1f} s, and its time was {timeout:g} s"}
    known = {"tried": tried, "seconds": seconds, **made}
    ok, refuted = made.get("ok", False), "counterexample" in made
    return Certificate(
        **{"ok": ok, "refuted": refuted, "unknown": not (ok or refuted)},
        scope=scope,
        **{k: v for k, v in known.items() if k != "ok"},
    )


class _Work:
    """The comparison of two programs, until a time."""

    def __init__(
        self,
        spec: IntegerProgram,
        candidate: IntegerProgram,
        width: int,
        until: float,
        scope: str,
        machine: bool,
    ) -> None:
        self._spec, self._candidate, self._width = spec, candidate, width
        self._until, self._scope, self._machine = until, scope, machine

    def _left(self, share: float = 1.0) -> float:
        return share * (self._until - time.monotonic())

    def differing(self, until: float) -> tuple[dict[str, Any] | None, int]:
        """Try arguments: all of few bits, and edges. Return what differs, and how many were."""
        half, count = 1 << (SMALL - 1), len(self._spec.parameters)
        small = itertools.product(
            *((0, 1) if p.is_bool else range(-half, half) for p in self._spec.parameters)
        )
        some = itertools.islice(small, TRIES)
        rng = random.Random(f"{self._width} {count}")
        edges = sample_edges(self._spec.parameters, self._width, EDGES, rng)
        tried = 0
        for args in itertools.chain(some, edges):
            if time.monotonic() > until:
                break
            if not contract_holds(self._spec, args):
                continue
            found = self._compared(args)
            if found is not None and found[0]:
                return self._refuted(args, found[1]), tried
            tried += found is not None
        return None, tried

    def _compared(self, args: tuple[int, ...]) -> tuple[bool, tuple[RunOutcome, RunOutcome]] | None:
        """Return whether the programs differ on arguments, and how; None where one did not end."""
        pair = interpret(self._spec, args), interpret(self._candidate, args)
        if RunOutcome() in pair:
            return None
        return pair[0] != pair[1], pair

    def _refuted(self, args: Sequence[int], pair: tuple[RunOutcome, RunOutcome]) -> dict[str, Any]:
        names = [(p.name, p.is_bool) for p in self._spec.parameters]
        shown = {n: bool(v) if b else v for (n, b), v in zip(names, args, strict=True)}
        return {"counterexample": shown, "outcomes": (str(pair[0]), str(pair[1]))}

    def proved(self, second: bool) -> dict[str, Any]:
        """Ask the solvers, about two ways of writing the same formula."""
        made: dict[str, Any] = {"reason": "no solver was asked in time"}
        least = 1
        for share in (0.5, 1.0):
            made, widest = self._asked(least, self._left(share), second)
            if made.get("reason") != SLOW:
                break
            least = widest
        return made

    def _asked(self, least: int, seconds: float, second: bool) -> tuple[dict[str, Any], int]:
        until = time.monotonic() + seconds
        bits = Bits(least)
        arguments = make_arguments(bits, self._spec.parameters, self._width)
        pre, names = encode_condition(bits, self._spec, self._spec.pre, arguments)
        if ask_z3(pre, until - time.monotonic()).holds is False:
            return {"reason": "no argument satisfies the precondition"}, 1
        args = [names[p.name] for p in self._spec.parameters]

        def possible(guard: Truth) -> bool:
            left = min(LOOK, until - time.monotonic())
            return ask_z3(all_of(pre, guard), left).holds is not False

        one = encode_program(bits, self._spec, args, possible=possible)
        machine = self._width if self._machine else None
        other = encode_program(bits, self._candidate, args, possible=possible, machine=machine)
        differ = all_of(pre, _different(bits, one, other))
        leaves = any_of(one.escaped(), other.escaped())
        found = ask_z3(all_of(differ, negated(leaves)), until - time.monotonic())
        if found.holds:
            return self._run(arguments_of(self._spec, found.model, arguments)), 1
        for whose, encoding in (("spec", one), ("candidate", other)):
            made = self._bounded(whose, encoding, pre, arguments, until)
            if made:
                return made, bits.widest
        if found.holds is None:
            return {"reason": SLOW}, bits.widest
        made = {"ok": True, "rounds": max(one.rounds, other.rounds), "least": least}
        if second:
            said = ask_cvc5(
                all_of(pre, any_of(differ, leaves)), min(OPINION, max(1.0, self._left()))
            )
            if said:
                return {"reason": "cvc5 says that they differ, and Z3 that they do not"}, 1
            made["second"] = "no answer" if said is None else "agrees"
        return made, 1

    def _bounded(
        self, whose: str, encoding: Encoding, pre: Truth, arguments: Names, until: float
    ) -> dict[str, Any]:
        """Return why a program may leave what is written down; nothing where it cannot."""
        errors = list(encoding.errors.items()) if self._machine and whose == "candidate" else []
        whens = [(each.when, each.line, each.why) for each in encoding.escapes]
        whens += [(when, 0, f"it may end in {kind}") for kind, when in errors]
        if (
            ask_z3(all_of(pre, any_of(*(w[0] for w in whens))), until - time.monotonic()).holds
            is False
        ):
            return {}
        for when, line, why in whens:
            found = ask_z3(all_of(pre, when), min(1.0, until - time.monotonic()))
            if found.holds:
                args = arguments_of(self._spec, found.model, arguments)
                shown = ", ".join(
                    f"{p.name}={v}" for p, v in zip(self._spec.parameters, args, strict=True)
                )
                place = f"{whose}, line {line}: " if line else f"{whose}: "
                return {"reason": f"{place}{why}, for {shown}"}
        return {"reason": SLOW}

    def _run(self, args: tuple[int, ...]) -> dict[str, Any]:
        found = self._compared(args)
        if found is None or not found[0] or not contract_holds(self._spec, args):
            return {"reason": f"encoder and interpreter disagree on {args}; please report this"}
        return self._refuted(args, found[1])


SLOW = "the solver had no answer in its time"


def _different(bits: Bits, one: Encoding, other: Encoding) -> Truth:
    """Say when two programs do not end alike."""
    kinds = {*one.errors, *other.errors}
    pairs = [(one.errors.get(kind, False), other.errors.get(kind, False)) for kind in sorted(kinds)]
    unlike = [any_of(all_of(a, negated(b)), all_of(b, negated(a))) for a, b in pairs]
    fine = all_of(*(negated(when) for pair in pairs for when in pair))
    equal = bits.compare("Eq", one.value, other.value)
    return any_of(*unlike, all_of(fine, negated(equal)))


def arguments_of(spec: IntegerProgram, model: Any, arguments: Names) -> tuple[int, ...]:
    """Read the arguments of a counterexample."""
    values = []
    for parameter in spec.parameters:
        term = arguments[parameter.name].term
        values.append(model.eval(term, model_completion=True).as_signed_long())
    return tuple(values)
