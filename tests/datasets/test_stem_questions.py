"""The bank, and what is drawn from it."""

import numpy as np
import pytest

from ideas_lib.datasets.stem_questions import nonce_words, sample_question
from ideas_lib.datasets.stems import BACKGROUNDS, KINDS, OPENINGS, WORDS
from ideas_lib.lm.noise import FAMILIES, Noise

STEMS = [stem for _, stems in KINDS.values() for stem in stems]


def test_the_same_seed_draws_the_same_question_and_others_draw_others():
    assert sample_question(3, 8) == sample_question(3, 8)
    drawn = [sample_question(seed, 2) for seed in range(60)]
    assert len({each.contexts for each in drawn}) == 60
    assert {each.kind for each in drawn} == set(KINDS) - {"nonce"}


def test_more_contexts_go_on_where_fewer_stopped():
    assert sample_question(5, 30).contexts[:8] == sample_question(5, 8).contexts


def test_contexts_are_distinct_and_said_twice():
    contexts = sample_question(7, 200).contexts
    assert len({each.text for each in contexts}) == 200
    assert all(each.text != each.reworded for each in contexts)


def test_phrases_come_in_either_order_and_begin_with_a_space():
    pairs = [sample_question(seed, 1, "drink").phrases for seed in range(60)]
    assert (" coffee", " tea") in pairs
    assert (" tea", " coffee") in pairs
    assert all(phrase[0] == " " and phrase.strip() for pair in pairs for phrase in pair)


@pytest.mark.parametrize("kind", KINDS)
def test_no_gap_is_left_unfilled_and_names_are_the_same_in_both_wordings(kind):
    for each in sample_question(1, 60, kind).contexts:
        for text in (each.text, each.reworded):
            assert not set("{}") & set(text)
            assert text == text.strip()
        names = [name for name in WORDS["name"] if name in each.text.split()]
        assert all(name in each.reworded for name in names)


def test_the_bank_is_whole():
    assert len(KINDS) == 17
    assert all(len(stems) == 4 for _, stems in KINDS.values())
    assert all(len(pairs) == 4 for kind, (pairs, _) in KINDS.items() if kind != "nonce")
    for first, second in (*OPENINGS, *BACKGROUNDS):
        assert first[-1] in ".!"
        assert second[-1] in ".!"
    for stem in STEMS:
        assert all(wording[-1].isalnum() or wording[-1] == "}" for wording in stem)


def test_every_context_has_room_for_every_family():
    noise = Noise(copies=1, protect=())  # as the study has it
    for seed in range(12):
        for each in sample_question(seed, 8).contexts:
            made = [variant.family for variant in noise.variants(each.text)]
            assert made == list(FAMILIES), each.text


def test_made_up_words_are_distinct_and_no_word_has_a_better_place():
    words = [nonce_words(np.random.default_rng(seed), 2) for seed in range(400)]
    assert all(first != second for first, second in words)
    first = np.mean([len(first) for first, _ in words])
    second = np.mean([len(second) for _, second in words])
    assert abs(first - second) < 0.2


def test_questions_that_cannot_be_drawn():
    with pytest.raises(ValueError, match="contexts=0"):
        sample_question(0, 0)
    with pytest.raises(KeyError, match="no kind 'sport'"):
        sample_question(0, 1, "sport")
