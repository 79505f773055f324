"""Citations as text: author and year in the sentence, a list of references at the end."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from pybtex.backends.markdown import Backend as MarkdownBackend
from pybtex.database import BibliographyData, Entry, Person, parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style as Unsorted
from pybtex.style.template import Node, field, sentence

from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.post.myst import leaves, walk

__all__ = ["Citations", "cited"]

TEXTUAL = {"t", "ts", "ct", "cts", "alt"}


def cited(texts: Iterable[str]) -> list[str]:
    """The keys of all citation roles, in order of first use."""
    roles = (t for text in texts for t in leaves(walk(text)) if t.type == "myst_role")
    named = (t for t in roles if t.meta["name"].partition(":")[0] == "cite")
    return [key.strip() for t in named for key in t.content.split(",")]


class Backend(MarkdownBackend):
    """Markdown that escapes what would turn into markup, and not every full stop."""

    def format_str(self, text: str) -> str:
        return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


class Style(Unsorted):
    """Entries in the order given, with titles in their own capitals."""

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        title = field(which_field)
        return sentence[title] if as_sentence else title


class Citations:
    """The citations of one post, from one BibTeX file.

    `keys` are those that the post may cite, in order: among them, a letter after the year tells
    apart what author and year do not.
    """

    def __init__(self, bib: Path | None, keys: list[str]) -> None:
        self.bib = bib
        self.keys = list(dict.fromkeys(keys))
        self.used: dict[str, Entry] = {}

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        if self.bib is None or not self.bib.is_file():
            return {}
        held: BibliographyData = parse_file(str(self.bib))
        entries = {key: held.entries[key] for key in self.keys if key in held.entries}
        same = Counter((_authors(e), _year(e)) for e in entries.values())
        seen: Counter[tuple[str, str]] = Counter()
        for entry in entries.values():
            label = (_authors(entry), _year(entry))
            if same[label] > 1:
                entry.fields["year"] = label[1] + "abcdefghijklmnopqrstuvwxyz"[seen[label] % 26]
                seen[label] += 1
        return entries

    def text(self, role: str, keys: list[str]) -> str:
        """What a citation role says: `cite:t` "Gu et al. (2024)", others "(Gu et al., 2024)".

        Raises PostError for a key that the bibliography does not hold.
        """
        for key in keys:
            if key not in self._entries:
                where = self.bib.name if self.bib else "a bibliography: the notebook is in no book"
                raise PostError(f"cites {key!r}, which is not in {where}")
            self.used[key] = self._entries[key]
        kind = role.partition(":")[2]
        entries = [self._entries[key] for key in keys]
        if kind.startswith("year"):
            return ", ".join(_year(e) for e in entries)
        if kind.startswith("author"):
            return ", ".join(_authors(e) for e in entries)
        if kind in TEXTUAL:
            return ", ".join(f"{_authors(e)} ({_year(e)})" for e in entries)
        return "(" + "; ".join(f"{_authors(e)}, {_year(e)}" for e in entries) + ")"

    def references(self) -> str:
        """The works cited so far as Markdown bullets, by author and year; "" for none."""
        order = sorted(self.used, key=lambda key: _sort(self.used[key]))
        if not order:
            return ""
        done = Style().format_bibliography(BibliographyData(self.used), order)
        backend = Backend("utf-8")
        # the backend breaks lines between blocks; a bullet is one line
        lines = (" ".join(entry.text.render(backend).split()) for entry in done)
        return "\n".join(f"- {line}" for line in lines)


def _sort(entry: Entry) -> tuple[str, str, str]:
    return _authors(entry).lower(), _year(entry), entry.key


def _last(person: Person) -> str:
    return str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names])))


def _authors(entry: Entry) -> str:
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [_last(p) for p in people]
    if not names:
        return str(Text.from_latex(entry.fields.get("title", entry.key)))
    if len(names) == 1:
        return names[0]
    return f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} et al."


def _year(entry: Entry) -> str:
    return str(entry.fields.get("year", "n.d."))
