"""The teacher's page: every variant, its solution and who has it. One file, without scripts."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence

from ideas_lib.exercises.accepting import DraftVerdict
from ideas_lib.exercises.drawing import ExerciseVariant
from ideas_lib.exercises.exercise import Exercise
from ideas_lib.exercises.holes import written
from ideas_lib.exercises.moodle import safe_html

__all__ = ["teacher_page"]

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}pre{background:#f3f3f3;padding:.8rem;overflow-x:auto}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left}"
    "section{border-top:1px solid #999;margin-top:2rem}"
)


def teacher_page(
    exercise: Exercise,
    variants: Sequence[ExerciseVariant],
    refused: Mapping[str, int],
    who: Mapping[str, int],
    drafts: Sequence[DraftVerdict] = (),
) -> str:
    """Return the page as HTML. `who` maps ids to variants; `drafts` are what a model wrote."""
    students: dict[int, list[str]] = {}
    for each, number in who.items():
        students.setdefault(number, []).append(each)
    title = html.escape(exercise.title)
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}: solutions</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style></head><body>",
        f"<h1>{title}: solutions</h1>",
        "<p>For teachers: this page has every solution.</p>",
        _refused(refused),
        *(_section(exercise, each, students.get(each.number, [])) for each in variants),
        _drafts(drafts),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _refused(refused: Mapping[str, int]) -> str:
    if not refused:
        return "<p>No draw was refused.</p>"
    rows = (
        f"<li>{times} × {html.escape(why)}</li>" for why, times in Counter(refused).most_common(20)
    )
    return f"<p>Draws that were refused:</p><ul>{''.join(rows)}</ul>"


def _drafts(drafts: Sequence[DraftVerdict]) -> str:
    """Show every text that a model wrote, as it wrote it, with what became of it."""
    parts = [
        f"<h3>Draft {at}: {html.escape(each.reason and f'rejected, {each.reason}') or 'accepted'}"
        f"</h3><pre>{html.escape(each.text)}</pre>"
        for at, each in enumerate(drafts, start=1)
    ]
    return f"<section><h2>Drafts by a model</h2>{''.join(parts)}</section>" if parts else ""


def _section(exercise: Exercise, variant: ExerciseVariant, students: Sequence[str]) -> str:
    values = ", ".join(f"{name} = {written(value)}" for name, value in variant.values.items())
    parts = [
        f'<section><h2 id="v{variant.name}">Variant {variant.name}</h2>',
        f"<p>{html.escape(values)}</p>",
        f"<p>Students: {html.escape(', '.join(students)) or 'none'}</p>",
        safe_html(variant.prompt),
    ]
    if exercise.subject == "program":
        calls = (*variant.calls, *variant.hidden_calls)
        parts += [f"<pre>{html.escape(variant.solution)}</pre>"]
        parts += [_table(("call", "answer"), list(zip(calls, variant.expected, strict=True)))]
        parts += [_table(("a known mistake", "is caught, for"), variant.wrong)]
    else:
        near = f" ≈ {variant.decimal:.6g}" if _is_long(variant) else ""
        unit = f" {exercise.unit}" if exercise.unit else ""
        parts += [f"<p><strong>{html.escape(variant.answer + unit + near)}</strong></p>"]
        parts += [safe_html(variant.working)]
        mistakes = [(why, text) for why, text, _ in variant.mistakes]
        parts += [_table(("a known mistake", "leads to"), mistakes)]
    return "\n".join([*parts, "</section>"])


def _is_long(variant: ExerciseVariant) -> bool:
    return variant.decimal is not None and not variant.whole


def _table(heading: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><tr><th>{heading[0]}</th><th>{heading[1]}</th></tr>{body}</table>"
