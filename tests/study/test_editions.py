"""Results of an edition before: they stay readable, and nothing takes them for today's."""

import json
from pathlib import Path

import pytest

from ideas_lib.study.records import FIELDS, results_file

ROOT = Path(__file__).parents[2]
EDITIONS = sorted((ROOT / "results/editions").glob("*/*.jsonl"))
SEALS = {  # of the first edition, as its results carry them
    "null-attention": "90ef45a3df833005",
    "half-tied": "b867aac17e1062eb",
    "one-space": "cf05b8ec7b820d7d",
    "previous-layer": "c8b6e5bcf9589a16",
    "zero-input": "3ebbd381d6c302f1",
}


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_line_is_a_run_of_its_study(path: Path) -> None:
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {record["study"] for record in records} == {path.stem}
    assert all(set(FIELDS) <= record.keys() for record in records)
    assert all(seed >= 100 for seed in (r["seed"] for r in records if r["stage"] == "verdict"))


@pytest.mark.parametrize("slug", SEALS)
def test_an_edition_keeps_its_seal(slug: str) -> None:
    text = (ROOT / f"results/editions/1/{slug}.jsonl").read_text(encoding="utf-8")
    assert {json.loads(line)["seal"] for line in text.splitlines()} == {SEALS[slug]}


def test_no_study_loads_an_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDEAS_ROOT", str(ROOT))
    for path in EDITIONS:
        assert results_file(path.stem) == ROOT / f"results/{path.stem}.jsonl" != path
