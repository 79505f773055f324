"""Noise: what each family changes, and what none may change."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas_lib.lm.noise import FAMILIES, Noise, Variant
from ideas_lib.lm.noise.passage import BOUND, prefix
from ideas_lib.lm.noise.text import (
    NEGATION,
    NUMBER,
    Dropped,
    NoRoom,
    ending,
    lost,
    split_sentences,
)
from ideas_lib.lm.noise.vocabulary import SYNONYMS
from ideas_lib.lm.noise.wording import synonyms, typos

WORDS = (
    *("the", "large", "author", "of", "an", "entire", "book", "children", "near", "road", "often"),
    *("not", "never", "didn't", "nothing", "12", "3.5", "seven", "2,000", "Anna", "Paris", "I"),
    *(
        '"very well"',
        "(quickly)",
        "huge",
        "saw",
        "and",
        "almost",
        "Mr.",
        "it",
        "straße",
        "mother's",
    ),
)
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
GAPS = st.sampled_from([". ", "! ", "?\n", ".\n\n", "\nAnswer: ", ", "])
CONTEXTS = st.lists(st.tuples(SENTENCE, GAPS), max_size=4).flatmap(
    lambda parts: SENTENCE.map(
        lambda last: "".join(a[:1].upper() + a[1:] + gap for a, gap in parts) + last
    )
)
PLAIN = "Whales are mammals. Copper conducts electricity. Paris lies in France. The old man is"
PROMPT = "Question: What is the capital of France?\nHint: It is large.\nAnswer:"


@given(CONTEXTS | st.text(max_size=60), st.integers(0, 3))
@settings(max_examples=60)
def test_what_no_noise_may_change(context, seed):
    noise = Noise(copies=2, seed=seed)
    found = noise.draw(context)
    assert found == noise.draw(context)
    texts = [each.text for each in found.variants]
    assert len({context, *texts}) == len(texts) + 1
    last_words = context.split()[-1:]
    for each in found.variants:
        assert each.text.split()[-1:] == last_words
        assert each.text.endswith(ending(context))
        for pattern in (NUMBER, NEGATION):
            # Curly marks are another apostrophe, and the same negation.
            before, after = (
                sorted(found[0].lower() for found in pattern.finditer(text.replace("’", "'")))
                for text in (context, each.text)
            )
            assert after == before
        assert each.edit
    made = {family: sum(each.family == family for each in found.variants) for family in FAMILIES}
    for tally in found.tallies:
        assert tally.made == made[tally.family] <= tally.wanted
        assert (tally.made == tally.wanted) == (tally.why == "")


def test_a_seed_says_which_noise():
    one, other = (Noise(seed=seed).variants(PLAIN) for seed in (0, 1))
    assert Noise(seed=0).variants(PLAIN) == one != other
    alone = Noise(("typos",), seed=0).variants(PLAIN)
    assert alone == [each for each in one if each.family == "typos"]
    again = [typos(PLAIN, random.Random(each.seed)) for each in alone]
    assert again == [(each.text, each.edit) for each in alone]
    assert {each.seed for each in alone}.isdisjoint(
        each.seed for each in Noise(("typos",), seed=0).variants(PLAIN + " very")
    )


def test_each_family_changes_what_it_says():
    found = {
        family: [each for each in Noise(copies=4).variants(PLAIN) if each.family == family]
        for family in FAMILIES
    }
    for each in found["format"]:
        assert re.sub(r"^\w+ *[:|-]*|\s+", "", each.text.strip()) in (
            re.sub(r"\s+", "", PLAIN),
            re.sub(r"\s+", "", PLAIN).removeprefix("Whales"),
        )
    for each in found["punctuation"]:
        assert re.findall(r"\w+", each.text) == re.findall(r"\w+", PLAIN)
    for each in found["typos"]:
        words = list(zip(PLAIN.split(), each.text.split(), strict=True))
        for one, other in words:
            assert (one[0], one[-1]) == (other[0], other[-1])
            assert one == other or f"{one.strip('.')!r} mistyped {other.strip('.')!r}" in each.edit
        assert 1 <= sum(one != other for one, other in words) <= 3
    for each in found["prefix"]:
        assert each.text.endswith(f" {PLAIN}")
    for each in found["order"]:
        assert sorted(map(str.strip, split_sentences(each.text))) == sorted(
            map(str.strip, split_sentences(PLAIN))
        )
        assert each.text.endswith("The old man is")
    assert len(found["order"]) == 4


def test_the_fields_of_a_prompt_are_set_out_anew_and_the_last_one_stays():
    found = [each.text for each in Noise(("format",), copies=40).variants(PROMPT)]
    assert len(found) == 40
    for text in found:
        names = re.search(r"(?i)^question(\W+)What is .*France\?(\W+)hint(\W+)It is large", text)
        assert names
        assert names[1] == names[3]
        assert text.endswith("Answer:")
    assert {text.split()[0].rstrip(":") for text in found} == {"Question", "QUESTION", "question"}
    assert any(" || " in text for text in found)
    assert any("\n\n" in text for text in found)


def test_a_sentence_with_a_colon_has_no_field():
    said = "The old man said: whales are mammals, and they"
    for each in Noise(("format",), copies=10).variants(said):
        assert each.text.endswith(said)


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ("The old man is", "it has 1 sentence"),
        ("Whales are mammals. The old man is", "it has 2 sentences"),
        (PROMPT, "fields"),
        ("Whales are mammals. They eat. The old man is", "'They'"),
        ("Whales eat. Copper conducts. Then the old man is", "'Then'"),
        ("Roses are red\nViolets are blue\nSugar is", "full stop"),
    ],
)
def test_order_is_left_alone_where_it_carries_meaning(context, why):
    found = Noise(("order",)).draw(context)
    assert found.variants == ()
    assert why in found.tallies[0].why


def test_two_sentences_have_one_other_order():
    found = Noise(("order",)).draw("Whales are mammals. Copper conducts. The old man is")
    assert [each.text for each in found.variants] == [
        "Copper conducts. Whales are mammals. The old man is"
    ]
    assert (found.tallies[0].wanted, found.tallies[0].made) == (4, 1)
    assert "48 tries" in found.tallies[0].why


def test_typos_leave_facts_and_names_alone():
    context = 'seven people never told "about this" Albert said not a word to the old man'
    with pytest.raises(NoRoom, match="no word"):
        typos("Albert Einstein never saw 1234 old men in the", random.Random(0))
    for seed in range(50):
        text, _ = typos(context, random.Random(seed))
        assert not lost(context, text)
        assert "Albert" in text
        assert "seven" in text
        assert '"about this"' in text


def test_synonyms_agree_with_their_article_and_spare_names():
    context = "An entire wall was wet, and the First Lady saw a huge dog near the old gate and"
    found = [synonyms(context, random.Random(seed))[0] for seed in range(60)]
    joined = "\n".join(found)
    assert "A whole wall" in joined
    assert "an enormous dog" in joined
    assert "close to the" in joined
    assert "A entire" not in joined
    assert "a enormous" not in joined
    assert all("First Lady" in text for text in found)


def test_a_synonym_leads_nowhere_else():
    wanted = {"large", "road", "roads", "quiet", "nearly", "almost", "strange", "entire", "huge"}
    wanted |= {"near the", "children", "beautiful", "silent", "somebody", "often", "telephone"}
    assert wanted <= set(SYNONYMS)  # questions.toml counts on them
    for word, others in SYNONYMS.items():
        assert word not in others
        for each in (word, *others):
            assert not NEGATION.search(each)
            assert each == each.strip()
            assert NUMBER.findall(each) == NUMBER.findall(word)


def test_a_prefix_says_nothing_that_matters():
    for seed in range(200):
        said = prefix("", random.Random(seed))[0].rstrip()
        assert not NEGATION.search(said)
        assert not NUMBER.search(said)
        assert re.fullmatch(r"(?:[A-Z][a-z']*(?: [a-z']+)+\.(?: |$)){1,2}", said)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mr. Fox ran. Dr. No hid. The", ["Mr. Fox ran. ", "Dr. No hid. ", "The"]),
        ('"Go!" Anna said. 3.5 is', ['"Go!" ', "Anna said. ", "3.5 is"]),
        ("J. Smith wrote. It", ["J. Smith wrote. ", "It"]),
        ("one\n\ntwo\n", ["one\n\n", "two\n"]),
        ("", []),
    ],
)
def test_sentences(text, parts):
    assert split_sentences(text) == parts


@given(st.text())
def test_sentences_are_the_text_again(text):
    assert "".join(split_sentences(text)) == text
    assert text.endswith(ending(text))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("The capital of France is", "of France is"),
        ("one two three four", "three four"),
        ("word", "word"),
        ("Q: who is it?\nAnswer:", "Answer:"),
        ("a b c d e f ", "d e f "),
    ],
)
def test_ending(text, end):
    assert ending(text) == end


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Anna doesn't have 2 big dogs, said the old man", ""),
        ("Anna doesn't have 2 dogs, said an old man", "the ending"),
        ("Anna doesn't have 3 dogs, said the old man", "a number"),
        ("Anna does have 2 dogs, said the old man", "a negation"),
        ("Berta and Anna don't have 2 dogs, says Carl to the old man", "a name"),
        ('Anna doesn\'t have 2 "dogs", said the old man', "a quotation"),
    ],
)
def test_what_is_lost_is_named(text, what):
    assert what in lost("Anna doesn't have 2 dogs, said the old man", text)
    assert (what == "") == (lost("Anna doesn't have 2 dogs, said the old man", text) == "")


def test_order_knows_its_pronouns():
    assert BOUND.search("The boy saw him")
    assert not BOUND.search("The boy saw shelves")


class Careless:
    """A family that changes numbers every other time, and sometimes knows it."""

    name, tries = "careless", 3

    def vary(self, context: str, seed: int) -> tuple[str, str]:
        if seed % 3 == 0:
            raise Dropped("it was nonsense")
        return f"{seed % 2 or ''} {context}", "a number, or a space"


def test_a_full_stop_with_nothing_before_it_is_left_alone():
    for each in Noise(("punctuation",), copies=8).variants(".  the old men"):
        assert each.text.endswith("the old men")


def test_what_is_dropped_is_counted():
    drawn = Noise((Careless(),), copies=2).draw("A man is")
    assert drawn.variants == (
        Variant(" A man is", "careless", drawn.variants[0].seed, "a number, or a space"),
    )
    (tally,) = drawn.tallies
    assert (tally.wanted, tally.made) == (2, 1)
    assert f"dropped {tally.dropped} (" in tally.why
    assert "a number changed" in tally.why or "nonsense" in tally.why


def test_noise_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="copies=0"):
        Noise(copies=0)
    with pytest.raises(ValueError, match="'typo' is none of .*typos.*paraphrase"):
        Noise(("typo",))
    with pytest.raises(ValueError, match="'typos' is there 2 times"):
        Noise(("typos", "typos"))
    with pytest.raises(ValueError, match="in a tuple"):
        Noise("typos")
    assert Noise().draw(" \n").tallies[0].why == "there is no text"
