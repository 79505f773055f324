"""What goes wrong on the way: bounded retries, finished work kept, and no key in any word of it."""

import io
import logging
import sqlite3
import traceback

import pytest

from ideas_lib.caching import cache_folder
from ideas_lib.lm import client as module
from ideas_lib.lm.client import EndpointFailed
from ideas_lib.lm.scoring.logprobs import compare
from ideas_lib.lm.serving.catalogue import DEFAULT
from ideas_lib.lm.serving.server import local
from ideas_lib.lm.store import opened, request_key

KEY = "sk-do-not-show-me"
FAULTS = [429, 500, 503, 408, "drop"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_is_tried_again(serve_fake, fault):
    fake, url = serve_fake("forced")
    plain = compare(["a dog"], [" b"], endpoint=url).frame
    fake.faults = [fault, fault]
    again = compare(["a dog"], [" b"], endpoint=serve_another(serve_fake, fake)).frame
    assert fake.faults == []
    assert again.equals(plain)


def serve_another(serve_fake, fake):
    """Another URL with the same faults, so that nothing comes from the cache."""
    other, url = serve_fake("forced")
    other.faults = fake.faults
    return url


@pytest.mark.parametrize(("fault", "message"), [(429, "answered 429"), (500, "answered 500")])
def test_what_does_not_pass_is_given_up_and_said(serve_fake, fault, message):
    fake, url = serve_fake("forced")
    fake.faults = [fault] * 1000
    with pytest.raises(EndpointFailed, match=message):
        compare(["a dog"], [" b"], endpoint=url)
    assert len(fake.requests) == module.RETRIES + 1


def test_a_request_without_an_answer_times_out(serve_fake, monkeypatch):
    fake, url = serve_fake("forced")
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    fake.faults = ["hang"] * 1000
    with pytest.raises(EndpointFailed, match="did not answer in full within 0.2 s"):
        compare(["a dog"], [" b"], endpoint=url)


def test_nobody_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    with pytest.raises(EndpointFailed, match="http://127.0.0.1:9 cannot be reached, tried 4 times"):
        compare(["a"], ["b"], endpoint="http://127.0.0.1:9/v1")


def test_a_key_that_is_refused_is_no_missing_ability(serve_fake):
    fake, url = serve_fake("forced")
    compare(["a"], ["b"], endpoint=url)
    fake.faults = [0, 401]
    with pytest.raises(EndpointFailed, match="answered 401"):
        compare(["a"], [" c"], endpoint=url)


def test_finished_work_is_kept_when_the_rest_fails(serve_fake):
    fake, url = serve_fake("forced")
    contexts = [f"{letter} dog" for letter in "abcdefghij"]
    compare(["x"], [" b"], endpoint=url)  # probed
    answer = fake.answer

    def dying(path, body):
        if str(fake.toy.tokenize("j dog")) in str(body.get("prompt")):
            return 400, {"error": {"message": "no more"}}
        return answer(path, body)

    fake.answer = dying
    with pytest.raises(EndpointFailed, match="no more"):
        compare(contexts, [" b", " c"], endpoint=url)
    fake.answer = answer
    fake.requests.clear()
    found = compare(contexts, [" b", " c"], endpoint=url)
    asked = {str(each["prompt"]) for each in fake.requests if "prompt" in each}
    assert len(found.frame) == 20
    assert str(fake.toy.tokenize("a dog")) not in asked
    assert str(fake.toy.tokenize("j dog")) in asked


def test_a_local_server_that_dies_midway_is_started_again(no_scores, monkeypatch):
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    first = local(DEFAULT)
    ask, asked = module.Client.complete, []

    def killing(client, **body):
        asked.append(body)
        if len(asked) == 10:  # after the checks, with other requests under way
            first.process.kill()
        return ask(client, **body)

    monkeypatch.setattr(module.Client, "complete", killing)
    contexts = ["The king of", "The queen of", "A", "In"]
    assert len(compare(contexts, [" France"], endpoint=DEFAULT).frame) == 4
    assert len(asked) >= 10
    assert local(DEFAULT).process.pid != first.process.pid


def test_the_key_goes_to_the_endpoint_and_nowhere_else(serve_fake, monkeypatch, capfd):
    """Not into the cache, the log, a frame, a message, or what a traceback shows."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        fake, url = serve_fake("forced")
        found = compare(["a dog"], [" b", " c"], endpoint=url, domain="so")
        shown = [found.frame.to_csv(), found.tokens.to_csv(), repr(found), str(found.capabilities)]
        assert fake.keys == {f"Bearer {KEY}"}
        for fault in (401, 400, 500, "drop"):  # the fake repeats the key in its answer
            fake.faults = [0, *[fault] * 20]
            with pytest.raises(EndpointFailed) as caught:
                compare(["a dog"], [f" {fault}".replace("0", "o")], endpoint=url)
            error = caught.value
            shown += [repr(error), "".join(traceback.format_exception(error))]
            while error is not None:  # nothing that led to it either
                shown.append(repr(vars(error)))
                assert error.__context__ is None or isinstance(error.__context__, EndpointFailed)
                error = error.__context__
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    shown += [logged.getvalue(), *capfd.readouterr()]
    assert not [text for text in shown if KEY in text]
    for path in cache_folder().rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


def test_the_key_never_reaches_a_server_of_our_own(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with module.Client(DEFAULT) as client:
        assert KEY not in str(vars(client._client))
        assert client.endpoint.key != KEY


def test_a_url_may_hold_a_key_in_its_query_and_it_is_not_shown(serve_fake):
    _, url = serve_fake("forced")
    with module.Client(url) as client:
        object.__setattr__(client.endpoint, "base_url", f"{url}?api-key={KEY}")
        assert KEY not in client.host
        assert KEY not in client.identity


def test_no_context_can_be_read_from_the_cache(serve_fake):
    _, url = serve_fake("forced")
    compare(["the cat sat"], [" b"], endpoint=url)
    assert b"cat sat" not in (cache_folder() / "scores.sqlite").read_bytes()
    assert len(request_key("a")) == 64


def test_a_damaged_cache_is_put_aside(serve_fake):
    _, url = serve_fake("forced")
    first = compare(["a dog"], [" b"], endpoint=url).frame
    path = cache_folder() / "scores.sqlite"
    path.write_bytes(b"no database" * 1000)
    assert compare(["a dog"], [" b"], endpoint=url).frame.equals(first)
    assert path.with_suffix(".damaged").is_file()


def test_two_writers_wait_for_each_other(tmp_path):
    path = tmp_path / "scores.sqlite"
    with opened(path) as one, opened(path) as other:
        one.put({"a": 1})
        other.put({"b": 2, "a": 3})
        assert one.get(["a", "b", "c"]) == {"a": 3, "b": 2}


def test_a_cache_that_cannot_be_written_says_so(tmp_path):
    folder = tmp_path / "scores.sqlite"
    folder.mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"), opened(folder):
        pass
