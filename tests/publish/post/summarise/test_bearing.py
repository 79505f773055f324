"""Suggestions that a notebook bears are kept, and whatever turns it round is not."""

import time

import pytest

from ideas_lib.publish.post.summarise.bearing import judge_text
from ideas_lib.publish.post.summarise.evidence import evidence_in

TEXT = """# Soft trees

*May a tree be unsure?*

A **soft tree** sends every sample down both branches. Frosst (2017) proposed soft trees, and
Breiman (1984) proposed CART. A hard tree sends it down one branch.

## Prediction

We expect that soft trees are slower than CART.

> A soft tree always beats a forest!

## The verdict

**Supported.** Over five tables, a soft tree is right on 79.4 % of the samples; CART, on 74.9 %:
+4.5 points of accuracy (95 % interval +2.6 to +6.4; margin 1), 10 splits.

The soft tree is better than CART on noisy tables. Training takes 1,200 steps, and 35 ms a step.
On clean tables, the soft tree is not better than CART. Pruning makes the leaves smaller.
Annealing costs −0.17 nats on the wine table. A forest is no worse than the soft tree. Depth falls
from 6 to 3 when the tree is pruned. Half of the leaves are empty. The soft tree may win with more
data. The stump lost on all tables. Memory use is lower with hard splits than with soft splits. A
stump and a forest are right on 61 % and 83 % of the digits. It does not prove that trees are fair.
"""
VERDICT = "Supported: Over five tables, a soft tree is right on 79.4 % of the samples."
EVIDENCE = evidence_in(TEXT, "Soft trees", "May a tree be unsure?", VERDICT)

FAITHFUL = (
    "Soft trees",
    "May a tree be unsure?",
    "Soft trees are supported",
    "Soft Trees: Supported",
    "This notebook looks at soft trees.",
    "A soft tree sends every sample down both branches.",
    "Over five tables, a soft tree is right on 79.4 % of the samples.",
    "Over 5 tables, a soft tree is right on 79.4% of the samples.",
    "Over five tables, a soft tree is right on 79.4 percent of the samples; CART, on 74.9 percent.",
    "The study finds +4.5 points of accuracy, over 10 splits.",
    "Supported: +4.5 points of accuracy (95 % interval +2.6 to +6.4).",
    "We find that the soft tree is better than CART on noisy tables.",
    "On noisy tables, the soft tree is better than CART.",
    "The soft tree beats CART on noisy tables.",
    "CART is worse than the soft tree on noisy tables.",
    "On clean tables the soft tree isn't better than CART.",
    "Training takes 1200 steps.",
    "Annealing costs −0.170 nats on the wine table.",
    "Pruning makes the leaves smaller.",
    "A forest is not worse than the soft tree.",
    "Half of the leaves are empty.",
    "The soft tree might win with more data.",
    "Frosst (2017) proposed soft trees.",
    "A stump and a forest are right on 61 % and 83 % of the digits.",
    "Depth falls from 6 to 3 when the tree is pruned.",
    "Memory use is lower with hard splits than with soft splits.",
)
TURNED = {
    "verdict": "Soft trees are refuted.",
    "verdict denied": "Soft trees are not supported.",
    "verdict of another": "Hard trees are supported.",
    "sides": "CART is better than the soft tree on noisy tables.",
    "sides of a verb": "CART beats the soft tree on noisy tables.",
    "direction": "The soft tree is worse than CART on noisy tables.",
    "denied": "The soft tree is not better than CART on noisy tables.",
    "denial dropped": "On clean tables, the soft tree is better than CART.",
    "never": "The soft tree is never better than CART on noisy tables.",
    "no worse to worse": "A forest is worse than the soft tree.",
    "no worse to better": "A forest is better than the soft tree.",
    "scope dropped": "The soft tree is better than CART.",
    "numbers swapped": "Over five tables, a soft tree is right on 74.9 % of the samples; CART, on "
    "79.4 %.",
    "number of another": "CART is right on 79.4 % of the samples.",
    "respectively": "A forest and a stump are right on 61 % and 83 % of the digits.",
    "ends swapped": "Depth falls from 3 to 6 when the tree is pruned.",
    "rises": "Depth rises from 6 to 3 when the tree is pruned.",
    "minus dropped": "Annealing costs 0.17 nats on the wine table.",
    "plus to minus": "The study finds −4.5 points of accuracy over 10 splits.",
    "hyphen as minus": "The study finds -4.5 points of accuracy over 10 splits.",
    "points to percent": "The study finds +4.5 % of accuracy over 10 splits.",
    "percent to points": "Over five tables, a soft tree is right on 79.4 points of the samples.",
    "unit": "Annealing costs −0.17 bits on the wine table.",
    "unit of time": "Training takes 35 s a step.",
    "share": "Over five tables, a soft tree is right on 0.794 of the samples.",
    "rounded": "Over five tables, a soft tree is right on 79 % of the samples.",
    "invented": "A soft tree is right on 99 % of the samples.",
    "invented in words": "Over twelve tables, a soft tree is right on 79.4 % of the samples.",
    "thousands": "Training takes 1.2 steps.",
    "decimal comma": "Over five tables, a soft tree is right on 79,4 % of the samples.",
    "noun": "The study finds +4.5 points of accuracy over 10 tables.",
    "half to quarter": "A quarter of the leaves are empty.",
    "name": "Google proposed soft trees.",
    "first name": "Nicholas Frosst (2017) proposed soft trees.",
    "acronym": "SVM and soft trees",
    "name in a title": "Soft Trees by Microsoft",
    "name with figures": "Soft trees and GPT-4",
    "name of another": "Breiman (1984) proposed soft trees.",
    "hedge dropped": "The soft tree wins with more data.",
    "hedge raised": "The soft tree always wins with more data.",
    "quantifier": "The stump lost on few tables.",
    "strength": "The soft tree is far better than CART on noisy tables.",
    "prediction as finding": "Soft trees are slower than CART.",
    "quote as finding": "A soft tree always beats a forest.",
    "pronoun": "It is better than CART on noisy tables.",
    "subject dropped": "Better than CART on noisy tables.",
    "subject replaced": "The forest is better than CART on noisy tables.",
    "smaller to larger": "Pruning makes the leaves larger.",
    "with to without": "The soft tree may win without more data.",
    "hard and soft": "Memory use is lower with soft splits than with hard splits.",
    "no subject": "Supported: 74.9 %.",
    "proved": "It proves that trees are fair.",
    "fair": "Trees are fair.",
    "strange word": "Soft trees cure blindness.",
    "two layers": "A two-branch tree",
}


@pytest.mark.parametrize("text", FAITHFUL)
def test_what_the_notebook_says_is_kept(text: str) -> None:
    assert judge_text(text, EVIDENCE) == []


@pytest.mark.parametrize("text", TURNED.values(), ids=TURNED.keys())
def test_what_it_does_not_say_is_rejected_and_why_is_said(text: str) -> None:
    whys = judge_text(text, EVIDENCE)
    assert whys
    assert all(why.strip() and "\n" not in why for why in whys)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The study finds −4.5 points of accuracy.", "another sign than '+4.5 points'"),
        ("The study finds +4.5 % of accuracy.", "another unit than '+4.5 points'"),
        ("Over 77 tables", "'77' is a number that the notebook has not"),
        ("Google proposed soft trees.", "'Google' is a name that the notebook has not"),
        ("A soft tree cures it.", "'cures' is a word that the notebook has not"),
        ("A forest is worse than the soft tree.", "leaves out the denial"),
        ("CART is better than the soft tree on noisy tables.", "turned round"),
    ],
)
def test_reasons_name_what_is_wrong(text: str, why: str) -> None:
    assert why in judge_text(text, EVIDENCE)[0]


def test_every_sentence_of_the_notebook_bears_itself() -> None:
    own = [said.text for said in EVIDENCE.sentences if said.finds and said.text[:2] != "It"]
    kept = [text for text in own if not judge_text(text, EVIDENCE)]
    assert [text for text in own if text not in kept] == []


def test_a_long_or_odd_text_ends_soon() -> None:
    start = time.process_time()
    for text in ("Aa " * 3000, "1." * 5000, "A, " * 3000, "(" * 5000, "9" * 20000, "Aa-" * 4000):
        assert isinstance(judge_text(text, EVIDENCE), list)
    assert time.process_time() - start < 5
