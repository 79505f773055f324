"""Texts above a model's window: cut until the model takes them, left out, or refused."""

import sys
from collections.abc import Callable

import numpy as np

from ideas_lib.lm.client import EndpointFailed
from ideas_lib.lm.maps.vectors import Vector

__all__ = ["LONG", "embed_by_rule"]

LONG = ("truncate", "skip", "refuse")
SHORT = 40  # characters that every model takes; where one does not, length is not what is wrong

Ask = Callable[[list[str], dict[str, EndpointFailed]], Vector]


def embed_by_rule(
    texts: list[str], rule: str, ask: Ask, place: Callable[[int], str]
) -> tuple[Vector, list[int], int]:
    """Return vectors, the texts they are of, by number, and how many texts were too long.

    `ask(texts, refused)` embeds as `vectors.embed` does. A text that the model refuses and whose
    beginning it takes is too long: "truncate" cuts it at its end until the model takes the rest, to
    three quarters or to what was left of the longest; "skip" leaves it out, "refuse" raises
    ValueError. So does a text that is refused at any length; `place` names it by its number.
    """
    refused: dict[str, EndpointFailed] = {}
    vectors = ask(texts, refused)
    if not refused:
        return vectors, list(range(len(texts))), 0
    long = [n for n, text in enumerate(texts) if text in refused]
    if rule == "refuse":
        raise _cannot(place(long[0]), texts[long[0]], refused)
    by_text = _beginnings(list(refused), ask, SHORT if rule == "skip" else sys.maxsize)
    for n in long:
        if texts[n] not in by_text:
            raise _cannot(place(n), texts[n], refused)
    kept = [n for n, text in enumerate(texts) if rule == "truncate" or text not in refused]
    if not kept:
        raise ValueError("all texts are above the model's window: --long truncate keeps beginnings")
    whole = iter(vectors)
    found = {n: next(whole) for n, text in enumerate(texts) if text not in refused}
    found |= {n: by_text[texts[n]] for n in long}
    return np.stack([found[n] for n in kept]), kept, len(long)


def _beginnings(texts: list[str], ask: Ask, most: int) -> dict[str, Vector]:
    """Return the vector of a beginning of at most so many characters that is taken, by text.

    The longest text goes first: what is left of it is where the others begin to be cut.
    """
    found: dict[str, Vector] = {}
    first = max(texts, key=len)
    for group in ([first], [text for text in texts if text != first]):
        left = {text: text.strip() for text in group}
        while left:
            left = {
                text: now[: max(SHORT, min(most, len(now) * 3 // 4))].rstrip()
                for text, now in left.items()
            }
            refused: dict[str, EndpointFailed] = {}
            vectors = ask(list(left.values()), refused)
            taken = [text for text, now in left.items() if now not in refused]
            found |= zip(taken, vectors, strict=True)
            if first in taken:
                most = len(left[first])
            left = {text: now for text, now in left.items() if text not in found}
            if any(len(now) <= SHORT for now in left.values()):
                return found  # one that the length is not what is wrong with
    return found


def _cannot(place: str, text: str, refused: dict[str, EndpointFailed]) -> ValueError:
    words = " ".join(str(refused[text]).split())
    hint = " (--long truncate keeps its beginning, --long skip leaves it out)"
    return ValueError(
        f"{place} cannot be embedded: {words}{hint if len(text) > SHORT else ''}; it has"
        f" {len(text):,} characters and begins {text[:40]!r}"
    )
