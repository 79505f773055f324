"""Words that a contrast hangs on: found by default, named by hand, and kept by every family."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas_lib.lm.noise import Noise
from ideas_lib.lm.noise.protection import carriers, differing, lost_word
from ideas_lib.lm.noise.wording import synonyms, typos

VERBS = (" is", " are")
KEYS = "The keys to the cabinet"
HEADS = {
    KEYS: "keys",
    "The dogs near the house": "dogs",
    "The list of the names": "list",
    "It rained. The road was closed. The authors of the large entire book": "authors",
    "It rained. The boxes fell about quickly there. Now": "boxes",
    "Sentence: the large roads in the beautiful city\nVerb:": "roads",
    "Sentence: a road\nVerb: is\n\nSentence: the roads in the huge city\nVerb:": "roads",
}


def has(word, text):
    return re.search(rf"(?i)\b{word}\b", text)


@pytest.mark.parametrize(("context", "head"), HEADS.items())
def test_the_word_that_a_verb_agrees_with_stays_by_default(context, head):
    unprotected = Noise(copies=12, protect=()).variants(context, VERBS)
    assert any(not has(head, each.text) for each in unprotected if each.family == "typos")
    for seed in range(3):
        for each in Noise(copies=12, seed=seed).variants(context, VERBS):
            assert has(head, each.text), each


def test_the_sentences_before_are_still_mistyped():
    found = Noise(("typos", "synonyms"), copies=4).variants(
        "The large road was closed. The author of the book", VERBS
    )
    assert {each.family for each in found} == {"typos", "synonyms"}
    assert all(each.text.endswith("The author of the book") for each in found)


@pytest.mark.parametrize(
    "phrases", [(" him", " her"), (" she said", " they said"), (" who", " it")]
)
def test_a_pronoun_may_stand_for_any_word(phrases):
    context = "The actress came with children. Somebody in the large old hall had greeted"
    assert "actress" not in carriers(context, VERBS)
    drawn = Noise(copies=4).draw(context, phrases)
    assert {each.family for each in drawn.variants} == {"format", "punctuation", "prefix"}
    why = {tally.family: tally.why for tally in drawn.tallies}
    assert "protect=" in why["typos"]
    assert "protect=" in why["synonyms"]


def test_words_that_a_phrase_has_stay_in_any_form():
    context = "Her gifts of coffee were late. Later on that day she had a cup of"
    kept = carriers(context, (" coffees", " gift"))
    assert {"coffee", "gifts"} <= set(kept)
    assert "late" not in kept


def test_words_by_which_contexts_differ_stay():
    heads = [
        "The author met the lawyers. Later on they all said",
        "The authors met the lawyers. Later on they all said",
    ]
    assert differing(heads) == {heads[0]: {"author"}, heads[1]: {"authors"}}
    assert differing([*heads, "Nobody knew. In the end they said"])[heads[0]] == {"author"}
    longer = [KEYS, "The set of keys to the cabinet"]
    assert differing(longer) == {longer[0]: set(), longer[1]: {"set", "of"}}
    drawn = Noise(("typos", "synonyms"), copies=6).draw_all(heads, (" yes", " no"))
    for context, found in drawn.items():
        head = context.split()[1]
        assert found.variants
        assert all(has(head, each.text) for each in found.variants)
    loose = Noise(("typos", "synonyms"), copies=6, protect=()).draw_all(heads, (" yes", " no"))
    assert any(not has("author", each.text) for each in loose[heads[0]].variants)


def test_protected_by_name_is_whole_words_whatever_their_case():
    context = "The old keys and the Keyring near the large wooden garden house"
    for seed in range(40):
        text, _ = typos(context, random.Random(seed), ("KEYS", "near the"))
        assert "keys" in text
        assert "near the" in text
        text, _ = synonyms(context, random.Random(seed), ("near  the",))
        assert "near the" in text
    noise = Noise(("typos",), copies=4, protect=("keys",))
    assert any("Keyring" not in e.text or "near" not in e.text for e in noise.variants(context))


class Turned:
    """A family of one's own that mistypes keys every other time."""

    name, tries = "turned", 40

    def vary(self, context: str, seed: int) -> tuple[str, str]:
        text = context if seed % 2 else context.replace("keys", "kyes")
        return f"{'abcdefghij'[seed % 10]}. {text}", "begun with a letter"


@pytest.mark.parametrize("protect", [None, ("keys",)])
def test_a_family_of_ones_own_is_held_to_it(protect):
    drawn = Noise((Turned(),), copies=3, protect=protect).draw(KEYS)
    assert drawn.variants
    assert all("keys" in each.text for each in drawn.variants)
    assert drawn.tallies[0].dropped
    loose = Noise((Turned(),), copies=3, protect=()).draw(KEYS)
    assert not all("keys" in each.text for each in loose.variants)


def test_what_changed_is_named():
    assert lost_word(KEYS, "The kyes to the cabinet", ["cabinet", "keys"]) == "keys"
    assert lost_word("It's on", "It’s on", ["it's"]) == ""
    assert lost_word("the the cat", "the cat", ["the"]) == "the"


@given(
    st.lists(
        st.sampled_from(("the", "large", "road", "Often", "it's", "x: ", ". ", "\n")), max_size=9
    )
    .map(" ".join)
    .map(str.strip),
    st.sampled_from((VERBS, (" her",), ())),
)
@settings(max_examples=40)
def test_no_protected_word_is_ever_lost(context, phrases):
    kept = carriers(context, phrases)
    for each in Noise(copies=2).variants(context, phrases):
        assert not lost_word(context, each.text, kept)


def test_protection_that_makes_no_sense_is_refused():
    for wrong in ("keys", ("keys", ""), (3,)):
        with pytest.raises(ValueError, match="protect=.*in a tuple"):
            Noise(protect=wrong)
    with pytest.raises(ValueError, match="no context has the word 'kyes'"):
        Noise(protect=("kyes",)).draw_all([KEYS], VERBS)
    assert Noise(protect=("kyes",)).draw_all([], VERBS) == {}


def test_without_protection_noise_is_what_it_was():
    found = Noise(("typos",), copies=3, protect=()).variants(KEYS)
    assert [each.text for each in found] == [
        typos(KEYS, random.Random(each.seed))[0] for each in found
    ]
