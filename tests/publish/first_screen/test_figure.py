"""The figure of an effect is to scale, says itself in words, and needs no colour of the page."""

import dataclasses
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from ideas_lib.ideas import IDEAS, Idea
from ideas_lib.publish.first_screen.bottom import Found, Unit, bottom_line
from ideas_lib.publish.first_screen.figure import drawn, figure_svg
from ideas_lib.publish.first_screen.headline import spec_of
from ideas_lib.results import Results, exists
from ideas_lib.study.finding import Measurement
from ideas_lib.study.study import Study

Make = Callable[..., Results]
TESTED = [idea for idea in IDEAS if exists(idea.slug)]


def found_of(results: Results, unit: str = "points of accuracy", slug: str = "") -> Found:
    p = results.study.prediction
    return Found(
        Idea("mine", "trees", "Mine"), results, results.finding(), Unit.of(unit, p), spec_of(slug)
    )


def shapes(svg: str, kind: str) -> list[dict[str, str]]:
    """Return the attributes of the elements of a kind."""
    return [e.attrib for e in ElementTree.fromstring(svg).iter() if e.tag.endswith(kind)]


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


@pytest.mark.parametrize("idea", TESTED, ids=lambda idea: idea.slug)
def test_each_idea_has_a_figure_within_its_frame_that_says_what_the_bottom_line_says(
    idea: Idea,
) -> None:
    svg = figure_svg(idea.slug)
    effect = bottom_line(idea.slug).finding.rpartition(": ")[2].rpartition(",")[0]
    label = ElementTree.fromstring(svg).attrib["aria-label"]
    assert effect in label
    assert len(label) > 150
    places = [percent(v) for v in re.findall(r' (?:c?x[12]?)="([^"]+)"', svg)]
    assert min(places) == 0
    assert max(places) == 100
    assert not re.search(r"#[0-9a-f]{3}|rgb|class=\"(?!fs-figure)", svg)
    for text in ElementTree.fromstring(svg).iter("text"):
        assert len(text.text or "") <= 55, "it would not fit a phone"


def test_pairs_are_joined_and_to_scale(made: Make) -> None:
    svg = drawn(found_of(made("mine", [0.8, 0.9, 0.9], [0.5, 0.5, 0.7], 0.05)))
    dots = shapes(svg, "circle")
    filled = [percent(d["cx"]) for d in dots if d["stroke"] == "none"]
    hollow = [percent(d["cx"]) for d in dots if d["stroke"] != "none"]
    assert hollow == [3, 3, 50]
    assert filled[:3] == [73.5, 97, 97]
    joined = [d for d in shapes(svg, "line") if d.get("stroke-opacity") == ".35"]
    assert [(percent(d["x1"]), percent(d["x2"])) for d in joined] == [(73.5, 3), (97, 3), (97, 50)]
    equal = [d["cy"] for d in dots if d["cx"] == "97.0%"]
    assert len(set(equal)) == 2, "equal values do not hide one another"


@pytest.mark.parametrize(("higher", "ahead"), [(True, 3), (False, 0)])
def test_the_interval_stands_to_the_band_as_to_the_margin(
    made: Make, higher: bool, ahead: int
) -> None:
    found = found_of(made("mine", [0.8, 0.9, 0.9], [0.5, 0.5, 0.7], 0.05, higher=higher))
    svg = drawn(found)
    band = shapes(svg, "rect")[0]
    line = next(
        d for d in shapes(svg, "line") if d.get("stroke-width") == "3" and d["x1"] != d["x2"]
    )
    per_margin = percent(band["width"]) / 2
    zero = percent(band["x"]) + per_margin
    assert zero == pytest.approx(50, abs=0.02)
    for end, value in (("x1", found.finding.low), ("x2", found.finding.high)):
        assert (percent(line[end]) - zero) / per_margin == pytest.approx(value / 0.05, rel=0.02)
    assert f"The idea is ahead in {ahead}." in svg


def test_logarithms_are_labelled_as_what_they_are_of() -> None:
    svg = figure_svg("partial-residual")
    assert ">loss, log scale, where less is better<" in svg
    assert ">0.012<" in svg


def test_means_are_on_the_scale_of_their_axis(made: Make) -> None:
    found = found_of(made("mine", [8.0, 9.0], [3.0, 4.0], outcome="halvings"))
    svg = drawn(dataclasses.replace(found, spec="log2 .3g"))
    assert "with (idea): mean 8.5<" in svg
    assert "from 8 to 9" in svg


def test_names_are_text_and_long_ones_are_cut(made: Make) -> None:
    results = made("mine", [1.0, 1.0], [1.0, 1.0], 0.05, outcome="<b> & co")
    svg = drawn(found_of(results, ""))
    assert "&lt;b&gt; &amp; co" in svg
    assert ElementTree.fromstring(svg) is not None


def test_alone_it_brings_its_own_colours() -> None:
    svg = figure_svg("null-attention", standalone=True)
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert int(root.attrib["width"]) == 640
    assert root.attrib["color"] != root[0].attrib["fill"] == "#ffffff"


@pytest.mark.parametrize(
    ("how", "rings"),
    [
        (Measurement("How much?", "score", "with", "words", "Less."), 3),
        (Measurement("How much?", "score", "with", "words", "Less.", "package"), 2),
    ],
)
def test_a_measurement_has_a_ring_for_each_unit(made: Make, how: Measurement, rings: int) -> None:
    run = [0.5, 0.6, 0.9] if how.by_seed else [{"a": 1, "b": 2}] * 3
    real = made("mine", run, run)
    study = Study(
        "mine", "Toy", measurement=how, experiments=real.study.experiments, reader=real.study.reader
    )
    svg = drawn(found_of(Results(study, real.records), how.unit))
    assert sum(d["stroke"] != "none" for d in shapes(svg, "circle")) == rings
    assert "Measured: " in svg


def test_without_results_there_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ideas_lib.results.exists", lambda slug: False)
    assert figure_svg("causal-mask") == ""
