"""What is open, for a terminal and for other programs."""

import textwrap
from collections.abc import Sequence
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.ambiguity.narrowing import Narrowed
from ideas_lib.programs.ambiguity.outcomes import Outcome
from ideas_lib.programs.ambiguity.reaching import nothing_left
from ideas_lib.programs.ambiguity.splitting import OpenQuestion

__all__ = ["as_data", "as_lines", "question_lines"]

WIDE = 60  # characters of an output in a line
SHOWN = 6  # questions in the table


def as_data(entry: str, state: Narrowed, stage: str, source: str) -> dict[str, Any]:
    """Return all there is to say as JSON-able data; `source` is the text of the stage."""
    return {
        "function": entry,
        "bits": state.bits,
        "done": state.done,
        "words": _summary(entry, state),
        "programs": list(state.compared),
        "inputs": len(state.rows),
        "clusters": [
            {"programs": list(some), "share": len(some) / len(state.left)}
            for some in state.clusters
        ],
        "questions": [_question(each) for each in state.questions],
        "answers": [{"input": r.call, "answer": r.words, "from": r.origin} for r in state.settled],
        "preconditions": list(state.pre),
        "passes": [vars(each) for each in state.passes],
        "ruled_out": [name for name in state.compared if name not in state.left],
        "set_aside": [{"program": n, "reason": why} for n, why in state.aside.items()],
        "stage": stage,
        "source": source,
    }


def _question(question: OpenQuestion) -> dict[str, Any]:
    return {
        "input": question.call,
        "arguments": [repr(arg) for arg in question.row],
        "bits": question.bits,
        "property": question.property or "this input alone",
        "precondition": question.pre,
        "outputs": [
            {
                "output": outcome.shown,
                "kind": outcome.kind,
                "programs": list(names),
                "can_be_picked": outcome.pickable,
            }
            for outcome, names in question.outputs
        ],
    }


def _summary(entry: str, state: Narrowed) -> str:
    count = len(state.compared)
    if not count:
        return f"{entry}: no program can be compared"
    if not state.left:
        last = next(each for each in state.passes if not each.programs)
        return f"{entry}: no program fits: all {count} are ruled out, the last by {last.after}"
    if state.done:
        return f"{entry}: {nothing_left(state)}."
    ruled = f", {count - len(state.left)} of {count} ruled out" * (count > len(state.left))
    kinds = len(state.clusters)
    return (
        f"{entry}: {len(state.left)} programs do {kinds} different things "
        f"({state.bits:.1f} bits{ruled})."
    )


def as_lines(entry: str, state: Narrowed) -> list[str]:
    """Return the report, without the question itself."""
    lines = [_summary(entry, state)]
    if state.questions:
        lines[0] += " Where the text is silent:"
        lines += _table(state.questions[:SHOWN])
        more = len(state.questions) - SHOWN
        lines += [f"  … and {more} more ways in which inputs tell them apart"] if more > 0 else []
    for name, why in state.aside.items():
        lines.append(f"  set aside: {printable(name)}: {printable(why)}")
    if len(state.passes) > 1:
        steps = [f"{each.bits:.1f} bits after {printable(each.after)}" for each in state.passes]
        lines += textwrap.wrap("  " + ", ".join(steps) + ".", 96, subsequent_indent="  ")
    if state.done and len(state.compared) == 1:
        lines.append("  One program shows nothing by itself: give more.")
    if state.done and len(state.left) > 1:
        names = ", ".join(map(printable, state.left))
        lines += textwrap.wrap(f"  alike: {names}", 96, subsequent_indent="  ")
    return lines


def _table(questions: Sequence[OpenQuestion]) -> list[str]:
    rows = [(q.property or "this input alone", printable(q.call), q) for q in questions]
    columns = [[row[0] for row in rows], [row[1] for row in rows]]
    wide = [min(44, max(map(len, column))) for column in columns]
    lines = []
    for place, (words, call, question) in enumerate(rows):
        outputs = "   ".join(f"{_short(o)} ×{len(names)}" for o, names in question.outputs)
        asked = f"   ← worth most: {question.bits:.1f} bits" if not place else ""
        lines.append(f"  {words:<{wide[0]}}   {call:<{wide[1]}}   {outputs}{asked}")
    return lines


def _short(outcome: Outcome) -> str:
    text = outcome.shown
    return text if len(text) <= WIDE else f"{text[: WIDE - 1]}…"


def question_lines(question: OpenQuestion) -> list[str]:
    """Return the question and what there is to pick from, numbered."""
    options = [outcome.shown for outcome, _ in pickable_outputs(question)]
    options += ["something else", f"never happens (pre: {question.pre})"]
    lines = [f"? {printable(question.call)} should be"]
    return lines + [f"    {place}) {words}" for place, words in enumerate(options, 1)]


def pickable_outputs(question: OpenQuestion) -> list[tuple[Outcome, tuple[str, ...]]]:
    """Return the outputs that an example can say, in order."""
    return [pair for pair in question.outputs if pair[0].pickable]
