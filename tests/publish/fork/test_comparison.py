"""Fork beside original: the rule is the book's, the question is whether the idea still helps."""

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from ideas_lib import verdict
from ideas_lib.intervals import mean_t, paired_t
from ideas_lib.measured import Measured
from ideas_lib.publish.fork import readers
from ideas_lib.publish.fork.comparison import compare_fork, make_runs
from ideas_lib.publish.fork.effects import Side
from ideas_lib.publish.fork.fork_answer import ForkComparison
from ideas_lib.publish.fork.forking import fork
from ideas_lib.publish.fork.readers import Incomparable, _in_time
from ideas_lib.study.study import UnknownStudy, load_study

TOYBOOK = Path(__file__).resolve().parents[2] / "toybook"
LOSS = 'return {"loss": SETTINGS["shift"] + noise * SETTINGS["rate"] * factor}'


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = tmp_path / "book"
    shutil.copytree(TOYBOOK, top)
    monkeypatch.setenv("IDEAS_ROOT", str(top))
    return top


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def read(slug: str, arm: str, seeds: range) -> list[float]:
    """Return what the reader gives, to the six digits that are kept of it."""
    study = load_study(slug)
    return [float(f"{study.reader(arm, seed)['loss']:.6g}") for seed in seeds]


def test_identical_code_has_a_difference_of_exactly_nothing(book: Path) -> None:
    fork("plain", "mine")
    found = compare_fork("mine", "plain", jobs=1)
    apart = found.difference
    assert (apart.effect, apart.low, apart.high) == (0, 0, 0)
    assert found.fork.found == found.original.found
    assert found.diff == ""
    assert found.settings == {}
    words = found.words()
    assert "| fork minus original | 0.00 | 0.00 to 0.00 | within the margin |" in words
    assert "Settings: none differs." in words
    assert "Code: the same, but for the name." in words
    assert "Parameters: not reported by these runs." in words
    assert "which is still plain's" in words


def test_idea_minus_baseline_is_compared_and_lower_is_better_where_predicted(book: Path) -> None:
    fork("plain", "mine", ["rate=0.25", "shift=0.01"])
    found = compare_fork("mine", "plain", jobs=1)
    seeds = range(16)
    effects = {}
    for slug, side in (("mine", found.fork), ("plain", found.original)):
        idea, baseline = (read(slug, arm, seeds) for arm in ("plain", "none"))
        assert side.found == verdict.paired(idea, baseline, 0.1, higher=False)
        assert side.arms == ("plain", "none")
        effects[slug] = [b - a for a, b in zip(idea, baseline, strict=True)]
        assert list(side.values.values()) == effects[slug]
    apart = found.difference
    assert (apart.effect, apart.low, apart.high) == paired_t(effects["mine"], effects["plain"])
    assert found.original.found.comparison == "better", "a lower loss was predicted, and came"
    assert apart.effect < 0, "and comes less where the rate is lower"
    assert found.settings == {"rate": (0.5, 0.25), "shift": (0.0, 0.01)}
    assert '-SETTINGS = {"rate": 0.5, "shift": 0.0}' in found.diff
    assert '+SETTINGS = {"rate": 0.25, "shift": 0.01}' in found.diff
    assert "slug" not in found.diff, "a name is no difference"


def test_text_for_a_terminal_says_the_same_and_marks_only_the_diff(book: Path) -> None:
    fork("plain", "mine", ["rate=0.25"])
    found = compare_fork("mine", "plain", jobs=1)
    lines = found.plain().splitlines()
    assert lines[0] == "mine, a fork of plain: plain minus none, loss"
    words = found.words()
    for line in lines[1:4]:
        (low, high) = re.search(r"\[ *(\S+), +(\S+)\]", line).groups()
        assert f"| {low} to {high} |" in words
    assert any("changed: rate: 0.5 \u2192 0.25" in line for line in lines)
    begun = lines.index("  code that differs, beside the name:")
    assert lines[begun + 1 :] == found.diff.split("\n")
    assert all(line[0] == " " for line in lines[1 : begun + 1]), "a terminal colours + and - lines"
    assert all(len(line) <= 100 for line in lines[: begun + 1])


def test_the_runs_are_made_once_until_the_code_changes(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork("plain", "mine", ["rate=0.25"])
    make_runs("mine", "plain")
    monkeypatch.setattr(readers, "_gathered", lambda *_: pytest.fail("made again"))
    assert compare_fork("mine", "plain", jobs=1).fork.arms == ("plain", "none")
    edit(book / "studies/mine.py", '"rate": 0.25', '"rate": 0.125')
    with pytest.raises(pytest.fail.Exception, match="made again"):
        compare_fork("mine", "plain", jobs=1)


def results(book: Path, slug: str, seeds: list[int], values: dict[str, list[float]]) -> None:
    """Write results as `run_study` does."""
    study = load_study(slug)
    about = {
        **{"settings": {}, "versions": {}},
        **dict.fromkeys(("params", "flops", "seconds", "machine", "commit", "when")),
        **{"study": slug, "experiment": "toy", "stage": "verdict", "prediction_commit": ""},
        **{"code_key": study.code_key(), "seal": study.seal()},
    }
    lines = [
        json.dumps(about | {"arm": arm, "seed": seed, "metrics": {"loss": loss}})
        for arm, losses in values.items()
        for seed, loss in zip(seeds, losses, strict=True)
    ]
    path = book / f"results/{slug}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def test_after_both_studies_their_results_are_compared(book: Path) -> None:
    fork("plain", "mine", ["rate=0.25"])
    results(book, "plain", [100, 101], {"plain": [1.0, 2.0], "none": [2.0, 3.5]})
    assert "Reader tier" in compare_fork("mine", "plain", jobs=1).tier, "the fork has none yet"
    results(book, "mine", [100, 101], {"plain": [1.0, 2.0], "none": [1.5, 2.25]})
    found = compare_fork("mine", "plain", jobs=1)
    assert found.tier == "From the results of both studies: 2 registered seeds."
    assert found.fork.found == verdict.paired([1.0, 2.0], [1.5, 2.25], 0.1, higher=False)
    assert found.difference.effect == -0.875
    assert (found.difference.low, found.difference.high) == paired_t([0.5, 0.25], [1.0, 1.5])[1:]
    assert found.notes == ()
    edit(book / "studies/mine.py", '"rate": 0.25', '"rate": 0.2')
    stale = compare_fork("mine", "plain", jobs=1)
    assert "Reader tier" in stale.tier
    assert "not of its code as it is now" in stale.words()


def test_other_seeds_are_not_paired(book: Path) -> None:
    fork("plain", "mine")
    edit(book / "studies/mine.py", "seeds=(100, 101)", "seeds=(101, 102, 103)")
    results(book, "plain", [100, 101], {"plain": [1.0, 2.0], "none": [2.0, 3.5]})
    losses = {"plain": [1.0, 2.0, 3.0], "none": [1.5, 2.25, 4.0]}
    results(book, "mine", [101, 102, 103], losses)
    found = compare_fork("mine", "plain", jobs=1)
    assert found.how == "Welch, 3 and 2 other seeds"
    from scipy import stats

    apart = stats.ttest_ind([0.5, 0.25, 1.0], [1.0, 1.5], equal_var=False).confidence_interval()
    assert (found.difference.low, found.difference.high) == pytest.approx((apart.low, apart.high))
    results(book, "mine", [101, 102, 103], {"plain": losses["plain"]})
    with pytest.raises(Incomparable, match=r"no 'loss' of arm 'none' for seeds \[101"):
        compare_fork("mine", "plain", jobs=1)


def test_solve_or_fail_uses_newcombes_interval_unless_the_runs_are_the_same(book: Path) -> None:
    solved = '{"loss": float(seed % 2 and arm == "plain")}'
    edit(book / "studies/plain.py", "margin=0.1, higher=False)", "margin=0.1, solved=True)")
    edit(book / "studies/plain.py", LOSS, f"return {solved}")
    fork("plain", "mine")
    found = compare_fork("mine", "plain", jobs=1)
    half, none = [0, 1] * 8, [0] * 16
    assert found.fork.found == verdict.solved(half, none, 0.1)
    assert (found.difference.low, found.difference.high) == (0, 0)
    edit(book / "studies/mine.py", "seed % 2 and", "not seed % 2 and")
    found = compare_fork("mine", "plain", jobs=1)
    assert found.difference.effect == 0
    assert found.difference.low < -0.1, "as many solved is not the same ones solved"
    assert found.difference.comparison == "unclear"


def test_seeds_that_overlap_correct_the_comparison_too(book: Path) -> None:
    edit(book / "studies/plain.py", "seeds=(100, 101)", "seeds=(100, 101), overlap=0.25")
    fork("plain", "mine", ["rate=0.25", "shift=0.01"])
    found = compare_fork("mine", "plain", jobs=1)
    assert found.fork.found.method == "corrected paired t"
    assert found.how == "corrected paired t over 16 seeds"
    ours, theirs = (list(side.values.values()) for side in (found.fork, found.original))
    assert (found.difference.low, found.difference.high) == paired_t(ours, theirs, 0.95, 0.25)[1:]


def test_where_the_reader_lacks_the_baseline_the_ideas_arm_is_compared(book: Path) -> None:
    edit(book / "studies/plain.py", LOSS, f'{{"plain": 1}}[arm]\n    {LOSS}')
    fork("plain", "mine", ["rate=0.25"])
    found = compare_fork("mine", "plain", jobs=1)
    ours, theirs = (read(slug, "plain", range(16)) for slug in ("mine", "plain"))
    assert isinstance(found.fork.found, Measured)
    assert (found.fork.found.value, found.fork.found.low) == mean_t(ours)[:2]
    assert (found.difference.low, found.difference.high) == paired_t(theirs, ours)[1:]
    assert found.difference.effect > 0, "a lower loss counts as positive"
    words = found.words()
    assert "Compared is the idea's arm alone: the reader of" in words
    assert "does not measure arm 'none': KeyError: 'none'" in words
    fig, alt = found.figure()
    assert fig.axes
    assert alt.index("plain: mean") < alt.index("mine: mean"), "the original comes first"


def test_what_cannot_be_compared_is_said(book: Path) -> None:
    with pytest.raises(UnknownStudy, match="no study 'absent'"):
        compare_fork("absent", "plain")
    fork("plain", "mine")
    edit(book / "studies/mine.py", '"loss", "plain"', '"gain", "plain"')
    with pytest.raises(Incomparable, match="mine predicts 'gain' and plain predicts 'loss'"):
        compare_fork("mine", "plain")
    edit(book / "studies/plain.py", '"loss", "plain"', '"gain", "plain"')
    with pytest.raises(Incomparable, match="gives loss, but not 'gain'"):
        compare_fork("mine", "plain", jobs=1)


MEASUREMENT = """measurement=Measurement(
        question="how much is lost?",
        outcome="loss",
        arm="plain",
        unit="nats",
        could_differ="more, or nothing",
        independent="{unit}",
    ),"""


def measured(book: Path, unit: str = "seed") -> None:
    """Have the study measure its loss, and predict nothing."""
    study = book / "studies/plain.py"
    edit(study, 'Prediction("less", "loss", "plain", "none", margin=0.1, higher=False),', "")
    edit(study, "    prediction=", f"    {MEASUREMENT.format(unit=unit)}")
    edit(study, "import Experiment, Prediction,", "import Experiment, Measurement,")


def test_what_is_measured_is_compared_without_a_direction(book: Path) -> None:
    measured(book)
    fork("plain", "mine", ["rate=0.25", "shift=0.01"])
    found = compare_fork("mine", "plain", jobs=1)
    ours, theirs = (read(slug, "plain", range(16)) for slug in ("mine", "plain"))
    apart = found.difference
    assert (apart.effect, apart.low, apart.high) == pytest.approx(paired_t(ours, theirs), abs=1e-5)
    assert apart.effect < 0, "fork minus original, whatever would be better"
    words = found.words()
    assert " nats apart.**" in words
    assert "paired t over 16 seeds" in words
    assert "margin" not in words
    assert "predict" not in words.partition("The fork's own")[0]


RETURNED = """up = SETTINGS["shift"]
    return {"loss": {"a": [1.0 + up, 2.0 + 3 * up], "b": 3.0 + 6 * up, "c": 4.0}}"""


def test_what_is_measured_of_units_is_paired_by_unit(book: Path) -> None:
    measured(book, unit="package")
    study = book / "studies/plain.py"
    edit(study, LOSS, RETURNED)
    edit(study, "reader_seeds=(0, 1, 2)", "reader_seeds=(0,)")
    fork("plain", "mine", ["shift=1.0"])
    edit(book / "studies/mine.py", '"c": 4.0', '"d": 4.0, "e": 6.0')
    found = compare_fork("mine", "plain", jobs=1)
    assert found.fork.values == {"a": 3.5, "b": 9.0}, "of a and b, which both have"
    assert found.original.values == {"a": 1.5, "b": 3.0}
    assert (found.difference.effect, found.difference.n) == (4.0, 2)
    assert "paired t over 2 packages" in found.words()
    edit(book / "studies/mine.py", '"b"', '"f"')
    with pytest.raises(Incomparable, match="1 package in common"):
        compare_fork("mine", "plain", jobs=1)


def test_a_measurement_and_a_prediction_cannot_be_compared(book: Path) -> None:
    fork("plain", "mine")
    measured(book)
    with pytest.raises(Incomparable, match="mine predicts 'loss' and plain measures 'loss'"):
        compare_fork("mine", "plain")


def test_settings_that_are_no_literals_are_left_to_the_diff(book: Path) -> None:
    fork("plain", "mine")
    edit(book / "studies/mine.py", '"rate": 0.5,', '"rate": float("0.5"),')
    found = compare_fork("mine", "plain", jobs=1)
    assert found.settings == {}
    assert '+SETTINGS = {"rate": float("0.5"), "shift": 0.0}' in found.diff


def test_no_seed_starts_that_would_not_end_in_time() -> None:
    tasks = [(slug, arm, seed) for seed in range(5) for slug in "ab" for arm in ("idea", "none")]
    assert [*_in_time(tasks, 60, 4)] == tasks
    begun = []
    for task in _in_time(tasks, 0.1, 4):
        begun.append(task)
        time.sleep(0.01)
    assert begun == tasks[:16], "four seeds may take longer, for fewer have hardly an interval"
    begun = [task for task in _in_time(tasks, 1e-9, 4) if not time.sleep(0.001)]
    assert begun == tasks[:8], "two seeds at least: fewer have no interval"


def made(**other: Any) -> ForkComparison:
    effect = verdict.paired([1, 2, 4], [1, 1, 1], 0.1)
    sides = [
        Side(slug, ("idea", "none"), effect, {}, {}, {"idea": cost, "none": (1_000, None)})
        for slug, cost in (("a", (1_200, 9e6)), ("b", (1_000, 8e6)))
    ]
    about = (*sides, "score", True, effect, "paired t", "A hint.", (), {})
    return ForkComparison(*about, **{"diff": "", **other})


def test_costs_are_of_every_arm_and_said_where_they_differ() -> None:
    words = made().words()
    assert "Parameters: idea 1,000 \u2192 1,200; none 1,000." in words
    assert "FLOPs per token: idea 8,000,000 \u2192 9,000,000." in words


def test_a_fence_in_the_code_does_not_end_the_diff_and_controls_are_named() -> None:
    found = made(diff='+"""\n+```\n+<b>\n+\x1b[2J', touched=("`control` loads it.",))
    assert '````diff\n+"""\n+```\n+<b>\n+\x1b[2J\n````' in found.words()
    assert "`control` loads it.\n\n<details>" in found.words()
    assert "\x1b" not in found.plain()
    assert "  control loads it." in found.plain()


def test_the_figure_shows_both_effects_against_the_margin() -> None:
    fig, alt = made().figure()
    assert alt.index("b (original)") < alt.index("a (fork)")
    assert "margin of 0.1" in alt
    assert fig.axes
