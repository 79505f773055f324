import json
from pathlib import Path

import pytest

from ideas_lib.publish.site.card import card, standings
from ideas_lib.publish.site.freshness import Check, check
from ideas_lib.results import FIELDS

RAN = {
    "slug": "one",
    "key": "0123456789abcdef",
    "executed": "2026-03-04T05:06:07+00:00",
    "seconds": 12.3,
    "where": "Linux x86_64, 2 cores",
    "versions": {"python": "3.11.7", "torch": "2.13.0+cpu"},
    "components": {"cells": "0", "ideas_lib/one.py": "1"},
}


def found(state: str, *reasons: str) -> Check:
    return Check(Path("one.ipynb"), state, reasons, {})


def made(ran: dict, found: Check, **standings: str) -> str:
    return card({"metadata": {"ideas": ran}}, found, standings)


def test_a_fresh_page_says_when_where_and_with_what():
    html = made(RAN, found("fresh"), one="Measured with today's code.")
    for text in (
        "<strong>This page is up to date</strong>: executed on 4 March 2026 in 12 s.",
        "s. Measured with today&#x27;s code.</summary>",
        "2026-03-04 05:06 UTC",
        "Linux x86_64, 2 cores",
        "python 3.11.7, torch 2.13.0+cpu",
        "0123456789abcdef, over 2 parts",
    ):
        assert text in html


@pytest.mark.parametrize("state", ["stale", "failed", "never executed"])
def test_any_other_page_says_why_before_it_is_opened(state):
    html = made(RAN, found(state, "ideas_lib/one.py changed"))
    summary = html[html.index("<summary>") : html.index("</summary>")]
    assert state.split()[0] in summary
    assert "ideas_lib/one.py changed" in summary
    assert "provenance-stale" in html


def test_several_studies_are_named():
    html = made(RAN, found("fresh"), one="Measured.", two="Not measured yet.")
    assert "one: Measured. two: Not measured yet." in html


def test_many_reasons_are_counted_not_listed():
    html = made(RAN, found("stale", *(f"file{i} changed" for i in range(5))))
    assert "file2 changed; and 2 more." in html
    assert "file3" not in html


def test_a_page_that_never_ran_has_nothing_to_open():
    assert "<summary>" not in made({}, found("never executed", "not run"))


def test_a_fork_names_what_it_came_from():
    html = made(RAN | {"forked_from": "null-attention", "set": {"heads": 8}}, found("fresh"))
    assert "null-attention, with heads=8" in html


def test_long_runs_are_told_in_minutes():
    assert "in 5 min" in made(RAN | {"seconds": 299.0}, found("fresh"))


def test_text_is_escaped():
    html = made(RAN | {"where": "<b>&"}, found("stale", "<i> changed"), one="<u>")
    assert "&lt;b&gt;&amp;" in html
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>"))


def test_it_takes_what_execute_writes(ran):
    notebook = ran.read(ran.one)
    html = card(notebook, check(ran.one, ran.top), {})
    assert notebook.metadata.ideas.key in html


STUDY = """
from ideas_lib.study import Experiment, Prediction, Study

STUDY = Study(
    slug="my-idea",
    title="My idea",
    prediction=Prediction("more", "score", "new", "old", 0.1),
    experiments=(Experiment("task", ("new", "old"), measure=dict, seeds=(100, 101)),),
    reader=lambda arm, seed: {},
)
"""


def test_the_results_a_page_shows_say_which_code_measured_them(ran, monkeypatch):
    monkeypatch.setenv("IDEAS_ROOT", str(ran.top))
    assert standings(check(ran.one, ran.top)) == {}
    ran.notebook("one", "from ideas_lib import results\nresults.load('my-idea')")
    ran.write("studies/my_idea.py", STUDY)
    assert standings(check(ran.one, ran.top)) == {"my-idea": "Not measured yet."}
    record = dict.fromkeys(FIELDS) | {"experiment": "task", "stage": "pilot", "arm": "new"}
    record |= {"seed": 0, "settings": {}, "metrics": {}, "code_key": "another", "seal": ""}
    ran.write("results/my-idea.jsonl", json.dumps(record) + "\n")
    assert standings(check(ran.one, ran.top)) == {"my-idea": "Measured with earlier code."}
