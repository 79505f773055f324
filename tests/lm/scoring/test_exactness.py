"""Scores against a forward pass of the same GGUF in 32 bits, by transformers.

What is left is the rounding of llama.cpp's arithmetic, and no more than that: a missing BOS, a
wrong boundary or a prefix of another context would be many nats.
"""

import numpy as np
import pytest
import torch

from ideas_lib.lm.client import Client
from ideas_lib.lm.scoring.forced import tokenize
from ideas_lib.lm.scoring.logprobs import compare
from ideas_lib.lm.scoring.probing import FLOOR, QUANTISED
from ideas_lib.lm.serving.catalogue import DEFAULT
from ideas_lib.lm.serving.server import local
from ideas_lib.lm.serving.weights import fetch_weights

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
# What a model is tried on, and how many pairs that is at least: one is tried on everything.
TRIED = {
    DEFAULT: (CONTEXTS, 100),
    "gemma-3-270m": (
        [CONTEXTS[0], "The cat sat on the ma", "日本の首都は", "naïve café 🙂", ""],
        40,
    ),
}
MEAN = 0.02  # nats a token


class Reference:
    """A model in 32 bits, which scores the tokens that an endpoint says a text has.

    (The pre-tokenizer that transformers makes from this GGUF cuts two spaces before a digit in
    two, so that its own tokens would be others.)
    """

    def __init__(self, name):
        from transformers import AutoModelForCausalLM  # seconds, for one worker alone

        path = fetch_weights(name)
        self.model = AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=torch.float32
        ).eval()

    def __call__(self, client, scores):
        """Return the logprobs of each pair's scored tokens, from one forward pass for all."""
        rows = [
            ([piece.id for piece in tokenize(client, context + phrase)], len(score.tokens))
            for (context, phrase), score in scores.items()
        ]
        first = self.model.config.bos_token_id  # where nothing comes before, the model's own
        rows = [([first, *ids] if len(ids) == count else ids, count) for ids, count in rows]
        padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids) for ids, _ in rows], True)
        with torch.no_grad():  # what is padded comes after, and changes nothing before
            hidden = self.model.get_decoder()(padded).last_hidden_state
            found = []
            for row, (ids, count) in zip(hidden, rows, strict=True):
                ends = slice(len(ids) - count - 1, len(ids) - 1)
                logprobs = self.model.get_output_embeddings()(row[ends]).log_softmax(-1)
                found.append(logprobs[range(count), ids[-count:]].numpy())
        return found


@pytest.fixture(scope="module", params=TRIED)
def both(request, quick_gguf):
    """A model, what compare says about each pair, and the same tokens' logprobs in 32 bits."""
    comparisons = [
        compare(contexts, phrases, endpoint=request.param, store=":memory:")
        for contexts, phrases in (
            (TRIED[request.param][0], PHRASES),
            (CONTEXTS[:1], BYTES),
            ([LONG], PHRASES[:2]),
        )
    ]
    assert {each.capabilities.floor for each in comparisons} == {FLOOR}
    with quick_gguf():
        reference = Reference(request.param)
    with Client(request.param) as client:
        truth = [each for found in comparisons for each in reference(client, found.scores)]
    scores = {pair: score for found in comparisons for pair, score in found.scores.items()}
    return request.param, scores, dict(zip(scores, truth, strict=True))


def differences(scores, truth):
    return np.abs(
        np.concatenate(
            [
                truth[pair] - [token.logprob for token in score.tokens]
                for pair, score in scores.items()
            ]
        )
    )


def test_every_token_is_as_in_32_bits(both):
    model, scores, truth = both
    assert len(scores) >= TRIED[model][1]
    apart = differences(scores, truth)
    print(f"{model}: {apart.mean():.4f} nats a token, at most {apart.max():.3f}")
    assert apart.mean() <= MEAN
    assert apart.max() <= FLOOR


def test_the_pairs_are_awkward_enough(both):
    _, scores, _ = both
    merged = [pair for pair, score in scores.items() if score.tail is not None]
    assert ("The cat sat on the ma", "t") in merged
    assert len(merged) < len(scores) / 2
    assert max(len(context) for context, _ in scores) > 1000


def test_a_quantised_server_is_further_off_and_its_floor_says_so(both):
    model, scores, truth = both
    if model != DEFAULT:
        pytest.skip("one model will do")
    found = compare(CONTEXTS[::2], PHRASES, endpoint=local(model).url, store=":memory:")
    assert found.capabilities.bits < 6
    assert found.capabilities.floor >= QUANTISED
    apart = differences(found.scores, truth)
    print(f"{model}, quantised: {apart.mean():.4f} nats a token, at most {apart.max():.3f}")
    assert np.quantile(apart, 0.99) <= QUANTISED
    exact = differences({pair: scores[pair] for pair in found.scores}, truth)
    assert apart.mean() > 5 * exact.mean()
