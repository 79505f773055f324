"""What a docstring says, in numpy's, Google's or Sphinx' style: read by griffe.

documented(text).parameters["how"].text
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

__all__ = ["Documentation", "ParameterDoc", "documented", "first_sentence"]

Style = Literal["numpy", "google", "sphinx"]
STYLES: tuple[Style, ...] = ("numpy", "google", "sphinx")
PARAMETERS = ("parameters", "other parameters")
SERIOUS = ("warning", "warnings", "caution", "danger", "deprecated", "important", "attention")
NOTES = ("note", "notes")
DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. (?P<kind>deprecated|warning|versionchanged|caution|danger|attention)"
    r":: *(?P<head>.*)\n(?P<body>(?:(?P=indent) +.*\n|[ \t]*\n)*)",
    re.MULTILINE,
)
UNDERLINED = re.compile(r"^(Warnings?)\n-{3,}\n((?:(?!.+\n-{3,}\n).*\n)*)", re.MULTILINE)
ROLE = re.compile(r":[\w:+.-]+:`~?([^`<]+?)(?: <[^`]+>)?`")
SIGNATURE = re.compile(r"[\w.]+\(.*\)(?: ?-> ?.+)?$", re.DOTALL)
DEFAULTING = re.compile(r"^,? ?default:? \S+\s+")
LONG = 300  # characters of a warning that are kept


@dataclass(frozen=True)
class ParameterDoc:
    """What is said of a parameter: its type, and the text without directives."""

    type: str
    text: str


@dataclass(frozen=True)
class Documentation:
    """What a docstring says; `concerns` has the warnings of one parameter, by its name."""

    text: str = ""
    summary: str = ""
    parameters: Mapping[str, ParameterDoc] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    concerns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: str = ""

    def says_of(self, name: str) -> str:
        """Return the first sentence on a parameter, wherever it stands."""
        if name in self.parameters:
            return first_sentence(re.split(r" [*-] ", self.parameters[name].text)[0].rstrip(" :"))
        marked = re.compile(rf"[`*]{re.escape(name)}[`*]")
        sentences = re.split(r"(?<=[.!?])\s+|\n\s*\n", self.text)
        return next((_plain(each) for each in sentences if marked.search(each)), "")


def documented(text: str) -> Documentation:
    """Read a docstring, whose indentation is cleaned. Never raises: what is unclear is left out."""
    if not text.strip():
        return Documentation()
    sections = _sections(text)
    found, concerns = {}, {}
    general = _directives(text + "\n", outer=True)
    for section in sections:
        if section.kind.value not in PARAMETERS:
            continue
        for each in section.value:
            for name in _names(each.name):
                body = each.description or ""
                mine = [words for words in _directives(body + "\n") if words not in general]
                concerns[name] = tuple(mine)
                told = DEFAULTING.sub("", _plain(_bare(body)))
                found[name] = ParameterDoc(_plain(_type(each)), told)
    general += [_plain(match[2]) for match in UNDERLINED.finditer(text + "\n")]
    general += [words for section in sections for words in _admonished(section, SERIOUS)]
    notes = " ".join(words for section in sections for words in _admonished(section, NOTES))
    summary = first_sentence(_plain(_opening(text)))
    kept = tuple(dict.fromkeys(_cut(each) for each in general if each))
    said = {name: words for name, words in concerns.items() if words}
    return Documentation(text, summary, found, kept, said, notes)


def _opening(text: str) -> str:
    """Return the first paragraph that is no signature."""
    parts = [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    return next((part for part in parts if not SIGNATURE.match(part.strip())), "")


def first_sentence(text: str) -> str:
    """Return a text up to the end of its first sentence."""
    found = re.match(r"(.+?[.!?])(?:\s+(?=[A-Z`*\"'(\[])|$)", " ".join(text.split()))
    return found[1] if found else " ".join(text.split())


@cache
def _sections(text: str) -> list[Any]:
    """Return griffe's sections, in the style that finds the most parameters."""
    import griffe

    logging.getLogger("griffe").setLevel(logging.CRITICAL)  # it tells authors what is unclear
    best: list[Any] = []
    most = -1
    for style in STYLES:
        try:
            found = griffe.Docstring(text, lineno=1).parse(style)
        except Exception:  # a docstring is anybody's text, and the parsers were not made for all
            continue
        count = sum(len(each.value) for each in found if each.kind.value in PARAMETERS)
        if count > most:
            best, most = found, count
        if most > 0:
            break
    return best


def _names(name: str) -> list[str]:
    return [each.strip().lstrip("*") for each in name.split(",") if each.strip()]


def _type(each: Any) -> str:
    return "" if each.annotation is None else str(each.annotation)


def _admonished(section: Any, kinds: tuple[str, ...]) -> list[str]:
    """Return the text of a section that warns, or notes something."""
    if section.kind.value == "deprecated" and "deprecated" in kinds:
        value = section.value
        return [f"deprecated {value.version}: {_plain(value.description)}".strip()]
    if section.kind.value != "admonition":
        return []
    value = section.value
    return [_plain(value.description or "")] if str(value.annotation).lower() in kinds else []


def _directives(text: str, outer: bool = False) -> list[str]:
    """Return what directives warn of; `outer` ones are in no section."""
    found = []
    for match in DIRECTIVE.finditer(text):
        if outer and match["indent"]:
            continue
        words = f"{match['head']} {match['body']}".strip()
        kind = {"versionchanged": "changed in"}.get(match["kind"], match["kind"])
        found.append(_cut(_plain(f"{kind} {words}" if kind != "warning" else words)))
    return found


def _bare(text: str) -> str:
    """Return a text without its directives and without lists of examples."""
    text = DIRECTIVE.sub("", text + "\n")
    return re.sub(r"^ *\.\. \w+::.*\n(?: +.*\n|\s*\n)*", "", text, flags=re.MULTILINE)


def _plain(text: str) -> str:
    """Return reST on one line, as a person reads it."""
    return " ".join(ROLE.sub(r"\1", text).replace("``", "`").split())


def _cut(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1].rsplit(" ", 1)[0] + " …"
