"""`ideas embed`. What it needs is imported only when it runs."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ideas_lib.study.provenance import write_atomic

if TYPE_CHECKING:
    import pandas as pd

    from ideas_lib.lm.maps.map_view import MapView

__all__ = ["embed_command"]

EMBED = """\b
Examples:
  ideas embed reviews.csv --text-col review --label-col stars --html reviews.html
  ideas embed exercises.jsonl --text-col task --method umap --method pca --csv map.csv
  ideas embed sentences.tsv --text-col sentence --endpoint http://127.0.0.1:8080/v1
  ideas embed faces.csv --text-col name --vectors faces.npy --html faces.html
"""
METHODS = ("pca", "t-sne", "umap", "pacmap")
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("embed", epilog=EMBED, short_help="Map texts, and show how far to believe it.")
@click.argument("file", metavar="FILE.csv|.tsv|.jsonl", type=FILE)
@click.option("--text-col", required=True, metavar="NAME", help="The column of the texts.")
@click.option("--label-col", metavar="NAME", help="The column that colours the points.")
@click.option("--html", type=OUT, help="Write the maps as one HTML file, which works offline.")
@click.option("--csv", type=OUT, help="Write places and errors, a row a text.")
@click.option("--json", "json_", type=OUT, help="The same as JSON, a list of objects.")
@click.option("--npz", type=OUT, help="Vectors, places, errors and neighbours, for NumPy.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="How to draw; repeat for more (default: all that are installed; fewer for many texts).",
)
@click.option("--seed", default=0, show_default=True, help="Of maps and samples.")
@click.option("--neighbours", "k", type=int, help="How many neighbours count (default: 10).")
@click.option(
    "--reruns", type=click.IntRange(min=0), help="Draw each map again so often, for stability."
)
@click.option("--sample", type=click.IntRange(min=4), help="Take so many rows, drawn at random.")
@click.option(
    "--endpoint",
    "--base-url",
    "endpoint",
    metavar="URL|NAME|PATH.gguf",
    help="What embeds (default: OPENAI_BASE_URL, else a small model on this machine).",
)
@click.option("--model", metavar="NAME", help="Which model of a URL that has several.")
@click.option("--cap", type=int, help="Most tokens to send to an endpoint elsewhere.")
@click.option("--vectors", type=FILE, help="Vectors of your own, .npy, a row a text: none is sent.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the file.")
@click.option("--separator", metavar="CHAR", help="Of a CSV file (default: by its ending).")
def embed_command(
    file: Path,
    text_col: str,
    label_col: str | None,
    html: Path | None,
    csv: Path | None,
    json_: Path | None,
    npz: Path | None,
    vectors: Path | None,
    encoding: str,
    separator: str | None,
    **how: Any,
) -> None:
    """Embed the texts of FILE and draw maps of them that show their own errors.

    Points whose neighbours on the map are not their neighbours in truth are drawn faint and hollow.
    All other columns can colour the map. Without an output named, the maps go to FILE's name with
    .html, in the working directory.
    """
    from ideas_lib.lm.maps.texts_table import column, read_table

    outputs = {"html": html, "csv": csv, "json": json_, "npz": npz}
    if not any(outputs.values()):
        outputs["html"] = Path(f"{file.stem}.html")
    for path in filter(None, outputs.values()):  # before hours of work, not after
        if path.resolve() == file.resolve():
            raise ValueError(f"{path} is the file to read: name another one to write")
        if not path.parent.is_dir():
            raise ValueError(f"{path} cannot be written: {path.parent} is no folder")
    table = read_table(file, encoding=encoding, separator=separator)
    names = [column(table, name, file) for name in (text_col, label_col) if name is not None]
    shown, found = _drawn(table, names, vectors, file, **how)
    for kind, target in outputs.items():
        if target is not None:
            _WRITERS[kind](shown, found, target)
            click.echo(f"wrote {target} ({target.stat().st_size / 1e6:,.1f} MB)")
    for chart in shown.maps.values():
        click.echo(f"\n{chart.method}: {chart.sentence}")


def _drawn(
    table: "pd.DataFrame",
    names: list[str],
    vectors: Path | None,
    file: Path,
    *,
    seed: int,
    sample: int | None,
    methods: tuple[str, ...],
    k: int | None,
    reruns: int | None,
    endpoint: str | None,
    model: str | None,
    cap: int | None,
) -> tuple["MapView", Any]:
    """Return the maps and the vectors they show."""
    import numpy as np

    from ideas_lib.lm.maps.map_view import show_maps
    from ideas_lib.lm.maps.vectors import CAP
    from ideas_lib.lm.maps.vectors import embed as ask

    rows = np.arange(len(table))
    if sample is not None and sample < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))
    texts = [_text(table[names[0]].iloc[row], row, file) for row in rows.tolist()]
    if vectors is None:
        found = ask(texts, endpoint, model=model, cap=CAP if cap is None else cap)
    else:
        found = np.load(vectors, allow_pickle=False)
        if len(found) != len(table):
            raise ValueError(f"{vectors} has {len(found)} rows, {file} has {len(table)}")
        found = found[rows]
    others = [name for name in (*names[1:], *table.columns) if name != names[0]]
    if sample is not None:
        table = table.assign(**{"row in file": np.arange(1, len(table) + 1)})
        others.append("row in file")
    metadata = table.iloc[rows][list(dict.fromkeys(others))].rename(columns={"text": "text (2)"})
    shown = show_maps(
        found,
        texts=texts,
        metadata=metadata,
        methods=methods or None,
        k=k,
        seed=seed,
        reruns=reruns,
        title=file.stem,
    )
    return shown, found


def _text(value: Any, row: int, file: Path) -> str:
    text = "" if value is None or value != value else str(value)
    if not text.strip():
        raise ValueError(f"{file}: row {row + 1} after the header has no text; leave it out")
    return text


def _wide(shown: "MapView") -> "pd.DataFrame":
    """Return a row a text, with the columns of each map under its name."""
    import pandas as pd

    parts = [shown.scores(method).add_prefix(f"{method}_") for method in shown.maps]
    return pd.concat([shown.table, *parts], axis=1)


def _csv(shown: "MapView", vectors: Any, target: Path) -> None:
    write_atomic(target, _wide(shown).to_csv(index_label="row"))


def _json(shown: "MapView", vectors: Any, target: Path) -> None:
    rows = json.loads(_wide(shown).to_json(orient="records", double_precision=10))
    write_atomic(target, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def _npz(shown: "MapView", vectors: Any, target: Path) -> None:
    import numpy as np

    arrays: dict[str, Any] = {"vectors": vectors}
    for method, chart in shown.maps.items():
        trust = chart.trust
        arrays |= {f"{method}_places": chart.places, f"{method}_shown": trust.shown}
        for name in ("kept", "trustworthiness", "continuity", "stability"):
            if getattr(trust, name) is not None:
                arrays[f"{method}_{name}"] = getattr(trust, name)
        arrays["true"] = trust.true
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as stream:  # by a name alone, NumPy would add an ending
            np.savez_compressed(stream, **arrays)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _html(shown: "MapView", vectors: Any, target: Path) -> None:
    shown.save(target)


_WRITERS = {"html": _html, "csv": _csv, "json": _json, "npz": _npz}
