"""Reads a table of texts from a file strictly, and says where it is wrong.

A row is counted as an editor counts it, from 1 and with the header; where a text of more than one
line stands above it, so that its line is another, the line is named as well.
"""

import csv
import difflib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ideas_lib.files import read_plain

__all__ = ["TextsTable", "column", "read_table"]

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_LINES = (".jsonl", ".ndjson")
_LONGEST = 2**31 - 1  # characters of a value; the csv module's own limit is 131,072

Rows = list[list[str]]


@dataclass(frozen=True)
class TextsTable:
    """The rows of a file, as `frame`; `rows` and `lines` are where each stands in it, from 1."""

    frame: pd.DataFrame
    rows: list[int]
    lines: list[int]

    def place(self, number: int) -> str:
        """Say where the row of that number, from 0, stands in its file."""
        return _place(self.rows[number], self.lines[number])


def read_table(path: Path, *, encoding: str = "utf-8", separator: str | None = None) -> TextsTable:
    """Return the rows of a CSV or TSV file with a header, or of one JSON object a line.

    Raises ValueError, with the row, for a row of more or fewer values than the header, quotes that
    do not close, a NUL byte, a broken JSON line and what is not in the encoding; and for another
    ending, a name that two columns have, no rows, and what is no plain file.
    """
    ending = path.suffix.lower()
    if ending not in (*_SEPARATORS, *_LINES):
        known = ", ".join((*_SEPARATORS, *_LINES))
        raise ValueError(f"{path} ends in {ending or 'nothing'}, which is none of {known}")
    text = _text(path, encoding)
    if ending in _LINES:
        table = _objects(path, text)
    else:
        table = _separated(path, text, _separator(separator) or _SEPARATORS[ending])
    if not table.rows:
        raise ValueError(f"{path} has no rows")
    return table


def column(table: pd.DataFrame, name: str, path: Path) -> str:
    """Return the name of a column that is there. Raises ValueError, with the nearest names."""
    names: Sequence[str] = list(table.columns)
    if name in names:
        return name
    near = difflib.get_close_matches(name.lower(), [each.lower() for each in names], 3, 0.5)
    meant = [each for each in names if each.lower() in near]
    hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else ""
    if _is_unseparated(names):
        hint = "are its values separated by something else? see --separator."
    raise ValueError(f"{path} has no column {name!r}; {hint} It has {', '.join(map(repr, names))}")


def _is_unseparated(names: Sequence[str]) -> bool:
    return len(names) == 1 and any(mark in names[0] for mark in ",;|\t")


def _text(path: Path, encoding: str) -> str:
    raw = read_plain(path)
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        text = raw.decode(name).removeprefix("\ufeff")
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = raw[:start].count(b"\n") + 1
        named = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
        raise ValueError(
            f"{path}, line {line}: byte 0x{raw[start]:02x} is no {encoding}; "
            f"name the file's encoding, for example --encoding {named}"
        ) from None
    except LookupError:
        raise ValueError(f"encoding {encoding!r} is unknown, try utf-8, cp1252 or utf-16") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ValueError(
            f"{path}, line {line} holds a NUL byte, which no text does; name the file's encoding,"
            " for example --encoding utf-16, or take it out"
        )
    return text


def _separator(given: str | None) -> str | None:
    mark = "\t" if given == r"\t" else given
    if mark is not None and (len(mark) != 1 or mark in '"\r\n'):
        raise ValueError(f"separator {given!r} is no single character, as ';' or '\\t' is")
    return mark


def _separated(path: Path, text: str, separator: str) -> TextsTable:
    """Return the table of a text with separators: every row as long as the header, or none."""
    rows = _rows(path, text, separator)
    _, _, header = next(rows, (0, 0, []))
    if not header:
        raise ValueError(f"{path} is empty")
    names = [name if name.strip() else f"column {n}" for n, name in enumerate(header, 1)]
    twice = [name for n, name in enumerate(names) if name in names[:n]]
    if twice:
        raise ValueError(f"{path} has more than one column {twice[0]!r}: rename one of them")
    numbers, lines, values = [], [], []
    for number, line, row in rows:
        if len(row) != len(names):
            hint = "; see --separator" if _is_unseparated(names) else ""
            raise ValueError(
                f"{path}, {_place(number, line)} has {len(row)} values, where the header has"
                f" {len(names)}: {separator.join(row)!r:.60}{hint}"
            )
        numbers.append(number)
        lines.append(line)
        values.append(row)
    return TextsTable(_typed(names, values), numbers, lines)


def _place(row: int, line: int) -> str:
    return f"row {row}" + (f" (line {line})" if line != row else "")


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield each row that is not blank, and before it its number and its first line's."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = begun = 0
    before = csv.field_size_limit(_LONGEST)
    try:
        while True:
            number, begun = number + 1, reader.line_num + 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                words = {
                    "unexpected end of data": "a quote is opened here, and closed nowhere",
                    f"'{separator}' expected after '\"'": "text follows a closing quote; "
                    'within quotes, write "" for a quote',
                }
                raise ValueError(
                    f"{path}, {_place(number, begun)}: {words.get(str(error), error)}"
                ) from None
            if row is None:
                return
            if row:
                yield number, begun, row
    finally:
        csv.field_size_limit(before)


def _typed(names: list[str], rows: Rows) -> pd.DataFrame:
    """Return a frame of words, with columns of numbers where all values are."""
    plain = io.StringIO(newline="")
    # A row of one empty value would be a blank line, which pandas skips, without quotes.
    csv.writer(plain, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    plain.seek(0)
    # A text that says NA, or null, is a text. Names are ours, so that none of them is changed.
    return pd.read_csv(
        plain, keep_default_na=False, na_values=[""], index_col=False, low_memory=False
    )


def _objects(path: Path, text: str) -> TextsTable:
    rows, numbers = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError(f"it is no JSON object but {line[:40]!r}")
            rows.append({name: _plain(value) for name, value in row.items()})
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, row {number}: {error.msg}") from None
        except RecursionError:
            raise ValueError(f"{path}, row {number} is nested too deeply") from None
        except ValueError as error:
            raise ValueError(f"{path}, row {number}: {error}") from None
        numbers.append(number)
    return TextsTable(pd.DataFrame(rows).rename(columns=str), numbers, numbers)


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
