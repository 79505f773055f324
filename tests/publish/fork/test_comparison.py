"""Fork against original: the interval is the book's, the sign is the prediction's."""

import shutil
import time
from pathlib import Path

import pytest

from ideas_lib import verdict
from ideas_lib.intervals import paired_t
from ideas_lib.publish.fork.comparison import ForkComparison, Incomparable, _in_time, compare_fork
from ideas_lib.publish.fork.forking import fork
from ideas_lib.study.study import UnknownStudy, load_study

TOYBOOK = Path(__file__).resolve().parents[2] / "toybook"


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


def test_identical_code_has_an_effect_of_exactly_nothing(book: Path) -> None:
    fork("plain", "mine")
    found = compare_fork("mine", "plain", jobs=1)
    assert (found.effect.effect, found.effect.low, found.effect.high) == (0, 0, 0)
    assert found.seeds == (0, 1, 2)
    assert found.diff == ""
    assert found.settings == {}
    words = found.words()
    assert "**mine minus plain: 0.00, 95 % interval 0.00 to 0.00** in `loss`" in words
    assert "Settings: none differs." in words
    assert "Code: the same, but for the name." in words
    assert "not reported" in words


def test_the_interval_is_the_verdicts_and_lower_is_better_where_predicted(book: Path) -> None:
    fork("plain", "mine", ["rate=0.25", "shift=0.01"])
    found = compare_fork("mine", "plain", jobs=2)
    ours, theirs = (
        [load_study(slug).reader("plain", seed)["loss"] for seed in (0, 1, 2)]
        for slug in ("mine", "plain")
    )
    assert found.values == {"mine": tuple(ours), "plain": tuple(theirs)}
    assert found.effect == verdict.paired(ours, theirs, 0.1, higher=False)
    assert found.effect.effect > 0, "a lower loss was predicted, and came"
    assert found.effect.low < found.effect.effect < found.effect.high
    assert found.settings == {"rate": (0.5, 0.25), "shift": (0.0, 0.01)}
    assert '-SETTINGS = {"rate": 0.5, "shift": 0.0}' in found.diff
    assert '+SETTINGS = {"rate": 0.25, "shift": 0.01}' in found.diff
    assert "slug" not in found.diff, "a name is no difference"


def test_solve_or_fail_uses_newcombes_interval_unless_the_runs_are_the_same(book: Path) -> None:
    solved = '{"loss": float(seed % 2)}'
    old = "margin=0.1, higher=False)"
    edit(book / "studies/plain.py", old, "margin=0.1, solved=True)")
    edit(
        book / "studies/plain.py",
        'return {"loss": SETTINGS["shift"]',
        f"return {solved}\n    _ = {{0: 0",
    )
    fork("plain", "mine")
    assert compare_fork("mine", "plain", jobs=1).effect.method == "paired t"
    edit(book / "studies/mine.py", solved, '{"loss": 1.0}')
    assert compare_fork("mine", "plain", jobs=1).effect == verdict.solved([1, 1, 1], [0, 1, 0], 0.1)


def test_seeds_that_overlap_correct_the_comparison_too(book: Path) -> None:
    edit(book / "studies/plain.py", "seeds=(100, 101)", "seeds=(100, 101), overlap=0.25")
    fork("plain", "mine", ["rate=0.25", "shift=0.01"])
    assert compare_fork("mine", "plain", jobs=1).effect.method == "corrected paired t"


def test_what_cannot_be_compared_is_said(book: Path) -> None:
    with pytest.raises(UnknownStudy, match="no study 'absent'"):
        compare_fork("absent", "plain")
    fork("plain", "mine")
    edit(book / "studies/mine.py", '"loss", "plain"', '"gain", "plain"')
    with pytest.raises(Incomparable, match="mine predicts 'gain' and plain predicts 'loss'"):
        compare_fork("mine", "plain")
    edit(book / "studies/plain.py", '"loss", "plain"', '"gain", "plain"')
    with pytest.raises(Incomparable, match="the reader of mine gives loss, but not 'gain'"):
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
    ours, theirs = (
        [load_study(slug).reader("plain", seed)["loss"] for seed in (0, 1, 2)]
        for slug in ("mine", "plain")
    )
    assert found.values == {"mine": tuple(ours), "plain": tuple(theirs)}
    effect = found.effect
    assert (effect.effect, effect.low, effect.high) == paired_t(ours, theirs)
    assert effect.effect < 0, "fork minus original, whatever would be better"
    assert effect.n == 3
    words = found.words()
    assert " nats, 95 % interval " in words
    assert "in `loss` (3 seeds, paired t)" in words
    assert "predicted" not in words.partition("Parameters")[0]


def test_what_is_measured_of_units_is_paired_by_unit(book: Path) -> None:
    measured(book, unit="package")
    study = book / "studies/plain.py"
    edit(study, 'return {"loss": SETTINGS["shift"] + noise * SETTINGS["rate"] * factor}', RETURNED)
    edit(study, "reader_seeds=(0, 1, 2)", "reader_seeds=(0,)")
    fork("plain", "mine", ["shift=1.0"])
    edit(book / "studies/mine.py", '"c": 4.0', '"d": 4.0, "e": 6.0')
    found = compare_fork("mine", "plain", jobs=1)
    assert found.values == {"mine": (3.5, 9.0), "plain": (1.5, 3.0)}  # of a and b, which both have
    assert (found.effect.effect, found.effect.n) == (4.0, 2)
    assert "(2 by package, paired t)" in found.words()
    edit(book / "studies/mine.py", '"b"', '"f"')
    with pytest.raises(Incomparable, match="1 package in common"):
        compare_fork("mine", "plain", jobs=1)


RETURNED = """up = SETTINGS["shift"]
    return {"loss": {"a": [1.0 + up, 2.0 + 3 * up], "b": 3.0 + 6 * up, "c": 4.0}}"""


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
    tasks = [(slug, seed) for seed in range(5) for slug in ("a", "b")]
    assert [*_in_time(tasks, seconds=60)] == tasks
    begun = []
    for task in _in_time(tasks, seconds=0.05):
        begun.append(task)
        time.sleep(0.02)
    assert begun == tasks[:4], "two seeds at least: fewer have no interval"


def test_a_fence_in_the_code_does_not_end_the_diff() -> None:
    effect = verdict.paired([1, 2], [1, 1], 0.1)
    values = {"a": (1.0, 2.0), "b": (1.0, 1.0)}
    params = {"a": 1_200, "b": 1_000}
    about = ("a", "b", "score", True, (0, 1), 3)
    found = ForkComparison(*about, values, effect, params, {}, '+"""\n+```\n+<b>')
    words = found.words()
    assert words.endswith('````diff\n+"""\n+```\n+<b>\n````')
    assert "Parameters: 1,200 against 1,000 in the original (+200)." in words
    assert "3 more seeds" in words
    fig, alt = found.figure()
    assert "b: mean 1.00" in alt
    assert alt.index("b: mean") < alt.index("a: mean"), "the original comes first"
    assert fig.axes
