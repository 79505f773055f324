"""Noise that keeps a context's meaning: seeded, so that it repeats, and said in words.

    noise = Noise(families=("format", "typos"), copies=4, seed=0)
    for each in noise.variants("The capital of France is"):
        print(each.family, each.edit, each.text)

Every variant ends as its context does, word for word, so that a phrase fits after it. Prefixes,
synonyms and what counts as a sentence are English.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ideas_lib.lm.noise.layout import format_, punctuation
from ideas_lib.lm.noise.passage import order, prefix
from ideas_lib.lm.noise.text import Dropped, NoRoom, lost
from ideas_lib.lm.noise.wording import synonyms, typos

__all__ = ["FAMILIES", "PARAPHRASE", "Drawn", "Family", "Noise", "Tally", "Variant"]

TRIES = 12  # for each variant that is wanted
PARAPHRASE = "paraphrase"
_BUILT_IN: dict[str, Callable[[str, random.Random], tuple[str, str]]] = {
    "format": format_,
    "punctuation": punctuation,
    "typos": typos,
    "prefix": prefix,
    "order": order,
    "synonyms": synonyms,
}
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
    no order. Such a family makes fewer, or none, and its tally says why. Raises ValueError for a
    family that is not known or comes twice, and for copies below 1.
    """

    families: tuple[str | Family, ...] = FAMILIES
    copies: int = 4
    seed: int = 0

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

    def variants(self, context: str) -> list[Variant]:
        """Return a context's variants, family by family, the same for the same seed."""
        return list(self.draw(context).variants)

    def draw(self, context: str) -> Drawn:
        """Return a context's variants, with a tally of what could not be made, and why.

        A candidate that lost a number, a negation, a quotation, a name or the ending is dropped.
        """
        seen, variants, tallies = {context}, [], []
        for each in self.families:
            family = _named(each) if isinstance(each, str) else each
            made, dropped, why = self._made(family, context, seen)
            variants += made
            why = "" if len(made) == self.copies else why
            tallies.append(Tally(family.name, self.copies, len(made), dropped.total(), why))
        return Drawn(tuple(variants), tuple(tallies))

    def _made(
        self, family: Family, context: str, seen: set[str]
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
    tries: int = TRIES

    def vary(self, context: str, seed: int) -> tuple[str, str]:
        return _BUILT_IN[self.name](context, random.Random(seed))


def _named(name: str) -> Family:
    if name == PARAPHRASE:  # it needs a model, and what speaks to one
        from ideas_lib.lm.noise.paraphrase import Paraphrase

        return Paraphrase()
    return _BuiltIn(name)


def _seed(seed: int, family: str, place: int, context: str) -> int:
    """Of its own for each try; another context gets other noise, so that contexts stay apart."""
    told = "\0".join((str(seed), family, str(place), context)).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:6])
