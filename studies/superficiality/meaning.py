"""Pairs of sentences in which a word or two turn the meaning, and hardly change the words.

The first of each pair speaks for the film, the second against it. They were written before any
reader of the study saw one; the four that were tried out with are apart.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["FRAMES", "PAIRS", "PRACTICE", "pairs_of", "won"]

FRAMES = (
    "{} In a word, the film was",
    "{} So the film was really",
    'The review said: "{}" The critic thought that the film was',
)
PRACTICE = (
    ("This is not a bad film.", "This is not a good film."),
    ("I do not regret seeing it.", "I regret seeing it."),
    ("It gets nothing wrong.", "It gets nothing right."),
    ("The dull parts are few.", "The parts that are not dull are few."),
)
PAIRS = (
    ("The film is anything but dull.", "The film is nothing but dull."),
    ("It never fails to surprise.", "It always fails to surprise."),
    ("There is hardly a dull moment.", "There is hardly a moment that is not dull."),
    ("I could not have enjoyed it more.", "I could have enjoyed it more."),
    ("It could not be better.", "It could be better."),
    ("Nothing about it is weak.", "Everything about it is weak."),
    ("It is far from boring.", "It is far too boring."),
    ("I wanted it never to end.", "I wanted it to end."),
    ("The plot is not in the least predictable.", "The plot is predictable, to say the least."),
    ("It was over too soon.", "It was not over soon enough."),
    ("I would gladly sit through it again.", "I would not gladly sit through it again."),
    ("It does not drag for a minute.", "There is not a minute when it does not drag."),
    ("Those who called it a failure are wrong.", "Those who called it a success are wrong."),
    ("I feared it would be a mess, and it is not.", "I hoped it would not be a mess, and it is."),
    ("It looks cheap and is brilliant.", "It looks brilliant and is cheap."),
    ("What seemed a flaw is its strength.", "What seemed its strength is a flaw."),
    ("It starts badly and ends well.", "It starts well and ends badly."),
    (
        "The trailer was awful; the film is wonderful.",
        "The trailer was wonderful; the film is awful.",
    ),
    ("I expected trash and got a treasure.", "I expected a treasure and got trash."),
    ("I have never seen a better one.", "I have seen better ones."),
    ("There is nothing not to like.", "There is nothing to like."),
    ("It is impossible not to love it.", "It is impossible to love it."),
    ("Only a fool would dislike it.", "Only a fool would like it."),
    ("It lacks none of the charm of the book.", "It has none of the charm of the book."),
    ("She does not put a foot wrong.", "She does not put a foot right."),
    ("The ending is not bad at all.", "The ending is not good at all."),
    ("I was wrong to doubt it.", "I was right to doubt it."),
    ("You will be sorry to miss it.", "You will be sorry not to miss it."),
    ("Do not miss it.", "Do miss it."),
    ("It is worth every minute.", "It is not worth a minute."),
    ("Good actors save a bad script.", "Bad actors spoil a good script."),
    ("Its faults are easily forgiven.", "Its faults are not easily forgiven."),
    ("It is as funny as the first one was dull.", "It is as dull as the first one was funny."),
    ("They hated it, and they were mistaken.", "They loved it, and they were mistaken."),
    ("It avoids every cliche.", "It avoids no cliche."),
    ("It is better than it looks.", "It looks better than it is."),
    ("I laughed with it, and never at it.", "I laughed at it, and never with it."),
    ("It is a disaster film, and no disaster.", "It is no disaster film, and a disaster."),
    ("I left before the end and regret it.", "I stayed to the end and regret it."),
    ("The first one was poor, and this is not.", "The first one was not poor, and this is."),
)
GROUP = 10


def pairs_of(seed: int) -> tuple[tuple[str, str], ...]:
    """Return ten pairs for each of the seeds 100 to 103, and those for practice below 100."""
    if seed < 100:
        return PRACTICE
    start = GROUP * (seed - 100)
    if not 0 <= start < len(PAIRS):
        raise ValueError(f"seed={seed}: there are pairs for 100 to {99 + len(PAIRS) // GROUP}")
    return PAIRS[start : start + GROUP]


def won(scores: NDArray[np.float64]) -> list[float]:
    """Return for each pair, (pairs, 2) scores, 1 if the first's is higher, 1/2 if it is equal."""
    ahead = scores[:, 0] - scores[:, 1]
    return [float(x) for x in np.where(ahead > 0, 1.0, np.where(ahead < 0, 0.0, 0.5))]
