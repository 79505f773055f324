import json
import os

import pytest

from ideas_lib import results
from ideas_lib.intervals import clopper_pearson, mean_t, wilson
from ideas_lib.measured import Measured
from ideas_lib.results import Results, load
from ideas_lib.study.records import FIELDS, BadResults, MissingResults
from ideas_lib.study.runner import run_study
from ideas_lib.study.study import load_study
from ideas_lib.verdict import paired, solved


def record(arm: str, seed: int, stage: str = "verdict", experiment: str = "main", **more) -> dict:
    settings = {"rate": 1.0} if experiment == "main" else {}
    line = dict.fromkeys(FIELDS) | {"experiment": experiment, "stage": stage, "settings": settings}
    study = load_study("toy")
    line |= {"arm": arm, "seed": seed, "code_key": study.code_key(), "seal": study.seal()}
    return line | {"metrics": {"score": seed / 100 + (arm == "idea"), "solved": 1} | more}


def write(toy, *records) -> None:
    toy.results.parent.mkdir(exist_ok=True)
    toy.results.write_text("".join(json.dumps(line) + "\n" for line in records))


def whole() -> list[dict]:
    return [record(arm, seed) for arm in ("none", "idea") for seed in range(100, 104)]


def test_what_was_not_measured_says_how_to(toy):
    assert not results.exists("toy")
    with pytest.raises(MissingResults, match=r"toy has not been measured: run `ideas run toy --st"):
        load("toy")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"study": "toy", "exper', "line 9: "),
        ("3", "line 9: it holds no run: 3"),
        ('"study"', "line 9: it holds no run"),
        ('{"study": "toy"}', "line 9: it lacks experiment, stage, arm"),
        ("", "line 9: "),
        ('{"score": NaN}', "line 9: it holds NaN, which is no number"),
    ],
)
def test_a_damaged_line_is_named(toy, line, words):
    write(toy, *whole())
    toy.results.write_text(toy.results.read_text() + line + "\n")
    with pytest.raises(BadResults, match=rf"results/toy\.jsonl, {words}"):
        load("toy")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"[" * 200_000, "line 9 is nested too deeply"),
        (b'{"a":' * 200_000, "line 9 is nested too deeply"),
        (b'{"arm": "caf\xe9"}', "line 9: byte 0xe9 is no UTF-8"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "line 9: Exceeds the limit"),
        (b"\0", "line 9: "),
    ],
)
def test_a_hostile_line_is_named(toy, line, words):
    write(toy, *whole())
    toy.results.write_bytes(toy.results.read_bytes() + line + b"\n")
    with pytest.raises(BadResults, match=rf"results/toy\.jsonl, {words}"):
        load("toy")


@pytest.mark.parametrize(
    ("field", "value"),
    [("metrics", []), ("settings", None), ("arm", {}), ("seed", "100"), ("code_key", [1])],
)
def test_a_field_of_another_kind_is_named(toy, field, value):
    write(toy, *whole(), record("none", 104) | {field: value})
    with pytest.raises(BadResults, match=rf"toy\.jsonl, line 9: its {field} cannot be"):
        load("toy")


def test_a_pipe_in_the_place_of_results_is_not_waited_for(toy):
    toy.results.parent.mkdir(exist_ok=True)
    os.mkfifo(toy.results)
    with pytest.raises(BadResults, match=r"toy\.jsonl is no plain file, but a FIFO"):
        load("toy")


@pytest.mark.parametrize("text", ["[" * 200_000, "[]", "3", '{"when": 3}', "\udcff"])
def test_a_damaged_confirmation_is_named(toy, text):
    write(toy, *[line | {"code_key": "earlier"} for line in whole()])
    file = toy.results.with_name("toy.confirmed.json")
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(BadResults, match=r"toy\.confirmed\.json is damaged"):
        load("toy").standing()


def test_a_run_that_stands_there_twice_is_named(toy):
    again = record("none", 101, score=9.0)
    write(toy, *whole(), again)
    with pytest.raises(BadResults, match=r"toy\.jsonl, line 9: the same run as line 2"):
        load("toy")
    write(toy, *whole(), again | {"stage": "pilot"}, again | {"settings": {"rate": 2.0}})
    assert len(load("toy").records) == 10


def test_an_empty_file_is_no_result(toy):
    write(toy)
    assert results.exists("toy")
    with pytest.raises(BadResults, match=r"results/toy\.jsonl is empty"):
        load("toy")


def test_select_and_frame_are_in_order_whatever_the_file_is(toy):
    write(
        toy, *reversed(whole()), record("idea", 0, "pilot"), record("none", 100, "verdict", "other")
    )
    found = load("toy")
    order = [(arm, seed) for arm in ("none", "idea") for seed in range(100, 104)]
    assert [(r["arm"], r["seed"]) for r in found.select("main")] == order
    assert [r["seed"] for r in found.select("main", arm="idea", seed=102)] == [102]
    assert len(found.select("main", "pilot")) == len(found.select("other")) == 1
    frame = found.frame("main")
    assert list(zip(frame["arm"], frame["seed"], strict=True)) == order
    assert frame["score"].tolist() == pytest.approx([1.0, 1.01, 1.02, 1.03, 2.0, 2.01, 2.02, 2.03])


def test_a_frame_has_settings_scalar_metrics_and_costs(toy):
    run_study("toy", jobs=1)
    frame = load("toy").frame("main")
    columns = ["arm", "seed", "rate", "score", "solved", "params", "flops", "seconds"]
    assert list(frame.columns) == columns
    assert len(frame) == 8
    assert frame["params"].tolist() == [7] * 8
    assert len(load("toy").frame("main", "pilot")) == 8
    with pytest.raises(KeyError, match="no experiment 'maine'; there are"):
        load("toy").frame("maine")


def test_values_of_every_arm_that_has_them_by_seed(toy):
    write(
        toy,
        record("idea", 101, score=2.0, curve=[[3.0, 4.0]]),
        record("idea", 100, score=1.0, curve=[[1.0, 2.0]]),
        record("none", 100, score=0.5),
        record("none", 0, "pilot", score=9.0, curve=[[9.0, 9.0]]),
    )
    found = load("toy")
    assert {arm: list(v) for arm, v in found.values("main", "score").items()} == {
        "none": [0.5],
        "idea": [1.0, 2.0],
    }
    curves = found.values("main", "curve")
    assert list(curves) == ["idea"]
    assert curves["idea"].tolist() == [[[1, 2]], [[3, 4]]]
    with pytest.raises(KeyError, match=r"no outcome 'speed' in 'main'; there are .*'score'"):
        found.values("main", "speed")


def test_tuning_is_the_mean_score_of_arms_by_settings(toy):
    pilots = [
        record(arm, seed, "pilot", settings={"rate": rate}, score=rate * (1 + seed))
        for arm in ("none", "idea")
        for rate in (2.0, 0.5)
        for seed in (0, 1)
    ]
    for line in pilots:
        line["settings"], line["metrics"] = line["metrics"].pop("settings"), line["metrics"]
    write(toy, *pilots, record("idea", 100))
    table = load("toy").tuning("main")
    assert list(table.index) == ["none", "idea"]
    assert table.loc["idea"].to_dict() == {"2": 3, "0.5": 0.75}


def test_arms_over_one_baseline(toy):
    scores = {"none": [0, 0, 1, 0], "idea": [1, 1, 1, 0]}
    write(toy, *(record(a, 100 + n, score=v) for a, vs in scores.items() for n, v in enumerate(vs)))
    found = load("toy")
    how = {"experiment": "main", "outcome": "score", "margin": 0.5}
    assert found.over("none", "idea", **how) == {
        "idea": found.compare("main", "score", "idea", "none", 0.5)
    }
    assert found.over("none", "idea", **how, solve_or_fail=True) == {
        "idea": solved(scores["idea"], scores["none"], 0.5)
    }


def test_the_verdict_is_paired_by_seed_whatever_the_order(toy):
    scores = {"none": [0.1, 0.5, 0.2, 0.9], "idea": [0.9, 1.1, 1.2, 1.8]}
    runs = [
        record(arm, 100 + at, score=value)
        for arm, values in scores.items()
        for at, value in enumerate(values)
    ]
    write(toy, *runs[:4], *reversed(runs[4:]), record("idea", 0, "pilot", score=-99.0))
    found = load("toy")
    assert found.verdict() == paired(scores["idea"], scores["none"], 0.5).decided()
    assert found.verdict().word == "supported"
    assert found.seeds() == 4
    turned = found.compare("main", "score", "none", "idea", 0.5, higher=False)
    assert turned == paired(scores["none"], scores["idea"], 0.5, higher=False)
    assert turned.effect == pytest.approx(found.verdict().effect)
    assert found.compare("main", "score", "none", "idea", 0.5).word == "worse"


def test_seeds_that_overlap_correct_every_interval_of_their_experiment(toy):
    toy.edit("seconds=30", "seconds=30, overlap=0.25")
    scores = {"none": [0.1, 0.5, 0.2, 0.9], "idea": [0.9, 1.1, 1.2, 1.8]}
    runs = [
        record(arm, 100 + at, experiment=name, score=value)
        for name in ("main", "other")
        for arm, values in scores.items()
        for at, value in enumerate(values[: 4 if name == "main" else 2])
    ]
    write(toy, *runs)
    found = load("toy")
    corrected = paired(scores["idea"], scores["none"], 0.5, overlap=0.25).decided()
    assert found.verdict() == corrected
    assert found.verdict().method == "corrected paired t"
    main = {"experiment": "main", "outcome": "score", "margin": 0.5}
    assert found.over("none", "idea", **main) == {"idea": corrected}
    assert found.compare("other", "score", "idea", "none", 0.5).method == "paired t"
    with pytest.raises(ValueError, match="the seeds of 'main' overlap: compare 'solved' without"):
        found.compare("main", "solved", "idea", "none", 0.5, solve_or_fail=True)


def test_a_prediction_that_lower_is_better_turns_the_sign(toy):
    toy.edit("margin=0.5)", "margin=0.5, higher=False)")
    write(toy, *whole())
    assert load("toy").verdict().effect == pytest.approx(-1.0)


def test_solve_or_fail_has_its_own_interval(toy):
    toy.edit(
        '"score", "idea", "none", margin=0.5', '"solved", "idea", "none", margin=0.5, solved=True'
    )
    won = {"none": [0, 0, 1, 0], "idea": [1, True, 1, 0]}
    runs = [
        record(arm, 100 + at, solved=value)
        for arm, values in won.items()
        for at, value in enumerate(values)
    ]
    write(toy, *runs)
    assert load("toy").verdict() == solved(won["idea"], won["none"], 0.5).decided()
    write(toy, *runs[:-1], record("idea", 103, solved=0.5))
    with pytest.raises(ValueError, match="idea holds 0.5: each run must be solved"):
        load("toy").verdict()


def measures(toy, *how: str) -> None:
    """Make the toy's study a measurement: of which arm, by what, with which interval."""
    words = "".join(f", {word!r}" for word in how)
    toy.edit(
        'prediction=Prediction("the idea helps", "score", "idea", "none", margin=0.5)',
        f"measurement=Measurement('How high?', 'score', 'idea', 'nats', 'Low.'{words})",
    )
    toy.edit("import Experiment,", "import Measurement, Experiment,")


def test_a_finding_is_the_verdict_where_something_was_predicted(toy):
    write(toy, *whole())
    assert load("toy").finding() == load("toy").verdict()


def test_a_measurement_by_seed_is_of_one_arm_in_the_deciding_experiment(toy):
    measures(toy)
    write(
        toy,
        *whole(),
        record("idea", 0, "pilot", score=-99.0),
        record("idea", 100, experiment="other", score=9),
    )
    found = load("toy").finding()
    scores = [seed / 100 + 1 for seed in range(100, 104)]
    assert found == Measured(*mean_t(scores), "nats", 4, "t")
    assert load("toy").seeds() == 4
    with pytest.raises(ValueError, match=r"toy predicts nothing: `finding\(\)` is"):
        load("toy").verdict()


def test_a_measurement_may_be_one_list_of_units_of_one_seed(toy):
    measures(toy, "problem", "wilson")
    toy.edit("seeds=(100, 101, 102, 103)", "seeds=(100,)")
    right = [1] * 81 + [0] * 182
    write(toy, record("none", 100), record("idea", 100, score=right))
    found = load("toy").finding()
    assert found == Measured(*wilson(81, 263), "nats", 263, "Wilson", independent="problem")
    toy.edit("'wilson'", "'clopper-pearson'")
    assert load("toy").finding().method == "Clopper-Pearson"
    assert load("toy").finding().low == clopper_pearson(81, 263)[1]


def test_a_measurement_of_units_in_several_seeds_is_over_units(toy):
    measures(toy, "package")
    lists = [[1.0, 5.0], [3.0, 5.0], [2.0, 8.0], [2.0, 6.0]]
    write(toy, *(record("idea", 100 + k, score=runs) for k, runs in enumerate(lists)))
    expected = Measured(*mean_t([2.0, 6.0]), "nats", 2, "t", independent="package")
    assert load("toy").finding() == expected
    named = [{"a": a, "b": [b, b]} for a, b in lists]
    named[0]["c"] = 10.0
    write(toy, *(record("idea", 100 + k, score=runs) for k, runs in enumerate(named)))
    found = load("toy").finding()
    assert (found.value, found.n) == (mean_t([2.0, 6.0, 10.0])[0], 3)


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (None, r"arm 'idea' of 'main' has no outcome 'score' for seeds \[103\]"),
        (0.5, "toy: 'score', which decides, must hold a number"),
        ([1.0, 2.0, 3.0], "toy: 'score' is in lists of 2 to 3 values: name each package"),
    ],
)
def test_a_measurement_that_the_records_do_not_bear_is_refused(toy, score, words):
    measures(toy, "package")
    write(
        toy,
        *(record("idea", seed, score=[1.0, 2.0]) for seed in (100, 101, 102)),
        record("idea", 103, score=score),
    )
    with pytest.raises(BadResults, match=words):
        load("toy").finding()


def test_means_are_of_every_arm(toy):
    write(toy, *whole(), record("idea", 0, "pilot", score=-99.0))
    means = load("toy").means("main", "score")
    assert list(means) == ["none", "idea"]
    assert means == pytest.approx({"none": 1.015, "idea": 2.015})
    with pytest.raises(KeyError, match="no outcome 'speed'"):
        load("toy").means("main", "speed")


def test_a_prediction_of_no_worse_has_its_own_rule(toy):
    toy.edit("margin=0.5", "margin=0.5, no_worse=True")
    scores = {"none": [1.0, 1.1, 1.2, 1.3], "idea": [0.9, 1.0, 1.1, 1.3]}
    write(toy, *(record(a, 100 + n, score=v) for a, vs in scores.items() for n, v in enumerate(vs)))
    found = load("toy").verdict()
    assert found == paired(scores["idea"], scores["none"], 0.5).decided(no_worse=True)
    assert (found.word, found.no_worse) == ("supported", True)
    plain = load("toy").compare("main", "score", "idea", "none", 0.6)
    assert plain.word == "within the margin", "any other comparison is by the book's rule"


@pytest.mark.parametrize(
    "other",
    [
        {"experiment": "other"},
        {"outcome": "loss"},
        {"idea": "none", "baseline": "idea"},
        {"margin": 0.4},
        {"higher": False},
        {"solve_or_fail": True},
    ],
)
def test_only_the_registered_comparison_is_a_verdict(toy, other):
    runs = [
        record(arm, seed, experiment=name, score=float(arm == "idea"), loss=seed / 100)
        for name in ("main", "other")
        for arm in ("none", "idea")
        for seed in range(100, 104)
    ]
    write(toy, *runs)
    found = load("toy")
    same = {"experiment": "main", "outcome": "score", "idea": "idea", "baseline": "none"}
    same["margin"] = 0.5
    assert found.compare(**same) == found.verdict()
    assert found.compare(**same).registered
    assert not found.compare(**(same | other)).registered


def test_runs_that_are_missing_are_named(toy):
    write(toy, *whole()[:-2])
    with pytest.raises(
        BadResults, match=r"arm 'idea' of 'main' has no number 'score' for seeds \[102, 103\]"
    ):
        load("toy").verdict()
    write(toy, *whole()[:-1], record("idea", 103, score=[1.0]))
    with pytest.raises(BadResults, match=r"no number 'score' for seeds \[103\]"):
        load("toy").verdict()


def test_an_arm_or_experiment_that_is_not_there_is_named(toy):
    write(toy, *whole())
    with pytest.raises(ValueError, match=r"'main' has no arm 'ideas'; it has \['none', 'idea'\]"):
        load("toy").compare("main", "score", "ideas", "none", 1.0)
    with pytest.raises(KeyError, match="no experiment 'x'"):
        load("toy").compare("x", "score", "idea", "none", 1.0)


def standing(toy) -> results.Standing:
    return load("toy").standing()


def test_the_standing_tells_todays_code_from_earlier(toy):
    write(toy, *whole())
    assert standing(toy) == results.Standing("current", True, "Measured with today's code.")
    toy.edit("SETTINGS =", "# only a comment\nSETTINGS =", commit=False)
    toy.edit('"""Score best', '"""Another docstring. Score best', commit=False)
    assert standing(toy).code == "current"
    toy.edit("noise=0.1", "noise=0.2", commit=False)
    assert standing(toy) == results.Standing("earlier", True, "Measured with earlier code.")


def test_one_run_of_earlier_code_is_enough(toy):
    write(toy, *whole()[:-1], whole()[-1] | {"code_key": "earlier"})
    assert standing(toy).code == "earlier"
    assert len(load("toy").code_keys) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("margin=0.5", "margin=0.4"),
        ('"the idea helps"', '"the idea helps a lot"'),
        ("seeds=(100, 101, 102, 103)", "seeds=(100, 101, 102)"),
        ('"score", "idea", "none"', '"solved", "idea", "none"'),
        ('"idea", "none", margin=0.5', '"none", "idea", margin=0.5'),
    ],
)
def test_a_prediction_that_moves_is_seen_to_have_moved(toy, old, new):
    run_study("toy", jobs=1)
    toy.edit(old, new)
    found = standing(toy)
    assert not found.sealed
    assert found.words == "Measured with earlier code; the prediction was changed after these runs."
    assert isinstance(load("toy"), Results), "the page can still be built, and says so"


def test_what_is_no_part_of_the_prediction_does_not_break_its_seal(toy):
    run_study("toy", jobs=1)
    toy.edit("seconds=30", "seconds=3, pilot_seeds=(0, 2)")
    toy.edit("    prediction=", "    # half\n    prediction=")
    assert standing(toy).sealed
    assert standing(toy).code == "earlier"
