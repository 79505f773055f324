"""What is asked, what is written down, and what is never asked again."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback

import pytest

from ideas_lib.lm import client as module
from ideas_lib.lm.client import Client, EndpointFailed, WrongAnswer
from ideas_lib.lm.generate import Generator, NotRecorded
from ideas_lib.lm.record import Record, RecordInUse
from ideas_lib.lm.request import Decoding, Reply, Request, grouped, seeds_for

SMALL = "smollm2-135m-instruct"
KEY = "sk-canary-0f3b7c1d9e"
PROMPT = "The capital of France is"
CHAT = [{"role": "user", "content": "Is the sky blue?"}]
SHORT = Decoding(max_tokens=4)


@pytest.fixture
def storyteller(serve_fake):
    """An endpoint that says which prompt and seed it was asked with, and minds `n`."""

    def start(**how):
        fake, url = serve_fake("forced")
        fake.asked, fake.wait = [], how.get("wait", 0.0)
        before = fake.answer

        def answer(path, body):
            if not path.endswith("completions"):
                return before(path, body)
            n = body.get("n", 1)
            if n > 1 and how.get("n") == "refused":
                return 400, {"error": {"message": "n is not supported"}}
            time.sleep(fake.wait * (1 + hash(str(body["seed"])) % 3))
            with fake.lock:
                fake.asked += [body["seed"] + k for k in range(n)]
            count = 1 if how.get("n") == "ignored" else how.get("gives", n)
            chat = "messages" in body
            said = body["messages"][-1]["content"] if chat else body["prompt"]
            texts = [how.get("says") or f"{said} {body['seed'] + k}" for k in range(count)]
            choices = [{"message": {"content": text}} if chat else {"text": text} for text in texts]
            return 200, {"choices": [each | {"finish_reason": "stop"} for each in choices]}

        fake.answer = answer
        return fake, url

    return start


def told(prompt, seed):
    return Reply(f"{prompt} {seed}", True)


def keys(path):
    return [json.loads(line)["key"] for line in path.read_text().splitlines()]


def test_a_real_model_is_recorded_and_replayed_without_it(tmp_path):
    path = tmp_path / "results" / "answers.jsonl"
    with Generator(SMALL, record=path) as model:
        found = model.generate([PROMPT, CHAT], samples=3, decoding=SHORT)
    assert [len(some) for some in found] == [3, 3]
    assert all(reply.text and not reply.finished for some in found for reply in some)
    assert len({reply.text for some in found for reply in some}) > 1
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 6
    for line in lines:
        assert (line["model"], line["endpoint"]) == (SMALL, "local")
        assert line["served"].startswith(SMALL)
        assert "f16" not in line["served"]
        assert line["request"]["max_tokens"] == 4
        assert {"python", "xllamacpp"} <= set(line["versions"])
    whole = path.read_bytes()
    with Generator("http://127.0.0.1:9/v1", SMALL, record=path) as nobody:
        assert nobody.generate([PROMPT, CHAT], samples=3, decoding=SHORT) == found
    with Generator(SMALL, record=path, offline=True) as nobody:
        assert nobody.generate([CHAT], samples=2, decoding=SHORT) == [found[1][:2]]
    assert path.read_bytes() == whole


def test_samples_of_one_reading_are_those_that_their_seeds_give_alone():
    requests = [Request(PROMPT, seed, SHORT) for seed in (5, 6, 7)]
    with Generator(SMALL, fresh=True) as model:
        together = list(model.answers(requests))
        alone = list(model.answers(requests, parallel=1, together=1))
    assert together == alone


def test_a_grammar_and_a_schema_shape_what_a_real_model_says():
    verdict = Decoding(grammar='root ::= "yes" | "no"')
    schema = {
        "type": "object",
        "properties": {"blue": {"type": "boolean"}},
        "required": ["blue"],
        "additionalProperties": False,
    }
    with Generator(SMALL) as model:
        for (reply,) in model.generate([PROMPT, CHAT], decoding=verdict):
            assert reply.finished
            assert reply.text in ("yes", "no")
        for (reply,) in model.generate([PROMPT, CHAT], decoding=Decoding(schema=schema)):
            assert isinstance(json.loads(reply.text)["blue"], bool)
        with pytest.raises(EndpointFailed, match="grammar"):
            model.generate([PROMPT], decoding=Decoding(grammar="root ::= ("))


def test_a_client_of_ours_has_its_weights_as_they_come_if_told_so():
    with Client(SMALL, exact=False) as client:
        assert client.endpoint.identity.startswith(SMALL)
        assert "f16" not in client.endpoint.identity


def test_seeds_do_not_depend_on_what_else_is_asked():
    first = seeds_for("a", 3)
    assert list(first) == list(range(first[0], first[0] + 3))
    assert list(seeds_for("a", 8))[:3] == list(first)
    starts = {seeds_for(*each)[0] for each in (("a", 1), ("b", 1), ("a", 1, 1), (CHAT, 1))}
    assert len(starts) == 4
    assert all(0 <= start < 2**30 for start in starts)


def test_what_is_sent_and_how_it_is_put_together(storyteller):
    fake, url = storyteller()
    how = Decoding(temperature=0.5, top_p=0.9, max_tokens=7, stop=("\n", "."))
    with Generator(url) as model:
        assert model.model == "toy"
        (said,) = model.generate(["a b"], samples=6, decoding=how)
    first = seeds_for("a b", 6)[0]
    assert said == [told("a b", first + k) for k in range(6)]
    sent = [body for body in fake.requests if body["path"].endswith("completions")]
    assert sorted((body["seed"] - first, body["n"]) for body in sent) == [(0, 4), (4, 2)]
    same = {"path": "/v1/completions", "model": "toy", "prompt": "a b", "temperature": 0.5}
    same |= {"top_p": 0.9, "max_tokens": 7, "stop": ["\n", "."]}
    assert all(body == same | {"seed": body["seed"], "n": body["n"]} for body in sent)


def test_groups_hold_what_differs_in_consecutive_seeds_alone():
    ask = [Request("a", seed) for seed in (0, 1, 2, 2, 4)] + [Request("b", 5), Request("b", 6)]
    seeds = [[(each.prompt, each.seed) for each in group] for group in grouped(ask, 2)]
    assert seeds == [[("a", 0), ("a", 1)], [("a", 2)], [("a", 4)], [("b", 5), ("b", 6)]]


@pytest.mark.parametrize("n", ["ignored", "refused"])
def test_an_endpoint_that_takes_no_n_is_asked_one_by_one(storyteller, tmp_path, n):
    _, url = storyteller(n=n)
    path = tmp_path / "answers.jsonl"
    with Generator(url, "toy", record=path) as model:
        (said,) = model.generate(["a b"], samples=4)
    assert said == [told("a b", seed) for seed in seeds_for("a b", 4)]
    assert len(keys(path)) == 4


def test_an_endpoint_that_says_nothing_is_not_asked_for_ever(storyteller):
    _, url = storyteller(gives=0)
    with Generator(url) as model, pytest.raises(WrongAnswer, match="gave no reply"):
        model.generate(["a b"], samples=2)


def test_an_answer_that_is_none(serve_fake):
    fake, url = serve_fake("forced")
    fake.answer = lambda path, body: (200, {"data": [{"id": "toy"}], "choices": [{}]})
    with Generator(url) as model, pytest.raises(WrongAnswer, match="answered no text"):
        model.generate(["a b"])


@pytest.mark.parametrize("fault", [429, 500, "drop"])
def test_what_passes_is_tried_again(storyteller, fault):
    fake, url = storyteller()
    with Generator(url) as model:
        assert model.model == "toy"
        fake.faults = [fault, fault]
        assert model.generate(["a b"])[0][0].text.startswith("a b")
    assert fake.faults == []


def test_what_came_before_an_endpoint_died_is_kept(storyteller, tmp_path):
    fake, url = storyteller()
    path, prompts = tmp_path / "answers.jsonl", [f"{letter} b" for letter in "cdefghij"]
    alive = fake.answer

    def dying(path, body):
        if body.get("prompt") == "h b":
            return 503, {"error": {"message": "no more"}}
        return alive(path, body)

    fake.answer = dying
    dies = pytest.raises(EndpointFailed, match="answered 503: no more")
    with Generator(url, "toy", record=path) as model, dies:
        model.generate(prompts)
    tries = sum(body.get("prompt") == "h b" for body in fake.requests)
    assert tries == module.RETRIES + 1
    kept = keys(path)
    assert 1 <= len(kept) < len(prompts)
    fake.answer = alive
    fake.asked.clear()
    with Generator(url, "toy", record=path) as model:
        found = model.generate(prompts)
    assert found == [[told(prompt, seeds_for(prompt, 1)[0])] for prompt in prompts]
    assert len(fake.asked) == len(prompts) - len(kept)


def test_a_process_that_is_killed_loses_no_answer(storyteller, tmp_path):
    fake, url = storyteller(wait=0.05)
    path = tmp_path / "answers.jsonl"
    ask = (
        "import sys; from ideas_lib.lm.generate import Generator\n"
        "with Generator(sys.argv[1], 'toy', record=sys.argv[2]) as model:\n"
        "    model.generate([f'{letter} b' for letter in 'cdefghijklmno'], samples=4)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", ask, url, str(path)])
    try:
        patience = time.monotonic() + 60
        while not path.is_file() or path.read_bytes().count(b"\n") < 6:
            assert child.poll() is None
            assert time.monotonic() < patience
            time.sleep(0.01)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    whole = path.read_text()[: path.read_text().rindex("\n") + 1].splitlines()
    with path.open("a") as file:
        file.write('{"key": "broken o')
    time.sleep(1)  # what the dead process had asked is answered, to nobody
    fake.asked.clear()
    prompts = [f"{letter} b" for letter in "cdefghijklmno"]
    with Generator(url, "toy", record=path) as model:
        found = model.generate(prompts, samples=4)
    lines = path.read_text().splitlines()
    assert set(whole) <= set(lines)
    assert len(lines) == len(set(lines)) == 52
    assert len(fake.asked) == 52 - len(whole)
    for prompt, some in zip(prompts, found, strict=True):
        assert some == [told(prompt, seed) for seed in seeds_for(prompt, 4)]


def test_a_whole_record_has_one_order(storyteller, tmp_path):
    _, url = storyteller(wait=0.01)
    once, parts = tmp_path / "once.jsonl", tmp_path / "parts.jsonl"
    prompts = ["e b", "c b", "d b"]
    with Generator(url, "toy", record=once) as model:
        model.generate(prompts, samples=5)
    for samples, some in ((2, prompts[::-1]), (5, prompts[:1]), (5, prompts)):
        with Generator(url, "toy", record=parts) as model:
            model.generate(some, samples=samples)
    assert keys(once) == keys(parts)
    asked = [json.loads(line)["request"] for line in once.read_text().splitlines()]
    order = [(each["prompt"], each["seed"]) for each in asked]
    assert order == sorted(order)


def test_as_many_requests_as_there_are_slots_are_under_way(storyteller):
    fake, url = storyteller(wait=0.05)
    busy, most, alive = itertools.count(), [], fake.answer
    now, turn = [0], threading.Lock()

    def counting(path, body):
        with turn:
            now[0] += 1
            most.append(now[0])
        try:
            return alive(path, body)
        finally:
            with turn:
                now[0] -= 1

    fake.answer = counting
    requests = [Request(f"{letter} b", next(busy)) for letter in "cdefghij"]
    with Generator(url) as model:
        list(model.answers(requests, parallel=3))
    assert max(most) == 3


def test_one_process_writes_at_a_time(storyteller, tmp_path):
    _, url = storyteller()
    path = tmp_path / "answers.jsonl"
    with Generator(url, "toy", record=path) as one, Generator(url, "toy", record=path) as other:
        one.generate(["a b"])
        with pytest.raises(RecordInUse, match="writes to .*answers.jsonl"):
            other.generate(["c d"])
        one.close()
        other.generate(["c d"])
    assert len(keys(path)) == 2
    with Generator(url, "toy", record=path, offline=True) as nobody:
        nobody.generate(["a b", "c d"])


def test_offline_it_says_what_is_missing_and_what_to_run(tmp_path):
    path = tmp_path / "answers.jsonl"
    how = dict(record=path, offline=True, command="python -m studies.mine m")
    with Generator(SMALL, **how) as model, pytest.raises(NotRecorded) as caught:
        model.generate([PROMPT, CHAT], samples=2)
    words = str(caught.value)
    assert f"{path} lacks 4 of 4 answers of {SMALL}" in words
    assert f'"{PROMPT}" with seed {seeds_for(PROMPT, 1)[0]}' in words
    assert words.endswith("python -m studies.mine m")
    assert not path.exists()


def test_what_is_recorded_can_be_looked_at(storyteller, tmp_path):
    fake, url = storyteller()
    requests = [Request("a b", seed) for seed in (3, 9)]
    with Generator(url, "toy", record=tmp_path / "answers.jsonl") as model:
        assert list(model.answers(requests[:1])) == [told("a b", 3)]
        assert model.recorded(requests) == [told("a b", 3), None]
    with Generator(url) as model:
        assert model.recorded(requests) == [None, None]
    assert fake.asked == [3]


def test_the_key_is_not_recorded(storyteller, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    fake, url = storyteller(says=f"I was told {KEY}.")
    path = tmp_path / "answers.jsonl"
    with Generator(url, "toy", record=path) as model:
        asked = [Request("a b", 1)]
        assert list(model.answers(asked)) == [Reply("I was told ***.", True)]
        for wrong in (Request(f"my {KEY}", 1), Request([{"role": "user", "content": KEY}], 1)):
            with pytest.raises(ValueError, match="holds OPENAI_API_KEY") as caught:
                list(model.answers([wrong]))
            assert KEY not in "".join(traceback.format_exception(caught.value))
    assert fake.keys == {f"Bearer {KEY}"}
    assert KEY not in path.read_text()
    assert "127.0.0.1" not in path.read_text()
    assert len(keys(path)) == 1


def test_a_short_key_is_a_word(storyteller, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "EMPTY")
    _, url = storyteller()
    with Generator(url, "toy", record=tmp_path / "answers.jsonl") as model:
        assert list(model.answers([Request("EMPTY", 1)])) == [told("EMPTY", 1)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda line: line.replace("a b", "a c"), ":1 was changed"),
        (lambda line: "{}", ":1 is no answer"),
        (lambda line: line[:40], ":1 is no answer"),
    ],
)
def test_a_record_that_was_changed_is_refused(storyteller, tmp_path, change, words):
    _, url = storyteller()
    path = tmp_path / "answers.jsonl"
    with Generator(url, "toy", record=path) as model:
        model.generate(["a b"])
    path.write_text(change(path.read_text().strip()) + "\n")
    with pytest.raises(ValueError, match=words):
        Record(path)


def test_an_endpoint_elsewhere_is_asked_whether_it_takes_a_grammar(storyteller):
    fake, url = storyteller()
    yes = Decoding(grammar='root ::= "yes"')
    with Generator(url) as model:
        model.generate(["a b"], decoding=yes)  # it has llama.cpp's /props
    assert fake.requests[-1]["grammar"] == yes.grammar
    fake.can.clear()
    for how in (yes, Decoding(schema={"type": "string"})):
        with Generator(url) as model, pytest.raises(ValueError, match=r"is no llama.cpp server"):
            model.generate(["a b"], decoding=how)
    with Generator(url) as model, pytest.raises(WrongAnswer, match="takes no schema: it answered"):
        model.generate([CHAT], decoding=Decoding(schema={"type": "string"}))
    assert fake.requests[-1]["response_format"]["json_schema"]["schema"] == {"type": "string"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Decoding(temperature=-1), "temperature=-1"),
        (lambda: Decoding(top_p=0), "top_p=0"),
        (lambda: Decoding(max_tokens=0), "max_tokens=0"),
        (lambda: Decoding(stop="\n"), "stop='\\\\n' must be a tuple"),
        (lambda: Decoding(grammar="root ::= [a]", schema={}), "so give one"),
        (lambda: Request("a", -1), "seed=-1"),
        (lambda: Generator(SMALL, offline=True), "needs a record"),
        (lambda: Generator("http://127.0.0.1:9/v1", record="answers.jsonl"), "the model's name"),
        (lambda: Generator(SMALL).generate("a"), "takes a list"),
        (lambda: Generator(SMALL).generate(["a"], 0), "at least one"),
        (lambda: Generator(SMALL).generate(["a"], 2, decoding=Decoding(0)), "temperature 0"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_asked(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_server_of_ours_has_the_model_that_it_was_started_for():
    with pytest.raises(EndpointFailed, match=f"server for {SMALL} has no model 'other'"):
        Generator(SMALL, "other")
    assert Generator(SMALL).model == SMALL
    assert Generator("/no/such/folder/mine.gguf").model == "mine"
