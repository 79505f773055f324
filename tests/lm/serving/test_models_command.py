"""`ideas models` and `ideas serve-model`, at the terminal."""

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner, Result

from ideas_lib.cli import main
from ideas_lib.lm.serving.catalogue import DEFAULT, MODELS
from ideas_lib.lm.serving.weights import fetch_weights

pytestmark = pytest.mark.timeout(600)  # whoever needs the model first fetches it


def ideas(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_models_shows_names_licences_sizes_and_what_is_cached(shelf):
    assert ideas("models").output.count(" no ") == len(MODELS)
    path = fetch_weights("toy")
    lines = ideas("models").output.splitlines()
    assert len(lines) == 1 + len(MODELS)
    assert re.fullmatch(r"toy +0 MB +yes +MIT +a toy", lines[-1])
    assert re.match(r"gemma-3-270m +253 MB +no +Gemma terms \(https://\S+\) ", lines[2])
    rows = json.loads(ideas("models", "--json").output)
    assert [row["name"] for row in rows] == list(MODELS)
    assert [row["cached"] for row in rows] == [None] * (len(MODELS) - 1) + [str(path)]
    assert rows[-1]["bytes"] == path.stat().st_size


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def served(request) -> Iterator[tuple[str, subprocess.Popen]]:
    """What `ideas serve-model` says; it is ended with the signal, and has to end well."""
    command = [sys.executable, "-c", "from ideas_lib.cli import main; main()", "serve-model"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said = ""
            while "-d '" not in said:
                line = process.stdout.readline()
                assert line, process.stderr.read()
                said += line
            yield said, process
            process.send_signal(request.param)
            assert process.wait(20) == 0
            assert process.stderr.read() == "stopped\n"
        finally:
            process.kill()  # or one that does not end would be waited for until the test's timeout


def test_serve_model_prints_a_url_and_an_example_that_works(served):
    said, _ = served
    assert said.startswith(f"{DEFAULT} listens; Ctrl-C ends it.")
    url = re.search(r"export OPENAI_BASE_URL=(\S+)", said)[1]
    example = shlex.split(said[said.index("curl") :].replace("\\\n", ""))
    assert example[1] == f"{url}/completions"
    request = Request(
        example[1], example[-1].encode(), dict([re.split(": ", example[3])]), method="POST"
    )
    with urlopen(request) as answer:
        assert "Paris" in json.load(answer)["choices"][0]["text"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gemma-270m"], "'gemma-270m' is no model's name: did you mean"),
        (["absent.gguf"], "No such file or directory: 'absent.gguf'"),
        (["--port", "99999"], "99999 is not in the range"),
    ],
)
def test_serve_model_says_what_is_wrong_in_one_line(words, message):
    done = ideas("serve-model", *words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
