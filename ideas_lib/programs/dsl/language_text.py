"""Say what a language came to: in lines for people, or as an object for programs."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.dsl.checking import MOST, CallComparison
from ideas_lib.programs.dsl.corpus import Corpus
from ideas_lib.programs.dsl.language_making import Language
from ideas_lib.programs.dsl.language_manual import form_text, meaning_text

__all__ = ["language_as_object", "language_as_text"]

PLACES = 3  # of a reason, at most


def language_as_text(
    language: Language, corpus: Corpus, outcome: CallComparison, checked: bool, out: Path | None
) -> str:
    """Return the lines: what was learned, what it saves, what is expressed, what was checked."""
    learned = [(language.table.rows[row.word], saves) for row, saves in language.learned]
    api = sum(row.kind not in ("core", "learned") for row in language.table.rows.values())
    lines = [
        f"{language.table.name}: {_count(len(learned), 'learned construct')} over "
        f"{_count(api, 'word')} of the API, from {_count(len(corpus.programs), 'program')} in "
        f"{_count(corpus.files, 'file')}",
        "",
    ]
    for row, saves in learned:
        meaning = meaning_text(language.table, row)
        lines += [f"  {form_text(row)}", f"      {meaning}   saves {saves} tokens"]
    found = language.compression
    ratio = found.before / (found.after + found.definitions)
    lines += [
        "",
        f"compression: {found.before} tokens become {found.after}, and {found.definitions} for the "
        f"definitions: {ratio:.2f} to 1",
        "  on files not learned from: "
        + ("too few files to say" if found.held_out is None else f"{found.held_out:.2f} to 1"),
        f"expressed: {len(language.expressed)} of {len(corpus.programs)} programs",
        *_reasons(language),
        *(f"  not read: {printable(f'{name}: {why}')}" for name, why in corpus.unread),
    ]
    lines += _checked(outcome) if checked else ["checked: nothing was run (--no-check)"]
    if out is not None:
        what = f"the package {language.table.name}, README.md, manual.html and tests"
        lines.append(f"written to {printable(str(out))}: {what}")
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _reasons(language: Language) -> list[str]:
    places = defaultdict(list)
    for program, reasons in language.refused:
        for reason, line in reasons:
            places[reason].append(f"{program.name}, line {line}" if line else program.name)
    order = sorted(places.items(), key=lambda each: (-len(each[1]), each[0]))
    lines = []
    for reason, where in order:
        more = f", and {len(where) - PLACES} more" if len(where) > PLACES else ""
        lines.append(f"  not: {printable(reason)} ({printable('; '.join(where[:PLACES]))}{more})")
    return lines


def _checked(outcome: CallComparison) -> list[str]:
    if outcome.reason and not (outcome.same or outcome.vary or outcome.differ):
        return [f"not checked: {printable(outcome.reason)}"]
    make = "makes" if len(outcome.same) == 1 else "make"
    lines = [
        f"checked in the sandbox: {_count(len(outcome.same), 'program')} {make} the same calls as "
        f"in Python ({_count(outcome.calls, 'call')})"
    ]
    if outcome.not_run:
        lines.append(f"  not run, for {MOST} programs are the most: {outcome.not_run}")
    if outcome.stand_ins:
        gone = printable(", ".join(outcome.stand_ins))
        lines.append(f"  not installed, so a stand-in took the calls: {gone}")
    for words, names in (
        ("not comparable, for they vary from run to run", outcome.vary),
        ("no answer in time", outcome.no_answer),
    ):
        if names:
            lines.append(f"  {words}: {printable(', '.join(names[:PLACES]))} ({len(names)})")
    for name, before, after in outcome.differ:
        lines.append(f"  DIFFERS: {printable(name)}: {before} / {after}")
    if outcome.reason:
        lines.append(f"  the sandbox: {printable(outcome.reason)}")
    return lines


def language_as_object(
    language: Language, corpus: Corpus, outcome: CallComparison, checked: bool, out: Path | None
) -> str:
    """Return the same as a JSON object."""
    learned = [(language.table.rows[row.word], saves) for row, saves in language.learned]
    constructs = [
        {
            **{"word": row.word, "form": form_text(row), "uses": row.uses, "saves": saves},
            **{"python": meaning_text(language.table, row), "example": row.example},
        }
        for row, saves in learned
    ]
    refused = [
        {"program": program.name, "reasons": [{"reason": why, "line": line} for why, line in all_]}
        for program, all_ in language.refused
    ]
    made: Mapping[str, Any] = {
        "name": language.table.name,
        "constructs": constructs,
        "words": [
            row.word for row in language.table.rows.values() if row.kind not in ("core", "learned")
        ],
        "compression": vars(language.compression),
        "programs": len(corpus.programs),
        "expressed": [{"program": e.program.name, "text": e.text} for e in language.expressed],
        "refused": refused,
        "unread": [{"file": name, "reason": why} for name, why in corpus.unread],
        "check": vars(outcome) if checked else None,
        "out": None if out is None else str(out),
    }
    return json.dumps(made, indent=2)
