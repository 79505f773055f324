"""The bottom line says what the results say, in the idea's unit, and no more than its word."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ideas_lib.ideas import IDEAS, Idea
from ideas_lib.measured import Measured
from ideas_lib.publish.first_screen.bottom import (
    NOT_MEASURED,
    BottomLine,
    Found,
    Unit,
    bottom_line,
    effect_words,
    find,
    line_of,
)
from ideas_lib.publish.first_screen.headline import Amount, pairs, spec_of
from ideas_lib.results import FIELDS, Results, exists, load
from ideas_lib.verdict import Verdict, decide

Make = Callable[..., Results]
TESTED = [idea for idea in IDEAS if exists(idea.slug)]
POINTS = Unit.of("points of accuracy", None)


def found_of(results: Results, idea: Idea) -> Found:
    p = results.study.prediction
    spec = spec_of(idea.slug)
    return Found(idea, results, results.finding(), Unit.of(idea.unit, p), spec)


def numbers(text: str) -> list[float]:
    """Return the effect, the interval's ends and the margin of a sentence."""
    sign = r"([+−]?[\d.]+)"
    last = r"(?:margin|predicted: worse by less than)"
    found = re.search(rf": {sign} [^(:]*\(95\xa0% interval {sign} to {sign}; {last} {sign}\)", text)
    assert found, text
    return [float(number.replace("−", "-")) for number in found.groups()]


@pytest.mark.parametrize("idea", TESTED, ids=lambda idea: idea.slug)
def test_each_idea_says_its_numbers_whatever_the_results_are(idea: Idea) -> None:
    real = load(idea.slug)
    p = real.study.prediction
    assert p
    swapped = {p.idea: p.baseline, p.baseline: p.idea}
    decides = real.study.experiments[0].name
    turned = Results(
        real.study,
        tuple(
            r | {"arm": swapped.get(r["arm"], r["arm"])} if r["experiment"] == decides else r
            for r in real.records
        ),
    )
    for results in (real, turned):
        what = results.finding()
        assert isinstance(what, Verdict)
        line = line_of(found_of(results, idea))
        assert line.word == what.word
        scale = 100 if idea.unit.startswith("points of ") else 1
        shown = numbers(line.finding)
        true = [scale * x for x in (what.effect, what.low, what.high, what.margin)]
        close = scale * (what.high - what.low) / 10
        assert shown == pytest.approx(true, abs=close)
        assert decide(*(x / scale for x in shown[1:]), p.no_worse) == what.word
        assert f" {idea.unit} (" in line.finding
        splits = "splits" if real.study.experiments[0].overlap else "seeds"
        assert line.finding.endswith(f", {what.n} {splits}.")
        for column in zip(*pairs(results), strict=True):  # both means, as the template has them
            assert format(Amount(sum(column) / len(column)), spec_of(idea.slug)) in line.finding
    assert bottom_line(idea.slug) == line_of(found_of(real, idea))


@pytest.mark.parametrize("idea", [i for i in TESTED if i.text], ids=lambda idea: idea.slug)
def test_what_became_of_an_idea_on_text_is_said_with_its_word(idea: Idea) -> None:
    results, (ours, rival) = load(idea.slug), idea.text
    loss = results.compare("language", "loss", ours, rival, 0.02, higher=False)
    line = bottom_line(idea.slug)
    assert line.language.startswith(f"On text “{ours}” over “{rival}” comes to ")
    assert line.language.endswith(f"; margin 0.02): {loss.comparison}.")
    shown = numbers(line.language.replace("comes to", ":").replace(" : ", ": "))
    assert shown[:3] == pytest.approx([loss.effect, loss.low, loss.high], abs=1e-3)
    assert line.language in line.text()


@pytest.mark.parametrize("idea", TESTED, ids=lambda idea: idea.slug)
def test_each_tested_idea_has_a_unit_and_says_what_its_finding_does_not(idea: Idea) -> None:
    assert idea.unit
    assert re.fullmatch(r"[A-Z][^\d]{60,220}\.", idea.beyond), idea.beyond
    assert not re.search(r"\b(supported|refuted|inconclusive|no difference)\b", idea.beyond)


def test_a_share_is_in_points_and_rounding_keeps_the_word() -> None:
    near = Verdict("inconclusive", 0.055, 0.04996, 0.06, 0.05, 8, "paired t")
    assert "+4.996 to +6.000; margin 5)" in effect_words(near, POINTS)
    wide = Verdict("inconclusive", 0.23, -0.51, 0.99, 0.05, 8, "paired t")
    assert effect_words(wide, POINTS) == (
        "+23 points of accuracy (95\xa0% interval −51 to +99; margin 5)"
    )
    none = Verdict("no difference", -0.0001, -0.01, 0.01, 0.05, 8, "paired t")
    assert effect_words(none, POINTS).startswith("0.0 points of accuracy (95\xa0% interval −1.0")


def test_no_more_than_no_worse_says_so() -> None:
    verdict = Verdict("supported", 0.0, -0.02, 0.02, 0.05, 8, "paired t", no_worse=True)
    assert effect_words(verdict, POINTS).endswith("+2.0; predicted: worse by less than 5)")


def test_without_a_unit_the_outcome_is_named_and_less_may_be_better(made: Make) -> None:
    loss = made("mine", [0.5, 0.6, 0.7], [1.5, 1.6, 1.8], outcome="loss", higher=False)
    finding = line_of(found_of(loss, Idea("mine", "trees", "Mine"))).finding
    assert finding == (
        "Loss of “with” 0.6, of “without” 1.63: +1.03 in loss, where less is better"
        " (95\xa0% interval +0.89 to +1.18; margin 0.1), 3 seeds."
    )


def test_arms_are_text_and_not_markup() -> None:
    line = BottomLine("refuted", "Score of “<b>” 1, of “a_b*” $2.", "Not more.")
    assert line.markdown() == r"**Refuted.** Score of “\<b>” 1, of “a\_b\*” \$2. Not more."
    assert line.text() == "Refuted: Score of “<b>” 1, of “a_b*” $2. Not more."


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with null-attention and a fork of it, neither of them measured."""
    for folder in ("ideas_lib", "chapters/transformers", "results", "studies"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").touch()
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    for slug in ("null-attention", "wider"):
        path = tmp_path / "studies" / f"{slug.replace('-', '_')}.py"
        path.write_text(STUDY.replace("SLUG", slug))
    fork = {"cells": [], "metadata": {"ideas": {"forked_from": "null-attention"}}}
    (tmp_path / "chapters/transformers/wider.ipynb").write_text(json.dumps(fork))
    return tmp_path


STUDY = """
from ideas_lib.study import Experiment, Prediction, Study

STUDY = Study(
    slug="SLUG",
    title="Null attention",
    prediction=Prediction("better", "accuracy", "key", "none", margin=0.05),
    experiments=(Experiment("count", ("none", "key"), dict, (100, 101)),),
    reader=dict,
)
"""


def write_results(checkout: Path, slug: str, results: Results) -> None:
    arms = {"with": "key", "without": "none"}
    lines = [
        json.dumps(dict(r) | {"experiment": "count", "arm": arms[r["arm"]]})
        for r in results.records
    ]
    (checkout / f"results/{slug}.jsonl").write_text("\n".join(lines))


@pytest.mark.usefixtures("in_points")
def test_a_fork_has_its_originals_unit_and_names_its_arms(checkout: Path, made: Make) -> None:
    assert bottom_line("wider") == BottomLine(NOT_MEASURED)
    assert BottomLine(NOT_MEASURED).markdown() == "**Not measured yet.**"
    assert BottomLine(NOT_MEASURED).text() == "Not measured yet."
    results = made("wider", [0.9, 0.92], [0.5, 0.5], outcome="accuracy")
    write_results(checkout, "wider", results)
    line = bottom_line("wider")
    assert line == BottomLine(
        "supported",
        "Accuracy of “key” 91\xa0%, of “none” 50\xa0%: +41 points of accuracy"
        " (95\xa0% interval +28 to +54; margin 5), 2 seeds.",
    )


def test_a_fork_that_measures_something_else_has_its_own_words(checkout: Path, made: Make) -> None:
    study = checkout / "studies/wider.py"
    study.write_text(study.read_text().replace('"accuracy"', '"nats"'))
    write_results(checkout, "wider", made("wider", [0.9, 0.92], [0.5, 0.5], outcome="nats"))
    assert bottom_line("wider").finding.startswith(
        "Nats of “key” 0.91, of “none” 0.5: +0.41 in nats (95"
    )


def test_a_measurement_leads_with_its_question(checkout: Path) -> None:
    study = checkout / "studies/null_attention.py"
    text = study.read_text()
    begin, end = text.index("    prediction"), text.index("    experiments")
    how = '    measurement=Measurement("How many words?", "w", "key", "words", "Fewer."),\n'
    text = text[:begin] + how + text[end:]
    study.write_text(text.replace("Prediction,", "Measurement,"))
    record = dict.fromkeys(FIELDS) | {"experiment": "count", "stage": "verdict", "settings": {}}
    record |= {"arm": "key"}
    lines = [json.dumps(record | {"seed": s, "metrics": {"w": s - 90}}) for s in (100, 101)]
    (checkout / "results/null-attention.jsonl").write_text("\n".join(lines))
    line = bottom_line("null-attention")
    assert line.word == Measured.word
    assert line.finding.startswith("How many words? 10.5 words, 95 % interval")
    assert line.beyond == IDEAS[3].beyond
    assert find("null-attention")
