"""Decision and information: what tools leave to a person, and how much of what she meant arrives.

A person means one of 512 sentences of film reviews. A tool makes something of what she gives: all
of it, four words, her rarest words, stars. A reader sees what arrived and says how probable each of
the 512 is; what counts are the bits by which she is the wiser. Each tool stands beside the same
decisions without it. Readers know the tool: how far likeness is to be believed is learnt for each,
on other sentences.

A seed is a lot of 512 sentences, of which 20 are meant in turn; lots share none, so that
sentences are what is independent.

What was expected beside the prediction, before any verdict seed: a reader by words and runs of
words, who has her sentences word for word, loses less than half a bit by the same tool; one who is
told whose words they are loses less than half a bit; spelling that is mended gains; and of what she
had not yet typed, the model's words tell nothing, to within a quarter of a bit, for they are a
guess from the four.
"""

from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    words=4,
    slips=4,
)

SEEDS = tuple(range(300, 312))
FULL, SLIPS, MENDED = "typed in full", "typed with slips", "spelling mended"
ALONE, ON, TOLD = "her words alone", "goes on", "goes on, told whose words"
LARGER, SAMPLED, PICKED = "a larger model goes on", "one of three", "she picks of three"
LONGER, STRANGER = "as many words, all hers", "a stranger goes on"
RAREST, SENTENCE = "her rarest words", "made a sentence"
PROFESSIONAL, SIX = "rewritten", "in six words"
STARS, REVIEW = "stars alone", "made a review"
TOOLS = (
    *(FULL, SLIPS, MENDED, ALONE, ON, TOLD, LARGER, SAMPLED, PICKED, LONGER, STRANGER),
    *(RAREST, SENTENCE, PROFESSIONAL, SIX, STARS, REVIEW),
)
OF_MODELS = {ON: "goes on", TOLD: "goes on", LARGER: "larger", SAMPLED: "three"} | {
    SENTENCE: "sentence", PROFESSIONAL: "professional", SIX: "six words", REVIEW: "review"
}  # fmt: skip
BEGIN = (ALONE, ON, TOLD, LARGER, SAMPLED, PICKED, STRANGER)  # with her first words, and no more
SHOWN = 4  # sentences of the first lot whose texts are kept for the page


def arrived(tool: str, seed: int) -> list[str]:
    """Return what arrives of each sentence that is meant."""
    from studies.two_by_two import writing

    words = SETTINGS["words"]
    if tool in OF_MODELS:
        return [some[0] for some in writing.written(OF_MODELS[tool], seed, words)]
    match tool:
        case "her words alone":
            return writing.openings(seed, words)
        case "her rarest words" | "stars alone":
            return writing.given("rarest" if tool == RAREST else "stars", seed, words)
        case "typed with slips" | "spelling mended":
            typed = writing.mistyped(seed, SETTINGS["slips"])
            return writing.mended(typed) if tool == MENDED else typed
        case "she picks of three":
            return writing.picked(seed, words)
        case "as many words, all hers" | "a stranger goes on":
            return writing.followed_by(seed, words, tool == LONGER)
    return list(writing.lot_of(seed).meant)


def decisions(tool: str, seed: int) -> list[int]:
    """Return how many words and choices of each sentence are the person's."""
    from studies.two_by_two import writing

    if tool in (STARS, REVIEW):
        return [1] * writing.TARGETS
    if tool in (RAREST, SENTENCE, *BEGIN):
        return [SETTINGS["words"] + (tool == PICKED)] * writing.TARGETS
    typed = arrived(LONGER if tool == LONGER else FULL, seed)
    return [len(text.split()) for text in typed]


def likeness(tool: str, seed: int, reader: str) -> Any:
    """Return how like what arrived is to each sentence, (TARGETS, 512, kinds), to a reader.

    Who is told whose words they are has two kinds of likeness: to her words, and to the others.
    """
    import numpy as np

    from studies.two_by_two.reading import by_meaning, by_words

    words, texts = SETTINGS["words"], arrived(tool, seed)
    rests = words if reader == "rest" else 0

    def like(shown: list[str]) -> Any:
        return by_words(shown, seed) if reader == "words" else by_meaning(shown, seed, rests)

    if tool != TOLD:
        return like(texts)
    # A model that added nothing leaves her words to stand for its own.
    added = [" ".join(text.split()[words:]) or text for text in texts]
    return np.concatenate([like(arrived(ALONE, seed)), like(added)], axis=2)


def read(tool: str, seed: int, reader: str) -> tuple[Any, Any]:
    """Return the bits recovered of each sentence by a reader who has learnt the tool, and hits."""
    import numpy as np

    from ideas_lib.essays.two_by_two.recognising import fit_recogniser, recovered_bits
    from studies.two_by_two.writing import LEARNT, TARGETS

    learnt = np.concatenate([likeness(tool, lot, reader) for lot in LEARNT])
    meant, like = np.arange(TARGETS), likeness(tool, seed, reader)
    who = fit_recogniser(learnt, np.tile(meant, len(LEARNT)))
    return recovered_bits(who, like, meant), who.log2_beliefs(like).argmax(axis=1) == meant


def measure(tool: str, seed: int) -> dict[str, Any]:
    """Let readers recover what was meant from what a tool made of it."""
    from studies.two_by_two.reading import felt_bits
    from studies.two_by_two.writing import LEARNT

    texts, (each, hits) = arrived(tool, seed), read(tool, seed, "meaning")
    found: dict[str, Any] = {"bits": each.mean(), "found": hits.mean(), "each": each}
    found["bits, words"] = read(tool, seed, "words")[0].mean()
    if tool in BEGIN:
        found["bits, rest"] = read(tool, seed, "rest")[0].mean()
    if tool != TOLD:
        learnt = [arrived(tool, lot) for lot in LEARNT]
        found["felt"] = felt_bits(learnt, texts, seed).mean()
    found["decisions"] = sum(decisions(tool, seed)) / len(texts)
    found["words that arrive"] = sum(len(text.split()) for text in texts) / len(texts)
    if seed == SEEDS[0]:
        found |= {"meant": arrived(FULL, seed)[:SHOWN], "said": texts[:SHOWN]}
    return found


def reader(tool: str, seed: int) -> dict[str, Any]:
    """Let the reader by meaning recover what was meant, of sentences that she learnt on."""
    return {"bits": read(tool, seed, "meaning")[0].mean()}


STUDY = Study(
    slug="two-by-two",
    title="Decision and information",
    prediction=Prediction(
        claim="Where a model goes on after a person's first four words, a reader by meaning who"
        " knows the tool recovers at least half a bit less of her sentence, of nine, than from the"
        " four words alone.",
        outcome="bits",
        idea=ON,
        baseline=ALONE,
        margin=0.5,
        higher=False,
        confidence=0.9,
        change_our_mind="An interval below 0.5: then more words by a machine cost a reader little"
        " or nothing, and few words are no better a message than many.",
    ),
    experiments=(Experiment("sentences", TOOLS, measure, SEEDS, seconds=14),),
    reader=reader,
    reader_seeds=(0, 1, 2),
    tolerance=0.25,
)
