"""What README and guide promise of the copilot is what was measured, and what the tool allows."""

import inspect
import json

import pytest

from ideas_lib.datasets.humaneval import is_development
from ideas_lib.intervals import clopper_pearson_upper
from ideas_lib.programs.copilot import completion, copilot_command
from ideas_lib.programs.copilot.calibration import (
    LEVEL,
    calibrated_coverage,
    calibrated_samples,
    calibrated_threshold,
    read_calibration,
)
from ideas_lib.programs.copilot.rule import Threshold
from ideas_lib.study.checkout import root
from ideas_lib.study.study import load_study

SMALL, LARGE = "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"


def tool(model: str) -> Threshold:
    found = calibrated_threshold(model, calibrated_samples(model), LEVEL, 0.9)
    assert found is not None
    return found


@pytest.mark.parametrize("page", ["README.md", "chapters/programs/copilot-guide.md"])
def test_the_numbers_on_the_page(page: str) -> None:
    one, other = tool(SMALL), tool(LARGE)
    words = (
        f"{one.wrong} of {one.shown} programs shown were wrong with the smaller of two models and "
        f"{other.wrong} of {other.shown} with the larger, so at most {one.bound:.0%} and "
        f"{other.bound:.0%} are, with a confidence of nine in ten"
    ).replace("%", " %")
    shares = (calibrated_coverage(SMALL, one), calibrated_coverage(LARGE, other))
    covered = "a program for {:.0%} and {:.0%} of the problems".format(*shares).replace("%", " %")
    text = (root() / page).read_text("utf-8")
    assert words in text
    assert covered in text
    assert "one in ten" not in text
    assert "one in six" not in text


def test_the_default_level_is_one_that_can_be_vouched_for() -> None:
    default = inspect.signature(completion.complete).parameters["level"].default
    (option,) = [each for each in copilot_command.copilot.params if each.name == "level"]
    assert default == option.default == LEVEL
    for model in read_calibration():
        found = tool(model)
        assert found.score is not None
        assert found.bound <= LEVEL
    with_one_more = [
        clopper_pearson_upper(found.wrong + 1, found.shown, 0.95)
        for found in map(tool, read_calibration())
    ]
    assert 0.2 < max(with_one_more) <= LEVEL


@pytest.mark.parametrize("model", [SMALL, LARGE])
def test_what_may_be_shown_was_judged_more_strictly(model: str) -> None:
    load_study("copilot")
    from studies.copilot.evidence import written_programs
    from studies.copilot.selection import best_row, load_evidence, strict_file, strict_labels

    labels, judged = strict_labels(model), strict_file(model).read_text("utf-8").splitlines()
    samples = {line["task"]: line["sample"] for line in map(json.loads, judged)}
    known = dict(zip(load_evidence(model), read_calibration()[model]["right"], strict=True))
    assert not any(map(is_development, known))
    programs = written_programs(model)
    for name, rows in load_evidence(model).items():
        row = best_row("agreement, searched", rows)
        if row is None or row["searched"] / len(rows) < 0.5:
            continue
        if row["right"]:
            assert samples[name] == row["sample"]
            assert programs[name][row["sample"]]
        assert known[name] == (row["right"] and labels[name])
