"""Comparisons: a model one can check by hand, and the words for what is not known."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from ideas_lib.lm.client import Client
from ideas_lib.lm.scoring.fingerprint import TEXTS
from ideas_lib.lm.scoring.logprobs import COLUMNS, compare
from ideas_lib.lm.scoring.probing import FLOOR, QUANTISED, EndpointRefused
from ideas_lib.lm.scoring.scores import BadPair, shared, spaced
from ideas_lib.lm.scoring.work import OverCap

CONTEXTS = ["the cat sat", "a dog. it", "so far so"]
PHRASES = [" on", " away.", " up the hill"]
EXACT = [("echo",), ("forced",)]


def check(found, toy, contexts=CONTEXTS, phrases=PHRASES):
    rows = found.frame.set_index(["context", "phrase"])
    for context in contexts:
        for phrase in phrases:
            logprobs = toy.score(context, phrase)
            row = rows.loc[context, phrase]
            assert row["logprob"] == pytest.approx(sum(logprobs))
            assert row["per_token"] == pytest.approx(sum(logprobs) / len(logprobs))
            assert row["per_byte"] == pytest.approx(sum(logprobs) / len(phrase))
            assert (row["tokens"], row["kind"], row["boundary"]) == (
                len(logprobs),
                "exact",
                "clean",
            )
            mine = found.tokens.query("context == @context and phrase == @phrase")
            assert mine["logprob"].tolist() == pytest.approx(logprobs)
            assert "".join(mine["token"]) == phrase


@pytest.mark.parametrize("can", EXACT)
def test_the_numbers_are_the_models(serve_fake, can):
    fake, url = serve_fake(*can)
    found = compare(CONTEXTS, PHRASES, endpoint=url, domain="well")
    assert found.capabilities.method == can[0]
    assert tuple(found.frame.columns) == COLUMNS
    check(found, fake.toy)
    frame = found.frame.set_index(["context", "phrase"])
    for context in CONTEXTS:
        pmi = [
            sum(fake.toy.score(context, each)) - sum(fake.toy.score("well", each))
            for each in PHRASES
        ]
        assert frame.loc[context]["pmi"].tolist() == pytest.approx(pmi)
        shares = np.exp(frame.loc[context]["calibrated"])
        assert shares.sum() == pytest.approx(1)
        assert shares.tolist() == pytest.approx((np.exp(pmi) / np.exp(pmi).sum()).tolist())


def test_both_exact_ways_agree(serve_fake):
    frames = [compare(CONTEXTS, PHRASES, endpoint=serve_fake(*can)[1]).frame for can in EXACT]
    columns = ["logprob", "per_token", "per_byte", "tokens", "kind", "boundary"]
    assert frames[0][columns].round(9).equals(frames[1][columns].round(9))


@pytest.mark.parametrize("can", EXACT)
def test_what_merges_is_scored_jointly_and_flagged(serve_fake, can):
    fake, url = serve_fake(*can)
    found = compare(["a cat"], ["he", "is"], endpoint=url)
    merged, clean = found.frame.to_dict("records")
    toy = fake.toy
    joint = toy.score("a ca", "the")  # `t` and `he` become `th` and `e`
    assert (merged["boundary"], clean["boundary"]) == ("merged", "clean")
    assert merged["logprob"] == pytest.approx(sum(joint))
    assert merged["tokens"] == len(joint) == 2
    assert clean["logprob"] == pytest.approx(sum(toy.score("a cat", "is")))
    # The contrast is of what the phrases add: log p(a cathe) - log p(a catis), by hand.
    by_hand = sum(joint) - sum(toy.score("a ca", "t")) - clean["logprob"]
    assert found.contrast("he", "is").mean == pytest.approx(by_hand)


@pytest.mark.parametrize("can", EXACT)
def test_white_space_at_the_end_of_a_context_belongs_to_the_phrase(serve_fake, can):
    fake, url = serve_fake(*can)
    found = compare(["the cat "], ["sat"], endpoint=url)
    assert found.frame["logprob"][0] == pytest.approx(sum(fake.toy.score("the cat", " sat")))
    assert spaced("a \n", "b") == ("a", " \nb")


def test_tokens_are_compared_and_not_counted():
    assert shared([1, 2, 3], [1, 2, 3, 4]) == 3
    assert shared([1, 2, 3], [1, 2, 9, 4]) == 2
    assert shared([1, 2, 3], [1, 9]) == 1
    assert shared([], [1]) == 0


def test_the_top_k_give_bounds_that_hold(serve_fake):
    fake, url = serve_fake("top", k=16)
    phrases = [" on", "x", "q up", ". a", "zz", *"abcdef"]
    found = compare(CONTEXTS, phrases, endpoint=url)
    assert found.capabilities.method == "top-k"
    kinds = set()
    for row in found.frame.to_dict("records"):
        truth = sum(fake.toy.score(row["context"], row["phrase"]))
        kinds.add(row["kind"])
        if row["kind"] == "exact":
            assert row["logprob"] == pytest.approx(truth)
        else:
            assert row["logprob"] > truth
            assert math.isnan(row["per_token"])
    assert kinds == {"exact", "censored"}


def test_a_bound_is_carried_through_every_later_number(serve_fake):
    fake, url = serve_fake("top", k=6)
    found = compare(["the cat sat"], [" ", ".", "x"], endpoint=url, domain="so")
    kinds = dict(zip(found.frame["phrase"], found.frame["kind"], strict=True))
    exact = [phrase for phrase, kind in kinds.items() if kind == "exact"]
    lost = [phrase for phrase, kind in kinds.items() if kind == "censored"]
    assert exact
    assert lost
    truth = sum(fake.toy.score("the cat sat", exact[0])) - sum(
        fake.toy.score("the cat sat", lost[0])
    )
    one = found.contrast(exact[0], lost[0])
    assert math.isnan(one.mean)
    assert one.frame["high"][0] == math.inf
    assert one.frame["low"][0] <= truth
    other = found.contrast(lost[0], exact[0]).frame
    assert other["low"][0] == -math.inf
    assert other["high"][0] >= -truth
    rows = found.frame.set_index("phrase")
    assert rows.loc[exact, "calibrated"].isna().all()


def test_the_interval_is_over_contexts_and_the_floor_widens_it(serve_fake):
    fake, url = serve_fake("forced")
    found = compare(CONTEXTS, PHRASES, endpoint=url)
    one = found.contrast(PHRASES[0], PHRASES[1])
    by_hand = [
        sum(fake.toy.score(each, PHRASES[0])) - sum(fake.toy.score(each, PHRASES[1]))
        for each in CONTEXTS
    ]
    assert one.frame["difference"].tolist() == pytest.approx(by_hand)
    assert one.mean == pytest.approx(np.mean(by_hand))
    give = found.capabilities.floor * math.sqrt(3 + 6)
    half = 4.302653 * np.std(by_hand, ddof=1) / math.sqrt(3)  # t of two degrees of freedom
    assert one.low == pytest.approx(np.mean(by_hand) - half - give)
    assert one.high == pytest.approx(np.mean(by_hand) + half + give)
    back = found.contrast(PHRASES[1], PHRASES[0])
    assert (back.low, back.high) == pytest.approx((-one.high, -one.low))
    assert "3 contexts" in str(one)


def test_one_context_has_no_interval(serve_fake):
    found = compare(["a dog"], PHRASES, endpoint=serve_fake("forced")[1])
    one = found.contrast(*PHRASES[:2])
    assert (one.low, one.high) == (-math.inf, math.inf)
    with pytest.raises(KeyError, match="' nope' was not compared; these were: ' on'"):
        found.contrast(" nope", " on")


def looks(can):
    """How many requests it takes to see which model answers: the list of models, fixed texts."""
    return 1 + len(TEXTS) * (2 if "forced" in can else 1)


@pytest.mark.parametrize("can", [("echo",), ("forced",), ("top",)])
def test_a_rerun_asks_for_nothing_again(serve_fake, can):
    fake, url = serve_fake(*can)
    first = compare(CONTEXTS, PHRASES, endpoint=url, domain="well")
    asked = len(fake.requests)
    again = compare(CONTEXTS, PHRASES, endpoint=url, domain="well")
    assert len(fake.requests) == asked + looks(can)
    assert again.frame.equals(first.frame)
    more = compare(CONTEXTS, [*PHRASES, " down"], endpoint=url, domain="well")
    new = len(fake.requests) - asked - 2 * looks(can)
    assert 0 < new < asked
    assert (
        more.frame.query("phrase != ' down'")
        .reset_index(drop=True)["logprob"]
        .equals(first.frame["logprob"])
    )


def test_requests_run_at_once_up_to_a_limit(serve_fake):
    fake, url = serve_fake("forced")
    contexts = [f"{first} dog {second}" for first in "abcde" for second in "fghij"]
    check(compare(contexts, PHRASES, endpoint=url), fake.toy, contexts)
    slots = {request["id_slot"] for request in fake.requests if "id_slot" in request}
    assert 1 < fake.busiest <= 4
    assert slots == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("contexts", "phrases", "message"),
    [
        ("one", [" a"], "contexts is one string, 'one': give a list"),
        ([], [" a"], "there is no context"),
        (["a"], [], "there is no phrase"),
        (["a"], [" b", ""], "phrase 1 is ''"),
        (["a", "a"], [" b"], "context 'a' is there more than once"),
        (["a"], [" b", " b"], "phrase ' b' is there more than once"),
        (["a"], [3], "phrase 0 is 3"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_sent(contexts, phrases, message):
    with pytest.raises(ValueError, match=message):
        compare(contexts, phrases, endpoint="http://127.0.0.1:9/v1")


def test_a_context_over_the_window_is_refused_and_the_rest_is_kept(serve_fake):
    fake, url = serve_fake("forced")
    with pytest.raises(BadPair, match=r"context 'aaa.*' and phrase ' b' have 122 tokens.* 100"):
        compare(["the cat", "a" * 120], [" b"], endpoint=url)
    asked = len(fake.requests)
    compare(["the cat"], [" b"], endpoint=url, domain="the cat")
    assert len(fake.requests) == asked + looks(["forced"])


def test_nothing_after_nothing_where_the_endpoint_has_no_score_for_it(serve_fake):
    found = compare(["the cat"], [" sat"], endpoint=serve_fake("echo")[1])
    assert found.frame["kind"].tolist() == ["exact"]
    assert found.frame["pmi"].isna().all()
    with pytest.raises(BadPair, match="nothing comes before the first token"):
        compare([""], ["sat"], endpoint=serve_fake("echo")[1])


@pytest.mark.parametrize("kind", ["cached", "forced", "ids"])
def test_an_endpoint_that_contradicts_itself_is_refused(serve_fake, kind):
    fake, url = serve_fake("forced")
    fake.wrong[kind] = -4.6
    with pytest.raises(EndpointRefused, match="contradicts itself.*4.60 nats"):
        compare(["a"], ["b"], endpoint=url)


def test_an_echo_that_is_not_what_it_says_itself_is_refused(serve_fake):
    fake, url = serve_fake("echo")
    fake.wrong["echo"] = -2
    with pytest.raises(EndpointRefused, match="echo against greedy"):
        compare(["a"], ["b"], endpoint=url)


def test_an_endpoint_without_logprobs_is_refused_with_the_reasons(serve_fake):
    with pytest.raises(EndpointRefused) as caught:
        compare(["a"], ["b"], endpoint=serve_fake()[1])
    assert all(f"{way}: " in str(caught.value) for way in ("echo", "forced", "top-k"))


def test_small_differences_become_the_floor(serve_fake):
    fake, url = serve_fake("echo")
    fake.wrong["echo"] = -0.25
    found = compare(["a dog", "a cat"], [" b", " c"], endpoint=url)
    assert found.capabilities.checks == {"echo against greedy": pytest.approx(0.25)}
    assert found.capabilities.floor == pytest.approx(0.25)


def test_elsewhere_the_estimate_comes_first_and_a_cap_holds(serve_fake, monkeypatch, capsys):
    fake, url = serve_fake("forced")
    monkeypatch.setattr(Client, "here", False)
    # Each phrase after three contexts and on its own, at four letters a token: 1, 2 and 4 tokens.
    estimate = r"about 28 requests with \d+ tokens in all"
    with pytest.raises(OverCap, match=estimate + ", more than the cap of 10: none of them was"):
        compare(CONTEXTS, PHRASES, endpoint=url, cap=10)
    assert not any("cat" in str(request.get("content")) for request in fake.requests)
    compare(CONTEXTS, PHRASES, endpoint=url)
    assert re.search(estimate, capsys.readouterr().err)
    compare(CONTEXTS, PHRASES, endpoint=url, cap=0)  # it is all there
    assert capsys.readouterr().err == ""


def test_of_several_models_one_is_named(serve_fake):
    fake, url = serve_fake("forced", models=("toy", "other"))
    with pytest.raises(RuntimeError, match="has 2 models: name one; it has toy, other"):
        compare(["a"], ["b"], endpoint=url)
    with pytest.raises(RuntimeError, match="has no model 'gpt-9'; it has toy, other"):
        compare(["a"], ["b"], endpoint=url, model="gpt-9")
    found = compare(["a"], ["b"], endpoint=url, model="toy")
    assert found.model == "toy"
    assert {request.get("model") for request in fake.requests} == {None, "toy"}


def test_what_phrases_share_is_asked_for_once(serve_fake):
    fake, url = serve_fake("forced", k=2)
    compare(["a dog"], [" b"], endpoint=url)
    fake.requests.clear()
    phrases = [" on", " ox", " oxen"]
    check(
        compare(["the cat"], phrases, endpoint=url, domain="a dog"), fake.toy, ["the cat"], phrases
    )
    prompts = [str(each["prompt"]) for each in fake.requests if "logit_bias" in each]
    begin = str(fake.toy.tokenize("the cat")).rstrip("]")
    after = [prompt for prompt in prompts if prompt.startswith(begin)]
    assert len(after) <= 6  # " ", "o", then "n" and "x", "e", "n": of 10 tokens


def test_tokens_are_counted_in_integers(serve_fake):
    frame = compare(CONTEXTS, PHRASES, endpoint=serve_fake("forced")[1]).frame
    assert frame["tokens"].dtype.kind == "i"
    assert {frame[each].dtype.kind for each in ("logprob", "per_token", "per_byte", "pmi")} == {"f"}


@pytest.mark.parametrize(("bits", "floor"), [(None, QUANTISED), (4.5, QUANTISED), (16, FLOOR)])
def test_the_floor_is_that_of_the_weights(serve_fake, bits, floor):
    fake, url = serve_fake("forced")
    answer = fake.answer

    def telling(path, body):
        code, found = answer(path, body)
        if path == "/v1/models" and bits:
            found["data"][0]["meta"] = {"n_params": 1000, "size": 1000 * bits / 8}
        return code, found

    fake.answer = telling
    found = compare(["a dog"], [" b", " c"], endpoint=url).capabilities
    assert (found.bits, found.floor) == (bits or 0, floor)


def test_a_store_of_ones_own(serve_fake, tmp_path):
    fake, url = serve_fake("forced")
    first = compare(CONTEXTS, PHRASES, endpoint=url, store=":memory:")
    assert not list(tmp_path.rglob("*.sqlite"))
    assert not Path(":memory:").exists()
    again = compare(CONTEXTS, PHRASES, endpoint=url, store=tmp_path / "mine/scores.sqlite")
    assert [path.name for path in tmp_path.rglob("*.sqlite")] == ["scores.sqlite"]
    asked = len(fake.requests)
    third = compare(CONTEXTS, PHRASES, endpoint=url, store=str(tmp_path / "mine/scores.sqlite"))
    assert len(fake.requests) == asked + looks(["forced"])
    assert first.frame.equals(again.frame)
    assert first.frame.equals(third.frame)


def test_who_said_so_is_kept(serve_fake):
    _, url = serve_fake("forced")
    found = compare(["a dog"], [" b"], endpoint=url, domain="so")
    assert (found.endpoint, found.domain, found.model) == (url, "so", "toy")
