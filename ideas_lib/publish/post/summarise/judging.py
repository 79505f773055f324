"""Whether a notebook bears a sentence that somebody else wrote about it.

A sentence is kept if each thing that it says stands in one thing that the notebook says (a `Unit`):
the same numbers with sign and unit, the same directions, negations and hedges, about the same
words, which stand on the same sides of what compares them; and if no other sentence of the notebook
gives those words another number or the other direction. What says nothing that could be turned has
to be made of the notebook's words. Whatever is unsure is rejected, and the reason is said.
"""

import re
from collections.abc import Iterator, Sequence

from ideas_lib.publish.post.summarise.evidence import Evidence, Said
from ideas_lib.publish.post.summarise.lexicon import NEUTRAL, PIVOTS, TRANSITIVE, stem
from ideas_lib.publish.post.summarise.namesakes import strange_names
from ideas_lib.publish.post.summarise.numerals import Numeral, word_value
from ideas_lib.publish.post.summarise.units import WORD, Mark, Unit, split_sentences, units_of

__all__ = ["judge_text"]

SHARED = 0.5  # of its words that a sentence without a claim has in common with one of the notebook
VERDICTS = ("verdict", "unclear")
Found = tuple[Said, Unit]


def judge_text(text: str, evidence: Evidence) -> list[str]:
    """Return why a notebook does not bear a text, in plain words; nothing if it does."""
    return [why for sentence in split_sentences(text) for why in _judged(sentence, evidence)]


def _judged(sentence: str, evidence: Evidence) -> list[str]:
    """Return the first thing that is wrong with a sentence."""
    names = strange_names(sentence, evidence)
    if names:
        return [f"{name!r} is a name that the notebook has not" for name in names]
    units = units_of(sentence)
    for numeral, _ in (pair for unit in units for pair in unit.numbers):
        why = _missing(numeral, evidence)
        if why:
            return [why]
    named = _people(sentence, evidence)
    if not (named or any(unit.claims() for unit in units)):
        return _loosely(sentence, units, evidence)
    if units and units[0].marks and units[0].marks[0].kind == "pronoun":
        return [f"{_short(sentence)} begins with {units[0].marks[0].text!r}: of what is not said"]
    asks = Said(sentence).asks
    pool = [(s, u) for s, u in evidence.units if s.finds and (asks or not s.asks)]
    before: list[Found] = []
    for unit in _without_verdict(units, evidence):
        found, why = _grounded(unit, pool, evidence, before, bool(named))
        if not found:
            return [f"{_short(_words(unit))}: {why}"]
        before = found
    return []


def _without_verdict(units: Sequence[Unit], evidence: Evidence) -> list[Unit]:
    """The units but for the verdict on the notebook's idea, "Null attention is supported".

    It is on what the title names, or the sentence of the verdict, and nothing else.
    """
    own = units_of(evidence.verdict)[:1]
    if not own or not any(axis in VERDICTS for axis, _ in own[0].directions):
        return list(units)
    named = {stem(w) for w in WORD.findall(evidence.title)}
    for at, unit in enumerate(units):
        of = {word for u in units[: at + 1] for word in u.content} - NEUTRAL
        before = any(u.claims() for u in units[:at])
        same = (unit.directions, unit.denials) == (own[0].directions, own[0].denials)
        if same and of <= named and not (before or unit.numbers or unit.hedges or unit.bound):
            return list(units[at + 1 :])
    return list(units)


def _missing(numeral: Numeral, evidence: Evidence) -> str:
    """Say what the notebook has in a number's place, "" where it has the number."""
    known = [other for _, unit in evidence.units for other, _ in unit.numbers]
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


def _loosely(sentence: str, units: Sequence[Unit], evidence: Evidence) -> list[str]:
    """Judge a sentence without a claim: its words, and whether the notebook denies it."""
    content = {word for unit in units for word in unit.content if word not in NEUTRAL}
    for mark in (mark for unit in units for mark in unit.of("content")):
        if mark.value not in NEUTRAL and not _knows(mark, evidence):
            return [f"{mark.text!r} is a word that the notebook has not"]
    if not content:
        return []
    shared = max(len(content & set(_all(said))) for said in evidence.sentences)
    if shared < SHARED * len(content):
        return [f"no sentence of the notebook is about {_short(sentence)}"]
    near = [(len(content & set(u.content)), said, u) for said, u in evidence.units]
    best = max(count for count, _, _ in near)
    denials = [said for count, said, u in near if count == best and u.denials]
    count = sum(count == best for count, _, _ in near)
    if denials and (best < len(content) or len(denials) == count):
        return [f"the notebook denies something like it: {_short(denials[0].text)}"]
    return []


def _knows(mark: Mark, evidence: Evidence) -> bool:
    """Whether the notebook has a word, or its parts; a number in it is no part."""
    parts = re.split(r"[-.]", mark.text)
    apart = len(parts) > 1 and all(
        stem(part) in evidence.stems and word_value(part) is None for part in parts
    )
    return mark.value in evidence.stems or apart


def _all(said: Said) -> Iterator[str]:
    return (word for unit in said.units for word in unit.content)


def _grounded(
    unit: Unit, pool: Sequence[Found], evidence: Evidence, before: Sequence[Found], named: bool
) -> tuple[list[Found], str]:
    """Return what of the notebook bears a unit, or why nothing does.

    `before` bears the unit before it in the sentence; a unit that says of nothing what it is of,
    "75 % without it", is read with it, as is the notebook's.
    """
    content = [word for word in unit.content if word not in NEUTRAL]
    if not (named or unit.claims()):
        found = [(s, u) for s, u in evidence.units if set(content) <= set(_all(s))]
        return found, "" if found else "no sentence of the notebook has these words together"
    if not content and not before:
        return [], "it does not say of what"
    whys: list[tuple[int, str]] = []
    found = []
    sentences = [said for said, _ in before]
    for said, other in pool:
        if not content and (other.content or said not in sentences):
            continue
        level, why = _differs(unit, content, said, other)
        found += [] if why else [(said, other)]
        whys += [(level, why)] if why else []
    if not found:
        return [], max(whys, default=(0, "nothing in the notebook says it of this"))[1]
    quoted = any(_told(unit) == _told(other) for _, other in found)
    if content and not quoted and not any(said in sentences for said, _ in found):
        for said, other in pool:
            if _contradicts(unit, content, other):
                return [], f"it could as well be {_short(said.text)}, which says otherwise"
    return found, ""


def _told(unit: Unit) -> list[object]:
    return [mark.value for mark in unit.marks if mark.kind != "function"]


def _differs(unit: Unit, content: list[str], said: Said, other: Unit) -> tuple[int, str]:
    """Say in what two units differ, "" if in nothing; the level is how far they agreed before."""
    strange = [word for word in content if word not in other.content]
    if strange:
        # of reasons, that of the nearest sentence is shown
        return -len(strange), "no sentence of the notebook says this of these words"
    shown = _short(said.text)
    if unit.directions != other.directions:
        if _turned(unit, other):
            return 3, ""
        return 2, f"its direction is not that of {shown}"
    if unit.denials != other.denials:
        return 3, f"{'it denies' if unit.denials else 'it leaves out the denial in'} {shown}"
    if unit.hedges != other.hedges:
        lost = [*(unit.hedges - other.hedges), *(other.hedges - unit.hedges)]
        return 3, f"how far it holds ({', '.join(lost)}) is not as in {shown}"
    why = _numbers_differ(unit, other, shown) or _bound_differ(unit, other, shown)
    if why:
        return 4, why
    if not _same_sides(unit, other, content):
        return 5, f"its sides are those of {shown}, turned round"
    if not _same_order(unit, said, other, content):
        return 5, f"its words stand in another order to its numbers than in {shown}"
    return 6, ""


def _numbers_differ(unit: Unit, other: Unit, shown: str) -> str:
    rest, at = list(other.numbers), 0
    for numeral, nouns in unit.numbers:
        places = [
            n
            for n, (theirs, of) in enumerate(rest)
            if numeral.is_said_by(theirs) and not (nouns and of and not set(nouns) & set(of))
        ]
        if not places:
            return f"{numeral.text!r} is not said of this in {shown}"
        if places[-1] < at:
            return f"its numbers stand in another order than in {shown}"
        at = next(n for n in places if n >= at) + 1
    axes = {axis for axis, _ in unit.directions} - {"truth"}
    if other.numbers and not unit.numbers and not axes:
        return f"it leaves out the number in {shown}"
    return ""


def _bound_differ(unit: Unit, other: Unit, shown: str) -> str:
    for word, of in unit.bound:
        theirs = {after for name, after in other.bound if name == word}
        if not theirs or not (of in theirs or not of or "" in theirs):
            return f"{word!r} does not stand so in {shown}"
    last = max((n for n, m in enumerate(other.marks) if m.kind in ("number", "direction")), default=0)
    for n, mark in enumerate(other.marks):
        word = mark.text.casefold()
        if mark.kind in ("contrast", "pivot") and word not in {name for name, _ in unit.bound}:
            if word != "with" or n < last:
                return f"it leaves out {word!r} of {shown}"
    return ""


def _contradicts(unit: Unit, content: list[str], other: Unit) -> bool:
    """Whether the notebook gives the same words other numbers of a unit, or another direction."""
    if not set(content) <= set(other.content):
        return False
    if any(not any(w == word and o in (of, "") for w, o in other.bound) for word, of in unit.bound):
        return False
    for axis, side in unit.directions:
        mine = side * (-1) ** unit.denials
        theirs = {s * (-1) ** other.denials for a, s in other.directions if a == axis}
        if theirs and mine not in theirs:
            return True
    kinds = {numeral.unit for numeral, _ in unit.numbers}
    for kind in kinds:
        theirs_of = [n for n, _ in other.numbers if n.unit == kind]
        mine_of = [n for n, _ in unit.numbers if n.unit == kind]
        if theirs_of and not any(a.is_said_by(b) for a in mine_of for b in theirs_of):
            return True
    return False


def _turned(unit: Unit, other: Unit) -> bool:
    """Whether "B is worse than A" is said for "A is better than B", and nothing else differs."""
    flipped = {(axis, -side) for axis, side in unit.directions}
    plain = not (unit.numbers or unit.denials or other.denials) and unit.hedges == other.hedges
    if not plain or len(unit.directions) != 1 or flipped != set(other.directions):
        return False
    mine, theirs = _split_at(unit, ("than",)), _split_at(other, ("than",))
    return all((*mine, *theirs)) and mine[0] <= theirs[1] and mine[1] <= theirs[0]


def _split_at(unit: Unit, words: Sequence[str]) -> tuple[set[str], set[str]]:
    """The content before and after the first of some words."""
    places = [n for n, mark in enumerate(unit.marks) if mark.text.casefold() in words]
    if not places:
        return set(), set()
    sides = unit.marks[: places[0]], unit.marks[places[0] + 1 :]
    left, right = ({str(m.value) for m in side if m.kind == "content"} for side in sides)
    return left, right


def _same_sides(unit: Unit, other: Unit, content: list[str]) -> bool:
    """Whether words stand on the same side of what compares: than, over, beats, against."""
    theirs = {m.text.casefold() for m in other.marks}
    for mark in unit.marks:
        word = mark.text.casefold()
        verb = mark.kind == "direction" and stem(word) in TRANSITIVE
        if not (verb or word in PIVOTS):
            continue
        same = [word] if word in theirs else [m.text.casefold() for m in other.of("direction")]
        left, right = _split_at(unit, [word])
        before, after = _split_at(other, same)
        wrong = (left & after - before) | (right & before - after)
        if wrong & set(content):
            return False
    return True


def _same_order(unit: Unit, said: Said, other: Unit, content: list[str]) -> bool:
    """Whether the words before a number follow each other as in the notebook.

    It is asked where the notebook's sentence has several numbers of a unit: "A and B are right on
    98 % and 75 %" is otherwise all that "B and A are right on 98 % and 75 %" says.
    """
    kinds = [numeral.unit for u in said.units for numeral, _ in u.numbers]
    mine = {numeral.unit for numeral, _ in unit.numbers}
    if not any(kinds.count(kind) > 1 for kind in mine):
        return True
    first = next(n for n, mark in enumerate(unit.marks) if mark.kind == "number")
    there = next(n for n, mark in enumerate(other.marks) if mark.kind == "number")
    left = [str(m.value) for m in unit.marks[:first] if m.value in content]
    places = [str(m.value) for m in other.marks[:there]]
    order = [places.index(word) for word in left if word in places]
    return order == sorted(order)


def _words(unit: Unit) -> str:
    return " ".join(mark.text for mark in unit.marks)


def _short(text: str) -> str:
    return f"“{text if len(text) < 90 else text[:88] + '…'}”"
