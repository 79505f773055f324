"""A session in the caller's names: renamed by role, with names for the values that have some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.reference.call_place import CallPlace
from ideas_lib.programs.reference.parameter_fits import ParameterFit
from ideas_lib.programs.reference.renaming import (
    NameEdit,
    apply_edits,
    imported_modules,
    rename_names,
)
from ideas_lib.programs.reference.roles import Literal, Roles, play_roles
from ideas_lib.programs.reference.session import Session

__all__ = ["Adapted", "adapt_session"]

PROBE = "_a_name_nobody_has"  # not `_`: an interactive interpreter makes that one a builtin


@dataclass(frozen=True)
class Adapted:
    """A session in other names. `origin` has, for each source, its place in the session, or None.

    `renamed` are names of the documentation -> of the caller.
    """

    sources: tuple[str, ...]
    origin: tuple[int | None, ...]
    renamed: Mapping[str, str]


def adapt_session(
    session: Session,
    symbol: str,
    parameters: Sequence[Mapping[str, Any]],
    place: CallPlace,
    fits: Sequence[ParameterFit],
    aliases: Mapping[str, str],
) -> Adapted:
    """Rewrite a session in the caller's names, as far as that is safe; `aliases` are modules'."""
    plain = [line.source for line in session.lines]
    text = "\n".join(plain)
    modules = (imported_modules(text), aliases)
    roles = play_roles(plain[session.chosen], symbol, parameters, place, fits, modules)
    edits, renamed = rename_names(text, roles.names)
    literals = _named_values(roles, text, renamed)
    starts, row = [], 0
    for source in plain:
        starts.append(row)
        row += source.count("\n") + 1
    sources: list[str] = []
    origin: list[int | None] = []
    for at, source in enumerate(plain):
        mine = [_moved(edit, starts[at]) for edit in edits if _within(edit, starts[at], source)]
        if at == session.chosen:
            # An edit inside a value that gets a name would overlap: a value has no names in it.
            mine += [NameEdit(each.start, each.end, each.name) for each in literals]
            sources += [f"{each.name} = {each.text}" for each in literals]
            origin += [None] * len(literals)
        sources.append(apply_edits(source, mine))
        origin.append(at)
    named = {each.text: each.name for each in literals}
    return Adapted(tuple(sources), tuple(origin), {**renamed, **named})


def _named_values(roles: Roles, text: str, renamed: Mapping[str, str]) -> list[Literal]:
    """Return the values that can get the caller's name: it must mean nothing in the session."""
    found: list[Literal] = []
    for each in roles.literals:
        taken = {*renamed.values(), *(other.name for other in found)}
        edits, done = rename_names(f"{each.name} = 0\n{text}", {each.name: PROBE})
        alone = bool(done) and len(edits) == 1
        if each.name not in taken and alone and "\n" not in each.text:
            found.append(each)
    return found


def _within(edit: NameEdit, start: int, source: str) -> bool:
    return start <= edit.start[0] <= start + source.count("\n")


def _moved(edit: NameEdit, rows: int) -> NameEdit:
    return NameEdit(
        (edit.start[0] - rows, edit.start[1]), (edit.end[0] - rows, edit.end[1]), edit.after
    )
