import json

import pytest

from ideas_lib.results import load
from ideas_lib.study.confirmation import NotReproduced, confirm
from ideas_lib.study.records import BadResults, MissingResults, confirmation_file
from ideas_lib.study.runner import run_study
from ideas_lib.study.worker import RunsFailed


@pytest.fixture
def ran(toy):
    run_study("toy", jobs=1)
    return toy


def rewrite(toy, change) -> None:
    """Change every record of the results in place."""
    records = [json.loads(line) for line in toy.results.read_text().splitlines()]
    for record in records:
        change(record)
    toy.results.write_text("".join(json.dumps(record) + "\n" for record in records))


def elsewhere(record) -> None:
    record["machine"] = "another machine"


def test_one_seed_per_arm_is_run_again_and_found_the_same(ran, capsys):
    before = len(ran.log())
    ran.edit("noise = SETTINGS", "unused = 1\n    noise = SETTINGS", commit=False)
    assert load("toy").standing().words == "Measured with earlier code."
    said = confirm("toy", jobs=1)
    assert said == "toy: 4 runs, one seed per arm, reproduced identically."
    expected = ["none 100 0.1.", "idea 100 1.0.", "other none 100.", "other idea 100."]
    assert sorted(ran.log()[before:]) == sorted(expected), "each arm at its own best rate"
    found = json.loads(confirmation_file("toy").read_text())
    assert (found["worst"], found["identical"], found["runs"]) == (0, True, 4)
    standing = load("toy").standing()
    assert standing.code == "confirmed"
    assert standing.words.startswith("Measured with earlier code, confirmed identically with today")
    assert "confirming" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("score / (step + 1)", "score / (step + 1) + (step == 149)", "'curve' differs by 1"),
        ('"params": 7', '"params": 8', "'params' differs by 1"),
        ('"flops": 12', '"flops": 12, "more": 1', "'more' differs by inf"),
        ("[[score, 0.0]]", "[[score, 0.5]]", "'masses' differs by 0.5"),
        ("[[score, 0.0]]", "[[score]]", "'masses' differs by inf"),
        ("len(arm) / 3", "len(arm) / 3 + 1", "arm 'none', seed 100: 'loss' differs by 1"),
    ],
)  # fmt: skip
def test_on_the_same_machine_every_metric_must_be_the_same(ran, old, new, named):
    ran.edit(old, new, commit=False)
    with pytest.raises(NotReproduced) as error:
        confirm("toy", jobs=1)
    assert named in str(error.value)
    assert "`ideas run toy --study` measures it anew" in str(error.value)
    assert not confirmation_file("toy").exists()
    assert load("toy").standing().code == "earlier"


def test_releases_that_are_others_now_are_named(ran):
    rewrite(ran, lambda record: record["versions"].update(numpy="0.1"))
    ran.edit('"params": 7', '"params": 8', commit=False)
    with pytest.raises(NotReproduced, match=r"what was measured \(numpy 0.1 is [\d.]+ now\)\."):
        confirm("toy", jobs=1)


def test_on_another_machine_only_the_outcome_is_judged(ran):
    rewrite(ran, elsewhere)
    ran.edit('"score": score,', '"score": score + 0.04,', commit=False)
    ran.edit("seed + len(arm) / 3", "seed + len(arm) / 3 + 9", commit=False)
    said = confirm("toy", jobs=1)
    assert "reproduced on another machine: 'score' is within 0.04, where 0.05 is allowed" in said
    assert "differ, most of all experiment 'other', arm" in said
    assert "'loss' differs by 9" in said
    found = json.loads(confirmation_file("toy").read_text())
    assert found["worst"] == pytest.approx(0.04, abs=1e-5)
    assert found["identical"] is False
    assert "confirmed within 0.05 with today's on 2" in load("toy").standing().words


def test_where_a_server_measures_only_the_outcome_is_judged(ran):
    asks = "def asks():\n    from ideas_lib.lm.serving.server import local\n"
    package = ran.path / "ideas_lib/lm/serving"
    package.mkdir(parents=True)
    for folder in (package, package.parent, package.parents[1]):
        (folder / "__init__.py").touch()
    (package / "server.py").touch()
    ran.edit('"params": 7', '"params": 8', commit=False)
    with pytest.raises(NotReproduced):
        confirm("toy", jobs=1)
    ran.edit("STUDY = ", f"{asks}\n\nSTUDY = ", commit=False)
    assert "reproduced by a server: 'score' is within 0," in confirm("toy", jobs=1)
    ran.edit('"score": score,', '"score": score + 0.06,', commit=False)
    with pytest.raises(NotReproduced, match="'score' differs by 0.06"):
        confirm("toy", jobs=1)


def test_on_another_machine_the_outcome_must_be_within_the_tolerance(ran):
    rewrite(ran, elsewhere)
    ran.edit('"score": score,', '"score": score + 0.06,', commit=False)
    with pytest.raises(NotReproduced) as error:
        confirm("toy", jobs=1)
    assert str(error.value).count("'score' differs by 0.06") == 2
    assert "'loss'" not in str(error.value)


def test_a_confirmation_is_of_the_results_it_was_made_of(ran):
    ran.edit("noise=0.1", "noise=0.1 + 0.0")
    confirm("toy", jobs=1)
    assert load("toy").standing().code == "confirmed"
    rewrite(ran, lambda record: record.update(when="later"))
    assert load("toy").standing().code == "earlier"
    run_study("toy", jobs=1)
    assert not confirmation_file("toy").exists()
    assert load("toy").standing().code == "current"


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"code_key": "x"'])
def test_a_damaged_confirmation_is_named(ran, text):
    ran.edit("noise=0.1", "noise=0.1 + 0.0", commit=False)
    confirmation_file("toy").write_text(text)
    with pytest.raises(BadResults, match=r"results/toy\.confirmed\.json is damaged .*--confirm"):
        load("toy").standing()


def test_a_run_that_fails_is_named_and_nothing_is_confirmed(ran):
    ran.ask(**{"raise": "idea 100"})
    with pytest.raises(RunsFailed, match=r"toy: 2 of 4 runs failed. experiment 'main', arm 'idea'"):
        confirm("toy", jobs=1)
    assert not confirmation_file("toy").exists()


def test_results_that_lack_a_run_cannot_be_confirmed(ran):
    lines = ran.results.read_text().splitlines(keepends=True)
    ran.results.write_text("".join(line for line in lines if '"seed": 100' not in line))
    with pytest.raises(BadResults, match="lacks experiment 'main', arm 'none', seed 100"):
        confirm("toy", jobs=1)


def test_what_was_not_measured_cannot_be_confirmed(toy):
    with pytest.raises(MissingResults, match="`ideas run toy --study`"):
        confirm("toy")


def test_a_measurement_is_reproduced_when_the_mean_over_units_is(toy):
    toy.edit(
        'prediction=Prediction("the idea helps", "score", "idea", "none", margin=0.5)',
        "measurement=Measurement('How many?', 'right', 'idea', 'of all', 'None could be.', 'task')",
    )
    toy.edit("import Experiment,", "import Measurement, Experiment,")
    right = [0, 1] * 50
    toy.edit('"score": score,', f'"score": score, "right": {right},')
    run_study("toy", jobs=1)
    assert load("toy").finding().n == 100
    assert confirm("toy", jobs=1).endswith("reproduced identically.")
    rewrite(toy, elsewhere)
    toy.edit(f"{right}", f"{right[:96] + [0] * 4}", commit=False)
    said = confirm("toy", jobs=1)
    assert "on another machine: 'right' is within 0.02, where 0.05 is allowed" in said
    assert json.loads(confirmation_file("toy").read_text())["identical"] is False
    toy.edit(f"{right[:96] + [0] * 4}", f"{right[:80] + [0] * 20}", commit=False)
    with pytest.raises(NotReproduced) as error:
        confirm("toy", jobs=1)
    assert str(error.value).count("'right' differs by 0.1") == 1, "in the arm that is measured"


def test_far_from_it_on_another_machine_the_earlier_code_decides(ran, capsys):
    """The records are moved, as another processor moves them; the code in git is the same."""
    (ran.path / ".gitignore").write_text("/.work\n__pycache__\n")
    (ran.path / "ideas_lib/kept").touch()
    commit = ran.commit()

    def moved(record) -> None:
        elsewhere(record)
        record["commit"] = commit
        if "score" in record["metrics"]:
            record["metrics"]["score"] += 3

    rewrite(ran, moved)
    ran.edit("noise = SETTINGS", "unused = 1\n    noise = SETTINGS", commit=False)
    said = confirm("toy", jobs=1)
    assert "the code that measured it was run here too, and gives the same to the last" in said
    found = json.loads(confirmation_file("toy").read_text())
    assert list(found["like_earlier"].values()) == [2], "the two runs that were too far"
    standing = load("toy").standing()
    assert standing.code == "confirmed"
    assert "gives the same as today's to the last digit on another machine" in standing.words
    assert "running the earlier code" in capsys.readouterr().err


def test_code_that_does_otherwise_is_found_by_the_earlier_code(ran):
    rewrite(ran, elsewhere)
    ran.edit('"score": score,', '"score": score + 3,', commit=False)
    with pytest.raises(NotReproduced, match=r"arm 'none', seed 100.*'score' differs by 3"):
        confirm("toy", jobs=1)


def test_earlier_code_that_is_not_there_decides_nothing(ran, capsys):
    rewrite(ran, elsewhere)
    rewrite(ran, lambda record: record.update(commit="0" * 40))
    ran.edit('"score": score,', '"score": score + 3,', commit=False)
    with pytest.raises(NotReproduced, match="'score' differs by 3"):
        confirm("toy", jobs=1)
    assert "git has no commit 000000000000" in capsys.readouterr().err
