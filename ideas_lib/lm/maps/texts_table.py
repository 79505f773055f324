"""Reads a table of texts from a file, and says what is wrong with it where something is."""

import difflib
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

__all__ = ["column", "read_table"]

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_LINES = (".jsonl", ".ndjson")


def read_table(
    path: Path, *, encoding: str = "utf-8", separator: str | None = None
) -> pd.DataFrame:
    """Return the rows of a CSV or TSV file with a header, or of one JSON object a line.

    Raises ValueError for another ending, another encoding (with the line it is in), a broken line
    and a file without rows.
    """
    ending = path.suffix.lower()
    if ending not in (*_SEPARATORS, *_LINES):
        known = ", ".join((*_SEPARATORS, *_LINES))
        raise ValueError(f"{path} ends in {ending or 'nothing'}, which is none of {known}")
    text = _text(path, encoding)
    if ending in _LINES:
        table = _objects(path, text)
    else:
        import io

        try:
            table = pd.read_csv(
                io.StringIO(text),
                sep=separator or _SEPARATORS[ending],
                keep_default_na=False,  # a text that says NA, or null, is a text
                na_values=[""],
            )
        except pd.errors.ParserError as error:
            raise ValueError(f"{path}: {' '.join(str(error).split())}") from error
        except pd.errors.EmptyDataError:
            raise ValueError(f"{path} is empty") from None
    if table.empty:
        raise ValueError(f"{path} has no rows")
    return table.rename(columns=str)


def column(table: pd.DataFrame, name: str, path: Path) -> str:
    """Return the name of a column that is there. Raises ValueError, with the nearest names."""
    names: Sequence[str] = list(table.columns)
    if name in names:
        return name
    near = difflib.get_close_matches(name.lower(), [each.lower() for each in names], 3, 0.5)
    meant = [each for each in names if each.lower() in near]
    hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else ""
    if len(names) == 1 and any(mark in names[0] for mark in ";|\t"):
        hint = "are its values separated by something else? see --separator."
    raise ValueError(f"{path} has no column {name!r}; {hint} It has {', '.join(map(repr, names))}")


def _text(path: Path, encoding: str) -> str:
    raw = path.read_bytes()
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path}, line {line}: byte 0x{raw[error.start]:02x} is no {encoding}; "
            f"name the file's encoding, for example --encoding cp1252"
        ) from None
    except LookupError:
        raise ValueError(f"encoding {encoding!r} is unknown, try utf-8, cp1252 or utf-16") from None


def _objects(path: Path, text: str) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number}: {error.msg}") from None
        if not isinstance(row, dict):
            raise ValueError(f"{path}, line {number} is no JSON object but {line[:40]!r}")
        rows.append(row)
    plain = [
        {
            name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return pd.DataFrame(plain)
