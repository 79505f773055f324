"""N-gram floors: against a table counted by hand, sums to one, and what models are shown."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from ideas_lib.gpt import Ngram, floors
from ideas_lib.gpt.ngrams import read_tokens
from ideas_lib.gpt.tasks import Text

V = 7
ROWS = np.random.default_rng(1).zipf(1.5, (40, 9)).clip(max=V) - 1  # token 0 is common


def by_hand(rows: np.ndarray, order: int, gram: tuple[int, ...]) -> float:
    """Interpolated Kneser-Ney, spelt out with dictionaries."""
    grams = Counter(
        tuple(int(t) for t in row[i : i + order])
        for row in rows
        for i in range(len(row) - order + 1)
    )
    levels = [grams]
    while len(next(iter(levels[0]))) > 1:
        levels.insert(0, Counter(longer[1:] for longer in levels[0]))
    p = 1 / V
    for level in levels:
        n = len(next(iter(level)))
        once, twice = (sum(c == k for c in level.values()) for k in (1, 2))
        d = once / (once + 2 * twice) if once and twice else 0.5
        behind = {g: c for g, c in level.items() if g[:-1] == gram[-n:-1]}
        if behind:
            total = sum(behind.values())
            p = (max(level[gram[-n:]] - d, 0) + d * len(behind) * p) / total
    return p


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_are_those_counted_by_hand(order: int) -> None:
    table = Ngram.fit(ROWS, order, V)
    unseen = np.array([[6, 6, t] for t in range(V)])
    rows = np.concatenate([ROWS[:5, -3:], ROWS[:5, :3], unseen])[:, -order:]
    want = [by_hand(ROWS, order, tuple(row.tolist())) for row in rows]
    np.testing.assert_allclose(table.probabilities(rows), want, rtol=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_of_all_tokens_sum_to_one(order: int) -> None:
    table = Ngram.fit(ROWS, order, V)
    for before in ([0, 0], [3, 1], [6, 6]):
        rows = np.array([[*before, t] for t in range(V)])[:, 3 - order :]
        assert table.probabilities(rows).sum() == pytest.approx(1)


def test_what_is_asked_in_vain_is_refused() -> None:
    with pytest.raises(ValueError, match="order=4 must be 1 to 3"):
        Ngram.fit(ROWS, 4, V)
    with pytest.raises(ValueError, match=r"shape \(40, 2\) hold no 3-grams"):
        Ngram.fit(ROWS[:, :2], 3, V)


def test_a_run_reads_what_training_draws() -> None:
    class Digits:
        def batch(self, rng: torch.Generator, size: int) -> tuple[torch.Tensor, torch.Tensor]:
            window = torch.randint(9, (size, 5), generator=rng)
            return window[:, :-1], window[:, 1:]

    read = read_tokens(Digits(), steps=3, batch=2, seed=4)  # type: ignore[arg-type]
    draw = torch.Generator().manual_seed(4)
    want = torch.cat([torch.randint(9, (2, 5), generator=draw) for _ in range(3)])
    assert read.tolist() == want.tolist()


def test_floors_fall_with_what_is_known(tmp_path: Path) -> None:
    """A text of pairs: a bigram knows half of it, and a longer one has no more to know."""
    rng = np.random.default_rng(0)
    words = [f"{a}{a.upper()} " for a in rng.choice(list("abcdefgh"), 20_000)]
    (tmp_path / "pairs.txt").write_text("".join(words))
    text = Text(tmp_path / "pairs.txt", context=16)
    found = floors(text, steps=40, batch=4)
    assert set(found) == {"all of the text", "what a run reads"}
    for nats in found.values():
        assert nats["bigram"] < nats["unigram"] - 0.5
        assert all(0 < loss < math.log(2048) for loss in nats.values())
    assert found["all of the text"]["trigram"] < found["what a run reads"]["trigram"]
