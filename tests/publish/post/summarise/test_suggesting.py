"""What a model answers: how it is trimmed, judged, written down, and put into a post."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
import yaml
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.cli import main
from ideas_lib.publish.post.summarise.evidence import evidence_in
from ideas_lib.publish.post.summarise.suggesting import choose, own_words
from ideas_lib.publish.post.summarise.trimming import ill_formed, trimmed

PROSE = (
    "# Counting *sheep*\n\nDo sheep jump higher at night?\n\nSheep jump a fence.\n\n"
    "## Sheep at night\n\n"
    "**Supported.** At night, sheep jump {glue:text}`gain` cm higher than by day.\n"
)
EVIDENCE = evidence_in(
    PROSE.replace("{glue:text}`gain`", "+12"),
    "Counting sheep",
    "Do sheep jump higher at night?",
    "Supported: At night, sheep jump +12 cm higher than by day.",
)
TRUE = "Sheep jump a fence. At night, sheep jump +12 cm higher than by day."
FALSE = "Sheep jump a fence. At night, sheep jump 13 cm higher than by day."


@pytest.mark.parametrize(
    ("part", "reply", "text"),
    [
        ("title", 'Title: "Counting sheep."\nOr another', "Counting sheep"),
        ("title", "**Counting sheep**", "Counting sheep"),
        ("title", "“Counting sheep”", "Counting sheep"),
        ("summary", "Summary:\nOne is so. Two\nis so. Three is so.", "One is so. Two is so."),
        ("summary", "One is so.\n\nTwo is so.", "One is so."),
        ("social", "One is so. " + "Two " * 90 + "so.", "One is so."),
    ],
)
def test_of_a_reply_what_is_meant_is_kept(part: str, reply: str, text: str) -> None:
    assert trimmed(part, reply) == text


def test_what_was_cut_off_within_a_sentence_goes() -> None:
    assert trimmed("social", "One is so. Two is", finished=False) == "One is so."


@pytest.mark.parametrize(
    "text",
    [
        *("", "!!!", "…", "x" * 400),
        *("Sheep\x1b[31m jump", "Sheep\u202ejump", "Sheep\u200bjump", "Sheep\njump", "\ufffc jump"),
        *("<b>Sheep</b>", "Sheep &lt;b", "[Sheep](x)", "![x]", "`Sheep`", "*Sheep*", "She_ep_"),
        *("#sheep", "@sheep", "$x$", "{{ x }}", "{% x %}", "Sheep | jump", "- Sheep", "1. Sheep"),
        *("---", "Sheep http://x.org", "www.x.org", "\\sheep", "~sheep~", "Sheep --- jump"),
        *("> Sheep", "= Sheep", "% Sheep"),
    ],
)
def test_no_markup_and_nothing_that_hides(text: str) -> None:
    assert ill_formed("title", text)


def test_a_summary_has_two_sentences() -> None:
    assert ill_formed("summary", "Sheep jump a fence.") == "it has 1 sentence, not 2"
    assert ill_formed("summary", TRUE) == ""


def test_the_first_that_passes_is_kept_and_the_others_are_told_of() -> None:
    found = choose("summary", [FALSE, TRUE, TRUE], EVIDENCE, "own", "m")
    assert (found.text, found.model) == (TRUE, "m")
    assert found.rejected == ((FALSE, "“13” is a number that the notebook has not"),)
    none = choose("summary", [FALSE], EVIDENCE, "own", "m")
    assert (none.text, none.model) == ("own", "")


def test_what_is_printed_has_plain_spaces_and_each_reason_once() -> None:
    (line,) = choose("social", [], EVIDENCE, "95\u00a0% of sheep\u202fjump", "m").lines()
    assert line.endswith(": 95 % of sheep jump")
    found = choose("social", ["Wolves howl. Wolves howl."], EVIDENCE, "own", "m")
    assert found.rejected[0][1].count("Wolves") == 1


def test_the_notebooks_own_words() -> None:
    own = own_words(EVIDENCE)
    verdict = "Supported: At night, sheep jump +12 cm higher than by day."
    assert own["title"] == "Counting sheep"
    assert own["summary"] == f"Do sheep jump higher at night? {verdict}"
    assert own["social"] == f"Counting sheep. {verdict}"
    stated = own_words(evidence_in("", "Sheep", "They jump. They do.", verdict, stated=True))
    assert stated["summary"] == "They jump. They do."


class Model:
    """An endpoint that answers each part with a text of its own."""

    answers = ("Sheep *jump*", "Sheep at night", FALSE, TRUE, "Sheep jump a fence.")

    def __init__(self) -> None:
        self.asked: list[str] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                said = body["messages"][-1]["content"]
                model.asked.append(said)
                title, summary = "the heading" in said, "the two sentences" in said
                first, end = (0, 2) if title else (2, 4) if summary else (4, 5)
                texts = model.answers[first:end]
                choices = [
                    {"message": {"content": texts[n % len(texts)]}, "finish_reason": "stop"}
                    for n in range(body.get("n", 1))
                ]
                self._give({"choices": choices})

            def do_GET(self) -> None:
                self._give({"data": [{"id": "toy"}]})

            def _give(self, answer: object) -> None:
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook outside the book, with a glued value."""
    glue = {
        "output_type": "display_data",
        "data": {"application/papermill.record/text/plain": "'+12'"},
        "metadata": {"scrapbook": {"name": "gain", "mime_prefix": "application/papermill.record/"}},
    }
    code = new_code_cell("1", outputs=[nbformat.from_dict(glue)], execution_count=1)
    nb = new_notebook(cells=[new_markdown_cell(PROSE), code])
    nb.metadata["date"] = "2026-11-22"
    path = tmp_path / "sheep.ipynb"
    nbformat.write(nb, path)
    return path


def test_a_post_gets_the_words_that_pass(notebook: Path, model: Model, tmp_path: Path) -> None:
    pytest.importorskip("openai")
    before = notebook.read_bytes()
    record = tmp_path / "answers.jsonl"
    words = ["post", str(notebook), "--summarise", "--endpoint", model.url, "--model", "toy"]
    words += ["--record", str(record), "--samples", "2"]
    shown = CliRunner().invoke(main, words, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "title (by toy): Sheep at night" in shown.output
    assert f"summary (by toy): {TRUE}" in shown.output
    assert "because “13” is a number that the notebook has not" in shown.output
    assert "could be read as markup" in shown.output
    assert "social (by toy): Sheep jump a fence." in shown.output
    assert "+12" in model.asked[0]
    assert "glue" not in model.asked[0]

    count = len(model.asked)
    for flavor, page in (("hugo", "sheep/index.md"), ("jekyll", "_posts/2026-11-22-sheep.md")):
        out = [*words, "--out", str(tmp_path / flavor), "--flavor", flavor]
        assert CliRunner().invoke(main, out, catch_exceptions=False).exit_code == 0
        text = (tmp_path / flavor / page).read_text()
        front = yaml.safe_load(text.split("---\n")[1])
        assert front["title"] == "Sheep at night"
        assert front["description"] == TRUE
        assert "# Counting" not in text.split("---\n", 2)[2]
    assert len(model.asked) == count, "what is recorded is not asked for again"
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--summarise", "--check"), "leave out --check and --watch"),
        (("--check", "--samples", "2"), "--samples is for --summarise"),
        (("--summarise", "--model", "no-such-model"), "'no-such-model'"),
    ],
)
def test_mistakes_are_one_line(notebook: Path, words: tuple[str, ...], why: str) -> None:
    pytest.importorskip("openai")
    shown = CliRunner().invoke(main, ["post", str(notebook), *words])
    assert shown.exit_code == 2
    assert why in shown.output
    assert len(shown.output.strip().splitlines()) == 1
