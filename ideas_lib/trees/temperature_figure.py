"""The figure whose slider turns a soft tree hard: a map of two features, with no kernel."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import style
from ideas_lib.resources import resource
from ideas_lib.trees import plane
from ideas_lib.trees.nodes import AxisSplits
from ideas_lib.trees.scale import Ranks, scored

__all__ = ["plot_temperature", "softly"]


@style()
def plot_temperature(
    tree: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    rival: Any = None,
    rival_name: str = "CART",
    feature_names: Sequence[str] = (),
    class_names: Sequence[str] = (),
) -> Interactive:
    """Return a map of a soft tree's answers, with a slider for its temperature.

    `tree` is a fitted SoftTreeClassifier of two features. The slider multiplies that of all its
    nodes, from 16 times down to nothing, where every split is hard. `X` (samples, 2) and `y`
    (samples,) are drawn as points and scored; `rival` is a fitted scikit-learn tree whose boundary
    can be laid over. Raises ValueError where there are not two features.
    """
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X has shape {X.shape}: the map needs two features")
    labels = np.searchsorted(tree.classes_, y)
    features = list(feature_names or getattr(tree, "feature_names_in_", ["x0", "x1"]))
    classes = [str(name) for name in (class_names or tree.classes_)]
    parts = _parts(tree)
    spans = plane.ranges(X)
    fig = Figure(figsize=(5.6, 3.0))
    said = [
        f"A soft tree on {features[0]} and {features[1]}: two maps of what it answers, with"
        f" {len(X)} samples of the classes {', '.join(classes)}."
    ]
    for ax, times in zip(fig.subplots(1, 2, sharey=True), (1.0, 0.0), strict=True):
        answer = partial(softly, parts, times=times)
        plane.plot_plane(ax, answer, spans, X, labels, features)
        name = "soft, as fitted" if times else "hard"
        ax.set_title(name)
        ax.label_outer()
        shares = softly(parts, X, times)
        right = np.mean(shares.argmax(axis=1) == labels)
        loss = -np.log(np.maximum(shares[np.arange(len(X)), labels], 1e-12)).mean()
        said.append(
            f"{name.capitalize()}, it is right on {100 * right:.1f} % (log loss {loss:.3f})."
        )
    alike = np.mean(softly(parts, X, 0).argmax(axis=1) == softly(parts, X, 1).argmax(axis=1))
    said.append(f"Soft and hard decide alike on {100 * alike:.1f} %.")
    data = {
        "tree": parts,
        "rival": None if rival is None else _rival(rival, rival_name, X, y),
        "samples": X,
        "labels": labels,
        "features": features,
        "classes": classes,
        "ranges": spans,
    }
    scripts = [plane.SCRIPT, resource(__file__, "temperature_figure.js")]
    return Interactive("Soft tree and its temperature", scripts, data, fig, " ".join(said))


def softly(tree: Mapping[str, Any], X: NDArray[Any], times: float = 1.0) -> NDArray[np.float64]:
    """Return probabilities (samples, classes), all temperatures multiplied by `times` >= 0."""
    ranked = {i: Ranks(**ranks) for i, ranks in enumerate(tree["ranks"]) if ranks}
    x = (scored(X, ranked) - tree["mean"]) / tree["scale"]
    logits = x @ tree["weights"].T + tree["bias"]
    if times:
        yes = 1 / (1 + np.exp(-np.clip(logits / (tree["temperature"] * times), -500, 500)))
    else:
        yes = (logits > 0).astype(float)
    reach = np.ones((len(X), 1))
    while reach.shape[1] < len(tree["leaves"]):
        gate = yes[:, reach.shape[1] - 1 : 2 * reach.shape[1] - 1]
        reach = np.stack([reach * (1 - gate), reach * gate], axis=2).reshape(len(X), -1)
    return reach @ tree["leaves"]


def _parts(tree: Any) -> dict[str, Any]:
    """Return what a soft tree decides by: splits of standardised features, and leaves."""
    splits, scale = tree.module_.splits, tree.scale_
    if isinstance(splits, AxisSplits):
        weights = splits.choice()
        bias = -(weights * splits.threshold).sum(1)
    else:
        weights, bias = splits.weight, splits.bias
    return {
        "mean": scale.centre,
        "scale": scale.spread,
        "ranks": scale.knots(),
        "weights": weights.numpy(),
        "bias": bias.numpy(),
        "temperature": 1 / splits.slopes().numpy(),
        "leaves": tree.module_.leaves().numpy(),
    }


def _rival(tree: Any, name: str, X: NDArray[Any], y: ArrayLike) -> dict[str, Any]:
    arrays = tree.tree_
    return {
        "name": name,
        "accuracy": float(np.mean(tree.predict(X) == np.asarray(y))),
        "left": arrays.children_left,
        "right": arrays.children_right,
        "feature": arrays.feature,
        "threshold": arrays.threshold,
        "value": arrays.value[:, 0] / arrays.value[:, 0].sum(axis=1, keepdims=True),
    }
