"""A key goes to the endpoint that was named, and is found nowhere else.

Not in the cache, the logs, a report, a notebook, what the terminal shows, a message, or a traceback
that shows the values of variables, as notebooks and debuggers do.
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from ideas_lib.cli import main
from ideas_lib.lm import client
from ideas_lib.lm.report.answer import Answer
from ideas_lib.lm.report.report import write_report
from ideas_lib.lm.report.table import as_csv, as_json, as_table
from ideas_lib.lm.scoring.logprobs import compare
from ideas_lib.lm.serving.catalogue import DEFAULT
from ideas_lib.lm.serving.server import local

KEY = "sk-canary-0f3b7c1d9e"
FAULTS = [400, 401, 403, 404, 429, 500, 503, "drop", "words", "html", "list"]
MODULE = [sys.executable, "-c", "from ideas_lib.cli import main; main()"]
LARGEST = 50e6  # bytes of a file that is searched: models are larger


@pytest.fixture(autouse=True)
def secret(tmp_path, monkeypatch):
    """A key in the environment, a folder of our own to work in, and every log written to a file."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_LOG", "debug")
    handler = logging.FileHandler(tmp_path / "everything.log")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


@pytest.fixture
def echoing(serve_fake):
    """An endpoint that repeats the key it gets in whatever it answers when something is wrong."""

    def start(*can):
        fake, url = serve_fake(*(can or ("forced",)))
        answer = fake.answer

        def told(path, body):
            fault = fake.fault if path != "/v1/models" or fake.at_once else None
            key = next(iter(fake.keys))
            if fault == "words":
                return 418, {"error": {"code": key, "param": [key], "message": {"key": key}}}
            if fault == "html":
                return 200, f"<html>your key is {key}</html>"
            if fault == "list":
                return 200, [key, {"key": key}]
            return answer(path, body)

        fake.answer, fake.fault, fake.at_once = told, None, False
        return fake, url

    return start


def wrong(fake, fault, at_once):
    fake.at_once = at_once
    if fault in ("words", "html", "list"):
        fake.fault = fault
    else:
        fake.faults = [*([] if at_once else [0]), *[fault] * 200]


def everywhere(folder: Path):
    """Every file below a folder that holds the key, and every file's name that does."""
    found = []
    for path in folder.rglob("*"):
        if KEY in path.name:
            found.append(path.name)
        if path.is_file() and path.stat().st_size < LARGEST and KEY.encode() in path.read_bytes():
            found.append(path.name)
    return found


def told(error):
    """All that can be seen of an error: words, attributes, tracebacks with variables, causes."""
    shown = []
    for locals_ in (False, True):
        whole = traceback.TracebackException.from_exception(error, capture_locals=locals_)
        shown.append("".join(whole.format()))
    seen, left = set(), [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        shown += [str(one), repr(one), repr(vars(one)), repr(one.args)]
        left += [one.__cause__, one.__context__]
    return "\n".join(shown)


def test_the_search_finds_a_key(tmp_path):
    """The tests below would fail if there were something to find."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(b"\0" + KEY.encode())
    assert everywhere(tmp_path) == ["file"]

    def fails():
        key = os.environ["OPENAI_API_KEY"]
        raise ValueError(len(key))

    with pytest.raises(ValueError, match="20") as caught:
        fails()
    assert KEY in told(caught.value)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "later"])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_shows_it(echoing, tmp_path, monkeypatch, capfd, fault, at_once):
    monkeypatch.setattr(client, "RETRIES", 1)
    fake, url = echoing()
    wrong(fake, fault, at_once)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        compare(["a dog"], [" b"], endpoint=url)
    assert fake.keys == {f"Bearer {KEY}"}, "it was sent where it was meant to go"
    assert KEY not in told(caught.value)
    assert KEY not in "".join(capfd.readouterr())
    assert everywhere(tmp_path) == []


@pytest.mark.parametrize(
    "named",
    [
        "gemma",
        "ftp://somewhere/v1",
        "http://",
        "http://somewhere:99999999/v1",
        f"https://me:{KEY}@somewhere/v1",
        f"ftp://somewhere/v1?key={KEY}",
        f"http://127.0.0.1:9/v1?api-key={KEY}",
        "http://127.0.0.1:9/v1",
    ],
)
def test_no_endpoint_that_cannot_be_reached_shows_it(tmp_path, monkeypatch, capfd, named):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    asked = named

    def ask():
        with pytest.raises(Exception) as caught:  # noqa: PT011
            compare(["a dog"], [" b"], endpoint=asked)
        return caught.value

    error = ask()
    if KEY in named:  # whoever wrote it there has it in their own variables; we do not repeat it
        assert KEY not in str(error)
        assert KEY not in repr(error)
    else:
        assert KEY not in told(error)
    assert KEY not in "".join(capfd.readouterr())
    assert everywhere(tmp_path) == []


@pytest.mark.parametrize("bad", ["{}\n", " {}", "{}é", "{}\r\nX: y"])
def test_a_key_that_no_header_can_hold_is_not_shown(echoing, monkeypatch, bad):
    fake, url = echoing()
    monkeypatch.setenv("OPENAI_API_KEY", bad.format(KEY))
    with pytest.raises(ValueError, match="OPENAI_API_KEY") as caught:
        compare(["a dog"], [" b"], endpoint=url)
    assert KEY not in told(caught.value)
    assert fake.requests == []


def test_no_output_holds_it(echoing, tmp_path, capfd):
    _, url = echoing()
    found = compare(["a dog", "the cat"], [" b", " c"], endpoint=url, domain="so")
    answer = Answer((found,))
    shown = [as_table(answer), as_csv(answer), as_json(answer), repr(found), repr(answer)]
    shown += [str(vars(found)), str(found.contrast(" b", " c")), *capfd.readouterr()]
    write_report(answer, tmp_path / "report.html")
    assert (tmp_path / "cache" / "scores.sqlite").is_file()
    assert (tmp_path / "everything.log").stat().st_size > 0
    assert not [text for text in shown if KEY in text]
    assert everywhere(tmp_path) == []


def test_the_command_shows_it_nowhere(echoing, tmp_path):
    fake, url = echoing()
    (tmp_path / "spec.yaml").write_text("contexts: [a dog, the cat]\nphrases: [' b', ' c']\n")

    def run(*words):
        done = subprocess.run(
            [*MODULE, *words], capture_output=True, text=True, cwd=tmp_path, timeout=60
        )
        (tmp_path / f"said-{len(list(tmp_path.iterdir()))}").write_text(done.stdout + done.stderr)
        return done

    ask = ("logprobs", "spec.yaml", "--endpoint", url)
    done = run(*ask, "--html", "report.html", "--json")
    assert done.returncode == 0
    assert (tmp_path / "report.html").is_file()
    assert json.loads(done.stdout)["provenance"]["models"][0]["endpoint"]
    fake.faults = [401] * 99
    ask = (*ask[:1], "--contexts", "a cat", "--phrases", " d", *ask[2:])
    done = CliRunner().invoke(main, ask)
    assert done.exit_code == 1
    assert "your key is" in done.stderr
    (tmp_path / "said").write_text(done.output)
    done = run("--traceback", *ask)
    assert "Traceback" in done.stderr
    assert fake.keys == {f"Bearer {KEY}"}
    assert everywhere(tmp_path) == []


def test_no_notebook_holds_it(echoing, tmp_path):
    fake, url = echoing()
    code = [
        "%xmode Verbose",
        "from ideas_lib.lm import compare",
        f"found = compare(['a dog'], [' b', ' c'], endpoint={url!r}); found",
        "found.frame",
        "found.contrast(' b', ' c')",
        f"compare(['a cat'], [' b'], endpoint={url!r})",
    ]
    book = new_notebook(cells=[new_code_cell(each) for each in code])
    client = NotebookClient(book, kernel_name="python3", timeout=60)
    with client.setup_kernel(), contextlib.suppress(CellExecutionError):
        for place, cell in enumerate(book.cells):
            fake.faults = [0, *[401] * 99] if place == len(code) - 1 else []
            client.execute_cell(cell, place)
    nbformat.write(book, tmp_path / "book.ipynb")
    text = (tmp_path / "book.ipynb").read_text()
    assert "answered 401" in text
    assert "_ask" in text, "the traceback goes down to where the key is"
    assert KEY not in text
    assert everywhere(tmp_path) == []


def test_a_server_of_our_own_never_sees_it(no_scores, tmp_path, capfd):
    found = compare(["The capital of France is"], [" Paris", " Rome"], endpoint=DEFAULT)
    server = local(DEFAULT)
    write_report(found, tmp_path / "report.html")
    assert server.log.is_file()
    environment = Path(f"/proc/{server.process.pid}/environ")
    if environment.is_file():
        assert KEY.encode() not in environment.read_bytes()
    assert KEY not in "".join(capfd.readouterr())
    assert everywhere(tmp_path) == []
