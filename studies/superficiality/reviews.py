"""The two arms with nothing planted: sentences of four places, and pairs that turn the meaning."""

from functools import cache
from typing import Any

import numpy as np

from studies.superficiality.meaning import FRAMES, pairs_of, won

__all__ = ["READERS", "SOURCES", "of_meaning", "of_travel", "sentences", "vectors"]

SOURCES = ("films", "products", "editorials", "tweets")
SENTENCES = 1500  # of each source, the same for every seed
RULE, WORDS, VECTORS = "VADER", "words", "MiniLM"
MODELS = ("smollm2-135m-instruct", "gemma-3-270m")
READERS = (RULE, WORDS, VECTORS, *MODELS)


@cache
def sentences(source: str) -> tuple[Any, Any]:
    """Return the same sentences of a source for every seed, (SENTENCES,), and their classes."""
    from ideas_lib.essays.superficiality.material import clear_sentences

    texts, y = clear_sentences(source)
    rows = np.random.default_rng(0).permutation(len(texts))[:SENTENCES]
    return texts[rows], y[rows]


@cache
def vectors(source: str) -> Any:
    """Return MiniLM's vectors of a source's sentences, as far apart as the pixels of digits."""
    from ideas_lib.lm.maps.vectors import embed

    found = embed(list(sentences(source)[0]), model="all-minilm-l6-v2").astype(np.float64)
    return found * (0.3 / found.std())


@cache
def valences(source: str) -> Any:
    """Return what VADER's rule says of each sentence, from -1 to 1."""
    return np.array([valence(text) for text in sentences(source)[0]])


def valence(text: str) -> float:
    """Return what VADER's hand-written rule says of a text, from -1 to 1."""
    return float(_rule().polarity_scores(text)["compound"])


@cache
def _rule() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def fit_words(texts: Any, y: Any) -> Any:
    """Fit a logistic regression to which words texts have, classes of equal weight."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    weights = TfidfVectorizer(min_df=2, sublinear_tf=True)
    return make_pipeline(weights, LogisticRegression(class_weight="balanced")).fit(texts, y)


def of_travel(arm: str, seed: int) -> dict[str, float]:
    """Learn from the sentences of one source, and be asked about those of each."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import train_test_split

    rows = {
        source: train_test_split(
            np.arange(SENTENCES), train_size=1000, test_size=500, random_state=seed,
            stratify=sentences(source)[1],
        )
        for source in SOURCES
    }  # fmt: skip
    (texts, y), learned = sentences(arm), rows[arm][0]
    words = fit_words(texts[learned], y[learned])
    line = LogisticRegression(class_weight="balanced", max_iter=500)
    line.fit(vectors(arm)[learned], y[learned])
    found = {}
    for source, (_, asked) in rows.items():
        there, truth = sentences(source)
        said = {
            WORDS: words.predict(there[asked]),
            VECTORS: line.predict(vectors(source)[asked]),
            RULE: (valences(source)[asked] > 0).astype(int),
        }
        for reader, answers in said.items():
            found[f"{reader}, {source}"] = float(balanced_accuracy_score(truth[asked], answers))
    return found


def of_meaning(arm: str, seed: int) -> dict[str, Any]:
    """Say of ten pairs in how many the sentence that speaks for the film is found the better."""
    pairs = pairs_of(seed)
    texts = [text for pair in pairs for text in pair]
    return {"right": won(scored(arm, texts).reshape(len(pairs), 2))}


def scored(reader: str, texts: list[str]) -> Any:
    """Return how much a reader finds that texts are for the film, (texts,), in its own unit."""
    if reader == RULE:
        return np.array([valence(text) for text in texts])
    learned, y = sentences("films")
    if reader == WORDS:
        return fit_words(learned, y).decision_function(texts)
    if reader == VECTORS:
        return _by_vectors(texts)
    from ideas_lib.lm.scoring.logprobs import compare

    asked = [frame.format(text) for frame in FRAMES for text in texts]
    found = compare(asked, [" good", " bad"], endpoint=reader)
    each = found.contrast(" good", " bad").frame["difference"].to_numpy()
    return each.reshape(len(FRAMES), len(texts)).mean(axis=0)


def _by_vectors(texts: list[str]) -> Any:
    from sklearn.linear_model import LogisticRegression

    from ideas_lib.lm.maps.vectors import embed

    learned = embed([*sentences("films")[0], *texts], model="all-minilm-l6-v2")
    learned = learned.astype(np.float64) * (0.3 / learned.std())
    line = LogisticRegression(class_weight="balanced", max_iter=500)
    line.fit(learned[:SENTENCES], sentences("films")[1])
    return line.decision_function(learned[SENTENCES:])
