"""Paraphrases: which are believed, how many are not, and what happens without a model."""

import pytest

from ideas_lib.lm.noise import Noise
from ideas_lib.lm.noise.paraphrase import NoModel, Paraphrase, asked, believed, similarity
from ideas_lib.lm.noise.text import Dropped, NoRoom, lost

HEAD = "The old library near the station was closed because its roof was damaged by heavy rain."
SAME = "Because heavy rain had damaged its roof, the old library by the station was shut."
CONTEXT = f"{HEAD} The people of the town are"


def test_meanings_that_are_close_have_close_embeddings():
    assert similarity(HEAD, HEAD) == pytest.approx(1, abs=1e-3)
    assert similarity(HEAD, SAME) == pytest.approx(similarity(SAME, HEAD), abs=1e-3)
    assert similarity(HEAD, SAME) > 0.8 > 0.4 > similarity(HEAD, "She likes to play chess.")


@pytest.mark.parametrize("said", [SAME, f'Sure, here is the text:\n"{SAME}"\nDo you like it?'])
def test_a_paraphrase_stands_before_the_last_sentence(said):
    text, edit = believed(CONTEXT, said, 0.8)
    assert text == f"{SAME} The people of the town are"
    assert repr(HEAD) in edit
    assert repr(SAME) in edit
    assert "cosine 0." in edit


def test_what_may_be_rewritten_is_what_comes_before_the_last_sentence():
    assert asked(CONTEXT).endswith(f"Text: {HEAD}")
    for context, why in (("The man is", "1 sentence"), ("Question: Is it?\nAnswer:", "fields")):
        with pytest.raises(NoRoom, match=why):
            asked(context)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "shorter"),
        (HEAD.lower(), "the words are the same"),
        ("It closed.", "shorter"),
        (
            HEAD + " Nobody knew when it would be opened again, or who would pay for it." * 2,
            "longer",
        ),
        (SAME.rstrip("."), "inside a sentence"),
        ("My favourite meal is pasta with a sauce of tomatoes, onions and basil.", "cosine"),
    ],
)
def test_a_paraphrase_that_is_none_is_dropped(said, why):
    with pytest.raises(Dropped, match=why):
        believed(CONTEXT, said, 0.8)


def test_embeddings_do_not_see_a_negation_and_the_other_checks_do():
    wrong = HEAD.replace("was closed", "was not shut")
    text, edit = believed(CONTEXT, wrong, 0.8)
    assert "cosine 0.9" in edit
    assert lost(CONTEXT, text) == "a negation changed"


def test_a_small_model_paraphrases_the_same_way_for_the_same_seed():
    family = Paraphrase("smollm2-135m-instruct", tries=8)
    found = Noise((family,), copies=1).draw(CONTEXT)
    assert (found.tallies[0].made, found.tallies[0].why) == (1, "")
    (variant,) = found.variants
    assert not lost(CONTEXT, variant.text)
    assert variant.text.endswith(" The people of the town are")
    assert variant.text != CONTEXT
    assert family.vary(CONTEXT, variant.seed) == (variant.text, variant.edit)


def test_without_a_model_it_refuses_and_says_what_to_do():
    noise = Noise((Paraphrase("http://127.0.0.1:9/v1"),))
    with pytest.raises(NoModel, match=r"need a model: .*127\.0\.0\.1:9.* or leave this family out"):
        noise.variants(CONTEXT)
    with pytest.raises(NoModel, match="'smolm2' is no model's name"):
        Noise((Paraphrase("smolm2"),)).variants(CONTEXT)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="threshold=1"):
        Paraphrase(threshold=1)
    with pytest.raises(ValueError, match="temperature=0"):
        Paraphrase(temperature=0)
