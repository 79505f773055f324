"""What the README says of bounds from noise is what the study measured."""

from pathlib import Path

from ideas_lib import results

README = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")


def test_the_readme_says_what_bounds_from_noise_held():
    measured = results.load("noise-bounds")
    held = {
        experiment: measured.values(experiment, "coverage, reworded")[arm].mean()
        for experiment, arm in (
            ("other contexts", "a new family"),
            ("these contexts", "a new family, these contexts"),
        )
    }
    other, same = held.values()
    said = f"held {other:.2f} of rewordings by hand on other contexts, and {same:.2f} on"
    assert said in README
