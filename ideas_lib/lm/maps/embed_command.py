"""`ideas embed`. What it needs is imported only when it runs."""

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ideas_lib.files import check_output, is_stream, read_plain, write_output

if TYPE_CHECKING:
    import pandas as pd

    from ideas_lib.lm.maps.map_view import MapView
    from ideas_lib.lm.maps.texts_table import TextsTable

__all__ = ["embed_command"]

EMBED = """\b
Examples:
  ideas embed reviews.csv --text-col review --label-col stars --html reviews.html
  ideas embed exercises.jsonl --text-col task --method umap --method pca --csv map.csv
  ideas embed sentences.tsv --text-col sentence --endpoint http://127.0.0.1:8080/v1
  ideas embed faces.csv --text-col name --vectors faces.npy --html faces.html
"""
METHODS = ("pca", "t-sne", "umap", "pacmap")
LONG = ("truncate", "skip", "refuse")
OUT = click.Path(dir_okay=False, path_type=Path)
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
@click.option(
    "--long",
    "rule",
    type=click.Choice(LONG),
    default="truncate",
    show_default=True,
    help="What becomes of a text above the model's window: its beginning is embedded, it is left "
    "out, or nothing is drawn.",
)
@click.option("--fresh", is_flag=True, help="Embed every text anew, whatever the cache has.")
@click.option("--force", is_flag=True, help="Replace files that another program wrote, or you.")
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
    force: bool,
    **how: Any,
) -> None:
    """Embed the texts of FILE and draw maps of them that show their own errors.

    Points whose neighbours on the map are not their neighbours in truth are drawn faint and hollow.
    All other columns can colour the map. Without an output named, the maps go to FILE's name with
    .html, in the working directory. A file that is there is replaced only if it is as this tool
    wrote it; --force replaces any.

    Every row has as many values as the header, and an error names the row as an editor counts it,
    the header being row 1. A text above the model's window is cut at its end until the model takes
    it, and how many were is said; --long has other rules.
    """
    from ideas_lib.lm.maps.texts_table import column, read_table

    outputs = {"html": html, "csv": csv, "json": json_, "npz": npz}
    if not any(outputs.values()):
        outputs["html"] = Path(f"{file.stem}.html")
    for path in filter(None, outputs.values()):  # before hours of work, not after
        if path.resolve() == file.resolve():
            raise ValueError(f"{path} is the file to read: name another one to write")
        check_output(path, force=force)
    table = read_table(file, encoding=encoding, separator=separator)
    names = [column(table.frame, name, file) for name in (text_col, label_col) if name is not None]
    shown, found = _drawn(table, names, vectors, file, **how)
    aside = any(map(is_stream, filter(None, outputs.values())))  # what is written stands alone
    for kind, target in outputs.items():
        if target is not None:
            content = _WRITERS[kind](shown, found)
            write_output(target, content, force=force)
            click.echo(f"wrote {target} ({len(content) / 1e6:,.1f} MB)", err=aside)
    for chart in shown.maps.values():
        click.echo(f"\n{chart.method}: {chart.sentence}", err=aside)


def _drawn(
    table: "TextsTable",
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
    rule: str,
    fresh: bool,
) -> tuple["MapView", Any]:
    """Return the maps and the vectors they show."""
    import numpy as np

    from ideas_lib.lm.maps.long_texts import embed_by_rule
    from ideas_lib.lm.maps.map_view import show_maps
    from ideas_lib.lm.maps.vectors import CAP
    from ideas_lib.lm.maps.vectors import embed as ask

    frame, fewer = table.frame, sample is not None
    rows = np.arange(len(frame))
    if sample is not None and sample < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))
    texts = [
        _text(frame[names[0]].iloc[row], f"{file}, {table.place(row)}") for row in rows.tolist()
    ]
    if vectors is None:
        cached: list[Any] = []
        how: dict[str, Any] = {"model": model, "cap": CAP if cap is None else cap}
        how |= {"fresh": fresh, "kept": cached}
        found, kept, long = embed_by_rule(
            texts,
            rule,
            lambda some, refused: ask(some, endpoint, refused=refused, **how),
            lambda n: f"{file}, {table.place(int(rows[n]))}",
        )
        if any(each.count for each in cached[:1]):
            click.echo(cached[0].words("vectors"), err=True)
        if long:
            done = "only the beginning counts" if rule == "truncate" else "they are left out"
            click.echo(
                f"{long:,} of {len(texts):,} texts are above the model's window: {done}"
                f" (--long {rule})",
                err=True,
            )
        fewer = fewer or len(kept) < len(texts)
        rows, texts = rows[kept], [texts[n] for n in kept]
    else:
        found = _read_vectors(vectors)
        if len(found) != len(frame):
            raise ValueError(f"{vectors} has {len(found)} rows, {file} has {len(frame)}")
        found = found[rows]
    others = [name for name in (*names[1:], *frame.columns) if name != names[0]]
    if fewer:
        frame = frame.assign(**{"row in file": table.rows})
        others.append("row in file")
    metadata = frame.iloc[rows][list(dict.fromkeys(others))].rename(columns={"text": "text (2)"})
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


def _text(value: Any, place: str) -> str:
    text = "" if value is None or value != value else str(value)
    if not text.strip():
        raise ValueError(f"{place} has no text; leave it out")
    return text


def _read_vectors(path: Path) -> Any:
    import numpy as np

    try:
        found = np.load(io.BytesIO(read_plain(path)), allow_pickle=False)
    except (EOFError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no array of NumPy's, .npy: {error}") from error
    if not isinstance(found, np.ndarray) or not found.ndim:
        raise ValueError(f"{path} is no array of NumPy's with a row a text, .npy")
    return found


def _wide(shown: "MapView") -> "pd.DataFrame":
    """Return a row a text, with the columns of each map under its name."""
    import pandas as pd

    parts = [shown.scores(method).add_prefix(f"{method}_") for method in shown.maps]
    return pd.concat([shown.table, *parts], axis=1)


def _csv(shown: "MapView", vectors: Any) -> bytes:
    return _wide(shown).to_csv(index_label="row").encode()


def _json(shown: "MapView", vectors: Any) -> bytes:
    rows = json.loads(_wide(shown).to_json(orient="records", double_precision=10))
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def _npz(shown: "MapView", vectors: Any) -> bytes:
    import numpy as np

    arrays: dict[str, Any] = {"vectors": vectors}
    for method, chart in shown.maps.items():
        trust = chart.trust
        arrays |= {f"{method}_places": chart.places, f"{method}_shown": trust.shown}
        for name in ("kept", "trustworthiness", "continuity", "stability"):
            if getattr(trust, name) is not None:
                arrays[f"{method}_{name}"] = getattr(trust, name)
        arrays["true"] = trust.true
    made = io.BytesIO()
    np.savez_compressed(made, **arrays)
    return made.getvalue()


def _html(shown: "MapView", vectors: Any) -> bytes:
    return shown.page().encode()


_WRITERS = {"html": _html, "csv": _csv, "json": _json, "npz": _npz}
