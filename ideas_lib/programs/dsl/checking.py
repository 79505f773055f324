"""See in the sandbox that programs in the language make the calls that they made in Python."""

import contextlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ideas_lib.programs.dsl.corpus import files_below
from ideas_lib.programs.dsl.language_making import Expressed
from ideas_lib.programs.sandbox.running import excerpt, run_command
from ideas_lib.resources import resource

__all__ = ["CallComparison", "check_calls"]

REPLAY = resource(__file__, "harness/replay.py")
LARGEST = 32 << 20  # bytes of files beside the snippets that are taken along
MOST_FILES = 5000  # of these
MOST = 200  # programs
TIMEOUT = 300.0
STARTS = 6  # of the sandbox
NONE = [["", 0, ""]] * 3


@dataclass(frozen=True)
class CallComparison:
    """What became of programs, by name: those that do the `same`, and others.

    Some `vary` by themselves, some `differ` (with what each did), some gave `no_answer` in time.
    `calls` counts those that were compared; `stand_ins` are modules that could not be imported,
    in whose place something was put that only says what is done with it. `reason` is not empty if
    the sandbox ended it all, and `not_run` programs were too many.
    """

    same: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    differ: tuple[tuple[str, str, str], ...] = ()
    no_answer: tuple[str, ...] = ()
    calls: int = 0
    stand_ins: tuple[str, ...] = ()
    reason: str = ""
    not_run: int = 0


def check_calls(
    files: Mapping[str, str],
    name: str,
    programs: Sequence[Expressed],
    modules: Sequence[str],
    snippets: Path,
) -> CallComparison:
    """Run up to MOST programs, as they were and in the language whose package `files` are.

    Raises sandbox.Unavailable.
    """
    some = programs[:MOST]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for path, text in files.items():
            if path.startswith(f"{name}/"):
                where = tree / "package" / path
                where.parent.mkdir(parents=True, exist_ok=True)
                where.write_text(text, encoding="utf-8")
        _take_along(snippets, tree / "snippets")
        shutil.copy(REPLAY, tree / "replay.py")
        gone: list[str] = []
        runs: list[Any] = []
        reason, starts = "", 0
        # A program that ends all that is in the sandbox costs its own answer, and no other's.
        while len(runs) < len(some) and starts < STARTS:
            left = [_work(each) for each in some[len(runs) :]]
            work = {"name": name, "modules": sorted(modules), "programs": left}
            (tree / "work.json").write_text(json.dumps(work), encoding="utf-8")
            result = run_command(["python", "replay.py"], tree=tree, timeout=TIMEOUT)
            first, answers = _answers(result.stdout)
            gone = gone or first
            runs += answers
            if len(runs) < len(some):
                runs.append(NONE)
                reason = result.reason
            starts += 1
    found = _outcome([p.program.name for p in some], gone, runs, reason)
    return replace(found, not_run=len(programs) - len(some))


def _answers(stdout: str) -> tuple[list[str], list[Any]]:
    """Return what stood-in modules there are, and an answer for each program that gave one."""
    found: list[Any] = []
    for line in stdout.splitlines():
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):  # the line that was being written when it all ended
            break
    if not found or not isinstance(found[0], list):
        return [], []
    return found[0], list(itertools.takewhile(_is_answer, found[1:]))


def _is_answer(found: Any) -> bool:
    """Say whether a line is three runs, each a digest, a number of calls and an excerpt."""
    return (
        isinstance(found, list)
        and len(found) == len(NONE)
        and all(
            isinstance(run, list) and [type(part) for part in run] == [str, int, str]
            for run in found
        )
    )


def _work(expressed: Expressed) -> dict[str, object]:
    program = expressed.program
    folder = program.name.partition(":")[0].rpartition("/")[0]
    return {
        "source": program.source,
        "text": expressed.text,
        "given": program.given,
        "folder": folder,
    }


def _outcome(
    names: Sequence[str], gone: Sequence[str], runs: Sequence[Any], reason: str
) -> CallComparison:
    same: list[str] = []
    vary: list[str] = []
    differ: list[tuple[str, str, str]] = []
    silent = list(names[len(runs) :])
    calls = 0
    for name, (one, again, ours) in zip(names, runs, strict=False):
        if not one[0] or not ours[0]:
            silent.append(name)
        elif one[0] == ours[0]:
            same.append(name)
            calls += int(one[1])
        elif one[0] != again[0]:
            vary.append(name)
        else:
            differ.append((name, excerpt(str(one[2])), excerpt(str(ours[2]))))
    return CallComparison(
        *(tuple(same), tuple(vary), tuple(differ), tuple(silent), calls),
        tuple(excerpt(str(each)) for each in gone),
        reason,
    )


def _take_along(snippets: Path, target: Path) -> None:
    """Copy what stands beside the snippets: all if it is little, else the Python files."""
    source = snippets if snippets.is_dir() else snippets.parent
    target.mkdir()
    total, plain = 0, []
    for each in [snippets] if snippets.is_file() else files_below(source):
        with contextlib.suppress(OSError):  # it is gone meanwhile, or may not be looked at
            if each.is_file() and not each.is_symlink():
                total += each.stat().st_size
                plain.append(each)
        if total > LARGEST or len(plain) > MOST_FILES:
            plain = [each for each in files_below(source) if each.suffix == ".py"]
            break
    for each in plain:
        where = target / each.relative_to(source)
        where.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # what cannot be read is missing there
            if each.is_file() and not each.is_symlink() and each.stat().st_size <= LARGEST:
                shutil.copyfile(each, where)
