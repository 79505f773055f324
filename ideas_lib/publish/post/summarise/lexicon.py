"""The words that a claim hangs on: directions, negations, hedges; and those that bear nothing.

A word is looked up by its stem, so `counts`, `counting` and `counted` are one. What stands in none
of these lists is content: it says what a sentence speaks of.
"""

from collections.abc import Mapping
from functools import cache

import snowballstemmer

__all__ = [
    "COMPARING",
    "CONTRASTS",
    "FUNCTION",
    "LEADING",
    "NEGATIONS",
    "NEUTRAL",
    "PIVOTS",
    "PRONOUNS",
    "TRANSITIVE",
    "direction_of",
    "hedge_of",
    "stem",
]


def _set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


# axis: the words that point up on it, and those that point down; a star stands for all of a verb
_AXES: Mapping[str, tuple[str, str]] = {
    "amount": (
        "more higher above greater larger bigger rise* rose risen grow* grew grown increase* "
        "exceed* raise* lift* upward up wider extra surpass* boost* doubled gain*",
        "less fewer lower below smaller fall* fell fallen drop* dropped shrink* shrank decrease* "
        "decline* reduce* down downward narrower halved",
    ),
    "good": (
        "better improve* improvement helps help helped helping beat beats beating outperform* "
        "ahead benefit* win wins won superior stronger good well advantage succeed* success "
        "effective useful",
        "worse hurt* harm* degrade* behind underperform* lose loses lost losing inferior weaker "
        "bad badly poor poorly disadvantage fail* failure ineffective useless damage*",
    ),
    "top": (
        "best highest largest biggest maximum strongest",
        "worst lowest smallest minimum weakest",
    ),
    "length": ("longer longest", "shorter shortest"),
    "speed": ("faster fastest quicker fast quick", "slower slowest slow"),
    "cost": ("dearer costlier costly expensive", "cheaper cheapest cheap"),
    "truth": (
        "right correct correctly accurate accurately true reliable",
        "wrong wrongly incorrect incorrectly inaccurate false unreliable mistaken",
    ),
    "verdict": ("supported supports confirm* prove* proved proven verified", "refute* disprove*"),
    "unclear": ("inconclusive unclear undecided", "conclusive"),
    "same": ("same equal equally identical alike similar tie tied within", "different differ*"),
    "enable": ("enable* allow* solve* cause*", "prevent* block* stop stops stopped avoid* broke"),
    "having": ("", "lack lacks lacked lacking missing omit*"),
    "agree": ("agree* accept*", "disagree* reject* contradict*"),
    "chance": ("likely possible able probable", "unlikely impossible unable improbable"),
    "ease": ("easy easier easily", "hard harder difficult"),
}
NEGATIONS = _set("not no never none nothing neither nor nobody nowhere cannot")
_HEDGES = {
    "may": (
        "may might could can perhaps possibly probably seem seems seemed appear appears suggest "
        "suggests"
    ),
    "said": (
        "predict predicts predicted prediction expect expects expected claim claims claimed assume "
        "assumed believe believed think thought hope hoped guess hypothesis would should supposed "
        "suspect suspected promise promised"
    ),
    "all": "all every always entirely completely universally any",
    "some": "some sometimes several partly",
    "most": "most mostly usually often generally many least",
    "few": "few rarely seldom hardly barely scarcely",
    "very": (
        "far much vastly greatly significantly significant dramatically considerably substantially "
        "hugely strongly clearly definitely vast huge"
    ),
    "slight": "slightly little marginally modestly",
    "only": "only merely solely except",
    "if": "if unless until whether",
    "about": "nearly almost approximately roughly",
}
FUNCTION = _set(
    "a an the of in on at for to as by is are was were be been being am it its itself they them "
    "their this that these those which who whom whose what how why when where there here and or "
    "so also too even still just then do does did done has have had having will shall into onto "
    "out off up about around from because through during per via each both other another such "
    "own let lets i we us our you your he she his her one's s t"
)
PRONOUNS = _set("it they this these that those he she its their both")
PIVOTS = _set("than over versus vs against beside minus beyond compared")
CONTRASTS = _set("with without than unlike instead")
LEADING = _set(
    "at on in with without for over if when where after before once while by from under among of "
    "across unlike during given as to unless until"
)
COMPARING = _set("beat outperform exceed surpass")  # "better than", in a verb
TRANSITIVE = _set(
    "exceed surpass raise lift reduc improv help beat outperform hurt harm degrad underperform "
    "enabl allow solv caus prevent block stop forbid break win lose need requir lack match "
    "accept reject agre boost contradict"
)
_NEUTRAL = (
    "notebook chapter post article essay study author reader look explore examine investigate ask "
    "question test measure show find found see learn discover how why new read introduce discuss "
    "describe explain present report topic experiment try compare comparison evaluate analysis "
    "here paper page say says tell result finding conclude note consider focus"
)


@cache
def stem(word: str) -> str:
    """Return a word's stem, in lower case: `counts` and `counting` have one."""
    found: str = snowballstemmer.stemmer("english").stemWord(word.casefold().replace("’", "'"))
    return found.removesuffix("'s")


@cache
def _directions() -> dict[str, tuple[str, int]]:
    known: dict[str, tuple[str, int]] = {}
    for axis, sides in _AXES.items():
        for side, words in zip((1, -1), sides, strict=True):
            for word in words.split():
                key = f"{stem(word[:-1])}*" if word.endswith("*") else word
                known.setdefault(key, (axis, side))
    return known


def direction_of(word: str) -> tuple[str, int] | None:
    """Return a word's axis and the side it points to, 1 or -1; None where it points nowhere."""
    return _directions().get(word.casefold()) or _directions().get(f"{stem(word)}*")


@cache
def _hedges() -> dict[str, str]:
    return {word: kind for kind, words in _HEDGES.items() for word in words.split()}


def hedge_of(word: str) -> str:
    """Return how a word limits or stretches a claim ("may", "all", …), "" if it does not."""
    return _hedges().get(word.casefold(), "")


NEUTRAL = frozenset(stem(word) for word in _NEUTRAL.split())
