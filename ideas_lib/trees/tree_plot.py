"""A picture of a tree that a person can read: its splits, its leaves, and one sample's path."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ideas_lib.figures.look import style
from ideas_lib.formatting import number
from ideas_lib.trees.pen import Pen
from ideas_lib.trees.shape import Node, followed, nodes_of, truncated

__all__ = ["plot_tree"]


@style()
def plot_tree(
    tree: Any,
    *,
    feature_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
    image_shape: tuple[int, int] | None = None,
    x: ArrayLike | None = None,
    max_depth: int | None = None,
) -> tuple[Figure, str]:
    """Draw a fitted tree and return (figure, alt text), as `figures.show` takes them.

    `tree` is a soft tree, a HardTree, or one of scikit-learn's; `class_names` follow its classes.
    With an `image_shape`, splits that weigh pixels are shown as images. With a sample `x`,
    (features,), its path stands out. A tree deeper than `max_depth` (3, with images 4) shows that
    path, else its first levels. Raises ValueError where names, shape or depth do not fit.
    """
    if max_depth is not None and max_depth < 1:
        raise ValueError(f"max_depth={max_depth}: a picture needs a level at least")
    features = getattr(tree, "n_features_in_", None) or tree.n_features
    known = getattr(tree, "classes_", getattr(tree, "classes", None))
    classes = [str(name) for name in (() if known is None else known)]
    for name, given, right in (
        ("feature_names", feature_names, features),
        ("class_names", class_names, len(classes)),
    ):
        if given is not None and len(given) != right:
            raise ValueError(f"there are {len(given)} {name}, and the tree knows {right}")
    if image_shape is not None and math.prod(image_shape) != features:
        raise ValueError(f"image_shape={image_shape}: the tree reads {features} features")
    whole = nodes_of(tree, feature_names, x)
    most = max_depth or (3 if image_shape is None else 4)
    path, shown = followed(whole), truncated(whole, most)
    along = path if whole.depth > most else []
    seen = [node.weights for node in along or shown.nodes() if node.weights is not None]
    pen = Pen(
        [str(name) for name in class_names or classes],
        None if not seen else image_shape,
        max((float(np.abs(weights).max()) for weights in seen), default=1.0),
        None if x is None else np.ravel(np.asarray(x, dtype=float)),
        notes=_notes(tree, x is None),
    )
    hidden = whole.splits - (len(along) - 1 if along else sum(1 for _ in shown.nodes()))
    fig = pen.steps(along, hidden) if along else pen.levels(shown, hidden)
    return fig, " ".join(_said(whole, shown, path, bool(along), pen))


def _notes(tree: Any, alone: bool) -> list[str]:
    if hasattr(tree, "thresholds") and alone:
        return ["±: the standard deviation of a threshold between samples."]
    if hasattr(tree, "thresholds"):
        return ["Thresholds are those set for this sample."]
    return []


def _said(
    tree: Node, shown: Node, path: Sequence[Node], only_path: bool, pen: Pen
) -> Iterator[str]:
    """Say what the picture shows, a sentence at a time."""
    yield f"A decision tree of {_count(tree.splits)}, at most {tree.depth} in a row."
    if not only_path:
        hidden = tree.splits - sum(1 for _ in shown.nodes())
        if hidden:
            yield f"Shown are its first {shown.depth} levels, without {_count(hidden)} below."
        yield from _rules(shown, pen)
    if path:
        turns = []
        for node, after in pairwise(path):
            answer = "yes" if after is node.yes else "no"
            sure = "" if node.sure == 1 else f" (probability {number(node.sure or 0, '.2f')})"
            turns.append(f"{_asks(node, pen)}: {answer}{sure}")
        yield f"The sample's path: {'; '.join([*turns, _verdict(path[-1], pen)])}."


def _rules(tree: Node, pen: Pen) -> Iterator[str]:
    """Say each split once, by its number, and where its answers lead."""
    names = {id(node): f"split {i}" for i, node in enumerate(tree.nodes(), 1)}
    for node in tree.nodes():
        ways = []
        for word, branch in zip(("no", "yes"), node.branches, strict=True):
            share = number(100 * branch.share, ".0f")
            to = names.get(id(branch)) or _verdict(branch, pen)
            ways.append(f"{word}, {to}, {share} % of samples")
        yield f"{names[id(node)].capitalize()}, {_asks(node, pen)}: {'; '.join(ways)}."


def _count(splits: int) -> str:
    return f"{splits} split{'s' * (splits != 1)}"


def _asks(node: Node, pen: Pen) -> str:
    return "a filter" if pen.filters(node) else node.words


def _verdict(leaf: Node, pen: Pen) -> str:
    if not pen.classes:
        return number(leaf.value[0], ".4g")
    best = int(leaf.value.argmax())
    return f"{pen.classes[best]} ({100 * leaf.value[best]:.0f} %)"
