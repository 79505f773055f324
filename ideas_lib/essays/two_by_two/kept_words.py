"""What is left of a sentence when its writer gives a few words and no more."""

from collections.abc import Mapping

__all__ = ["first_words", "rarest_words", "words_of"]

EDGES = ".,;:!?\"'()[]…-"


def words_of(text: str) -> list[str]:
    """Return a text's words in lower case, without the marks around them."""
    words = (word.strip(EDGES).lower() for word in text.split())
    return [word for word in words if word]


def first_words(text: str, count: int) -> str:
    """Return the first words of a text, as they stand there. Raises ValueError for count < 1."""
    _at_least_one(count)
    return " ".join(text.split()[:count])


def rarest_words(text: str, count: int, known: Mapping[str, int]) -> list[str]:
    """Return the words of a text that are rarest elsewhere, `count` of them or all there are.

    `known` says how often each word occurs elsewhere; of equally rare ones the first is taken.
    They come in the text's order, each once, in lower case. Raises ValueError for count < 1.
    """
    _at_least_one(count)
    there = list(dict.fromkeys(words_of(text)))
    chosen = sorted(there, key=lambda word: known.get(word, 0))[:count]
    return [word for word in there if word in chosen]


def _at_least_one(count: int) -> None:
    if count < 1:
        raise ValueError(f"count={count} words: it must be at least 1")
