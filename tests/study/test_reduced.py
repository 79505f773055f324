"""A reduced study: a share of everything, kept apart, and never a verdict."""

import json

import pytest

from ideas_lib.results import BadResults, MissingResults, load
from ideas_lib.study import load_study, slugs
from ideas_lib.study.reduced import plan, reduce_checkout, run_reduced, scaled
from ideas_lib.verdict import COMPARISONS, WORDS

STEPS = """SETTINGS = dict(noise=0.1, steps=400, reader_steps=90)
MORE = {"pilot_epochs": 10, "heads": 8}


def unused(iterations: int = 7, *, steps: int = 1) -> None:
    print(iterations, steps, SETTINGS["steps"])
"""


def test_it_runs_a_share_and_says_so_and_leaves_the_study_alone(
    toy, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.edit("SETTINGS = dict(noise=0.1)", STEPS, commit=False)  # nothing need be committed
    text = toy.study.read_text()
    said = run_reduced("toy", 0.5, jobs=1)
    assert said.startswith("toy, reduced to 0.5, no verdict: score, idea minus none: +")
    assert not any(word in said for word in (*WORDS, *COMPARISONS) if word != "no difference")
    err = capsys.readouterr().err
    assert "toy, reduced to 0.5: a rehearsal, no verdict" in err
    assert "steps: 400 to 200 (studies/toy.py, line 15)" in err
    assert "pilot_epochs: 10 to 5" in err
    assert "iterations: 7 to 4" in err
    assert "reader_steps" not in err
    assert "main: 2 of 2 arms (none; idea), 2 of 4 seeds, 1 of 2 settings" in err
    assert "steps are not scaled in main, other" in err
    assert toy.study.read_text() == text
    assert not toy.results.exists()
    with pytest.raises(MissingResults):
        load("toy")
    made = toy.path / ".work/toy/reduced-0.5/results/toy.jsonl"
    records = [json.loads(line) for line in made.read_text().splitlines()]
    assert {(r["arm"], r["seed"]) for r in records} == {
        (arm, seed) for arm in ("none", "idea") for seed in (100, 101)
    }
    assert {r["reduced"] for r in records} == {0.5}
    toy.results.parent.mkdir()
    toy.results.write_bytes(made.read_bytes())
    with pytest.raises(BadResults, match="line 1: a run reduced to 0.5, which decides nothing"):
        load("toy")


def test_it_resumes(toy) -> None:
    log = toy.path / ".work/toy/reduced-0.5/log.txt"
    run_reduced("toy", 0.5, jobs=1)
    begun = log.read_text()
    run_reduced("toy", 0.5, jobs=1)
    assert log.read_text() == begun


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
def test_a_share_lies_between_nothing_and_all(toy, share: float) -> None:
    with pytest.raises(ValueError, match="as 0.25 is"):
        reduce_checkout("toy", share)


@pytest.mark.parametrize("slug", slugs())
def test_every_study_of_the_book_can_be_reduced(slug: str) -> None:
    study = load_study(slug)
    less = scaled(study, 0.25)
    for was, now in zip(study.experiments, less.experiments, strict=True):
        for part in ("arms", "seeds", "grid", "pilot_seeds"):
            whole, kept = getattr(was, part), getattr(now, part)
            assert [each for each in whole if each in kept] == list(kept), "some, in order"
        assert set(was.arms) & set(study.finding.arms) <= set(now.arms)
        # One seed stands where nothing is drawn.
        assert 2 <= len(now.seeds) < len(was.seeds) or now.seeds == was.seeds[:1] == was.seeds
    lines = list(plan(slug, 0.25))
    assert lines[0] == f"{slug}, reduced to 0.25: a rehearsal, no verdict"
    steps = [line for line in lines if " steps: " in line or " epochs: " in line]
    assert steps or "steps are not scaled" in lines[-1]
