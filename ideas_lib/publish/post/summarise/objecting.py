"""Why a notebook does not bear what somebody else wrote about it.

No list of words knows all the ways to turn a claim round: neither "A eclipses B" nor "B eclipses A"
has a negation. So a sentence is kept only if it is one of the notebook's, word for word and in its
order, but for how it is written (`quoting`). One that goes on from the sentence before it ("It does
not") stands after that, and one that the next may take back ("But …") before the next.
"""

from difflib import SequenceMatcher

from ideas_lib.publish.post.summarise.evidence import Evidence
from ideas_lib.publish.post.summarise.quoting import (
    NUMBER,
    Tokens,
    forms_of,
    sentences_in,
    tokens_of,
)

__all__ = ["objections"]

LONGEST_TEXT = 2000  # characters
ALIKE = 0.5  # of its tokens that a sentence shares with the one that it is compared with


def objections(text: str, evidence: Evidence, title: bool = False) -> list[str]:
    """Return why a notebook does not say a text, in plain words; nothing if it does.

    A `title` may be one of its headings, too; any text may begin with the title and a colon.
    """
    if len(text) > LONGEST_TEXT:
        return [f"it has {len(text)} characters, too many to be compared"]
    if title and tokens_of(text) in evidence.titles:
        return []
    head, _, rest = text.partition(": ")
    named = evidence.title and tokens_of(head) == tokens_of(evidence.title)
    sentences = sentences_in(rest if named and rest else text)
    if not sentences:
        return ["it says nothing"]
    found = [evidence.forms.get(tokens_of(sentence), []) for sentence in sentences]
    whys = []
    for at, (sentence, places) in enumerate(zip(sentences, found, strict=True)):
        before, after = found[at - 1] if at else [], found[at + 1] if at + 1 < len(found) else []
        if not places:
            whys.append(_strange(sentence, evidence) or _nearest(sentence, evidence))
        elif not any(_stands(evidence, place, before, after) for place in places):
            whys.append(f"{_shown(sentence)} does not stand without its neighbour in the notebook")
    return whys


def _stands(evidence: Evidence, place: int, before: list[int], after: list[int]) -> bool:
    said = evidence.sentences[place]
    return (not said.after or place - 1 in before) and (not said.before or place + 1 in after)


def _strange(sentence: str, evidence: Evidence) -> str:
    """Name what stands nowhere in the notebook: a number, a name, a word."""
    for at, word in enumerate(sentence.split()):
        bare = word.strip(".,;:!?()\"'“”‘’")
        if not bare or set(tokens_of(bare)) <= evidence.words:
            continue
        name = at > 0 and bare != bare.lower()
        kind = "number" if any(map(NUMBER.fullmatch, tokens_of(bare))) else "name"
        kind = kind if kind == "number" or name else "word"
        return f"{_shown(bare)} is a {kind} that the notebook has not"
    return ""


def _nearest(sentence: str, evidence: Evidence) -> str:
    """Say in what a sentence differs from the one of the notebook that is most like it."""
    mine = tokens_of(sentence)
    best: tuple[float, bool, str, Tokens] = (0.0, True, "", ())
    for said in evidence.sentences:
        for theirs in forms_of(said.text):
            alike = SequenceMatcher(None, mine, theirs, autojunk=False).ratio()
            best = max(best, (alike, said.finds, said.text, theirs))
    alike, finds, text, theirs = best
    if alike < ALIKE:
        return f"no sentence of the notebook says {_shown(sentence)}"
    if mine == theirs and not finds:
        return f"the notebook does not say {_shown(text)} as a finding of its own"
    for step, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        mine_has, has = _shown(" ".join(mine[a:b])), _shown(" ".join(theirs[c:d]))
        if step == "replace":
            return f"{mine_has} stands where the notebook has {has}: {_shown(text)}"
        if step == "insert":
            return f"it leaves out {has} of {_shown(text)}"
        if step == "delete":
            return f"{mine_has} is added to {_shown(text)}"
    return f"no sentence of the notebook says {_shown(sentence)}"


def _shown(text: str) -> str:
    return f"“{text if len(text) < 90 else text[:88] + '…'}”"
