"""In what two clauses differ: numbers, directions, denials, hedges, sides of a comparison."""

from collections.abc import Sequence

from ideas_lib.publish.post.summarise.clauses import Clause
from ideas_lib.publish.post.summarise.evidence import Said
from ideas_lib.publish.post.summarise.lexicon import COMPARING, PIVOTS, TRANSITIVE, stem

__all__ = ["clipped", "contradicts", "disagreement"]


def clipped(text: str) -> str:
    """Return the beginning of a text in quotes."""
    return f"“{text if len(text) < 90 else text[:88] + '…'}”"


def disagreement(clause: Clause, content: list[str], said: Said, other: Clause) -> tuple[int, str]:
    """Say in what two clauses differ, "" if in nothing; the level is how far they agreed before."""
    strange = [word for word in content if word not in other.content]
    if strange:
        # of reasons, that of the nearest sentence is shown
        return -len(strange), "no sentence of the notebook says this of these words"
    shown = clipped(said.text)
    if clause.directions != other.directions:
        if _turned(clause, other):
            return 3, ""
        return 2, f"its direction is not that of {shown}"
    if clause.denials != other.denials:
        return 3, f"{'it denies' if clause.denials else 'it leaves out the denial in'} {shown}"
    if clause.hedges != other.hedges:
        lost = [*(clause.hedges - other.hedges), *(other.hedges - clause.hedges)]
        return 3, f"how far it holds ({', '.join(lost)}) is not as in {shown}"
    if not _same_sides(clause, other, content):
        return 4, f"its sides are those of {shown}, turned round, or one is left out"
    why = _numbers_differ(clause, other, shown) or _bound_differ(clause, other, shown)
    if why:
        return 4, why
    if not _same_order(clause, said, other, content):
        return 5, f"its words stand in another order to its numbers than in {shown}"
    return 6, ""


def _numbers_differ(clause: Clause, other: Clause, shown: str) -> str:
    rest, at = list(other.numbers), 0
    for numeral, nouns in clause.numbers:
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
    axes = {axis for axis, _ in clause.directions} - {"truth"}
    if other.numbers and not clause.numbers and not axes:
        return f"it leaves out the number in {shown}"
    return ""


def _bound_differ(clause: Clause, other: Clause, shown: str) -> str:
    for word, of in clause.bound:
        theirs = {after for name, after in other.bound if name == word}
        if not theirs or not (of in theirs or not of or "" in theirs):
            return f"{word!r} does not stand so in {shown}"
    beats = any(stem(mark.text) in COMPARING for mark in clause.of("direction"))
    firm = (n for n, m in enumerate(other.marks) if m.kind in ("number", "direction"))
    last = max(firm, default=0)
    for n, mark in enumerate(other.marks):
        word = mark.text.casefold()
        if beats and word == "than":
            continue
        if mark.kind in ("contrast", "pivot") and word not in {name for name, _ in clause.bound}:
            if word != "with" or n < last:
                return f"it leaves out {word!r} of {shown}"
    return ""


def contradicts(clause: Clause, content: list[str], other: Clause) -> bool:
    """Whether the notebook gives the same words other numbers of a unit, or another direction."""
    if not set(content) <= set(other.content):
        return False
    if any(
        not any(w == word and o in (of, "") for w, o in other.bound) for word, of in clause.bound
    ):
        return False
    for axis, side in clause.directions:
        mine = side * (-1) ** clause.denials
        theirs = {s * (-1) ** other.denials for a, s in other.directions if a == axis}
        if theirs and mine not in theirs:
            return True
    kinds = {numeral.unit for numeral, _ in clause.numbers}
    for kind in kinds:
        theirs_of = [n for n, _ in other.numbers if n.unit == kind]
        mine_of = [n for n, _ in clause.numbers if n.unit == kind]
        if theirs_of and not any(a.is_said_by(b) for a in mine_of for b in theirs_of):
            return True
    return False


def _turned(clause: Clause, other: Clause) -> bool:
    """Whether "B is worse than A" is said for "A is better than B", and nothing else differs."""
    flipped = {(axis, -side) for axis, side in clause.directions}
    plain = (
        not (clause.numbers or clause.denials or other.denials) and clause.hedges == other.hedges
    )
    if not plain or len(clause.directions) != 1 or flipped != set(other.directions):
        return False
    mine, theirs = _split_at(clause, ("than",)), _split_at(other, ("than",))
    return all((*mine, *theirs)) and mine[0] <= theirs[1] and theirs[0] <= mine[1]


def _split_at(clause: Clause, words: Sequence[str]) -> tuple[set[str], set[str]]:
    """The content before and after the first of some words, that of "On noisy tables, …" apart."""
    places = [n for n, mark in enumerate(clause.marks) if mark.text.casefold() in words]
    if not places:
        return set(), set()
    sides = clause.marks[min(clause.lead, places[0]) : places[0]], clause.marks[places[0] + 1 :]
    left, right = ({str(m.value) for m in side if m.kind == "content"} for side in sides)
    return left, right


def _same_sides(clause: Clause, other: Clause, content: list[str]) -> bool:
    """Whether words stand on the same side of what compares: than, over, beats, against."""
    theirs = {m.text.casefold() for m in other.marks}
    for mark in clause.marks:
        word = mark.text.casefold()
        verb = mark.kind == "direction" and stem(word) in TRANSITIVE
        if not (verb or word in PIVOTS):
            continue
        same = [word] if word in theirs else [m.text.casefold() for m in other.of("direction")]
        left, right = _split_at(clause, [word])
        before, after = _split_at(other, same)
        wrong = (left & after - before) | (right & before - after)
        if wrong & set(content) or (before and not left):
            return False
    return True


def _same_order(clause: Clause, said: Said, other: Clause, content: list[str]) -> bool:
    """Whether the words before a number follow each other as in the notebook.

    It is asked where the notebook's sentence has several numbers of a unit: "A and B are right on
    98 % and 75 %" is otherwise all that "B and A are right on 98 % and 75 %" says.
    """
    kinds = [numeral.unit for u in said.clauses for numeral, _ in u.numbers]
    mine = {numeral.unit for numeral, _ in clause.numbers}
    if not any(kinds.count(kind) > 1 for kind in mine):
        return True
    first = next(n for n, mark in enumerate(clause.marks) if mark.kind == "number")
    there = next(n for n, mark in enumerate(other.marks) if mark.kind == "number")
    left = [str(m.value) for m in clause.marks[:first] if m.value in content]
    places = [str(m.value) for m in other.marks[:there]]
    order = [places.index(word) for word in left if word in places]
    return order == sorted(order)
