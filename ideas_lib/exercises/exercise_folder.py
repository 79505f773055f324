"""Write a folder for a class: `students/` may be handed out, `teacher/` may not.

students/07/postage.md, students/07/postage.ipynb
teacher/solutions.html, teacher/moodle.xml, teacher/who-got-what.csv, teacher/variants.json
teacher/nbgrader/nbgrader_config.py, teacher/nbgrader/source/postage-07/postage.ipynb
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas_lib.exercises.accepting import DraftVerdict
from ideas_lib.exercises.drawing import ExerciseVariant
from ideas_lib.exercises.exercise import BadExercise, Exercise
from ideas_lib.exercises.exercise_checks import check_leak
from ideas_lib.exercises.handout import (
    NBGRADER_CONFIG,
    exercise_notebook,
    exercise_slug,
    student_markdown,
)
from ideas_lib.exercises.holes import written
from ideas_lib.exercises.moodle import check_moodle, moodle_questions
from ideas_lib.exercises.teacher_page import teacher_page
from ideas_lib.files import check_output, read_plain, write_output

__all__ = ["OtherExercises", "Week", "check_folder", "write_week"]

MANIFEST = "teacher/variants.json"


class OtherExercises(FileExistsError):
    """Raised where a folder has exercises of another template, term or number."""


@dataclass(frozen=True)
class Week:
    """What is written: forms of an exercise, variants, who gets which, and what it was made of.

    `made` has what must not change while students have their variants: template, term, number.
    """

    forms: Sequence[Exercise]
    variants: Sequence[ExerciseVariant]
    refused: Mapping[str, int]
    who: Mapping[str, int]
    made: Mapping[str, Any]
    drafts: Sequence[DraftVerdict] = ()


def check_folder(folder: Path, made: Mapping[str, Any], *, force: bool = False) -> None:
    """Raise OtherExercises where a folder holds variants that this run would change.

    Raises OSError for a folder that cannot be written to.
    """
    _check_place(folder)
    manifest = folder / MANIFEST
    if force or not manifest.exists():
        return
    try:
        before = json.loads(read_plain(manifest))["made"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OtherExercises(f"{manifest} is damaged: write elsewhere, or use --force") from None
    for key, value in made.items():
        if before.get(key) != value:
            raise OtherExercises(
                f"{folder} has exercises made with another {key}, and students may have them "
                "already: write to another folder, or replace them by --force"
            )


def _check_place(folder: Path) -> None:
    """Raise OSError where a folder is not, and cannot be made."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir():
        raise NotADirectoryError(f"{there} is there, and is no folder: name another by --out")
    if not os.access(there, os.W_OK):
        raise PermissionError(f"{there} is read-only: name another folder by --out")


def write_week(folder: Path, week: Week, *, force: bool = False) -> list[str]:
    """Write all files, or none that stands in nobody's way; return their paths in the folder.

    Raises as `check_folder` and `files.write_output` do.
    """
    check_folder(folder, week.made, force=force)
    files = _files(week)
    for name in files:  # before the first is written
        _check_place((folder / name).parent)
        if (folder / name).parent.is_dir():
            check_output(folder / name, force=force)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_output(folder / name, content, force=force)
    return list(files)


def _files(week: Week) -> dict[str, str | bytes]:
    exercise = week.forms[0]
    slug = exercise_slug(exercise.title)
    files: dict[str, str | bytes] = {}
    hashes = {}
    for variant in week.variants:
        form = week.forms[variant.form]
        markdown = student_markdown(form, variant)
        if form.subject == "program":
            check_leak(variant.solution, variant.starter, {f"text {variant.name}": markdown})
        notebook = exercise_notebook(form, variant, solved=False)
        files[f"students/{variant.name}/{slug}.md"] = markdown
        files[f"students/{variant.name}/{slug}.ipynb"] = notebook
        hashes[variant.number] = hashlib.sha256(notebook.encode()).hexdigest()
        source = f"teacher/nbgrader/source/{slug}-{variant.name}/{slug}.ipynb"
        files[source] = exercise_notebook(form, variant, solved=True)
    files["teacher/nbgrader/nbgrader_config.py"] = NBGRADER_CONFIG
    questions = moodle_questions(week.forms, week.variants)
    wrong = check_moodle(questions)
    if wrong:
        raise BadExercise(f"Moodle would not import {wrong[0]}")
    files["teacher/moodle.xml"] = questions
    page = teacher_page(exercise, week.variants, week.refused, week.who, week.drafts)
    files["teacher/solutions.html"] = page
    if week.who:
        files["teacher/who-got-what.csv"] = _who(week, slug, hashes)
    rows = [
        {
            "variant": each.number,
            "form": each.form,
            "values": {name: written(value) for name, value in each.values.items()},
            "answer": each.answer or list(each.expected),
            "sha256": hashes[each.number],
        }
        for each in week.variants
    ]
    manifest = {"made": dict(week.made), "refused": dict(week.refused), "variants": rows}
    files[MANIFEST] = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    return files


def _who(week: Week, slug: str, hashes: Mapping[int, str]) -> str:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(("id", "variant", "file", "sha256"))
    for who, number in week.who.items():
        rows.writerow((who, number, f"students/{number:02}/{slug}.ipynb", hashes[number]))
    return table.getvalue()
