"""An answer as text: a table for a terminal, CSV, JSON."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from ideas_lib.lm.report.answer import Answer, interval_words, known, place
from ideas_lib.lm.scoring.contrast import Contrast

__all__ = ["as_csv", "as_json", "as_table"]

NUMBERS = {
    "logprob": "logprob",
    "per_token": "a token",
    "per_byte": "a byte",
    "pmi": "pmi",
    "calibrated": "calibrated",
}
# What a terminal may act upon, or nobody would see; in JSON it stands in strings alone.
HIDDEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
LEAST, PHRASE = 16, 28  # columns on the screen: the least for a context, the most for a phrase
CUT = "..."


def as_csv(answer: Answer) -> str:
    """Every score as CSV, `Answer.frame` with all its digits."""
    return answer.frame().to_csv(index=False, lineterminator="\n")


def as_json(answer: Answer) -> str:
    """Everything as JSON: `provenance`, `scores`, `contrasts`, with noise `noisy` and `tallies`.

    What is not known, or open, is null.
    """
    details: dict[Any, list[Any]] = {}
    for model, found in zip(answer.models, answer.found, strict=True):
        for (context, phrase), score in found.scores.items():
            pairs = [[token.text, token.logprob] for token in score.tokens]
            details[model, context, phrase] = pairs
    scores = answer.frame().to_dict("records")
    for row in scores:
        row["token_logprobs"] = details[row["model"], row["context"], row["phrase"]]
    contrasts = []
    for line in answer.lines():
        one = line.contrast
        above, below, count = known(one)
        contrasts.append(
            {"model": line.model, "group": line.group or None, "a": one.a, "b": one.b}
            | {"mean": one.mean, "low": one.low, "high": one.high, "contexts": count}
            | {"a_ahead": above, "b_ahead": below, "by_context": one.frame.to_dict("records")}
            | _noise_bounds(one)
        )
    whole = {"provenance": answer.provenance(), "scores": scores, "contrasts": contrasts}
    for name in ("noisy", "tallies"):
        frames = {
            model: frame
            for model, found in zip(answer.models, answer.found, strict=True)
            if (frame := getattr(found, name)) is not None
        }
        rows = [{"model": m} | row for m, each in frames.items() for row in each.to_dict("records")]
        whole |= {name: rows} if frames else {}
    text = json.dumps(_plain(whole), indent=1, ensure_ascii=False, allow_nan=False)
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _noise_bounds(contrast: Contrast) -> dict[str, Any]:
    """What a contrast under noise says beside: bounds for a family that was not tried, and sign."""
    robust = contrast.robust
    if robust is None:
        return {}
    bounds = {
        name: {"mean": each.mean, "low": each.low, "high": each.high}
        for name in ("variants", "families", "new_family")
        for each in [getattr(robust, name)]
    }
    shares = robust.stability
    return {
        "noise": bounds
        | {"variants_with_its_sign": shares.variants.share, "of_variants": shares.variants.n}
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_table(answer: Answer, width: int | None = None) -> str:
    """Scores, then contrasts, in aligned columns; contexts are cut to `width`, None for none."""
    parts = [_head(answer), _scores(answer, width), _contrasts(answer, width)]
    parts.append("\n".join(f"noise {each}" for each in answer.shortfalls()))
    return "\n\n".join(part for part in parts if part)


def _head(answer: Answer) -> str:
    words = []
    for found in answer.found:
        can = found.capabilities
        how = (
            f"upper bounds beyond the top {can.k}"
            if can.method == "top-k"
            else f"exact ({can.method}), to about {can.floor:.2f} nats a token"
        )
        kept = f"; {found.kept.words('scores')}" if found.kept.count else ""
        words.append(f"{_shown(found.model)} at {_shown(place(found))}: {how}{kept}")
    return "\n".join(words)


def _scores(answer: Answer, width: int | None) -> str:
    records = [found.frame.to_dict("records") for found in answer.found]
    alone = len(records) == 1
    names = list(NUMBERS.values()) if alone else [_shown(name) for name in answer.models]
    rows = [["context", "phrase", *names, "tokens" if alone else "", ""]]
    before = None
    for each in zip(*records, strict=True):
        context, phrase = each[0]["context"], each[0]["phrase"]
        if alone:
            cells = [_number(each[0], name) for name in NUMBERS]
        else:
            cells = [_number(row, "logprob") for row in each]
        flags = dict.fromkeys(
            word
            for row in each
            for word in (row["boundary"], row["kind"])
            if word not in ("clean", "exact")
        )
        count = str(each[0]["tokens"]) if alone else ""
        shown = "" if context == before else repr(context)
        rows.append([shown, repr(phrase), *cells, count, ", ".join(flags)])
        before = context
    return _aligned(rows, width, range(2, 3 + len(names)))


def _number(row: Any, name: str) -> str:
    value = row[name]
    if not math.isfinite(value):
        return "-"
    return f"{'<= ' if row['kind'] == 'censored' else ''}{value:.2f}"


def _contrasts(answer: Answer, width: int | None) -> str:
    rows = [["contrast, in nats", "contexts", "model", "mean", "95 % interval", "ahead", "noise"]]
    for line in answer.lines():
        one = line.contrast
        above, below, count = known(one)
        rows.append(
            [
                f"{one.a!r} - {one.b!r}",
                _shown(line.group) if line.group else "all",
                _shown(line.model),
                f"{one.mean:+.2f}" if math.isfinite(one.mean) else "-",
                interval_words(one),
                f"{above} : {below} of {count}",
                line.note or _noise(one),
            ]
        )
    if len(rows) == 1:
        return ""
    for place_, needed in (
        (6, any(row[6] for row in rows[1:])),
        (2, len(answer.found) > 1),
        (1, answer.by),
    ):
        if not needed:
            for row in rows:
                del row[place_]
    return _aligned(rows, width, [rows[0].index("mean")])


def _noise(contrast: Contrast) -> str:
    robust = contrast.robust
    if robust is None:
        return ""
    noisy, new, share = robust.variants, robust.new_family, robust.stability.variants
    mean = f"{noisy.mean:+.2f}" if math.isfinite(noisy.mean) else "-"
    return (
        f"mean {mean} [{noisy.low:+.2f}, {noisy.high:+.2f}]; sign in {share.share:.0%} of "
        f"{share.n}; new kind [{new.low:+.2f}, {new.high:+.2f}]"
    )


def _aligned(rows: list[list[str]], width: int | None, right: Sequence[int]) -> str:
    """Lay out rows in columns; where they are too wide, the first column gives way."""
    if width is not None:
        rows = [[row[0], _cut(row[1], PHRASE), *row[2:]] for row in rows]
        others = [max(map(_size, column)) for column in list(zip(*rows, strict=True))[1:]]
        room = max(LEAST, width - sum(others) - 2 * len(others))
        rows = [[_cut(row[0], room), *row[1:]] for row in rows]
    widths = [max(map(_size, column)) for column in zip(*rows, strict=True)]
    text = []
    for row in rows:
        line = ""
        for column, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            space = " " * (wide - _size(cell))
            line += (space + cell if column in right else cell + space) + "  "
        text.append(line.rstrip())
    return "\n".join(text)


def _shown(text: str) -> str:
    """A text as a terminal may have it: with no control character, on one line."""
    return repr(text)[1:-1]


def _size(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)


def _cut(text: str, room: int) -> str:
    """Cut a text in its middle: what comes last is what the phrase follows."""
    if _size(text) <= room:
        return text
    head = (room - len(CUT)) // 3
    begin, end = text[:head], text[head - room + len(CUT) :]
    while _size(begin) > head:
        begin = begin[:-1]
    while _size(end) > room - len(CUT) - head:
        end = end[1:]
    return begin + CUT + end
