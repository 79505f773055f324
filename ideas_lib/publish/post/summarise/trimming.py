"""What a model's words have to look like before they are judged: plain text, and short enough."""

import re
import unicodedata

from ideas_lib.formatting import printable
from ideas_lib.publish.post.summarise.clauses import sentences_in
from ideas_lib.publish.post.summarise.evidence import Evidence

__all__ = ["PARTS", "ill_formed", "trimmed"]

PARTS = ("title", "summary", "social")
LONGEST = {"title": 90, "summary": 500, "social": 280}  # characters
SENTENCES = 2  # of a summary
PLAIN = "‘’“”–—…−×\u00a0\u202f"  # typography that any text may have
# what some engine takes for markup, in a body or in front matter
MARKUP = re.compile(r"[<>{}\[\]`*_#@|\\$~^]|://|www\.|&#?\w+;|--|!!|^\s*[-+=>%]|^\s*\d+[.)]\s")
LABEL = re.compile(r"\A\W*(?:title|summary|social(?: text)?|post|answer)\W*:\s*", re.I)
QUOTES = {'"': '"', "“": "”", "'": "'", "‘": "’", "**": "**", "*": "*"}


def trimmed(part: str, reply: str, finished: bool = True) -> str:
    """Return the part of a reply that is meant: no label, no quotes around it, no second try.

    A title is the first line; of the others the first paragraph counts: two whole sentences for a
    summary, as many as fit for a social text. What was cut off within a sentence goes.
    """
    text = LABEL.sub("", reply.strip())
    text = text.split("\n" if part == "title" else "\n\n")[0]
    text = text if part == "title" else re.sub(r"[ \t]*\n[ \t]*", " ", text)
    text = unicodedata.normalize("NFC", text.strip())
    for mark, end in QUOTES.items():
        inner = text[len(mark) : -len(end)]
        if len(text) > 2 and text.startswith(mark) and text.endswith(end) and mark not in inner:
            text = inner.strip()
    if part == "title":
        return text.removesuffix(".")
    sentences = sentences_in(text)
    if sentences and not re.search(r"[.!?][\"'”’)]*\Z", sentences[-1]) and not finished:
        sentences.pop()
    if part == "summary":
        return " ".join(sentences[:SENTENCES])
    while len(sentences) > 1 and len(" ".join(sentences)) > LONGEST[part]:
        sentences.pop()
    return " ".join(sentences)


def ill_formed(part: str, text: str, evidence: Evidence) -> str:
    """Say why a text cannot be a post's title, summary or social text; "" if it can."""
    if not re.search(r"[^\W\d_]", text):
        return "it says nothing"
    for each in text:
        if not each.isprintable() and each not in PLAIN:
            return f"it has the character {printable(each)}, which is none of a plain text"
        if not each.isascii() and each not in PLAIN and each not in evidence.text:
            return f"it has the character {each!r}, which the notebook has not"
    found = MARKUP.search(text)
    if found:
        return f"it has {found[0].strip()!r}, which could be read as markup"
    if len(text) > LONGEST[part]:
        return f"it has {len(text)} characters; {LONGEST[part]} is what fits"
    count = len(sentences_in(text))
    if part == "summary" and count != SENTENCES:
        return f"it has {count} sentence, not {SENTENCES}"
    return ""
