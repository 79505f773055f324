"""The figure in which a sample is moved, and a meta-tree's thresholds move with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from torch import nn

from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import INK, style
from ideas_lib.resources import resource
from ideas_lib.trees import plane

__all__ = ["plot_meta_tree"]

_DEEPEST = 3  # the figure shows the whole tree, on a phone too
_SETTERS = (nn.Linear, nn.ReLU, nn.Tanh)  # what the figure's script can evaluate


@style()
def plot_meta_tree(
    tree: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    axes: Sequence[str | int] = (),
    first: int = 0,
) -> Interactive:
    """Return a map in which one sample can be moved, and the meta-tree that decides about it.

    `tree` is a fitted MetaTreeClassifier of depth 3 at most, whose setter is made of Linear, ReLU
    and Tanh. `X` (samples, features) and `y` (samples,) are drawn; row `first` is the sample at
    the start. `axes` are two features, by name or number, that the map shows and the reader moves;
    without them, the two that the tree asks first, or the setter reads. Raises ValueError for
    another tree, and for axes that are not two features.
    """
    X = np.asarray(X, dtype=float)
    own = getattr(tree, "feature_names_in_", None)
    names = [str(name) for name in (range(X.shape[1]) if own is None else own)]
    if own is None:
        names = [f"x{name}" for name in names]
    parts = _parts(tree)
    pair = _pair(axes, names, parts)
    spans = plane.ranges(X[:, pair])
    labels = np.searchsorted(tree.classes_, y)

    def rows(x: NDArray[np.float64]) -> ArrayLike:
        return x if own is None else pd.DataFrame(x, columns=own)

    along = next((k for k in reversed(pair) if k in parts["context"]), pair[1])
    low, high = np.quantile(X[:, along], (0.1, 0.9))
    moved = X[first].copy()
    moved[along] = low if X[first, along] > (low + high) / 2 else high
    across, up = (names[k] for k in pair)
    said = [f"A meta-tree's answers over {across} and {up}, with its splits for two samples."]
    fig = Figure(figsize=(5.6, 3.2))
    panels = zip(fig.subplots(1, 2, sharey=True), (X[first], moved), strict=True)
    for title, (ax, sample) in zip(("one sample", "the same, moved"), panels, strict=True):

        def answer(places: NDArray[np.float64], sample: NDArray[np.float64] = sample) -> Any:
            around = np.tile(sample, (len(places), 1))
            around[:, pair] = places
            return tree.predict_proba(rows(around))

        plane.plot_plane(ax, answer, spans, X[:, pair], labels, (across, up))
        _splits(ax, tree.thresholds(rows(sample[None]))[0], parts, sample, pair, spans)
        ax.set_title(title)
        ax.label_outer()
        place = f"At {across} {sample[pair[0]]:.4g} and {up} {sample[pair[1]]:.4g}"
        said.append(f"{place}: {tree.explain(rows(sample[None]))}")
    data = {
        "tree": parts,
        "samples": X,
        "labels": labels,
        "features": names,
        "classes": [str(name) for name in tree.classes_],
        "axes": pair,
        "ranges": spans,
        "first": first,
    }
    scripts = [
        plane.SCRIPT,
        resource(__file__, "meta_tree_figure.decide.js"),
        resource(__file__, "meta_tree_figure.js"),
    ]
    return Interactive("Meta-tree and a sample to move", scripts, data, fig, " ".join(said))


def _parts(tree: Any) -> dict[str, Any]:
    """Return what a meta-tree decides by. Raises ValueError where the script could not follow."""
    if tree.depth > _DEEPEST:
        raise ValueError(f"depth={tree.depth}: the figure has room for {_DEEPEST}, not more")
    splits, scale = tree.module_.splits, tree.scale_
    layers = list(splits.setter) if isinstance(splits.setter, nn.Sequential) else [splits.setter]
    odd = [type(layer).__name__ for layer in layers if type(layer) not in _SETTERS]
    if odd:
        raise ValueError(f"the setter has {odd[0]}: the figure knows Linear, ReLU and Tanh")
    feature = splits.feature.numpy()
    return {
        "mean": scale.centre,
        "scale": scale.spread,
        "ranks": scale.knots(),
        "feature": feature,
        "base": splits.base.numpy(),
        "reach": float(splits.reach),
        "average": scale.units(feature, tree._mean),
        "context": splits.context.numpy(),
        "setter": [
            {"kind": type(layer).__name__}
            | {name: value.detach().numpy() for name, value in layer.named_parameters()}
            for layer in layers
        ],
        "leaves": tree._values,
    }


def _pair(axes: Sequence[str | int], names: Sequence[str], parts: dict[str, Any]) -> list[int]:
    """Return the numbers of two features."""
    if not axes:
        read = [*parts["feature"].tolist(), *parts["context"].tolist(), *range(len(names))]
        return list(dict.fromkeys(read))[:2]
    found = []
    for axis in axes:
        known = names.index(axis) if isinstance(axis, str) and axis in names else axis
        if isinstance(known, str) or not 0 <= known < len(names):
            raise ValueError(f"axes have {axis!r}, which is none of {list(names)}")
        found.append(int(known))
    if len(set(found)) != 2:
        raise ValueError(f"axes={list(axes)!r}: the map needs two features")
    return found


def _splits(
    ax: Axes,
    thresholds: NDArray[np.float64],
    parts: dict[str, Any],
    sample: NDArray[np.float64],
    pair: list[int],
    spans: tuple[plane.Range, plane.Range],
) -> None:
    """Draw the splits on a sample's path that the map can show, and the sample."""
    room = [list(span) for span in spans]
    node = 0
    while node < len(thresholds):
        feature, value = parts["feature"][node], thresholds[node]
        yes = bool(sample[feature] > value)
        if feature in pair:
            n = pair.index(feature)
            if room[n][0] < value < room[n][1]:
                line = [[value, value], room[1 - n]]
                ax.plot(*(line if n == 0 else line[::-1]), color=INK, ls=(0, (4, 2)), lw=1.8)
                room[n][0 if yes else 1] = value
        node = 2 * node + 1 + yes
    ax.plot(*sample[pair], "o", color="white", mec=INK, mew=2.5, ms=9)
