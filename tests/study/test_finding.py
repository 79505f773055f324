"""Predictions and measurements: what they refuse, what their seals cover, how units are read."""

from dataclasses import replace

import pytest

from ideas_lib.measured import measure_units
from ideas_lib.study.finding import INTERVALS, Measurement, Prediction
from ideas_lib.study.study import Experiment, Study

PREDICTION = Prediction("better", "score", "idea", "none", margin=0.5)
MEASUREMENT = Measurement("How high is it?", "score", "idea", "points", "It could be low.")
PACKAGES = replace(MEASUREMENT, independent="package")


def measure(arm: str, seed: int) -> dict[str, float]:
    return {"score": seed}


STUDY = Study(
    "toy",
    "Toy",
    measurement=MEASUREMENT,
    experiments=(Experiment("main", ("none", "idea"), measure, (100, 101)),),
    reader=measure,
)


@pytest.mark.parametrize("confidence", [0, 1, -0.2, 70, float("nan")])
def test_confidence_is_a_probability(confidence):
    with pytest.raises(ValueError, match=f"confidence={confidence} must lie between 0 and 1"):
        replace(PREDICTION, confidence=confidence)


def test_what_came_later_leaves_no_trace_in_a_promise_until_it_is_used():
    first = {"claim", "outcome", "idea", "baseline", "margin", "higher", "solved"}
    assert set(PREDICTION.promise()) == first | {"change_our_mind"}
    used = replace(PREDICTION, confidence=0.7, no_worse=True).promise()
    assert (used["confidence"], used["no_worse"]) == (0.7, True)


@pytest.mark.parametrize("change", [{"confidence": 0.7}, {"no_worse": True}])
def test_a_seal_covers_confidence_and_no_worse(change):
    study = replace(STUDY, measurement=None, prediction=PREDICTION)
    changed = replace(study, prediction=replace(PREDICTION, **change))
    assert changed.seal() != study.seal() == "196ce4205e259d6c"


@pytest.mark.parametrize(
    "change",
    [
        {"question": "How low?"},
        {"outcome": "loss"},
        {"arm": "none"},
        {"unit": "nats"},
        {"could_differ": "No."},
        {"independent": "package"},
        {"interval": "wilson"},
    ],
)
def test_a_seal_covers_all_of_a_measurement(change):
    assert replace(STUDY, measurement=replace(MEASUREMENT, **change)).seal() != STUDY.seal()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"could_differ": " "}, "a measurement needs could_differ"),
        ({"question": ""}, "a measurement needs question"),
        ({"independent": ""}, "a measurement needs independent"),
        ({"interval": "wald"}, "interval='wald' is none of t, wilson, clopper-pearson"),
    ],
)
def test_a_measurement_says_all_it_must(change, words):
    with pytest.raises(ValueError, match=words):
        replace(MEASUREMENT, **change)


def test_a_study_has_a_prediction_or_a_measurement():
    assert STUDY.finding is MEASUREMENT
    assert replace(STUDY, measurement=None, prediction=PREDICTION).finding is PREDICTION
    with pytest.raises(ValueError, match="toy must have a prediction or a measurement: it has bo"):
        replace(STUDY, prediction=PREDICTION)
    with pytest.raises(ValueError, match="it has neither"):
        replace(STUDY, measurement=None)


def test_a_measurement_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match=r"the measurement names arms that toy lacks: \['x'\]"):
        replace(STUDY, measurement=replace(MEASUREMENT, arm="x"))
    one = (replace(STUDY.experiments[0], seeds=(100,)),)
    with pytest.raises(ValueError, match="toy has one seed, which gives no interval"):
        replace(STUDY, experiments=one)
    assert replace(STUDY, experiments=one, measurement=PACKAGES)
    with pytest.raises(ValueError, match="measured on seeds that overlap"):
        replace(STUDY, experiments=(replace(STUDY.experiments[0], overlap=0.25),))


@pytest.mark.parametrize(
    ("how", "runs", "units"),
    [
        (MEASUREMENT, {100: 0.5, 101: 1}, {"100": [0.5], "101": [1]}),
        (PACKAGES, {100: [1, 0, 1]}, {"0": [1], "1": [0], "2": [1]}),
        (PACKAGES, {100: [1, 0], 101: [0, 0]}, {"0": [1, 0], "1": [0, 0]}),
        (PACKAGES, {100: {"a": 1, "b": [2, 3]}, 101: {"a": 5}}, {"a": [1, 5], "b": [2, 3]}),
    ],
)
def test_units_have_their_values_of_all_runs(how, runs, units):
    assert how.units(runs) == units


@pytest.mark.parametrize(
    ("how", "found", "words"),
    [
        (MEASUREMENT, [1, 2], r"'score', which decides, must be a number: got \[1, 2\]"),
        (MEASUREMENT, None, "must be a number: got None"),
        (PACKAGES, 0.5, "must hold a number, or a list of them, for each package: got 0.5"),
        (PACKAGES, [], r"for each package: got \[\]"),
        (PACKAGES, {"a": []}, "for each package"),
        (PACKAGES, {"a": {"b": 1}}, "for each package"),
        (PACKAGES, [1, "x"], "for each package"),
        (PACKAGES, None, "for each package: got None"),
    ],
)
def test_what_holds_no_values_of_units_is_refused(how, found, words):
    with pytest.raises(TypeError, match=words):
        how.units({100: found})


def test_places_in_lists_of_several_lengths_name_no_units():
    with pytest.raises(ValueError, match="in lists of 2 to 3 values: name each package"):
        PACKAGES.units({100: [1, 2], 101: [1, 2, 3]})


@pytest.mark.parametrize("interval", INTERVALS)
def test_every_interval_that_may_be_asked_for_can_be_worked_out(interval):
    assert replace(MEASUREMENT, interval=interval).interval == interval
    assert measure_units({"a": [0], "b": [1], "c": [1]}, interval=interval).n == 3
