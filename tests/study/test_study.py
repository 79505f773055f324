import importlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ideas_lib.results import load
from ideas_lib.study.finding import Prediction
from ideas_lib.study.provenance import Unsealed
from ideas_lib.study.runner import run_study
from ideas_lib.study.study import (
    Experiment,
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
STUDY = Study("toy", "Toy", prediction=PREDICTION, experiments=(TUNED,), reader=measure)


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


PARTS = """from ideas_lib.study import Experiment, Prediction, Study
from studies.my_toy.parts import BEST
from studies.my_toy.deeper.still import MORE

SETTINGS = dict()

def measure(arm, seed):
    from studies.my_toy.late import SHIFT
    return {"score": BEST[arm] + MORE + SHIFT}

STUDY = Study("my-toy", "Toy", prediction=Prediction("better", "score", "idea", "none", 0.5),
    experiments=(Experiment("main", ("none", "idea"), measure, (100, 101)),), reader=measure)
"""


@pytest.fixture
def package(toy, monkeypatch):
    """A study of parts; Python may write bytecode, and finds the checkout by IDEAS_ROOT alone."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    folder = toy.path / "studies/my_toy"
    (folder / "deeper").mkdir(parents=True)
    (folder / "__init__.py").write_text(PARTS)
    (folder / "parts.py").write_text("BEST = {'none': 0, 'idea': 1}")
    (folder / "late.py").write_text("SHIFT = 0.25")
    (folder / "deeper/__init__.py").touch()
    (folder / "deeper/still.py").write_text("MORE = 2")
    toy.commit()
    # Nothing on the path holds a folder `studies`.
    elsewhere = [place for place in sys.path if not (Path(place or ".") / "studies").is_dir()]
    monkeypatch.setattr(sys, "path", elsewhere)
    monkeypatch.delitem(sys.modules, "studies", raising=False)
    return folder


def test_a_study_may_be_a_package(package):
    assert slugs() == ("my-toy", "toy")
    assert study_file("my-toy") == package / "__init__.py"
    study = load_study("my-toy")
    assert study.reader("idea", 0) == {"score": 3.25}
    assert sys.modules["studies.my_toy"].STUDY is study
    assert sys.modules["studies.my_toy.parts"].__file__ == str(package / "parts.py")


def test_parts_of_a_study_are_as_they_stand_when_it_is_loaded(package):
    for number in range(5, 9):  # within a second, and of the same size
        (package / "late.py").write_text(f"SHIFT = 0.{number}0")
        (package / "parts.py").write_text(f"BEST = {{'none': 0, 'idea': {number}}}")
        (package / f"new{number}.py").write_text(f"x = {number}")
        found = load_study("my-toy").reader("idea", 0)["score"]
        assert found == pytest.approx(number + 2 + number / 10)
        late = importlib.import_module(f"studies.my_toy.new{number}")
        assert late.x == number
    assert not list(package.rglob("*.pyc"))


def test_parts_come_from_the_checkout_that_the_study_was_loaded_from(package, monkeypatch):
    other = package.parents[1] / "other"
    for folder in ("studies", "ideas_lib"):
        (other / folder).mkdir(parents=True)
    (other / "_toc.yml").touch()
    shutil.copytree(package, other / "studies/my_toy")
    (other / "studies/my_toy/parts.py").write_text("BEST = {'none': 0, 'idea': 10}")
    here = load_study("my-toy")
    monkeypatch.setenv("IDEAS_ROOT", str(other))
    assert load_study("my-toy").reader("idea", 0) == {"score": 12.25}
    monkeypatch.setenv("IDEAS_ROOT", str(package.parents[1]))
    assert load_study("my-toy").reader("idea", 0) == here.reader("idea", 0) == {"score": 3.25}


def test_a_package_is_run_by_worker_processes(package, monkeypatch):
    monkeypatch.chdir(package)
    monkeypatch.delenv("IDEAS_ROOT")
    run_study("my-toy", jobs=2)
    scores = load("my-toy").values("main", "score")
    assert {arm: list(found) for arm, found in scores.items()} == {
        "none": [2.25, 2.25],
        "idea": [3.25, 3.25],
    }


def test_all_parts_of_a_package_are_committed_before_it_is_run(package):
    (package / "late.py").write_text("SHIFT = 0.5")
    with pytest.raises(Unsealed, match="studies/my_toy is not committed as it stands"):
        run_study("my-toy", jobs=1)


def test_a_part_that_is_missing_is_named(package):
    (package / "parts.py").unlink()
    with pytest.raises(ModuleNotFoundError, match=r"studies\.my_toy\.parts"):
        load_study("my-toy")


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
