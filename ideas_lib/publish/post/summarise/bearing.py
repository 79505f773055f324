"""Whether a notebook bears a sentence that somebody else wrote about it.

A sentence is kept if each thing that it says (a `Clause`) stands in one thing that the notebook
says: the same numbers with sign and unit, the same directions, negations and hedges, about the same
words, which stand on the same sides of what compares them; and if no other sentence of the notebook
gives those words another number or the other direction. What says nothing that could be turned has
to be made of the notebook's words. Whatever is unsure is rejected, and the reason is said.
"""

import re
from collections.abc import Iterator, Sequence

from ideas_lib.publish.post.summarise.clauses import WORD, Clause, Mark, clauses_of, sentences_in
from ideas_lib.publish.post.summarise.comparing import clipped, contradicts, disagreement
from ideas_lib.publish.post.summarise.evidence import Evidence, Said
from ideas_lib.publish.post.summarise.lexicon import NEUTRAL, stem
from ideas_lib.publish.post.summarise.namesakes import strange_names
from ideas_lib.publish.post.summarise.numerals import Numeral, word_value

__all__ = ["judge_text"]

LONGEST_TEXT = 2000
SHARED = 0.5  # of its words that a sentence without a claim has in common with one of the notebook
VERDICTS = ("verdict", "unclear")
Found = tuple[Said, Clause]


def judge_text(text: str, evidence: Evidence) -> list[str]:
    """Return why a notebook does not bear a text, in plain words; nothing if it does."""
    if len(text) > LONGEST_TEXT:
        return [f"it has {len(text)} characters, too many to be judged"]
    return [why for sentence in sentences_in(text) for why in _judged(sentence, evidence)]


def _judged(sentence: str, evidence: Evidence) -> list[str]:
    """Return the first thing that is wrong with a sentence."""
    names = strange_names(sentence, evidence)
    if names:
        return [f"{name!r} is a name that the notebook has not" for name in names]
    clauses = clauses_of(sentence)
    for numeral, _ in (pair for clause in clauses for pair in clause.numbers):
        why = _missing(numeral, evidence)
        if why:
            return [why]
    named = _people(sentence, evidence)
    if not (named or any(clause.claims() for clause in clauses)):
        return _loosely(sentence, clauses, evidence)
    spoken = [word for clause in clauses for word in clause.content if word not in NEUTRAL]
    if named and not any(_runs(spoken, list(_all(said))) for said in evidence.sentences):
        return [f"the notebook does not say it so of {', '.join(sorted(named))}"]
    if clauses and clauses[0].marks and clauses[0].marks[0].kind == "pronoun":
        return [
            f"{clipped(sentence)} begins with {clauses[0].marks[0].text!r}: of what is not said"
        ]
    asks = Said(sentence).asks
    pool = [(s, u) for s, u in evidence.clauses if s.finds and (asks or not s.asks)]
    before: list[Found] = []
    for clause in _without_verdict(clauses, evidence):
        found, why = _grounded(clause, pool, evidence, before, bool(named))
        if not found:
            return [f"{clipped(_words(clause))}: {why}"]
        before = found
    return []


def _without_verdict(clauses: Sequence[Clause], evidence: Evidence) -> list[Clause]:
    """The clauses but for the verdict on the notebook's idea, "Null attention is supported".

    It is on what the title names, or the sentence of the verdict, and nothing else.
    """
    own = clauses_of(evidence.verdict)[:1]
    if not own or not any(axis in VERDICTS for axis, _ in own[0].directions):
        return list(clauses)
    named = {stem(w) for w in WORD.findall(evidence.title)}
    for at, clause in enumerate(clauses):
        of = {word for u in clauses[: at + 1] for word in u.content} - NEUTRAL
        before = any(u.claims() for u in clauses[:at])
        same = (clause.directions, clause.denials) == (own[0].directions, own[0].denials)
        if same and of <= named and not (before or clause.numbers or clause.hedges or clause.bound):
            return list(clauses[at + 1 :])
    return list(clauses)


def _missing(numeral: Numeral, evidence: Evidence) -> str:
    """Say what the notebook has in a number's place, "" where it has the number."""
    known = [other for _, clause in evidence.clauses for other, _ in clause.numbers]
    if any(numeral.is_said_by(other) for other in known):
        return ""
    alike = [other for other in known if other.value == numeral.value]
    if any(other.unit == numeral.unit for other in alike):
        return f"{numeral.text!r} has another sign than {alike[0].text!r} in the notebook"
    if alike:
        return f"{numeral.text!r} has another unit than {alike[0].text!r} in the notebook"
    return f"{numeral.text!r} is a number that the notebook has not"


def _people(sentence: str, evidence: Evidence) -> set[str]:
    """The people whom a sentence names: what it says of them has to be said of them."""
    return set(re.findall(r"[A-Z][\w'’-]+", sentence)) & evidence.names


def _loosely(sentence: str, clauses: Sequence[Clause], evidence: Evidence) -> list[str]:
    """Judge a sentence without a claim: its words, and whether the notebook denies it."""
    content = {word for clause in clauses for word in clause.content if word not in NEUTRAL}
    for mark in (mark for clause in clauses for mark in clause.of("content")):
        if mark.value not in NEUTRAL and not _knows(mark, evidence):
            return [f"{mark.text!r} is a word that the notebook has not"]
    if not content:
        return []
    shared = max(len(content & set(_all(said))) for said in evidence.sentences)
    if shared < SHARED * len(content):
        return [f"no sentence of the notebook is about {clipped(sentence)}"]
    near = [(len(content & set(u.content)), said, u) for said, u in evidence.clauses]
    best = max(count for count, _, _ in near)
    denials = [said for count, said, u in near if count == best and u.denials]
    count = sum(count == best for count, _, _ in near)
    if denials and (best < len(content) or len(denials) == count):
        return [f"the notebook denies something like it: {clipped(denials[0].text)}"]
    return []


def _knows(mark: Mark, evidence: Evidence) -> bool:
    """Whether the notebook has a word, or its parts; a number in it is no part."""
    parts = re.split(r"[-.]", mark.text)
    apart = len(parts) > 1 and all(
        stem(part) in evidence.stems and word_value(part) is None for part in parts
    )
    return mark.value in evidence.stems or apart


def _runs(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether words follow each other so in others."""
    starts = range(len(whole) - len(part) + 1)
    return any(list(whole[at : at + len(part)]) == list(part) for at in starts)


def _all(said: Said) -> Iterator[str]:
    return (word for clause in said.clauses for word in clause.content)


def _grounded(
    clause: Clause, pool: Sequence[Found], evidence: Evidence, before: Sequence[Found], named: bool
) -> tuple[list[Found], str]:
    """Return what of the notebook bears a clause, or why nothing does.

    `before` bears the clause before it in the sentence; a clause that does not say of what it is,
    "75 % without it", is read with it, as is the notebook's.
    """
    content = [word for word in clause.content if word not in NEUTRAL]
    if not (named or clause.claims()):
        found = [(s, u) for s, u in evidence.clauses if set(content) <= set(_all(s))]
        return found, "" if found else "no sentence of the notebook has these words together"
    if not content and not before:
        return [], "it does not say of what"
    whys: list[tuple[int, str]] = []
    found = []
    sentences = [said for said, _ in before]
    for said, other in pool:
        if not content and (other.content or said not in sentences):
            continue
        level, why = disagreement(clause, content, said, other)
        found += [] if why else [(said, other)]
        whys += [(level, why)] if why else []
    if not found:
        return [], max(whys, default=(0, "nothing in the notebook says it of this"))[1]
    quoted = any(_told(clause) == _told(other) for _, other in found)
    if content and not quoted and not any(said in sentences for said, _ in found):
        for said, other in pool:
            if contradicts(clause, content, other):
                return [], f"it could as well be {clipped(said.text)}, which says otherwise"
    return found, ""


def _told(clause: Clause) -> list[object]:
    return [mark.value for mark in clause.marks if mark.kind != "function"]


def _words(clause: Clause) -> str:
    return " ".join(mark.text for mark in clause.marks)
