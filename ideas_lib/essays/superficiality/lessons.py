"""Teaching that a hint is a hint: more images, images with a random hint, pairs, pairs named so."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ideas_lib.essays.superficiality.hints import sample_hints, with_hints
from ideas_lib.essays.superficiality.material import Material

__all__ = ["LESSONS", "Lesson", "fit_told", "give_lesson", "without_what_differs"]

AS_THEY_COME, STRANGERS, PAIRS = "images as they come", "random hints", "pairs"
LESSONS = (AS_THEY_COME, STRANGERS, PAIRS)
HIDDEN, STEPS, RATE = 64, 200, 0.01


@dataclass(frozen=True)
class Lesson:
    """What is learned from after a lesson: content (n, d), classes and hints (n,).

    `pairs` (p, 2) are the rows that show the same image with two hints; of two kinds of lesson
    there are none.
    """

    content: NDArray[np.float64]
    y: NDArray[np.int64]
    hints: NDArray[np.int64]
    pairs: NDArray[np.int64]

    def seen(self, classes: int) -> NDArray[np.float64]:
        """Return content and hints together, (n, d + classes)."""
        return with_hints(self.content, self.hints, classes)


def give_lesson(
    kind: str,
    n: int,
    material: Material,
    hints: NDArray[np.int64],
    reliability: float,
    rng: np.random.Generator,
) -> Lesson:
    """Add n rows to the material that is learned from, whose `hints` are given.

    Spare images with hints as reliable as all others; spare images with a hint drawn from all
    classes; or images that are there already, a second time, with a hint drawn likewise. Raises
    ValueError for another kind, or for more rows than there are spare images.
    """
    if kind not in LESSONS:
        raise ValueError(f"no lesson {kind!r}; there are {', '.join(LESSONS)}")
    there = material.y_train.size
    if n > (most := min(there, material.y_spare.size)):
        raise ValueError(f"n={n}: there are images for at most {most} rows more")
    random = rng.integers(0, material.classes, n)
    pairs = np.empty((0, 2), dtype=np.int64)
    if kind == PAIRS:
        rows = rng.permutation(there)[:n]
        content, y, more = material.train[rows], material.y_train[rows], random
        pairs = np.column_stack([rows, there + np.arange(n)])
    else:
        content, y = material.spare[:n], material.y_spare[:n]
        more = random
        if kind == AS_THEY_COME:
            more = sample_hints(rng, y, reliability, material.classes)
    return Lesson(
        np.vstack([material.train, content]),
        np.concatenate([material.y_train, y]),
        np.concatenate([hints, more]),
        pairs,
    )


def fit_told(
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    classes: int,
    seed: int,
    pairs: NDArray[np.int64],
    weight: float,
) -> Any:
    """Fit a network of one hidden layer to samples X (n, d), and return its `predict`.

    `weight` times the squared distance of what it says to the two of a pair, (p, 2) rows of X,
    is added to its loss: so it is told that they are pairs. With a weight of 0 it is not.
    """
    import torch
    from torch.nn import functional as F

    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, classes)
    )
    inputs, truth = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    first, second = torch.tensor(pairs.T)
    adam = torch.optim.Adam(net.parameters(), lr=RATE)
    for _ in range(STEPS):
        said = net(inputs)
        loss = F.cross_entropy(said, truth)
        if weight and len(pairs):
            loss = loss + weight * (said[first] - said[second]).square().sum(1).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()

    def predict(asked: NDArray[np.float64]) -> NDArray[np.int64]:
        with torch.no_grad():
            return net(torch.tensor(asked, dtype=torch.float32)).argmax(1).numpy()

    return predict


def without_what_differs(X: NDArray[np.float64], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the d inputs are alike in both rows of every pair: all that a rule keeps."""
    return (X[pairs[:, 0]] == X[pairs[:, 1]]).all(axis=0)
