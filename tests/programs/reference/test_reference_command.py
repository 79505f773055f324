"""The command, the page, the magic and the server: what they print, write and refuse."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from IPython.core.interactiveshell import InteractiveShell

from ideas_lib.cli import main
from ideas_lib.programs.reference.looking_up import CallReference
from ideas_lib.programs.reference.parameter_fits import ParameterFit
from ideas_lib.programs.reference.reference_page import page_of
from ideas_lib.programs.reference.reference_text import as_text
from ideas_lib.programs.reference.showing import ReferenceExample

MAIN = "from ideas_lib.cli import main; main()"
SOURCE = """\
import json

payload = {"b": 1}
indent = 4
text = json.dumps(payload, sort_keys=True)
again = json.dumps(payload
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "report.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ideas(*words: str) -> Result:
    return CliRunner().invoke(main, ["reference", *words])


def test_on_a_terminal(folder: Path) -> None:
    shown = ideas("report.py:5")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("json.dumps   python 3.")
    assert lines[0].endswith(", installed")
    assert "  given: obj=payload, sort_keys=True" in lines
    why = r"  indent= .*`indent` in scope has its name; the default is None"
    assert re.search(why, shown.stdout)
    assert "more parameters: --all" in shown.output
    assert "example, from its documentation, in your names; ran here, same result" in shown.output
    assert max(map(len, lines)) <= 100
    everything = ideas("report.py:5", "--all").stdout
    assert "separators=" in everything
    assert "--all" not in everything
    assert (folder / "report.py").read_text() == SOURCE


def test_for_programs(folder: Path) -> None:
    told = json.loads(ideas("report.py:5:26", "--json").stdout)
    assert told["symbol"] == "json.dumps"
    assert {"package", "version", "parameters", "example", "warnings"} <= set(told)
    assert {"name", "why", "names_in_scope"} <= set(told["parameters"][0])
    assert {"source", "adapted", "ran", "same"} <= set(told["example"])
    assert [each["name"] for each in told["parameters"]].index("sort_keys") < 10, "behind the place"
    told = json.loads(ideas("report.py", "--at", "json.dumps(", "--json", "--no-run").stdout)
    assert told["notes"][0] == "the first of 2 places: lines 5, 6"
    assert (told["example"]["ran"], told["example"]["says"]) == (False, "not run")
    told = json.loads(ideas("--at", "json.dumps(", "--json", "--no-run").stdout)
    assert told["place"] == "the snippet:1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a place, FILE.py:LINE, or a piece of code by --at"),
        (("nowhere.py:3",), "there is no file nowhere.py"),
        (("report.py",), "which line? Name it as report.py:LINE"),
        (("report.py:99",), "report.py:99: the file has 7 lines"),
        (("report.py:3",), 'report.py:3 has no call and no name to look up, but \'payload = {"b"'),
        (("report.py", "--at", "nothing("), "report.py has no 'nothing('"),
        (("report.py:5", "--at", "json.dumps("), "give report.py:5 or --at, not both"),
        (("report.py:5", "--html", "report.py"), "report.py is there, and not as this tool wrote"),
        (("report.py:5", "--html", "no/page.html"), "no is no folder"),
        (("--at", "import nowhere_to_be; nowhere_to_be.f("), "there is no module nowhere_to_be"),
        (("report.py:5", "--timeout", "0"), "--timeout"),
    ],
)
def test_refusals_are_one_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    refused = ideas(*words)
    assert refused.exit_code == 2
    assert said in refused.output
    lines = refused.output.strip().splitlines()
    assert len([line for line in lines if not line.startswith("asking the package")]) == 1
    assert (folder / "report.py").read_text() == SOURCE


class Page(HTMLParser):
    """Collect tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page(folder: Path) -> None:
    assert ideas("report.py:5", "--html", "page.html").exit_code == 0
    page = Page()
    page.feed((folder / "page.html").read_text())
    assert "`indent` in scope has its name" in page.text
    assert ">>> payload = " in page.text
    assert ideas("report.py:5", "--html", "page.html").exit_code == 0, "ours is replaced"


EVIL = "<script>alert(1)</script>\x1b[2J\u202e"


def test_hostile_words_are_shown_and_do_nothing() -> None:
    fit = ParameterFit(EVIL, EVIL, (EVIL,), True, "", EVIL, EVIL, EVIL)
    example = ReferenceExample(EVIL, EVIL + "\n" + EVIL, True, True, True, {EVIL: EVIL}, EVIL)
    words = (EVIL,) * 5
    found = CallReference(*words, EVIL, (fit,), example, (EVIL,), (EVIL,), EVIL)
    page = Page()
    page.feed(page_of(found))
    assert "script" not in page.tags
    assert "\x1b" not in page.text + as_text(found)
    assert "\u202e" not in page.text + as_text(found)


def test_in_a_notebook(folder: Path) -> None:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "ideas_lib.programs.reference")
    cell = "import json\nindent = 3\nruns = globals().get('runs', 0) + 1"
    shell.run_cell(cell, store_history=True)
    shell.run_cell("%reference json.dumps(", store_history=True)
    shown = repr(shell.user_ns["Out"][2])
    assert shown.startswith("json.dumps   python 3.")
    assert "`indent` in scope has its name" in shown
    assert shell.user_ns["runs"] == 1, "cells are read, not run again"


def message(number: int | None, method: str, params: dict[str, Any]) -> bytes:
    told = {"jsonrpc": "2.0", "method": method, "params": params}
    body = json.dumps(told | ({} if number is None else {"id": number})).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def test_in_an_editor(folder: Path) -> None:
    uri = (folder / "report.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": SOURCE}
    place = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 14}}
    nowhere = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}}
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "reference", "--lsp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def answer() -> dict[str, Any]:
            length = 0
            while line := server.stdout.readline().strip():  # type: ignore[union-attr]
                if line.lower().startswith(b"content-length"):
                    length = int(line.rpartition(b":")[2])
            return json.loads(server.stdout.read(length))  # type: ignore[union-attr]

        def send(*parts: bytes) -> None:
            server.stdin.write(b"".join(parts))  # type: ignore[union-attr]
            server.stdin.flush()  # type: ignore[union-attr]

        send(message(1, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}))
        assert answer()["result"]["capabilities"]["hoverProvider"]
        send(
            message(None, "initialized", {}),
            message(None, "textDocument/didOpen", {"textDocument": document}),
            message(2, "textDocument/hover", place),
        )
        text = answer()["result"]["contents"]["value"]
        assert "json.dumps   python" in text
        assert "indent" in text
        send(message(3, "textDocument/hover", nowhere))
        assert answer()["result"] is None
        send(message(4, "shutdown", {}))
        answer()
        send(message(None, "exit", {}))
        server.wait(60)
