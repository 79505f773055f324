"""An example as it is shown: before and after it is rewritten, with what came of it in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.reference.adapting import Adapted
from ideas_lib.programs.reference.renaming import imported_modules
from ideas_lib.programs.reference.rerun import Rerun, rerun_session, sources_hold
from ideas_lib.programs.reference.session import Session

__all__ = ["ReferenceExample", "shown_example"]


@dataclass(frozen=True)
class ReferenceExample:
    """An example of the symbol's documentation, before and after it is rewritten.

    `source` and `adapted` are lines as at a prompt, with what this version prints. `ran` says
    whether the adapted one ran to its end, `same` whether it gives what the source gives, `holds`
    whether the source gives what is documented (None: nothing is, or it changes from run to run).
    `says` is that in words.
    """

    source: str
    adapted: str
    ran: bool
    same: bool
    holds: bool | None
    renamed: dict[str, str]
    says: str


def shown_example(
    session: Session,
    adapted: Adapted,
    told: Mapping[str, Any],
    aliases: Mapping[str, str],
    run: bool,
    timeout: float,
) -> tuple[ReferenceExample, list[str]]:
    """Run an example before and after; what is shown after is what was seen to do the same.

    Returns it with the warnings that running its whole documentation gave. `told` is what
    `inside/looking.py` says, and `aliases` are the modules that the caller's file imports.
    """
    known = _imported(session, aliases)
    session = replace(session, shown=tuple(at for at in session.shown if at not in known))
    if not run:
        source = _prompted(session, None)
        return ReferenceExample(source, source, False, False, None, {}, "not run"), []
    rerun = rerun_session(session, adapted, told["home"], told["symbol"], timeout=timeout)
    if rerun.depends(session.shown):  # what is shown needs more than it seems to
        session = replace(session, shown=tuple(range(max(session.shown) + 1)))
    chosen, shown = session.chosen, set(session.shown)
    source = _prompted(session, rerun)
    warned = [w for at in sorted(shown) if at in rerun.before for w in rerun.before[at].warned]
    more = sources_hold(session, rerun)
    more += [f"the example warns: {printable(each)}" for each in dict.fromkeys(warned)]
    if rerun.reason:
        more.append(f"the examples did not run to their end: {rerun.reason}")
    outcome = rerun.adapted.get(chosen)
    different = [at for at in rerun.differs() if at in shown]
    holds = rerun.holds(session, chosen)
    last = max(shown)
    if holds is None and last != chosen:
        holds = rerun.holds(session, last)
    if outcome is None or different:
        says = "shown as documented: in your names it would give something else"
        if outcome is None:
            says = f"not run: {rerun.reason or 'it was not reached'}"
        ran = chosen in rerun.before and not rerun.before[chosen].raised
        return ReferenceExample(source, source, ran, False, holds, {}, says), more
    after = _prompted_adapted(session, adapted, rerun)
    ran = all(not rerun.adapted[at].raised for at in shown if at in rerun.adapted)
    ran = ran or bool(session.lines[chosen].error and holds)
    says = _word(session, rerun, chosen, holds, bool(adapted.renamed))
    return ReferenceExample(source, after, ran, True, holds, dict(adapted.renamed), says), more


def _imported(session: Session, aliases: Mapping[str, str]) -> set[int]:
    """Return the places of imports that the caller's file has as well: nobody needs to see them."""
    found = set()
    for at, line in enumerate(session.lines):
        modules = imported_modules(line.source) if line.source.startswith("import ") else {}
        if modules and all(module in aliases.values() for module in modules.values()):
            found.add(at)
    return found


def _word(session: Session, rerun: Rerun, at: int, holds: bool | None, renamed: bool) -> str:
    """Say in words what came of an example."""
    names = "in your names" if renamed else "as it stands"
    if rerun.before[at].is_sketch:
        return f"{names}; a sketch, not made to be run: {printable(rerun.before[at].raised)[11:80]}"
    if rerun.before[at].raised and not session.lines[at].error:
        return f"{names}; it raises {printable(rerun.before[at].raised)[:80]} in this version"
    if holds:
        return f"{names}; ran here, same result as documented"
    if holds is False:
        return f"{names}; ran here, but gives no longer what is documented"
    if at in rerun.unsteady:
        return f"{names}; ran here, and its result changes from run to run"
    return f"{names}; ran here; no result is documented"


def _prompted(session: Session, rerun: Rerun | None) -> str:
    """Write the shown lines as at a prompt, with what they print here; else what is documented."""
    rows: list[str] = []
    for at in session.shown:
        line = session.lines[at]
        got = rerun.before[at].got if rerun and at in rerun.before else line.want
        rows += [*_prompt(line.source), *_output(got)]
    return "\n".join(rows)


def _prompted_adapted(session: Session, adapted: Adapted, rerun: Rerun) -> str:
    rows: list[str] = []
    for at, source in zip(adapted.origin, adapted.sources, strict=True):
        if at is None:
            rows += _prompt(source)
        elif at in session.shown:
            rows += [
                *_prompt(source),
                *_output(rerun.adapted[at].got if at in rerun.adapted else ""),
            ]
    return "\n".join(rows)


def _prompt(source: str) -> list[str]:
    return [("... " if row else ">>> ") + line for row, line in enumerate(source.split("\n"))]


def _output(text: str) -> list[str]:
    return [printable(line.expandtabs()) for line in text.rstrip("\n").split("\n")] if text else []
