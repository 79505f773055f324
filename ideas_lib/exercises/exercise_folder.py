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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
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
    if force:
        return
    before = _manifest(folder)
    if before is None:
        raise OtherExercises(f"{folder / MANIFEST} is damaged: write elsewhere, or use --force")
    if before:
        for key, value in made.items():
            if before["made"].get(key) != value:
                raise _other(folder, key)


def _other(folder: Path, key: str) -> OtherExercises:
    return OtherExercises(
        f"{folder} has exercises made with another {key}, and students may have them "
        "already: write to another folder, or replace them by --force"
    )


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Return what a folder was made of, nothing if it is no such folder, None if it is damaged."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        found = json.loads(read_plain(path))
        hashes = {row["variant"]: row["sha256"] for row in found["variants"]}
        names = [str(name) for name in found["files"]]
        return {"made": dict(found["made"]), "hashes": hashes, "files": names}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _check_place(folder: Path) -> None:
    """Raise OSError where a folder is not, and cannot be made."""
    try:
        there = next(p for p in (folder, *folder.parents) if p.exists() or p.is_symlink())
    except OSError as error:
        raise OSError(f"{folder} is no name for a folder: {error.strerror}") from None
    if not there.is_dir():
        raise NotADirectoryError(f"{there} is there, and is no folder: name another by --out")
    if not os.access(there, os.W_OK):
        raise PermissionError(f"{there} is read-only: name another folder by --out")


def write_week(folder: Path, week: Week, *, force: bool = False) -> list[str]:
    """Write all files, or none where one stands in somebody's way; return their paths in it.

    What is there with the same bytes is left alone. The manifest comes first, so that a folder
    that is half written is known for what it is, and the same command completes it. With `force`,
    what an earlier manifest names and this run does not is removed, unless it was edited; without,
    it stays. Raises as `check_folder` and `files.write_output` do.
    """
    check_folder(folder, week.made, force=force)
    files, hashes = _files(week)
    before = _manifest(folder) or {"hashes": {}, "files": []}
    if not force and any(hashes.get(n) != h for n, h in before["hashes"].items()):
        raise _other(folder, "version of this tool")
    stale = {name: folder / name for name in before["files"] if name not in files}
    # What is stale stays named until it is gone.
    wanted = {MANIFEST: _as_manifest(week, hashes, [*files, *stale]), **files}
    new = {name: data for name, data in wanted.items() if not _is_there(folder / name, data)}
    for name in new:  # before the first is written
        _check_place((folder / name).parent)
        if (folder / name).parent.is_dir():
            check_output(folder / name, force=force)
    _write(folder, new, force)
    if stale and force:
        left = _removed(folder, stale)
        _write(folder, {MANIFEST: _as_manifest(week, hashes, [*files, *left])}, force)
    return [*files, MANIFEST]


def _is_there(path: Path, data: bytes) -> bool:
    with suppress(OSError, ValueError):
        return read_plain(path) == data
    return False


def _write(folder: Path, files: Mapping[str, bytes], force: bool) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_output(folder / name, data, force=force)


def _removed(folder: Path, stale: Mapping[str, Path]) -> Iterator[str]:
    """Remove files that this tool wrote there, as it wrote them; yield the names of the others."""
    for name, path in stale.items():
        parts = PurePosixPath(name).parts
        inside = parts[:1] in (("students",), ("teacher",)) and ".." not in parts
        if not inside or path.is_symlink() or not path.is_file():
            continue
        try:
            check_output(path)
        except OSError:
            yield name
            continue
        path.unlink()
        with suppress(OSError):  # the folder of a variant, where nothing else is in it
            path.parent.rmdir()


def _files(week: Week) -> tuple[dict[str, bytes], dict[int, str]]:
    """Return what every file holds, the manifest apart, and the hashes of students' notebooks."""
    exercise = week.forms[0]
    slug = exercise_slug(exercise.title)
    files: dict[str, str | bytes] = {}
    hashes: dict[int, str] = {}
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
    data = {n: text.encode() if isinstance(text, str) else text for n, text in files.items()}
    return data, hashes


def _as_manifest(week: Week, hashes: Mapping[int, str], files: Sequence[str]) -> bytes:
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
    found = {"made": dict(week.made), "refused": dict(week.refused), "variants": rows}
    found["files"] = list(files)
    return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode()


def _who(week: Week, slug: str, hashes: Mapping[int, str]) -> str:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(("id", "variant", "file", "sha256"))
    for who, number in week.who.items():
        rows.writerow((who, number, f"students/{number:02}/{slug}.ipynb", hashes[number]))
    return table.getvalue()
