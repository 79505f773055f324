"""Noise that keeps a context's meaning: seeded, so that it repeats, and said in words.

    noise = Noise(families=("format", "typos"), copies=4, seed=0)
    for each in noise.variants("The capital of France is"):
        print(each.family, each.edit, each.text)

Every variant ends as its context does, word for word, so that a phrase fits after it, and keeps the
words that a contrast may hang on. Prefixes, synonyms and what counts as a sentence are English.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from ideas_lib.lm.noise.layout import format_, punctuation
from ideas_lib.lm.noise.passage import order, prefix
from ideas_lib.lm.noise.protection import carriers, differing, lost_word, spans_of
from ideas_lib.lm.noise.text import Dropped, NoRoom, lost
from ideas_lib.lm.noise.wording import synonyms, typos

__all__ = ["FAMILIES", "PARAPHRASE", "Drawn", "Family", "Noise", "Tally", "Variant"]

TRIES = 12  # for each variant that is wanted
PARAPHRASE = "paraphrase"
_BUILT_IN: dict[str, Callable[..., tuple[str, str]]] = {
    "format": format_,
    "punctuation": punctuation,
    "typos": typos,
    "prefix": prefix,
    "order": order,
    "synonyms": synonyms,
}
_OF_WORDS = ("typos", "synonyms")  # which have to be told what to keep
FAMILIES = tuple(_BUILT_IN)


class Family(Protocol):
    """A family of noise of one's own."""

    @property
    def name(self) -> str: ...

    @property
    def tries(self) -> int:
        """How often it may be asked for each variant that is wanted."""

    def vary(self, context: str, seed: int) -> tuple[str, str]:
        """Return a variant, the same for the same seed, and what was changed, in words.

        Raises Dropped for a candidate that is none, NoRoom where there can be none.
        """


@dataclass(frozen=True)
class Variant:
    """A context in other words or marks; `seed` makes it again; `edit` says what was changed."""

    text: str
    family: str
    seed: int
    edit: str


@dataclass(frozen=True)
class Tally:
    """How many variants a family was to make of a context, made, and dropped; `why` not all."""

    family: str
    wanted: int
    made: int
    dropped: int
    why: str


@dataclass(frozen=True)
class Drawn:
    """The variants of a context, and one tally a family."""

    variants: tuple[Variant, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Noise:
    """`copies` variants of a context from each family, all of them different.

    `families` are names (format, punctuation, typos, prefix, order, synonyms; paraphrase, which
    needs a model) or families of your own. Not every context has room for each: one sentence has
    no order. Such a family makes fewer, or none, and its tally says why.

    `protect` are words that no noise changes, whatever their case; () for none. None protects what
    a contrast may hang on: all words of the sentence that the phrases go on with (of the last
    paragraph, in a prompt with fields); words that the phrases have too; words by which contexts
    differ that are else the same; and every word, where a phrase has a pronoun. So typos and
    synonyms of a context of one sentence need `protect`, where it is clear what its phrases agree
    with: protect=("keys",).

    Raises ValueError for a family that is not known or comes twice, for copies below 1, and for
    what are no words to protect.
    """

    families: tuple[str | Family, ...] = FAMILIES
    copies: int = 4
    seed: int = 0
    protect: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.copies < 1:
            raise ValueError(f"copies={self.copies} must be at least 1")
        if isinstance(self.families, str) or not self.families:
            raise ValueError(f"families={self.families!r}: give at least one, in a tuple")
        names = [each if isinstance(each, str) else each.name for each in self.families]
        for name, count in Counter(names).items():
            if count > 1:
                raise ValueError(f"family {name!r} is there {count} times")
        for each in self.families:
            if isinstance(each, str) and each not in (*FAMILIES, PARAPHRASE):
                known = ", ".join((*FAMILIES, PARAPHRASE))
                raise ValueError(f"family {each!r} is none of {known}")

        if isinstance(self.protect, str) or not all(
            isinstance(each, str) and each.strip() for each in self.protect or ()
        ):
            raise ValueError(f"protect={self.protect!r}: give words, in a tuple; () for none")

    def variants(self, context: str, phrases: Sequence[str] = ()) -> list[Variant]:
        """Return a context's variants, family by family, the same for the same seed."""
        return list(self.draw(context, phrases).variants)

    def draw_all(self, contexts: Sequence[str], phrases: Sequence[str] = ()) -> dict[str, Drawn]:
        """Draw for contexts that some phrases are compared after.

        Raises ValueError for a word to protect that no context has: it would protect nothing.
        """
        for word in self.protect or ():
            if contexts and not any(spans_of(context, [word]) for context in contexts):
                raise ValueError(f"protect: no context has the word {word!r}")
        apart = differing(contexts) if self.protect is None else {}
        return {each: self.draw(each, phrases, apart.get(each, ())) for each in contexts}

    def draw(self, context: str, phrases: Sequence[str] = (), apart: Collection[str] = ()) -> Drawn:
        """Return a context's variants, with a tally of what could not be made, and why.

        `phrases` are compared after it, and `apart` further words that carry the contrast: both
        say what is protected by default. A candidate that lost a number, a negation, a quotation,
        a name, a protected word or the ending is dropped.
        """
        kept = carriers(context, phrases, apart) if self.protect is None else self.protect
        seen, variants, tallies = {context}, [], []
        for each in self.families:
            family = _named(each, kept) if isinstance(each, str) else each
            made, dropped, why = self._made(family, context, seen, kept)
            variants += made
            why = "" if len(made) == self.copies else why
            tallies.append(Tally(family.name, self.copies, len(made), dropped.total(), why))
        return Drawn(tuple(variants), tuple(tallies))

    def _made(
        self, family: Family, context: str, seen: set[str], kept: Sequence[str]
    ) -> tuple[list[Variant], Counter[str], str]:
        made: list[Variant] = []
        dropped: Counter[str] = Counter()
        if not context.strip():
            return made, dropped, "there is no text"
        tries = family.tries * self.copies
        for place in range(tries):
            seed = _seed(self.seed, family.name, place, context)
            try:
                text, edit = family.vary(context, seed)
                reason = lost(context, text)
                if not reason and lost_word(context, text, kept):
                    reason = "a protected word changed"
            except NoRoom as error:
                return made, dropped, str(error)
            except Dropped as error:
                text, edit, reason = "", "", str(error)
            if reason:
                dropped[reason] += 1
            elif text not in seen:
                seen.add(text)
                made.append(Variant(text, family.name, seed, edit))
                if len(made) == self.copies:
                    break
        why = f"{tries} tries gave no more that differ"
        if dropped:
            counts = ", ".join(f"{reason}: {count}" for reason, count in dropped.most_common())
            why += f"; dropped {dropped.total()} ({counts})"
        return made, dropped, why


@dataclass(frozen=True)
class _BuiltIn:
    name: str
    kept: Sequence[str]
    tries: int = TRIES

    def vary(self, context: str, seed: int) -> tuple[str, str]:
        told = {"kept": self.kept} if self.name in _OF_WORDS else {}
        return _BUILT_IN[self.name](context, random.Random(seed), **told)


def _named(name: str, kept: Sequence[str]) -> Family:
    if name == PARAPHRASE:  # it needs a model, and what speaks to one
        from ideas_lib.lm.noise.paraphrase import Paraphrase

        return Paraphrase()
    return _BuiltIn(name, kept)


def _seed(seed: int, family: str, place: int, context: str) -> int:
    """Of its own for each try; another context gets other noise, so that contexts stay apart."""
    told = "\0".join((str(seed), family, str(place), context)).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:6])
