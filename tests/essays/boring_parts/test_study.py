"""Derivations are recorded from an endpoint, labelled in order, and judged as the study says."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ideas_lib.essays.boring_parts.labels import make_label
from ideas_lib.study.study import load_study

SAID = "Of course!\n2x = 4\nx = 2"


@pytest.fixture(scope="module")
def study():
    load_study("boring-parts")
    return sys.modules["studies.boring_parts"]


@pytest.fixture
def endpoint():
    """A model that says one thing to everybody; and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": SAID}
            self.reply({"choices": [{"message": message, "finish_reason": "stop"}]})

        def do_GET(self):
            self.reply({"object": "list", "data": [{"id": "fake"}]})

        def reply(self, found):
            body = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    server.server_close()


def test_what_a_model_writes_is_recorded_once_and_read_as_lines(
    study, endpoint, tmp_path, monkeypatch
):
    from studies.boring_parts import asking

    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    url, asked = endpoint
    path = tmp_path / "said.jsonl"
    monkeypatch.setattr(asking, "record_file", lambda model: path)
    for _ in range(2):
        asking.record_derivations("fake", [3, 5], url)
    assert len(asked) == 2
    last = {each["messages"][-1]["content"] for each in asked}
    assert last == {asking.sample_equation(seed).text for seed in (3, 5)}
    found = asking.recorded_derivations(["fake"], [3, 4, 5])
    assert list(found) == ["q3 fake", "q5 fake"]
    assert found["q3 fake"] == [asking.sample_equation(3).text, "2x = 4", "x = 2"]


def of(id, broken):
    cause, why = ("sign", "it kept its sign") if broken else ("", "")
    return make_label(id, ["2x = 4", "x = 3"], broken, cause, why, "a", "2026-12-02")


def test_labelling_ends_when_enough_equations_are_broken(study, monkeypatch):
    from studies.boring_parts import labelling

    monkeypatch.setattr(labelling, "WANTED", 2)
    ids = [f"q{n} {model}" for n in (100, 101, 102, 103) for model in ("m", "k")]
    derivations = {id: ["2x = 4", "x = 3"] for id in ids}
    order = labelling.in_order(derivations)
    assert [labelling.equation_of(id) for id in order] == [100, 100, 101, 101, 102, 102, 103, 103]
    labels, shown = [], []
    while (id := labelling.next_unlabelled(derivations, labels, "a")) is not None:
        shown.append(id)
        labels.append(of(id, 1 if id.startswith(("q100", "q102")) else None))
    assert shown == order[:6]
    assert labelling.broken_equations(labels) == [100, 102]
    assert labelling.next_unlabelled(derivations, labels, "b") == order[0]


def test_labels_that_are_not_committed_are_refused(study, tmp_path):
    with pytest.raises(study.NotCommitted, match="loose"):
        study._check_committed(tmp_path / "loose.jsonl")


def test_a_seed_is_an_equation_with_a_broken_derivation(study, monkeypatch):
    lines = ["2x = 4", "x = 3"]
    all_of = [("q100 m", lines, of("q100 m", None)), ("q101 m", lines, of("q101 m", 1)),
              ("q101 k", lines, of("q101 k", 1))]  # fmt: skip
    monkeypatch.setattr(study, "labelled", lambda: all_of)
    assert [label.id for _, label in study.of_equation(100)] == ["q101 m", "q101 k"]
    with pytest.raises(LookupError, match="1 equations"):
        study.of_equation(101)
    assert study.of_sound("answer put in", 100) == {"alarms": {"100": [1]}, "unknown": {"100": [0]}}


def test_a_score_tells_right_from_early_late_and_unknown(study, monkeypatch):
    said = iter([(1, True, {}), (2, True, {}), (None, True, {}), (1, False, {})])
    monkeypatch.setattr(study, "judged", lambda arm, lines: next(said))
    found = study.scored("x", [(["a", "b", "c", "d"], broken, "") for broken in (1, 3, 1, 1)])
    assert found == {"right": 0.25, "unknown": 0.25, "early": 0.25, "late": 0.25}


def test_checkers_are_tried_on_what_was_prepared(study):
    assert study.reader(study.BAR, 1) == {"right": 0.8}
    assert study.reader(study.NUMBERS, 1)["right"] > study.reader(study.SETS, 1)["right"]
    assert study.reader("answer alone", 1)["right"] < study.reader("answer put in", 1)["right"]


def test_weeks_are_the_same_for_all_ways_and_nothing_is_lost_in_moving(study):
    (week,) = study.weeks_of(3, 1, rush=0.5, questions=2.0)
    (plain,) = study.weeks_of(3, 1, rush=0.5)
    assert week.questions == pytest.approx(2 * plain.questions)
    from ideas_lib.essays.boring_parts.office_hours import week_of

    for hours in (2.0, 5.0, 8.0):
        joined = study._joined(week_of(hours, late=False), week_of(hours, late=True))
        assert (joined[:, 1] - joined[:, 0]).sum() == pytest.approx(2 * hours)
        assert (joined[1:, 0] >= joined[:-1, 1]).all()
