from dataclasses import replace

import pytest

from ideas_lib.study.study import (
    Experiment,
    Prediction,
    Run,
    Study,
    UnknownStudy,
    load_study,
    slugs,
    study_file,
)


def measure(arm: str, seed: int, rate: float = 1.0) -> dict[str, float]:
    return {"score": seed * rate}


PREDICTION = Prediction("better", "score", "idea", "none", margin=0.5)
TUNED = Experiment(
    "main", ("none", "idea"), measure, (100, 101), grid=({"rate": 1}, {"rate": 2}), score="score"
)
STUDY = Study("toy", "Toy", PREDICTION, (TUNED,), reader=measure)


def test_tuning_is_every_setting_of_every_arm_on_pilot_seeds():
    pilots = list(TUNED.pilots())
    assert len(pilots) == len({run.id for run in pilots}) == 8
    assert pilots[0] == Run("main", "pilot", "none", 0, (("rate", 1),))
    assert {run.seed for run in pilots} == {0, 1}
    assert {run.stage for run in pilots} == {"pilot"}
    assert list(replace(TUNED, grid=({"rate": 1},)).pilots()) == []


def test_verdict_seeds_get_each_arms_own_settings():
    runs = list(TUNED.verdicts({"none": {"rate": 1}, "idea": {"b": 3, "a": 2}}))
    found = [(run.arm, run.seed, run.settings) for run in runs]
    none, idea = (("rate", 1),), (("a", 2), ("b", 3))
    assert found == [
        ("none", 100, none),
        ("none", 101, none),
        ("idea", 100, idea),
        ("idea", 101, idea),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"score": ""}, "'main' has a grid but no score to choose by"),
        ({"seeds": (99, 100)}, r"verdict seeds start at 100 .* got \[99\]"),
        ({"pilot_seeds": (0, 100)}, r"pilot seeds stay below; got \[100\]"),
        ({"overlap": -0.1}, r"'main': overlap=-0.1 must be n_test / n_train, or 0"),
        ({"overlap": float("nan")}, "overlap=nan must be n_test / n_train"),
    ],
)
def test_an_experiment_that_breaks_the_rules_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(TUNED, **change)


@pytest.mark.parametrize("margin", [0, -0.1, float("nan")])
def test_a_margin_must_be_above_zero(margin):
    with pytest.raises(ValueError, match=f"margin={margin} must be above 0"):
        replace(PREDICTION, margin=margin)


def test_a_prediction_is_about_arms_of_the_deciding_experiment():
    with pytest.raises(ValueError, match=r"names arms that toy lacks: \['idee'\]"):
        replace(STUDY, prediction=replace(PREDICTION, idea="idee"))
    other = Experiment("first", ("none", "x"), measure, (100,))
    with pytest.raises(ValueError, match=r"lacks: \['idea'\]"):
        replace(STUDY, experiments=(other, TUNED))


def test_solve_or_fail_needs_fresh_draws():
    won = replace(PREDICTION, solved=True)
    assert replace(STUDY, prediction=won).prediction.solved
    with pytest.raises(ValueError, match="toy is solve-or-fail on seeds that overlap"):
        replace(STUDY, prediction=won, experiments=(replace(TUNED, overlap=0.25),))


@pytest.mark.parametrize(
    "change",
    [
        {"claim": "worse"},
        {"outcome": "loss"},
        {"idea": "none", "baseline": "idea"},
        {"margin": 0.4},
        {"higher": False},
        {"solved": True},
        {"change_our_mind": "nothing"},
    ],
)
def test_the_seal_covers_all_of_the_prediction(change):
    assert replace(STUDY, prediction=replace(PREDICTION, **change)).seal() != STUDY.seal()


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"seeds": (100, 101, 102)}, True),
        ({"arms": ("none", "idea", "third")}, True),
        ({"name": "other"}, True),
        ({"overlap": 0.25}, True),
        ({"grid": ({"rate": 1},)}, False),
        ({"seconds": 1}, False),
    ],
)
def test_the_seal_covers_the_arms_and_seeds_that_decide(change, moves):
    found = replace(STUDY, experiments=(replace(TUNED, **change), TUNED))
    assert (found.seal() != STUDY.seal()) is moves


def test_a_seal_is_the_same_tomorrow():
    assert STUDY.seal() == replace(STUDY).seal() == "196ce4205e259d6c"


def test_an_experiment_is_found_by_its_name():
    assert STUDY.experiment("main") is TUNED
    with pytest.raises(KeyError, match=r"no experiment 'x'; there are \['main'\]"):
        STUDY.experiment("x")


def test_a_study_is_loaded_from_its_file(toy):
    study = load_study("toy")
    assert (study.slug, study_file("toy")) == ("toy", toy.study)
    assert study.reader("idea", 0)["score"] > study.reader("none", 0)["score"]
    toy.edit("margin=0.5", "margin=0.7", commit=False)
    assert load_study("toy").prediction.margin == 0.7, "as it stands, not as it was"


def test_slugs_are_files_without_underscore(toy):
    for name in ("two_words.py", "_private.py", "notes.txt"):
        (toy.path / "studies" / name).touch()
    assert slugs() == ("toy", "two-words")
    assert study_file("two-words").name == "two_words.py"


def test_a_study_that_is_not_there_is_named_with_those_that_are(toy):
    with pytest.raises(UnknownStudy, match="no study 'toys'; there are toy"):
        load_study("toys")
    toy.study.unlink()
    with pytest.raises(UnknownStudy, match="no study 'toy'; there are none"):
        load_study("toy")


def test_a_file_with_another_slug_is_refused(toy):
    toy.edit('slug="toy"', 'slug="top"', commit=False)
    with pytest.raises(ValueError, match=r"toy\.py defines the study 'top', not 'toy'"):
        load_study("toy")


def test_the_code_key_covers_the_file_and_what_it_imports(toy):
    key = load_study("toy").code_key()
    toy.edit("SETTINGS =", "# a comment\nSETTINGS =", commit=False)
    assert load_study("toy").code_key() == key
    (toy.path / "ideas_lib/__init__.py").write_text("")
    (toy.path / "ideas_lib/study.py").write_text("X = 1")
    changed = load_study("toy").code_key()
    assert changed != key
    (toy.path / "ideas_lib/results.py").write_text("X = 1")
    assert load_study("toy").code_key() == changed, "a study does not import that"
    toy.edit("noise=0.1", "noise=0.2", commit=False)
    assert load_study("toy").code_key() != changed
