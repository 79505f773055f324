"""Format and punctuation: the same words, set out in another way (FormatSpread, 2310.11324).

Its space is separators, casing and spacing of a prompt's fields (and the style of enumerations,
which is left out here). A context without fields gets one, as `Text: ...`, or other space between
its sentences.
"""

import random
import re
from collections.abc import Callable

from ideas_lib.lm.noise.text import ending, gaps, split_sentences

__all__ = ["format_", "punctuation"]

# One word, for `The old man said:` begins a sentence.
FIELD = re.compile(r"(?m)^([A-Za-z]+(?: \d+)?)([ \t]*:[ \t]*)(?=\S|$)")
NAMES = ("Text", "Passage", "Context", "Input", "Excerpt", "Sentence")
SEPARATORS = (": ", " : ", ":: ", "::: ", " - ", " | ", ":\n", ":\t", " -- ")
CASINGS: dict[str, Callable[[str], str]] = {
    "as they are": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
}
BETWEEN_FIELDS = ("\n", "\n\n", " || ", " -- ", "; \n")
BETWEEN_SENTENCES = (" ", "  ", "\n", "\n\n", "\n\t", " \n")
INDENTS = ("", "", "", "\n", "\t", "    ")
MARKS = ("- ", "* ", "> ", "• ", "— ", "… ", "... ", "# ")


def format_(context: str, chance: random.Random) -> tuple[str, str]:
    """Set out the fields of a prompt, or the sentences of a plain text, in another way."""
    return (_fields if FIELD.search(context) else _plain)(context, chance)


def _fields(context: str, chance: random.Random) -> tuple[str, str]:
    casing = chance.choice(list(CASINGS))
    between = chance.choice(BETWEEN_FIELDS)
    # A name on a line of its own would hang on the field before it, where fields share a line.
    separator = chance.choice([each for each in SEPARATORS if "\n" in between or "\n" not in each])
    head, end = _head(context)
    lines = [
        FIELD.sub(lambda found: CASINGS[casing](found[1]) + separator, line)
        for line in re.split(r"\n+", head)
    ]
    head = between.join(lines)
    edit = f"names of fields {casing}, {separator!r} after them, {between!r} between lines"
    return head + end, edit + ("; the last one stays" if FIELD.match(end) else "")


def _plain(context: str, chance: random.Random) -> tuple[str, str]:
    *parts, last = split_sentences(context)
    edits, start, before = [], chance.choice(INDENTS), "".join(parts)
    if parts and not any("\n" in each for each in parts):
        between = chance.choice(BETWEEN_SENTENCES)
        before = "".join(each.rstrip() + between for each in parts)
        edits.append(f"{between!r} between sentences")
    if chance.random() < 0.7:
        casing = chance.choice(list(CASINGS))
        name, separator = chance.choice(NAMES), chance.choice(SEPARATORS)
        start += CASINGS[casing](name) + separator
    if start:
        edits.insert(0, f"begins with {start!r}")
    return start + before + last, ", ".join(edits)


def punctuation(context: str, chance: random.Random) -> tuple[str, str]:
    """Make one or two changes to marks and spaces, none of which changes how a text is read."""
    head, end = _head(context)
    mark = chance.choice(MARKS)
    edits = [(0, 0, mark, f"begins with {mark!r}")]
    doubled = gaps(context)
    for found in chance.sample(doubled, min(3, len(doubled))):
        word = head[: found.start()].split()[-1]
        edits.append((*found.span(), "  ", f"two spaces after {word!r}"))
    for found in re.finditer(r"(?<=\w)[,;:!?](?=\s)", head):
        edits.append((*found.span(), f" {found[0]}", f"a space before {found[0]!r}"))
    for place in _full_stops(head):
        word = head[:place].split()[-1]
        edits.append((place, place + 1, " .", f"a space between {word!r} and '.'"))
        edits.append((place, place + 1, "...", f"three full stops after {word!r}"))
    for found in re.finditer(r" (?:-|–|—|--) ", head):
        new = chance.choice([each for each in (" - ", " – ", " — ", " -- ") if each != found[0]])
        edits.append((*found.span(), new, f"{new!r} instead of {found[0]!r}"))
    for old, new in (("'", "’"), ("’", "'")):
        for found in re.finditer(rf"(?<=\w){old}(?=\w)", head):
            edits.append((*found.span(), new, f"{new} instead of {old}"))
    for found in re.finditer(r"\"([^\"\n]+)\"", head):
        edits.append((*found.span(), f"“{found[1]}”", "curly quotation marks"))
    chance.shuffle(edits)
    chosen: list[tuple[int, int, str, str]] = []
    for edit in edits[: chance.choice((1, 2))]:
        if all(edit[1] <= other[0] or other[1] <= edit[0] for other in chosen):
            chosen.append(edit)
    chosen.sort(reverse=True)
    for start, stop, new, _ in chosen:
        head = head[:start] + new + head[stop:]
    return head + end, ", ".join(said for *_, said in reversed(chosen))


def _full_stops(head: str) -> list[int]:
    """Return where sentences end in a full stop, which not every full stop does."""
    places, start = [], 0
    for each in split_sentences(head):
        stop = start + len(each.rstrip()) - 1
        bare = head[:stop]
        ends = head[stop] == "." and bare.strip() and not bare.endswith(".")
        if ends and each != each.rstrip():
            places.append(stop)
        start += len(each)
    return places


def _head(context: str) -> tuple[str, str]:
    end = ending(context)
    return context[: len(context) - len(end)], end
