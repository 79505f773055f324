"""A session from the function's text to the stage that is reached: what the command runs."""

import contextlib
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ideas_lib.files import check_output, read_plain, write_output, write_whole
from ideas_lib.programs.ambiguity.narrowing import Narrowed, Narrowing, returns_float
from ideas_lib.programs.ambiguity.narrowing_report import (
    as_data,
    as_lines,
    pickable_outputs,
    question_lines,
)
from ideas_lib.programs.ambiguity.reaching import reached_stage, stage_of, written_source
from ideas_lib.programs.ambiguity.rulings import (
    Ruling,
    add_answer,
    check_consistent,
    read_answers,
    read_ruling,
)
from ideas_lib.programs.ambiguity.splitting import OpenQuestion
from ideas_lib.programs.ambiguity.stages import CannotWrite, has_body, settled_stage, staged_source
from ideas_lib.programs.ambiguity.writing_programs import (
    given_programs,
    read_source,
    sampled_programs,
)
from ideas_lib.programs.checks.task import read_task

__all__ = ["Asked", "ask_about", "run_session"]

ROUNDS = 2  # of sampling anew, with the answers, when no program fits


@dataclass
class Asked:
    """A session, what it came to, and whom the programs are from."""

    session: Narrowing
    state: Narrowed
    sampling: dict[str, object] | None = None  # how a model is asked; None where none is
    notes: list[str] = field(default_factory=list)

    @property
    def entry(self) -> str:
        """The function's name."""
        return self.session.task.entry

    def refresh(self) -> None:
        """Narrow by all that was answered; have programs written anew while none fits."""
        self.state = self.session.state()
        for _ in range(ROUNDS if self.sampling is not None else 0):
            if self.state.left or not self.state.compared:
                return
            stage = settled_stage(self.entry, self.state)
            narrowed = read_task(staged_source(self.session.task.prompt, self.entry, stage))
            already = len(self.session.observer.sources)
            name, fresh = sampled_programs(narrowed, already=already, **self.sampling)  # type: ignore[arg-type]
            self.notes.append(f"no program fitted, so {name} wrote {len(fresh)} more")
            self.session.observer.add(fresh)
            self.state = self.session.state()


def ask_about(
    source: str,
    entry: str = "",
    *,
    programs: dict[str, str] | None = None,
    answers: Sequence[Ruling] = (),
    samples: int = 8,
    endpoint: str | None = None,
    model: str | None = None,
    style: str = "completion",
) -> Asked:
    """Compare programs for the function that `source` ends in, or for `entry`.

    `programs` are name -> source; without any a model writes `samples` of them. Raises NoTask,
    BadContract, Contradiction, ValueError, sandbox.Unavailable, and what `lm.Generator` raises.
    """
    task = read_task(source.replace("\r\n", "\n"), entry)
    check_consistent(answers)
    sampling: dict[str, object] | None = None
    notes = []
    if programs is None:
        sampling = dict(samples=samples, endpoint=endpoint, model=model, style=style)
        name, programs = sampled_programs(task, **sampling)  # type: ignore[arg-type]
        notes.append(f"{len(programs)} programs came from {name}")
    session = Narrowing(task, programs, answers)
    asked = Asked(session, session.state(), sampling, notes)
    if not asked.state.left:
        asked.refresh()
    return asked


def run_session(
    function: str,
    programs: Sequence[str],
    *,
    echo: Callable[[str], object],
    read: Callable[[str], str],
    answers: str | None = None,
    ask: bool = False,
    json_file: str | None = None,
    write: bool = False,
    stage: str | None = None,
    show: bool = False,
    force: bool = False,
    **sampling: object,
) -> bool:
    """Do what the command does; return whether a program fits. Raises as `ask_about`, and OSError.

    `echo` prints a line, `read` returns one that was typed.
    """
    name, _, entry = function.rpartition(":")
    path = Path(name or function)
    if not path.is_file():
        raise ValueError(f"there is no file {path}: name it as FILE.py:FUNCTION")
    source = read_source(path)
    entry = read_task(source.replace("\r\n", "\n"), entry if name else "").entry
    kept = _answers_file(answers, ask)
    if json_file not in (None, "-"):
        check_output(Path(str(json_file)), force=force)
    floats = returns_float(read_task(source.replace("\r\n", "\n"), entry))
    known = read_answers(kept, entry, floats) if kept and kept.exists() else []
    given = given_programs(programs) if programs else None
    asked = ask_about(source, entry, programs=given, answers=known, **sampling)  # type: ignore[arg-type]
    say = (lambda line: None) if json_file == "-" else echo
    if ask and kept:
        _dialogue(asked, kept, echo, read)
    for line in [*asked.notes, *as_lines(entry, asked.state)]:
        say(line)
    if asked.state.questions and not ask:
        for line in _next_question(asked.state.questions[0], kept):
            say(line)
    chosen, made, note = "text", source, ""
    if json_file or write or show:
        chosen, made, note = _staged(asked, source, stage, force)
    if note:
        say(note)
    if json_file:
        data = json.dumps(as_data(entry, asked.state, chosen, made), indent=2) + "\n"
        if json_file == "-":
            echo(data.rstrip("\n"))
        else:
            write_output(Path(json_file), data, force=force)
    if show:
        say(made)
    if write:
        say(_write(path, source, made, chosen))
    return bool(asked.state.left)


def _answers_file(answers: str | None, ask: bool) -> Path | None:
    if ask and not answers:
        raise ValueError("--ask needs --answers FILE.yaml, where what you answer is kept")
    if answers and not ask and not Path(answers).exists():
        raise ValueError(f"there is no file {answers}; --ask makes it")
    return Path(answers) if answers else None


def _staged(asked: Asked, source: str, wanted: str | None, force: bool) -> tuple[str, str, str]:
    """Return the stage, the source with it, and a note on why it is a lower one."""
    session, state = asked.session, asked.state
    chosen, note = wanted or reached_stage(session, state), ""
    if chosen == "program" and has_body(source, asked.entry) and not force:
        note = f"{asked.entry} has a body, which stays; --force puts the program in its place"
        chosen = "types"
    try:
        return (
            chosen,
            written_source(session, state, source, stage_of(session, state, chosen)),
            note,
        )
    except CannotWrite as error:
        if wanted or chosen != "program":
            raise
        note = f"the stage is types, not program: {error}"
        made = written_source(session, state, source, stage_of(session, state, "types"))
        return "types", made, note


def _write(path: Path, before: str, made: str, stage: str) -> str:
    if made == before:
        settled = "says all that already" if stage != "text" else "stays: nothing is settled yet"
        return f"{path} {settled}"
    if read_source(path) != before:
        raise ValueError(f"{path} was changed meanwhile, and stays as it is: try again")
    marked = read_plain(path).startswith(BOM_UTF8)
    write_whole(path.resolve(), BOM_UTF8 * marked + made.encode())
    return f"wrote the stage {stage!r} into {path}"


def _next_question(question: OpenQuestion, kept: Path | None) -> list[str]:
    options = pickable_outputs(question)
    example = add_answer("#", question.call, options[0][0].shown if options else "never happens")
    into = str(kept) if kept else "a file that --answers names"
    return [
        *question_lines(question),
        f"To answer, put a line into {into}, or use --ask:",
        f"    {example.splitlines()[-1]}",
    ]


def _dialogue(
    asked: Asked, kept: Path, echo: Callable[[str], object], read: Callable[[str], str]
) -> None:
    """Ask until nothing is left, or the reader has enough; every answer is kept at once."""
    while asked.state.questions:
        for line in as_lines(asked.entry, asked.state)[: 1 + len(asked.state.questions)]:
            echo(line)
        question = asked.state.questions[0]
        for line in question_lines(question):
            echo(line)
        answer = _answered(question, echo, read)
        if not answer:
            return
        before = kept.read_text(encoding="utf-8") if kept.exists() else ""
        floats = asked.session.observer.floats
        try:
            ruling = read_ruling(asked.entry, question.call, answer, "what you said", floats)
            write_whole(kept, add_answer(before, question.call, answer).encode())
            asked.session.answers.append(ruling)
            asked.refresh()
        except ValueError as error:
            echo(f"  {error}")
            with contextlib.suppress(UnboundLocalError, ValueError):
                asked.session.answers.remove(ruling)
                write_whole(kept, before.encode())


def _answered(
    question: OpenQuestion, echo: Callable[[str], object], read: Callable[[str], str]
) -> str:
    """Return an answer as a file has it, or nothing where there is none."""
    options = [outcome.shown for outcome, _ in pickable_outputs(question)]
    while True:
        word = read("a number, or Return to stop: ").strip()
        if not word:
            return ""
        if word.isdecimal() and 1 <= int(word) <= len(options):
            return options[int(word) - 1]
        if word == str(len(options) + 1):
            return read("it should be (a value of Python, or `raises NAME`): ").strip()
        if word == str(len(options) + 2):
            pre = read(f"the precondition [{question.pre}]: ").strip() or question.pre
            return f"never happens: {pre}"
        echo(f"  {word!r} is none of 1 to {len(options) + 2}")
