"""An answer as one HTML file: heat maps, contrasts with intervals, tokens under each score.

    write_report(compare(contexts, phrases), "report.html")

The file asks nobody for anything, and runs no script but its own: its policy, in its head, names
the hash of that script. Every text from a user or a model is escaped, and shown with what hides in
it made visible.
"""

import base64
import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ideas_lib.files import check_output, write_output
from ideas_lib.lm.report.answer import Answer, Line, interval_words, known
from ideas_lib.lm.report.picture import (
    MINUS,
    Axis,
    ColourScale,
    colour_scale,
    cut_middle,
    rounded,
    seen,
)
from ideas_lib.lm.scoring.logprobs import Comparison
from ideas_lib.resources import resource

__all__ = ["check_target", "write_report"]

PAGE = resource(__file__, "page")
OURS = '<meta name="generator" content="ideas logprobs">'
# Columns of a comparison's frame, in words, with the decimals that they are worth.
SCORES = {
    "logprob": ("log-probability", 1),
    "per_token": ("a token", 2),
    "per_byte": ("a byte", 2),
    "pmi": ("PMI", 1),
    "calibrated": ("calibrated", 2),
}
PARTS = ("report.css", "forest.css", "heat.css"), ("report.js", "heat.js")
DIGITS = 3  # of the numbers that the script gets
LONG = 2000  # characters of a context that are kept; a row's heading has fewer
HEADING, COLUMN = 96, 60


def check_target(path: Path, force: bool = False) -> None:
    """Raise where `write_report` could not write, before a model is asked."""
    check_output(path, force=force, mark=OURS.encode())


def write_report(
    answer: Answer | Comparison | Sequence[Comparison], path: str | Path, *, force: bool = False
) -> Path:
    """Write a report, whole or not at all, and return its path.

    Several comparisons, of the same contexts and phrases, stand side by side. An earlier report is
    replaced, and nothing else but by `force`: raises NotOurs, OSError, ValueError as `Answer` does.
    """
    if isinstance(answer, Comparison):
        answer = [answer]
    if not isinstance(answer, Answer):
        answer = Answer(tuple(answer))
    path = Path(path)
    write_output(path, page(answer), force=force, mark=OURS.encode())
    return path


def page(answer: Answer) -> str:
    """Return the report's HTML."""
    scales = {name: _scale(answer, name, digits) for name, (_, digits) in SCORES.items()}
    lines = answer.lines()
    style, script = (
        "\n".join((PAGE / name).read_text(encoding="utf-8") for name in names) for names in PARTS
    )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    environment.filters |= {"seen": seen, "number": rounded}
    axis = Axis.of([end for line in lines for end in _ends(line)])
    return environment.get_template("report.html").render(
        policy=_policy(style, script),
        style=Markup(style),  # ours, as is the script: not escaped, for no text is in them
        script=Markup(script),
        title=_title(answer.phrases),
        answer=answer,
        models=[_table(model, found, scales["logprob"]) for model, found in _each(answer)],
        headings=[cut_middle(seen(each), HEADING) for each in answer.contexts],
        phrases=[cut_middle(seen(each), COLUMN) for each in answer.phrases],
        names={name: words for name, (words, _) in SCORES.items()},
        scales=scales,
        axis=axis,
        lines=[_row(place, line, answer, axis) for place, line in enumerate(lines)],
        provenance=answer.provenance(),
        data=_data(answer, lines, scales),
        merged=any((found.frame["boundary"] == "merged").any() for found in answer.found),
        censored=any((found.frame["kind"] == "censored").any() for found in answer.found),
    )


def _each(answer: Answer) -> list[tuple[str, Comparison]]:
    return list(zip(answer.models, answer.found, strict=True))


def _policy(style: str, script: str) -> str:
    """The content security policy: no request at all, and no code but ours."""
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _title(phrases: list[str]) -> str:
    if len(phrases) > 3:
        return f"How probable are {len(phrases)} phrases?"
    words = [f"\u201c{cut_middle(seen(each), COLUMN)}\u201d" for each in phrases]
    return f"How probable is {' or '.join(words)}?"


def _scale(answer: Answer, name: str, digits: int) -> ColourScale:
    values = [value for found in answer.found for value in found.frame[name]]
    return colour_scale(values, digits, diverging=name == "pmi")


# The heat map as it stands before, or without, its script.


def _table(model: str, found: Comparison, colours: ColourScale) -> dict[str, Any]:
    columns = found.frame["phrase"].nunique()
    cells = [_cell(row, colours) for row in found.frame.to_dict("records")]
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    return {"name": seen(model), "rows": rows}


def _cell(row: dict[str, Any], colours: ColourScale) -> tuple[str, str]:
    """A cell's classes and text, as the script writes them for the other kinds of score."""
    value, censored = round(row["logprob"], DIGITS), row["kind"] == "censored"
    text = rounded(value, colours.digits) + ("\u2020" if row["boundary"] == "merged" else "")
    if censored:
        return f"{colours.step(value)} bound", f"\u2264\u2009{text}"
    return colours.step(value), text


# Contrasts.


def _ends(line: Line) -> list[float]:
    one = line.contrast
    ends = [one.mean, *_bounds(line)]
    robust = one.robust
    return ends + ([robust.new_family.low, robust.new_family.high] if robust else [])


def _bounds(line: Line) -> tuple[float, float]:
    """The contrast's interval; with one context, what is certain of that one."""
    one = line.contrast
    if len(one.frame) == 1:
        return one.frame["low"][0], one.frame["high"][0]
    return one.low, one.high


def _row(place: int, line: Line, answer: Answer, axis: Axis) -> dict[str, Any]:
    one = line.contrast
    low, high = _bounds(line)
    above, below, count = known(one)
    robust = one.robust
    new = None
    if robust is not None:
        ends = robust.new_family
        new = {"low": axis.at(ends.low), "high": axis.at(ends.high), "text": _words(ends)}
        new["noisy"] = f"{rounded(robust.variants.mean, 2, True)} {_words(robust.variants)}"
        new["sign"] = f"{robust.stability.variants.share:.0%}"
        new["variants"] = robust.stability.variants.n
    return {
        "place": place,
        "a": cut_middle(seen(one.a), COLUMN),
        "b": cut_middle(seen(one.b), COLUMN),
        "group": seen(line.group),
        "model": seen(line.model),
        "colour": answer.models.index(line.model) % 6,
        "mean": rounded(one.mean, 2, sign=True),
        "interval": interval_words(one).replace("-", MINUS),
        "at": None if math.isnan(one.mean) else axis.at(one.mean),
        "low": axis.at(low),
        "high": axis.at(high),
        "known": not (math.isinf(low) and math.isinf(high)),
        "open": math.isinf(low) or math.isinf(high),
        "end": _end(low, high, axis),
        "ahead": f"{above} : {below}",
        "count": count,
        "new": new,
        "note": line.note,
    }


def _end(low: float, high: float, axis: Axis) -> float | None:
    """Where the known end of an interval stands that is open to one side."""
    if math.isinf(low) == math.isinf(high):
        return None
    return axis.at(high if math.isinf(low) else low)


def _words(bounds: Any) -> str:
    return f"[{rounded(bounds.low, 2, True)}, {rounded(bounds.high, 2, True)}]"


# What the script needs: numbers and texts by place, each text once.


def _data(answer: Answer, lines: list[Line], scales: dict[str, ColourScale]) -> dict[str, Any]:
    texts: dict[str, int] = {}
    contexts = {context: place for place, context in enumerate(answer.contexts)}
    return {
        "phrases": [cut_middle(seen(each), LONG) for each in answer.phrases],
        "contexts": [cut_middle(seen(each), LONG) for each in answer.contexts],
        "names": {name: words for name, (words, _) in SCORES.items()},
        "scales": {
            name: {"kind": each.kind, "digits": each.digits, "edges": each.edges}
            for name, each in scales.items()
        },
        "models": [
            {
                "name": seen(model),
                "values": {name: _numbers(found.frame[name]) for name in SCORES},
                "bound": _places(found.frame["kind"] == "censored"),
                "merged": _places(found.frame["boundary"] == "merged"),
                "tokens": _tokens(answer, found, texts),
                "noisy": _noisy(answer, found, texts),
            }
            for model, found in _each(answer)
        ],
        "lines": [_contexts(line, contexts) for line in lines],
        "texts": [cut_middle(each, LONG) for each in texts],
    }


def _numbers(values: Any) -> list[float | None]:
    return [None if not math.isfinite(each) else round(float(each), DIGITS) for each in values]


def _places(where: Any) -> list[int]:
    return [place for place, yes in enumerate(where) if yes]


def _place(texts: dict[str, int], text: str) -> int:
    return texts.setdefault(text, len(texts))


def _tokens(answer: Answer, found: Comparison, texts: dict[str, int]) -> list[list[Any]]:
    """A list a cell: text, logprob, text, logprob, ... The text is a place in `texts`."""
    rows = []
    for context in answer.contexts:
        for phrase in answer.phrases:
            tokens = found.scores[context, phrase].tokens
            each = [(_place(texts, seen(t.text)), round(t.logprob, DIGITS)) for t in tokens]
            rows.append([part for pair in each for part in pair])
    return rows


def _noisy(answer: Answer, found: Comparison, texts: dict[str, int]) -> list[list[Any]] | None:
    """A list a context, of its variants: text, family, edit, each phrase's logprob; or None."""
    noisy = found.noisy
    if noisy is None or not len(noisy):
        return None
    rows: dict[str, list[Any]] = {context: [] for context in answer.contexts}
    parts = noisy.groupby(["context", "variant", "family", "edit"], sort=False)
    for (context, variant, family, edit), part in parts:
        by_phrase = part.drop_duplicates("phrase").set_index("phrase")["logprob"]
        words = [_place(texts, seen(text)) for text in (variant, family, edit)]
        rows[context].append([*words, _numbers(by_phrase.reindex(answer.phrases))])
    return list(rows.values())


def _contexts(line: Line, contexts: dict[str, int]) -> list[list[Any]]:
    """A list a context of a contrast: its place, the difference, what it lies between."""
    frame = line.contrast.frame
    numbers = (_numbers(frame[name]) for name in ("difference", "low", "high"))
    return [
        [contexts[context], *each]
        for context, *each in zip(frame["context"], *numbers, strict=True)
    ]
