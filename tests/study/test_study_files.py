"""Every study of the book, forks included: what it must have before and after it is run."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from ideas_lib import results
from ideas_lib.ideas import UnknownIdea, find_idea
from ideas_lib.study.study import Study, load_study, slugs, study_file
from ideas_lib.study.tuning import beyond
from ideas_lib.study.worker import run_of

ROOT = Path(__file__).parents[2]
STEMS = [path.with_suffix("") for path in (ROOT / "studies").glob("[!_]*.py")]
STEMS += [path.parent for path in (ROOT / "studies").glob("[!_]*/__init__.py")]
STUDIES = sorted(path.name.replace("_", "-") for path in STEMS)
SEALS = {  # of those of the first eleven that stand, as their results carry them
    "copilot": "a293be9161cf934e",
    "embeddings": "2b5489d0898d7f21",
    "logprobs": "65f62f95223cb1c3",
    "meta-tree": "3758b2a70b90acb7",
    "noise-bounds": "641837e2af585a99",
    "soft-trees": "4053a53a18a3c680",
}
MEASURED = [slug for slug in STUDIES if (ROOT / f"results/{slug}.jsonl").is_file()]


@pytest.fixture(autouse=True)
def book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDEAS_ROOT", str(ROOT))


def git(*words: str) -> str | None:
    """Return what git says, or None where it fails or is missing."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()


def test_there_are_studies():
    assert STUDIES
    assert slugs() == tuple(STUDIES)


# Nothing in them is drawn: they count, and what they rest on are the units that they name.
COUNTED = {("boring-parts", "sound"), ("boring-parts", "labellers")}


@pytest.mark.parametrize("slug", STUDIES)
def test_a_study_loads_and_names_itself(slug):
    study = load_study(slug)
    assert isinstance(study, Study)
    assert study.title
    if study.prediction:
        assert study.prediction.claim
        assert study.prediction.change_our_mind, "say what would change our mind"
        margin = study.prediction.margin
        assert study.tolerance <= margin, "what counts as reproduced decides nothing"
    assert study.reader_seeds
    assert not any(seed >= 100 for seed in study.reader_seeds), "100 and above are for verdicts"


@pytest.mark.parametrize("slug", STUDIES)
def test_its_settings_are_a_literal_that_a_fork_can_edit(slug):
    tree = ast.parse(study_file(slug).read_text())
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["SETTINGS"]
    )
    if isinstance(value, ast.Call):
        assert isinstance(value.func, ast.Name)
        assert value.func.id == "dict"
        assert not value.args
        knobs = {word.arg: ast.literal_eval(word.value) for word in value.keywords}
    else:
        knobs = ast.literal_eval(value)
    assert all(isinstance(name, str) for name in knobs)


@pytest.mark.parametrize("slug", STUDIES)
def test_what_is_found_rests_on_enough_seeds(slug):
    study = load_study(slug)
    needed = 12 if study.prediction and study.prediction.solved else 8
    if study.measurement and not study.measurement.by_seed:
        needed = 1  # its units are what it rests on
    for experiment in study.experiments:
        # What does not decide may rest on fewer, and losses on text hardly differ between seeds.
        least = needed if experiment is study.experiments[0] else min(needed, 4)
        least = 1 if (slug, experiment.name) in COUNTED else least
        assert len(set(experiment.seeds)) == len(experiment.seeds) >= least, experiment.name
        pilots = 1 if experiment.name.startswith("language") else 2
        assert len(experiment.grid) == 1 or len(experiment.pilot_seeds) >= pilots, experiment.name


@pytest.mark.parametrize("slug", MEASURED)
def test_results_hold_every_run_and_no_other(slug):
    found = results.load(slug)
    for experiment in found.study.experiments:
        pilots = found.select(experiment.name, "pilot")
        there = {run_of(record): record for record in pilots}
        assert len(there) == len(pilots)
        asked = set(experiment.pilots())
        assert asked <= set(there)
        # Results from before grids went on have none beyond; others have what these scores ask for.
        while more := set(beyond(experiment, {run.id: there[run] for run in asked})) & set(there):
            asked |= more
        assert set(there) == asked
        verdicts = {(arm, seed) for arm in experiment.arms for seed in experiment.seeds}
        there = [(r["arm"], r["seed"]) for r in found.select(experiment.name)]
        assert sorted(there) == sorted(verdicts)
        for arm in experiment.arms:
            used = [r["settings"] for r in found.select(experiment.name, arm=arm)]
            assert all(settings == used[0] for settings in used), f"{arm} has one best setting"
    assert {r["study"] for r in found.records} == {slug}
    assert {r["experiment"] for r in found.records} == {e.name for e in found.study.experiments}
    if found.study.prediction or found.study.measurement.by_seed:
        assert found.finding().n == found.seeds()
    else:
        assert found.finding().n >= 2


@pytest.mark.parametrize("slug", SEALS)
def test_seals_stay_as_they_were_when_more_can_be_promised(slug):
    # Whatever the seal covers, a study that promised this must keep its promise's hash.
    assert load_study(slug).seal() == SEALS[slug]
    assert {r["seal"] for r in results.load(slug).records} == {SEALS[slug]}


@pytest.mark.parametrize("slug", STUDIES)
def test_a_prediction_says_how_sure_it_is(slug):
    # The first eleven came before, and to add it now would break their seals. A fork copies its
    # original's prediction, with a confidence or without.
    try:
        forked = find_idea(slug, ROOT).forked_from
    except UnknownIdea:
        forked = ""
    study = load_study(slug)
    if study.prediction and not forked and slug not in SEALS:
        assert study.prediction.confidence is not None, "confidence=0.7, for instance"


@pytest.mark.parametrize("slug", MEASURED)
def test_the_prediction_is_the_one_the_runs_were_made_under_or_the_page_says_so(slug):
    found = results.load(slug)
    today = found.study.seal()
    moved = any(r["seal"] != today for r in found.records if r["stage"] == "verdict")
    standing = found.standing()
    assert standing.sealed is not moved
    assert ("the prediction was changed after these runs" in standing.words) is moved


@pytest.mark.parametrize("slug", MEASURED)
def test_the_prediction_was_committed_before_the_results(slug):
    found = results.load(slug)
    made = git("log", "--diff-filter=A", "--format=%H", "--", f"results/{slug}.jsonl")
    if not made or git("rev-parse", "--is-shallow-repository") != "false":
        pytest.skip("no history that goes back to the results")
    last = git("log", "-1", "--format=%H", "--", f"results/{slug}.jsonl")
    for commit in {r["prediction_commit"] for r in found.records}:
        assert commit != last
        assert git("merge-base", "--is-ancestor", commit, str(last)) is not None, commit
        changed = git("show", "--name-only", "--format=", commit)
        # A study that is a package now may have been a file then.
        name = f"studies/{slug.replace('-', '_')}"
        assert re.search(rf"^{name}(\.py|/.+)$", str(changed), re.M)
