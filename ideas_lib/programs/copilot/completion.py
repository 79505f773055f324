"""Write a function by a language model, and show it only when the evidence for it holds."""

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tqdm import tqdm

from ideas_lib.formatting import printable
from ideas_lib.programs.checks.agreement import normalize_program
from ideas_lib.programs.checks.attempts import see_attempts
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.inputs import sample_inputs
from ideas_lib.programs.checks.task import FunctionTask, read_task
from ideas_lib.programs.checks.touches import may_touch
from ideas_lib.programs.copilot.calibration import (
    LEAST,
    LEVEL,
    calibrated_samples,
    calibrated_threshold,
)
from ideas_lib.programs.copilot.candidates import (
    RUNGS,
    Candidate,
    Search,
    run_checks,
    search_best,
)
from ideas_lib.programs.copilot.rule import Threshold
from ideas_lib.programs.copilot.sample import Sampling, extract_program

__all__ = ["Completion", "complete", "judged"]

DEFAULT = "qwen2.5-coder-1.5b-instruct"
SAMPLES = 8
FEW = 5  # inputs on which it is seen what a program tries, where there is no example
STAGES = ("trying", "searching")


@dataclass(frozen=True)
class Completion:
    """A function that held, or the reason why none is shown.

    `code` is the program when `shown`, empty otherwise. `reason` says why it is or is not shown,
    and `evidence` what was tried, a sentence each. `candidates` are all that were tried.
    """

    shown: bool
    code: str
    reason: str
    evidence: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()

    def __str__(self) -> str:
        lines = [self.reason, *(f"- {line}" for line in self.evidence)]
        words = "\n".join(f"# {printable(line)}" for line in lines)
        return f"{words}\n\n{_visible(self.code)}" if self.shown else words

    def _repr_markdown_(self) -> str:
        lines = "\n".join(f"- {_words(line)}" for line in self.evidence)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", self.code)), default=0))
        code = f"{fence}python\n{_visible(self.code)}{fence}\n\n" if self.shown else ""
        return f"{code}**{_words(self.reason)}**\n\n{lines}\n"


def _visible(code: str) -> str:
    """Return code with what no screen should get written out: escapes, what turns or hides text."""
    return "".join(each if each in "\n\t" else printable(each) for each in code)


def _words(line: str) -> str:
    """Return a line as Markdown that shows it and does nothing: no link, picture or HTML."""
    return re.sub(r"([\\`*_\[\]<>&!|~$])", r"\\\1", printable(line))


def complete(
    prompt: str,
    *,
    tests: str | None = None,
    endpoint: str | None = None,
    model: str | None = None,
    entry: str = "",
    samples: int | None = None,
    level: float = LEVEL,
    confidence: float = 0.9,
    sampling: Sampling | None = None,
) -> Completion:
    """Write the function that `prompt` ends in, if a program for it holds.

    Args:
        prompt: Python source: a signature and a docstring, and what it needs before them. Examples
            in the docstring, types, and `pre:` and `post:` lines are evidence.
        tests: More evidence: source that `judge.check` understands.
        endpoint: As `lm.endpoint.connect` takes it; without one and without OPENAI_BASE_URL and
            IDEAS_WEIGHTS it is DEFAULT, a model for code on this machine.
        model: One of the endpoint's, where it has several.
        entry: The function, where it is not the last one.
        samples: Candidates to sample; None is as many as the model's calibration had, else SAMPLES.
        level: The share of wrong programs among those shown that is allowed. Whatever it is, half
            of the candidates have to agree; where no calibration holds, half of the different
            programs, and two of them at least: whether copies were sampled apart is not known.
        confidence: With which it is, over the calibration's tasks; see `rule`.
        sampling: How they are sampled; the calibration holds for the default.

    Raises NoTask, BadContract, sandbox.Unavailable, and what `lm.Generator` raises.
    """
    from ideas_lib.lm.client import TIMEOUT
    from ideas_lib.lm.endpoint import BASE_URL
    from ideas_lib.lm.generate import Generator
    from ideas_lib.lm.serving.weights import OWN

    task = read_task(prompt, entry, tests or "")
    how = sampling or Sampling()
    named = endpoint or os.environ.get(BASE_URL) or os.environ.get(OWN) or DEFAULT
    with Generator(named, model, timeout=TIMEOUT) as generator:
        name = generator.model
        count = samples or calibrated_samples(name) or SAMPLES
        threshold = None
        # What an endpoint elsewhere calls its model, and how it samples, is its own word.
        if how == Sampling() and "://" not in named:
            threshold = calibrated_threshold(name, count, level, confidence)
        requests = [how.request(task, seed) for seed in range(count)]
        with tqdm(desc="writing", total=count + len(STAGES), delay=2, leave=False) as bar:
            programs = []
            for reply in generator.answers(requests, parallel=count, together=1):
                programs.append(extract_program(task, reply.text, reply.finished))
                bar.update()

            def began(stage: str) -> None:
                bar.update(STAGES.index(stage))  # the one before is done
                bar.set_description(stage)

            return judged(task, programs, threshold, name, began)


def judged(
    task: FunctionTask,
    programs: Sequence[str],
    threshold: Threshold | None,
    model: str = "the model",
    began: Callable[[str], object] = str,
) -> Completion:
    """Show the best of these programs, or none; `threshold` None says nothing was calibrated.

    `began` is told of each of STAGES, which together take up to a minute.
    """
    began(STAGES[0])
    climbed = run_checks(task, programs)
    began(STAGES[1])
    search = search_best(task, climbed)
    found = search.candidates
    lines = [f"{len(found)} candidates came from {model[:80]}", *_fallen(found), *_given(task)]
    counted = "different" if threshold is None else "alike"
    best = max(found, key=lambda candidate: getattr(candidate, counted), default=None)
    if best is None or not best.alike:
        why = "No program is shown: none held"
        if not all(candidate.fell for candidate in found):
            why = "No program is shown: give an example, or types, of what to compare programs on"
        return Completion(False, "", why, tuple(lines), found)
    reached = best.alike / len(found)
    if threshold is None:  # whether copies were sampled apart is known of what was calibrated
        reached = best.different / _different(found)
    lines.append(
        f"{best.different} different program{'s' * (best.different != 1)} "
        f"agree{'s' * (best.different == 1)} on {len(best.said or ())} inputs, "
        f"{best.alike} of {len(found)} candidates with their copies"
    )
    lines += [_searched(search), _bound(threshold, model)]
    needed = LEAST if threshold is None else threshold.score
    if threshold is None and best.different < 2:
        why = "No program is shown: copies of one program are no evidence, and no other agrees"
    elif needed is None:
        why = "No program is shown: no threshold keeps the error as low as was asked"
    elif reached < needed:
        why = f"No program is shown: the best has a score of {reached:.3g}, below {needed:.3g}"
    else:
        held = "held" if threshold else "held, though no bound on the error is known here"
        why = f"This program {held}: its score is {reached:.3g}, and {needed:.3g} is enough"
        return Completion(True, best.program, why, (*lines, *_touched(task, best.program)), found)
    return Completion(False, "", why, tuple(lines), found)


def _different(found: Sequence[Candidate]) -> int:
    """Count the different programs: those that do not parse by their text."""
    return len({c.program if c.fell == "parse" else normalize_program(c.program) for c in found})


def _touched(task: FunctionTask, program: str) -> list[str]:
    """Say what a program may touch, by its text, and what it tried in the sandbox."""
    may = may_touch(program, task)
    rows = [example.args for example in read_examples(task) if example.args is not None]
    tried = see_attempts(task, program, rows or sample_inputs(task, [], FEW))
    looked = (
        f"it may touch {', '.join(may)}"
        if may
        else ("a look at it finds no files, processes, network or code made as it runs")
    )
    seen = (
        f"in the sandbox it tried: {'; '.join(tried)}"
        if tried
        else ("the sandbox saw it try none of these")
    )
    return [looked, seen]


def _fallen(found: Sequence[Candidate]) -> list[str]:
    counts = Counter(candidate.fell for candidate in found)
    lines = []
    for rung in RUNGS:
        first = next((c.reason for c in found if c.fell == rung), "")
        if first:
            lines.append(f"{counts[rung]} rejected by {rung}; the first because {first}")
    return lines


def _given(task: FunctionTask) -> list[str]:
    count = len(read_examples(task))
    lines = [f"the docstring has {count or 'no'} example{'s' if count != 1 else ''} to try"]
    return [*lines, "your tests were tried"] if task.tests.strip() else lines


def _searched(search: Search) -> str:
    if not search.pairs:
        return "those that agree are copies of one program, so there was nothing to search"
    if not search.inputs:
        return f"CrossHair found no input on which {search.pairs + 1} programs that agree differ"
    shown = "; ".join(f"({', '.join(map(repr, args))})" for args in search.inputs)
    return f"CrossHair looked for inputs on which programs that agreed differ, and gave {shown}"


def _bound(threshold: Threshold | None, model: str) -> str:
    if threshold is None:
        return f"{model}, sampled like this, was not calibrated: no bound on the error holds"
    if threshold.score is None:
        return f"{model} has no threshold with an error of at most {threshold.level:g}"
    return (
        f"of {threshold.shown} HumanEval problems with such a score {threshold.wrong} were wrong, "
        f"judged more strictly than by its tests: at most {threshold.bound:.0%} are, with "
        f"confidence {threshold.confidence:g}, for functions like HumanEval's; of yours this "
        "promises nothing"
    )
