"""A question to one model or several, and what is easily got wrong in one."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ideas_lib.files import read_plain
from ideas_lib.lm.endpoint import gets_key
from ideas_lib.lm.report.answer import Answer
from ideas_lib.lm.scoring.logprobs import CAP, compare

__all__ = ["BadSpec", "Query", "lines", "near", "text_of"]

LARGEST = 64 << 20  # bytes of a spec, or of a file of texts
HAN = "\u2e80"  # scripts from here on have no spaces between words


class BadSpec(ValueError):
    """Raised for a question that cannot be asked as it stands, with the way out."""


@dataclass(frozen=True)
class Query:
    """What `compare` is to be asked, of one endpoint after the other.

    `contrasts` are pairs of phrases, None for the first phrase against each other; `endpoints` are
    pairs of an endpoint and a model, as `compare` takes them; `named` says that the reader named
    them, and no file did: those of a file get no key, but as `connect` says; `fresh` takes nothing
    from the cache; `variables` maps a context that was
    made from a template to the values in it; `by` is a variable, each value of which gets contrasts
    of its own. Raises BadSpec for a contrast of what is no phrase, `by` what is no variable.
    """

    contexts: tuple[str, ...]
    phrases: tuple[str, ...]
    contrasts: tuple[tuple[str, str], ...] | None = None
    endpoints: tuple[tuple[str | None, str | None], ...] = ((None, None),)
    domain: str | None = None
    noise: Any = None
    cap: int = CAP
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by: str | None = None
    named: bool = True
    fresh: bool = False

    def __post_init__(self) -> None:
        for one, other in self.contrasts or ():
            for phrase in (one, other):
                if phrase not in self.phrases:
                    close = near(phrase, self.phrases)
                    raise BadSpec(f"contrast with {phrase!r}, which is no phrase{close}")
            if one == other:
                raise BadSpec(f"contrast of {one!r} with itself")
        names = list(dict.fromkeys(name for given in self.variables.values() for name in given))
        if self.by is not None and self.by not in names:
            raise BadSpec(f"by {self.by!r}, which is no variable{near(self.by, names)}")

    def ask(self, ask: Callable[..., Any] = compare) -> Answer:
        """Score it, by each endpoint in turn. Raises what `compare` raises."""
        options: dict[str, Any] = {"domain": self.domain, "cap": self.cap}
        if self.noise is not None:
            options["noise"] = self.noise
        options |= {"fresh": True} if self.fresh else {}
        options |= {} if self.named else {"key": False}
        found = tuple(
            ask(self.contexts, self.phrases, endpoint=endpoint, model=model, **options)
            for endpoint, model in self.endpoints
        )
        return Answer(found, self.contrasts, self.variables, self.by)

    def notes(self) -> list[str]:
        """Say what is allowed and seldom meant."""
        found = []
        if not self.named and os.environ.get("OPENAI_API_KEY"):
            urls = [url for url, _ in self.endpoints if url and "://" in url]
            found += [
                f"{url!r} comes from the spec, so it gets no key; if it may have yours, name it "
                "by --endpoint, or in OPENAI_BASE_URL"
                for url in urls
                if not gets_key(url)
            ]
        for phrase in self.phrases:
            runs_on = [each for each in self.contexts if _word(each[-1:]) and _word(phrase[:1])]
            if runs_on:
                text = runs_on[0][-12:] + phrase[:12]
                found.append(f"phrase {phrase!r} begins with no space, so it runs on: {text!r}")
        spaced = [each for each in self.contexts if each != each.rstrip()]
        if spaced:
            found.append(
                f"context {spaced[0][-20:]!r} ends in white space, which is scored as the beginning"
                " of the phrase"
            )
        files = [each for each in (*self.contexts, *self.phrases) if _is_file(each)]
        found += [
            f"{each!r} is a file here, and is scored as text; to read it, --contexts-file "
            "or --phrases-file"
            for each in files[:1]
        ]
        return found


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # no name that a file could have
        return False


def _word(text: str) -> bool:
    return text.isalpha() and text < HAN


def near(name: str, known: Sequence[str]) -> str:
    """Return the way out for a name that is not known: the nearest one, else all."""
    close = get_close_matches(name, known, 1, 0.6)
    if close:
        return f": did you mean {close[0]!r}?"
    return f"; known are {', '.join(map(repr, known))}" if known else ""


def lines(file: str | Path) -> list[str]:
    """Return the lines of a file that are not blank, with the spaces they begin and end with.

    `-` is standard input. Raises as `text_of` does.
    """
    return [line for line in text_of(file).split("\n") if line.strip()]


def text_of(file: str | Path) -> str:
    """Return the text of a plain file, or of standard input for `-`.

    Raises BadSpec for what is no UTF-8, or above LARGEST bytes, ValueError for a folder, a device
    or a FIFO, and OSError.
    """
    if file == "-":
        raw = sys.stdin.buffer.read(LARGEST + 1)
    elif os.path.exists(file) and os.path.getsize(file) > LARGEST:
        raise BadSpec(f"{file} has more than {LARGEST:,} bytes")
    else:
        raw = read_plain(Path(file))
    name = "standard input" if file == "-" else file
    if len(raw) > LARGEST:
        raise BadSpec(f"{name} has more than {LARGEST:,} bytes")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise BadSpec(f"{name} is no UTF-8: {error.reason} at byte {error.start}") from None
