"""Scores against a forward pass of the same GGUF in 32 bits, by transformers.

What is left is llama.cpp's arithmetic on quantised weights, and no more than that: a missing BOS,
a wrong boundary or a prefix of another context would be many nats.
"""

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from ideas_lib.lm.forced import tokenize
from ideas_lib.lm.logprobs import compare
from ideas_lib.lm.probing import FLOOR
from ideas_lib.lm.weights import weights
from ideas_lib.lm.wire import Wire

pytestmark = pytest.mark.timeout(900)  # two models in 32 bits, without a GPU

LONG = " ".join(
    f"On day {day} of the voyage the wind blew from the {side} and the crew mended {thing}."
    for day, side, thing in zip(
        range(1, 19), ["north", "south-west", "east"] * 6, ["sails", "two boats"] * 9, strict=True
    )
)
CONTEXTS = [
    "The capital of France is",
    "The capital of France is ",
    "The cat sat on the ma",
    "She opened the door and said:\n\n",
    "«Привет», сказал он,",
    "日本の首都は",
    "naïve café 🙂",
    "def add(a, b):\n    return",
    'import json\n\ndata = json.loads(\'{"a": [1, 2',
    "2 + 2 =",
    "x",
    "",
    "http://www.exam",
]
PHRASES = [" Paris, of course.", "t", "  b\n", "す。", " a + b", "]}')", " 4", "ple.com/ é"]
BYTES = ["東京", " 🙂"]  # some of their tokens are parts of a character: slow, so after one context
PAIRS = 100
# Nats, for one token: seen on tokens that the model finds next to impossible.
WORST = 1.5


@pytest.fixture(scope="module", params=["smollm2-135m-instruct", "gemma-3-270m"])
def both(request, tmp_path_factory):
    """What compare says about each pair, and the same tokens' logprobs in 32 bits."""
    path = weights(request.param)
    with pytest.MonkeyPatch.context() as patch:  # scores of this run, none from an earlier one
        folder = tmp_path_factory.mktemp("cache")
        (folder / "models").symlink_to(path.parent, target_is_directory=True)
        patch.setenv("IDEAS_CACHE", str(folder))
        found = compare(CONTEXTS, PHRASES, endpoint=request.param)
        more = [
            compare(CONTEXTS[:1], BYTES, endpoint=request.param),
            compare([LONG], PHRASES[:2], endpoint=request.param),
        ]
    model = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32
    ).eval()
    with Wire(request.param) as wire:
        rows = [
            (context, phrase, score, reference(model, wire, context, phrase, score))
            for comparison in (found, *more)
            for (context, phrase), score in comparison.scores.items()
        ]
    return request.param, rows


def reference(model, wire, context, phrase, score):
    """The same tokens in 32 bits: the endpoint's, for transformers splits some others off.

    (The pre-tokenizer that it makes from this GGUF cuts two spaces before a digit in two.)
    """
    ids = [piece.id for piece in tokenize(wire, context + phrase)]
    if len(ids) == len(score.tokens):  # nothing comes before: the model's own first token
        ids = [model.config.bos_token_id, *ids]
    keep = len(score.tokens) + 1
    with torch.no_grad():
        logits = model(torch.tensor([ids]), logits_to_keep=keep).logits[0]
    logprobs = logits.log_softmax(-1)[:-1]
    return logprobs[range(keep - 1), ids[1 - keep :]].tolist()


def test_every_token_is_as_in_32_bits(both):
    model, rows = both
    assert len(rows) >= PAIRS
    differences = np.concatenate(
        [np.array(exact) - [token.logprob for token in score.tokens] for *_, score, exact in rows]
    )
    assert np.abs(differences).mean() <= FLOOR, model
    assert np.abs(differences).max() <= WORST, model


def test_the_pairs_are_awkward_enough(both):
    _, rows = both
    merged = [(context, phrase) for context, phrase, score, _ in rows if score.tail is not None]
    assert ("The cat sat on the ma", "t") in merged
    assert len(merged) < len(rows) / 2
    assert max(len(context) for context, *_ in rows) > 1000
