"""Where each idea of the book stands: the page's ideas joined with what the checkout holds.

The scoreboard and `ideas list` show the same rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ideas_lib import results
from ideas_lib.ideas import BOOK, IDEAS, Idea, find_idea
from ideas_lib.measured import Measured
from ideas_lib.publish.first_screen.bottom import effect_words, find
from ideas_lib.publish.first_screen.headline import headline, interval_svg
from ideas_lib.publish.site import freshness
from ideas_lib.study.checkout import root
from ideas_lib.study.closure import Checkout
from ideas_lib.study.records import read_confirmation

__all__ = ["NOT_TESTED", "Row", "rows"]

NOT_TESTED = "not yet tested"


@dataclass(frozen=True)
class Row:
    """Where one idea stands.

    `path` is relative to the checkout, None without a notebook. `verdict` is a word, "measured"
    where the study is a measurement. `effect`, `low` and `high` are in the study's outcome: idea
    minus baseline, or what was measured; times 10 to the `shift` they are in the `unit`. `seeds`
    counts what the interval is over, each `independent`; all are None until the study has run.
    `fresh` says whether the notebook matches today's code and results, None without one.
    `forked_from` is the slug that a fork was made from. `headline` says in a sentence what was
    found, `plot` is SVG of it, "" where there is no verdict, and `reproduced` says how the results
    stand to today's code.
    """

    slug: str
    title: str
    path: str | None
    verdict: str = NOT_TESTED
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: int | None = None
    fresh: bool | None = None
    forked_from: str | None = None
    part: str = ""
    unit: str = ""
    shift: int = 0
    independent: str = "seed"
    headline: str = ""
    plot: str = ""
    reproduced: str = ""


def rows() -> list[Row]:
    """Return a row for each idea of the page, then those of the table of contents beside them.

    These are the chapters that cross ideas, and the forks, in the order of the contents.
    """
    top = root()
    own = [idea for idea in _in_contents(top) if idea.number is None]
    crossing = [idea for idea in own if idea.part == BOOK and not idea.forked_from]
    forks = [idea for idea in own if idea.forked_from]
    checkout = Checkout(top)
    return [_row(idea, top, checkout) for idea in (*IDEAS, *crossing, *forks)]


def _in_contents(top: Path) -> Iterator[Idea]:
    for path in freshness.notebooks(top):
        if path.is_relative_to(top / "chapters") or path.is_relative_to(top / "posts"):
            yield find_idea(path.stem, top)


def _row(idea: Idea, top: Path, checkout: Checkout) -> Row:
    notebook = idea.notebook(top)
    there = notebook.is_file()
    about = Row(
        idea.slug,
        idea.title,
        idea.path if there else None,
        fresh=freshness.check(notebook, top, checkout).state == "fresh" if there else None,
        forked_from=idea.forked_from or None,
        part=idea.part,
    )
    known = find(idea.slug)
    if not known:
        return about
    study, found = known.results, known.finding
    about = replace(
        about,
        verdict=found.word,
        effect=found.effect,
        low=found.low,
        high=found.high,
        seeds=found.n,
        headline=headline(study, idea.forked_from),
        reproduced=_reproduced(study),
    )
    if isinstance(found, Measured):
        return replace(about, unit=found.unit, independent=found.independent)
    plot = interval_svg(found, f"The effect: {effect_words(found, known.unit)}")
    return replace(about, plot=plot, unit=known.unit.name, shift=known.unit.shift)


def _reproduced(study: results.Results) -> str:
    """Say in a few words how results stand to today's code, and in a sentence what is amiss."""
    standing = study.standing()
    if not standing.sealed or standing.code == "earlier":
        return standing.words
    if standing.code == "current":
        return "measured with today's code"
    check = read_confirmation(study.study.slug)
    assert check is not None, "what is confirmed has a confirmation"
    day = check["when"][:10]
    if check.get("like_earlier"):  # the same code, but not the same numbers
        return (
            f"not reproduced on another processor, which moves it by up to {check['worst']:.2g},"
            f" with the earlier code alike; checked on {day}"
        )
    return f"reproduced on {day}"
