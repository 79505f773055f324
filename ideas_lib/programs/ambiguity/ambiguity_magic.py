"""`%%ambiguity`: say what the text of a function in a cell leaves open."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension"]

ONE = ("--answers", "--endpoint", "--model", "--style", "--entry", "--samples")


class NotebookReport:
    """A report for a notebook, as text."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Register `%%ambiguity [--programs a.py b.py] [--answers FILE] [--endpoint E] ...`.

    The cell's code is not run. The stage that is reached, if it says more, is in the next cell.
    """
    from ideas_lib.programs.ambiguity.asking import ask_about
    from ideas_lib.programs.ambiguity.narrowing_report import as_lines, question_lines
    from ideas_lib.programs.ambiguity.reaching import reached_stage, stage_of, written_source
    from ideas_lib.programs.ambiguity.rulings import read_answers
    from ideas_lib.programs.ambiguity.writing_programs import given_programs
    from ideas_lib.programs.checks.task import read_task

    def ambiguity(line: str, cell: str) -> NotebookReport:
        options, files = _options(line)
        answers = options.pop("answers", None)
        task = read_task(cell, options.pop("entry", ""))
        known = read_answers(Path(answers), task.entry) if answers else []
        given = given_programs(files) if files else None
        asked = ask_about(cell, task.entry, programs=given, answers=known, **options)
        lines = [*asked.notes, *as_lines(task.entry, asked.state)]
        for question in asked.state.questions[:1]:
            lines += question_lines(question)
        name = reached_stage(asked.session, asked.state)
        if name != "text":
            stage = stage_of(asked.session, asked.state, name)
            ipython.set_next_input(written_source(asked.session, asked.state, cell, stage))
        return NotebookReport(lines)

    register: Any = ipython.register_magic_function
    register(ambiguity, "cell", "ambiguity")


def _options(line: str) -> tuple[dict[str, Any], list[str]]:
    """Return the options of a line, and the files of `--programs`. Raises ValueError."""
    words, found, files = shlex.split(line), dict[str, Any](), list[str]()
    while words:
        word = words.pop(0)
        if word == "--programs":
            while words and not words[0].startswith("--"):
                files.append(words.pop(0))
        elif word in ONE and words:
            value = words.pop(0)
            found[word[2:]] = int(value) if word == "--samples" else value
        else:
            raise ValueError(f"%%ambiguity {line}: it takes --programs, {', '.join(ONE)}")
    return found, files
