"""`show_maps(vectors, labels)`: maps to read and to doubt, in a notebook or an HTML file."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, style
from ideas_lib.files import write_output
from ideas_lib.lm.maps.chart import Chart, charts
from ideas_lib.lm.maps.projection import NAMES, prepared
from ideas_lib.resources import resource

__all__ = ["MapView", "show_maps"]

_SCRIPTS = (
    resource(__file__, "raster.js"),
    resource(__file__, "camera.js"),
    resource(__file__, "points.js"),
    resource(__file__, "look.js"),
    resource(__file__, "panel.js"),
    resource(__file__, "viewer.js"),
)
_FEW = 24  # whole numbers with no more different values name classes
_SIDE = 65535  # places and distances are written in 16 bits


@dataclass(frozen=True, repr=False)
class MapView:
    """Maps of the same points. A notebook shows them as the last value of a cell.

    `maps` has a Chart for each method; `table` the text of each point, with its label and metadata.
    """

    title: str
    maps: dict[str, Chart]
    table: pd.DataFrame
    figure: Interactive

    def __repr__(self) -> str:
        return self.figure.alt

    def _repr_html_(self) -> str:
        return self.figure.html()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        return self.figure._repr_mimebundle_(include, exclude)

    def scores(self, method: str | None = None) -> pd.DataFrame:
        """Return x, y, kept, trustworthiness, continuity and, if measured, stability, by point.

        `method` is one of `maps`, the first where none is named.
        """
        chart = self.maps[method or next(iter(self.maps))]
        columns = {"x": chart.places[:, 0], "y": chart.places[:, 1]}
        for name in ("kept", "trustworthiness", "continuity", "stability"):
            if getattr(chart.trust, name) is not None:
                columns[name] = getattr(chart.trust, name)
        return pd.DataFrame(columns)

    def frame(self, method: str | None = None) -> pd.DataFrame:
        """Return a row a point: text, metadata, and the `scores` of a map."""
        scores = self.scores(method)
        return pd.concat([self.table.drop(columns=scores.columns, errors="ignore"), scores], axis=1)

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the maps as one HTML file, which opens from disk and asks no server anything.

        Raises NotOurs for a file that is there and that this did not write, unless by `force`.
        """
        path = Path(path)
        write_output(path, self.page(), force=force)
        return path

    def page(self) -> str:
        """Return that file's HTML."""
        template = resource(__file__, "page.html").read_text(encoding="utf-8")
        head, middle, tail = (
            template.split("{figure}")[0],
            self.figure,
            template.split("{figure}")[1],
        )
        return head.replace("{title}", escape(self.title)) + middle.html() + tail


def show_maps(
    vectors: ArrayLike,
    labels: Sequence[Any] | None = None,
    *,
    texts: Sequence[str] | None = None,
    metadata: Mapping[str, Sequence[Any]] | pd.DataFrame | None = None,
    methods: Sequence[str] | None = None,
    k: int | None = None,
    seed: int = 0,
    reruns: int | None = None,
    metric: str = "cosine",
    title: str = "Map",
) -> MapView:
    """Return maps of (points, dimensions) vectors, which show how far they can be believed.

    `labels`, `texts` and each column of `metadata` have one value a point: `labels` colour it,
    `texts` stand beside it and are searched (the labels are, where there are none). Numbers get a
    scale; words, and whole numbers of few values, a legend. The rest is as `chart.charts` takes it.
    Raises ValueError where a length differs or a name is taken twice, and as `charts` does.
    """
    found = np.asarray(vectors)
    table = _table(len(found), labels, texts, metadata)
    maps = charts(found, methods, k=k, seed=seed, reruns=reruns, metric=metric)
    return render_maps(found, maps, table, metric=metric, title=title)


def render_maps(
    vectors: ArrayLike,
    maps: dict[str, Chart],
    table: pd.DataFrame,
    *,
    metric: str = "cosine",
    title: str = "Map",
) -> MapView:
    """Return a view of maps that were made before; `table` has a column `text`, and metadata."""
    first = next(iter(maps.values()))
    true = first.trust.true
    rows = prepared(vectors, metric)
    near = np.stack([np.linalg.norm(rows[true[:, r]] - rows, axis=1) for r in range(true.shape[1])])
    farthest = float(near.max()) or 1.0
    data = {
        "style": resource(__file__, "viewer.css").read_text(encoding="utf-8"),
        "count": len(rows),
        "k": first.trust.k,
        "metric": metric,
        "texts": table["text"].tolist(),
        "columns": [_column(name, table[name]) for name in table if name != "text"],
        "true": _indices(true, len(rows)),
        "near": _sixteen(near.T / farthest),
        "farthest": farthest,
        "charts": [_chart(chart) for chart in maps.values()],
    }
    colour = next((name for name in table if name != "text"), None)
    picture = _picture(first, None if colour is None else table[colour])
    alt = f"{title}: {NAMES[first.method]} of {len(rows):,} points. {first.sentence}"
    return MapView(title, maps, table, Interactive(title, _SCRIPTS, data, picture, alt))


def _table(
    count: int,
    labels: Sequence[Any] | None,
    texts: Sequence[str] | None,
    metadata: Mapping[str, Sequence[Any]] | pd.DataFrame | None,
) -> pd.DataFrame:
    given: dict[str, Any] = {} if labels is None else {"label": labels}
    for name in [] if metadata is None else metadata:
        if str(name) in (*given, "text"):
            raise ValueError(f"metadata has a column {name!r}, which is a name that is taken")
        given[str(name)] = metadata[name]  # type: ignore[index]
    said = texts if texts is not None else labels
    given = {"text": [f"point {n}" for n in range(count)] if said is None else said, **given}
    for name, values in reversed(given.items()):  # texts last, for they may be the labels
        if len(values) != count:
            raise ValueError(f"{name} has {len(values)} values for {count} vectors")
    columns = {name: pd.Series(list(values), dtype=None) for name, values in given.items()}
    return pd.DataFrame(columns).assign(text=[_word(text) for text in given["text"]])


def _word(value: Any) -> str:
    missing = value is None or value is pd.NaT or value is pd.NA or value != value
    # A lone surrogate is no text that a file can hold.
    return "" if missing else str(value).encode("utf-8", "replace").decode("utf-8")


def _column(name: str, values: pd.Series) -> dict[str, Any]:
    """Return a column as the script reads it: numbers, or names with a code a point."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    classes = numeric and (values.dropna() % 1 == 0).all() and values.nunique() <= _FEW
    if numeric and not classes:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        numbers = np.where(np.isfinite(numbers), numbers, np.nan).astype("<f4")
        return {"name": name, "values": _base64(numbers)}
    if numeric:
        order = np.sort(values.dropna().unique())
        names = [_word(int(value)) for value in order]
        names += [""] if values.isna().any() else []
        words = ["" if pd.isna(value) else str(int(value)) for value in values]
    else:
        words = [_word(value) for value in values]
        names = sorted(set(words))
    code = {word: n for n, word in enumerate(names)}
    codes = np.array([code[word] for word in words], dtype="<u4" if len(names) > 255 else "u1")
    return {"name": name, "names": names, "codes": _base64(codes)}


def _chart(chart: Chart) -> dict[str, Any]:
    trust, count = chart.trust, len(chart.places)
    low, high = chart.places.min(axis=0), chart.places.max(axis=0)
    span = float((high - low).max()) or 1.0
    left, bottom = (low + high - span) / 2
    unit = (chart.places - [left, bottom]) / span
    unit[:, 1] = 1 - unit[:, 1]  # up on the screen is less
    stability = None if trust.stability is None else np.rint(255 * trust.stability).astype("u1")
    return {
        "method": chart.method,
        "name": NAMES[chart.method],
        "kept": float(trust.kept.mean()),
        "few": trust.few,
        "sentence": chart.sentence,
        "frame": [left, bottom + span, span],
        "places": _sixteen(unit),
        "shown": _indices(trust.shown, count),
        "trueRanks": _indices(trust.true_ranks, count),
        "shownRanks": _indices(trust.shown_ranks, count),
        "stability": None if stability is None else _base64(stability),
    }


def _sixteen(shares: NDArray[Any]) -> str:
    return _base64(np.rint(_SIDE * np.clip(shares, 0, 1)).astype("<u2"))


def _indices(values: NDArray[Any], count: int) -> str:
    return _base64(values.astype("<u4" if count > _SIDE else "<u2"))


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


@style()
def _picture(chart: Chart, values: pd.Series | None) -> Figure:
    """Draw the map where no script runs: the same points, hollow where they are hollow there."""
    fig = Figure(figsize=(5.6, 4.4))
    ax = fig.add_subplot()
    names = [] if values is None else sorted(set(values.map(_word)))
    # Few kinds have a colour each, if the font has their letters.
    few = 1 < len(names) <= len(COLOURS) and "".join(names).isascii()
    kinds = [] if values is None or not few else values.map(_word).map(names.index).tolist()
    colours = np.array(COLOURS)[kinds or np.zeros(len(chart.places), dtype=int)]
    size = float(np.clip(6000 / len(colours), 1.5, 30))
    doubt = chart.trust.doubtful
    x, y = chart.places.T
    ax.scatter(
        x[doubt],
        y[doubt],
        size,
        facecolors="none",
        edgecolors=colours[doubt].tolist(),
        lw=0.6,
        alpha=0.6,
    )
    ax.scatter(x[~doubt], y[~doubt], size, c=colours[~doubt].tolist(), lw=0, alpha=0.85)
    ax.set_aspect("equal", "datalim")
    ax.set_axis_off()
    ax.set_title(f"{NAMES[chart.method]}: {100 * chart.trust.kept.mean():.0f} % of neighbours true")
    if kinds:
        marks = [ax.scatter([], [], 30, c=colour, lw=0) for colour in COLOURS[: len(names)]]
        short = [name if len(name) < 20 else f"{name[:18]}..." for name in names]
        key = fig.legend(marks, short, loc="outside lower center", ncols=3, fontsize=9)
        for text in key.get_texts():
            text.set_parse_math(False)  # a name with two dollars is no formula
    return fig
