"""What a model's words have to look like before they are compared: plain text, and short enough."""

import re
import unicodedata

from ideas_lib.formatting import printable
from ideas_lib.publish.post.summarise.quoting import sentences_in

__all__ = ["LONGEST", "PARTS", "ill_formed", "trimmed"]

PARTS = ("title", "summary", "social")
LONGEST = {"title": 90, "summary": 500, "social": 280}  # characters
# what some engine takes for markup, in a body or in front matter
MARKUP = re.compile(
    r"[<>{}\[\]`*_#@|\\$~^\ufffc]|://|www\.|&#?\w+;|--|!!|^\s*[-+=>%]|^\s*\d+[.)]\s"
)
LABEL = re.compile(r"\A\W*(?:title|summary|social(?: text)?|post|answer)\W*:\s*", re.I)
QUOTED = re.compile(r"(\"|“|'|‘|\*\*)(.+?)(?:\"|”|'|’|\*\*)")


def trimmed(part: str, reply: str, finished: bool = True) -> str:
    """Return the part of a reply that is meant: no label, no quotes around it, no second try.

    A title is the first line; of the others the first paragraph counts: two whole sentences for a
    summary, as many as fit for a social text. What was cut off within a sentence goes.
    """
    text = LABEL.sub("", reply.strip())
    text = " ".join(text.split("\n" if part == "title" else "\n\n")[0].split())
    text = unicodedata.normalize("NFC", text)
    if quoted := QUOTED.fullmatch(text):
        text = quoted[2].strip()
    if part == "title":
        return text.removesuffix(".")
    sentences = sentences_in(text)
    if sentences and not finished and not re.search(r"[.!?][\"'”’)]*\Z", sentences[-1]):
        sentences.pop()
    if part == "summary":
        return " ".join(sentences[:2])
    while len(sentences) > 1 and len(" ".join(sentences)) > LONGEST[part]:
        sentences.pop()
    return " ".join(sentences)


def ill_formed(part: str, text: str) -> str:
    """Say why a text cannot be a post's title, summary or social text; "" if it can."""
    if not re.search(r"[^\W\d_]", text):
        return "it says nothing"
    for each in text:
        if not each.isprintable() and each not in "\u00a0\u202f":
            return f"it has the character {printable(each)}, which is none of a plain text"
    if found := MARKUP.search(text):
        return f"it has {found[0].strip()!r}, which could be read as markup"
    if len(text) > LONGEST[part]:
        return f"it has {len(text)} characters; {LONGEST[part]} is what fits"
    count = len(sentences_in(text))
    return f"it has {count} sentence, not 2" if part == "summary" and count != 2 else ""
