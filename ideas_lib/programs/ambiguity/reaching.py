"""Which stage is reached, and what stands in it; a body is tried as it is written before it is."""

from typing import Any

from ideas_lib.programs.ambiguity.invariants import invariants_of
from ideas_lib.programs.ambiguity.narrowing import Narrowed, Narrowing
from ideas_lib.programs.ambiguity.observing import Observer
from ideas_lib.programs.ambiguity.stages import (
    STAGES,
    CannotWrite,
    Stage,
    agreed_hints,
    settled_stage,
    staged_source,
)

__all__ = ["nothing_left", "reached_stage", "stage_of", "written_source"]


def reached_stage(session: Narrowing, state: Narrowed) -> str:
    """Return which of STAGES is reached.

    `program` when nothing is left to ask. When something was settled, `types` where the programs
    that are left return values of one type, else `examples`. Before that, `text`.
    """
    if state.done:
        return "program"
    if not (state.settled or state.pre):
        return "text"
    known = session.task.node.returns or "return" in _hints(session, state)
    return "types" if known and state.left else "examples"


def _hints(session: Narrowing, state: Narrowed) -> dict[str, str]:
    outcomes = [session.observer.outcome(n, row) for n in state.left for row in state.rows]
    return agreed_hints(session.task, state, outcomes) if state.left else {}


def nothing_left(state: Narrowed) -> str:
    """Return the words for that there is nothing to ask; never more than was tried."""
    many = len(state.compared) != 1
    return (
        f"nothing left to ask that {len(state.compared)} program{'s' * many} on "
        f"{len(state.rows)} input{'s' * (len(state.rows) != 1)} show{'s' * (not many)}"
    )


def stage_of(session: Narrowing, state: Narrowed, name: str) -> Stage:
    """Return what stands in a stage. Raises CannotWrite for one that is not reached."""
    if name not in STAGES:
        raise CannotWrite(f"{name!r} is no stage: {', '.join(STAGES)}")
    if name == "text":
        return Stage()
    plain = settled_stage(session.task.entry, state)
    if name == "examples":
        return plain
    hints = _hints(session, state)
    posts = [f"post: {line}" for line in _posts(session, state)]
    typed = Stage(plain.doctests, (*plain.contract, *posts), hints)
    if name == "types":
        return typed
    if not state.done:
        raise CannotWrite("a program is chosen when nothing is left to ask, and something is")
    sources = session.observer.sources
    best = min(state.clusters[0], key=lambda each: (len(sources[each]), each))
    return Stage(typed.doctests, typed.contract, hints, sources[best], evidence(state, best))


def evidence(state: Narrowed, name: str) -> str:
    """Say in a sentence or two what speaks for a program, as a comment has it."""
    examples = len([r for r in state.settled if r.outcome is not None]) + state.examples
    return (
        f"From {name}: {len(state.left)} of {len(state.compared)} programs do this on "
        f"{len(state.rows)} inputs and fit {examples} example{'s' * (examples != 1)}. There is "
        f"{nothing_left(state)}."
    )


def _posts(session: Narrowing, state: Narrowed) -> list[str]:
    """Return conditions that hold of all that is left; none where something raises."""
    cases: dict[str, tuple[Any, str]] = {}
    for name in state.left:
        for row in state.rows:
            outcome = session.observer.outcome(name, row)
            if outcome.kind != "value":
                return []
            cases[f"{row!r} {outcome.key}"] = (row, outcome.shown)
    return invariants_of(session.parameters, list(cases.values()))


def written_source(session: Narrowing, state: Narrowed, source: str, stage: Stage) -> str:
    """Return the source with the stage in it; a body is tried, and has to do as its program does.

    Raises CannotWrite, sandbox.Unavailable.
    """
    entry = session.task.entry
    made = staged_source(source, entry, stage)
    if not stage.program:
        return made
    alone = staged_source(session.task.prompt, entry, stage)
    trial = Observer(entry, floats=session.observer.floats)
    trial.add({"as written": alone})
    trial.observe(state.rows)
    if trial.aside:
        raise CannotWrite(f"the program cannot be put into the file: {trial.aside['as written']}")
    for row in state.rows:
        if trial.outcome("as written", row).key != session.observer.outcome(state.left[0], row).key:
            raise CannotWrite(f"as written, the program would do something else on {row!r}"[:200])
    return made
