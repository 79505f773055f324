"""Claims: bound in real kernels, shown by the book's renderer, re-run by nbval."""

import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbconvert import MarkdownExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.claims import ClaimFailed, Claims, glued, unbound
from ideas_lib.measured import Measured, measure_units
from ideas_lib.results import Results
from ideas_lib.study import Experiment, Measurement, Prediction, Study
from ideas_lib.verdict import paired

PROSE = """# A page

## The study

The gain is {glue:text}`gain`, and the **learned key** beats the zero key.
The loss moved by {glue:text}`loss`."""

CODE = """from ideas_lib.claims import Claims
c = Claims()
_ = c.number("gain", 0.42, "+.3f")
_ = c.number("loss", -0.004, "+.2f")
_ = c.text("word", "it's 'so'")
c.holds("the learned key beats the zero key", 2 > 1)"""


SHOW = """import sys
from docutils.core import publish_string
from myst_nb.docutils_ import Parser
settings = {"nb_execution_mode": "off", "output_encoding": "unicode"}
print(publish_string(sys.stdin.read(), parser=Parser(), writer_name="html5",
                     settings_overrides=settings))"""


def notebook(*cells: str, prose: str = PROSE) -> nbformat.NotebookNode:
    """Return a notebook of one markdown cell and code cells tagged as the book's are."""
    tagged = [new_code_cell(code, metadata={"tags": ["nbval-check-output"]}) for code in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=[new_markdown_cell(prose), *tagged], metadata={"kernelspec": kernel})


def execute(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run a notebook in a real kernel, as the book does."""
    return NotebookClient(nb, kernel_name="python3", record_timing=False, timeout=60).execute()


@pytest.fixture(scope="module")
def page() -> nbformat.NotebookNode:
    """Return one executed page, and what myst-nb's own glue writes in its last cell."""
    theirs = 'from myst_nb import glue\nglue("theirs", "+0.420", display=False)'
    return execute(notebook(CODE, theirs))


def changed(page: nbformat.NotebookNode, prose: str) -> nbformat.NotebookNode:
    """Return the executed page with other prose."""
    nb = nbformat.from_dict(page.copy())
    nb.cells = [new_markdown_cell(prose), *page.cells[1:]]
    return nb


# In a kernel.


def test_glued_reads_what_cells_bound(page):
    bound = glued(page)
    assert bound["gain"] == "+0.420"
    assert bound["loss"] == "0.00"  # rounded to zero: neither +0.00 nor -0.00
    assert bound["word"] == "it's 'so'"


def test_prints_are_what_nbval_compares(page):
    printed = "".join(o.text for o in page.cells[1].outputs if o.output_type == "stream")
    assert printed.splitlines() == [
        "gain = +0.420",
        "loss = 0.00",
        "word = it's 'so'",
        "holds: the learned key beats the zero key",
    ]


def test_records_are_those_of_myst_nb(page):
    # The record is written by hand so that the book's builder need not be installed.
    ours = next(o for o in page.cells[1].outputs if "scrapbook" in o.metadata)
    theirs = page.cells[2].outputs[0]
    assert ours.output_type == theirs.output_type
    assert ours.data == theirs.data
    assert {**ours.metadata.scrapbook, "name": ""} == {**theirs.metadata.scrapbook, "name": ""}


def test_myst_nb_shows_the_text_as_bound(page):
    # A record without quotes would arrive as 0.42: its sign and its last digit lost.
    # Its roles are not to be had where Sphinx has run before, so it is a process of its own.
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], input=nbformat.writes(page), capture_output=True, text=True
    )
    assert not shown.stderr
    html = shown.stdout
    assert 'The gain is <span class="pasted-text">+0.420</span>' in html
    assert 'moved by <span class="pasted-text">0.00</span>' in html
    assert "gain = +0.420" in html


def test_nbconvert_keeps_the_prints_and_hides_the_records(page):
    # It warns of myst-nb's records, so an exporter that wants quiet drops them first.
    nbformat.validate(page)
    with pytest.warns(UserWarning, match=r"papermill\.record"):
        text, _ = MarkdownExporter().from_notebook_node(page)
    assert "gain = +0.420" in text
    assert "papermill" not in text


def test_nbval_reruns_a_page_and_sees_a_changed_number(page, tmp_path):
    nbformat.write(page, tmp_path / "same.ipynb")
    stale = notebook(CODE)
    stale.cells[1:] = [nbformat.from_dict(page.cells[1])]
    stale.cells[1].source = CODE.replace("0.42", "0.43")
    nbformat.write(stale, tmp_path / "stale.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q"]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert "1 failed, 2 passed" in run.stdout
    assert "stale.ipynb" in run.stdout
    assert "+0.430" in run.stdout


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[..., str]]:
    """Run code in a kernel, as that cell where a front end says which; return the error's words."""
    manager, client = start_new_kernel(kernel_name="python3")

    def run(code: str, cell: str | None = None) -> str:
        # After an error a kernel drops what is asked in the same moment, unless told not to.
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": False}
        where = {} if cell is None else {"cellId": cell}
        message = client.session.msg("execute_request", content, metadata=where)
        client.shell_channel.send(message)
        while True:
            reply = client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"].get("evalue", "")

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_cell_whose_sentence_is_false_fails(run):
    said = run(CODE.replace("2 > 1", "1 > 2"))
    assert re.search("'the learned key beats the zero key'.*change", said)


def test_a_name_bound_by_two_cells_fails(run):
    assert run(CODE) == ""
    assert "'gain' is already bound" in run('c.number("gain", 0.5)')


def test_a_reader_may_run_a_cell_again(run):
    # A front end says which cell it runs: again is fine, another cell is not.
    assert run("from ideas_lib.claims import Claims; c = Claims()", "a") == ""
    assert run("c.number('gain', 1.0)", "b") == ""
    assert run("c.number('gain', 2.0)", "b") == ""
    assert "already bound" in run("c.number('gain', 3.0)", "other")
    assert "already bound" in run("c.number('x', 1.0); c.number('x', 2.0)", "c")


# Without a kernel.


def test_plain_python_only_prints(capsys):
    claims = Claims()
    assert claims.number("gain", np.float32(0.5), ".1%") == "50.0%"
    assert claims.number("fall", -2, "d") == "\N{MINUS SIGN}2"
    claims.holds("it works", np.bool_(True))
    printed = "gain = 50.0%\nfall = \N{MINUS SIGN}2\nholds: it works\n"
    assert capsys.readouterr().out == printed


def test_claim_failed_names_the_sentence_and_the_way_out():
    with pytest.raises(ClaimFailed, match=r"'rivers run uphill'.*change the sentence"):
        Claims().holds("rivers run uphill", False)


@pytest.mark.parametrize("condition", [1, 0.3, "False", None, np.array([True])])
def test_holds_takes_conditions_only(condition):
    # `c.holds("...", effect)` would be true of nearly any effect.
    with pytest.raises(ValueError, match="is no condition"):
        Claims().holds("it works", condition)


@pytest.mark.parametrize("name", ["", "1st", "a b", "a:b", "a::b", "a`b", "ä"])
def test_bad_names_are_refused(name):
    with pytest.raises(ValueError, match="is not a name"):
        Claims().number(name, 1.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_only_finite_numbers_are_bound(value):
    with pytest.raises(ValueError, match=f"gain = {value}"):
        Claims().number("gain", value)


def test_a_name_is_bound_once(capsys):
    claims = Claims()
    claims.number("gain", 1.0)
    with pytest.raises(ValueError, match="'gain' is already bound"):
        claims.number("gain", 1.0)


# Reading a page.


def test_a_good_page_has_no_complaints(page):
    assert unbound(page) == []


@pytest.mark.parametrize(
    ("prose", "complaint"),
    [
        ("The gain is {glue:text}`gian`.", "cell 0 refers to gian, which no cell binds"),
        ("The gain is {glue}`gian`.", "cell 0 refers to gian, which no cell binds"),
        ("```{glue:figure} plot\n```", "cell 0 refers to plot, which no cell binds"),
        ("## The study\nThe gain is 0.42.", "cell 0 states 0.42, typed by hand: bind it"),
        ("## The study\n### More\nThe gain is 42 %.", "cell 0 states 42 %, typed by hand: bind it"),
        ("## What failed\n:::{note}\nIt is 3.1 × as slow.\n:::", "cell 0 states 3.1 ×, typed"),
        ("## What failed\n```text\n1\n```\nIt took 1.5 s.", "cell 0 states 1.5 s, typed"),
    ],
)
def test_complaints(page, prose, complaint):
    prose += "\n\nThe learned key beats the zero key."
    complaints = unbound(changed(page, prose))
    assert len(complaints) == 1
    assert complaints[0].startswith(complaint)


@pytest.mark.parametrize(
    "prose",
    [
        "## Prediction\nThe margin is 0.1.",  # promised, not measured
        "## The study\nIt is {glue:text}`gain:s`, `0.42`, $0.42$ and [0.42](x.md).",
        "## The study\nWith its 95 % paired-t interval, after 8 seeds, in section 3.",
        "## The study\n```{code-block} python\nx = 0.42\n```",
        "## The study\n$$\nx = 0.42\n$$",
        "## The study\n<!-- was\n0.41 -->",
        "## The study\nFine.\n## Steal it\nTry 0.42.",
        "See {glue:text}`other::gain`.",  # another notebook's, where no folder is given
    ],
)
def test_no_complaints(page, prose):
    assert unbound(changed(page, prose + "\n\nThe learned key beats the zero key.")) == []


def test_prose_that_parts_from_a_checked_sentence_is_seen(page):
    # The sentence on the page was turned round; the cell still checks the old one, and passes.
    complaints = unbound(changed(page, "The zero key beats the learned key."))
    assert complaints == [
        "'the learned key beats the zero key' is checked, but the page does not say it"
    ]


def test_a_name_bound_twice_is_seen(page):
    nb = changed(page, page.cells[0].source)
    nb.cells.append(page.cells[1])
    assert "gain is bound 2 times" in unbound(nb)


def test_references_to_other_notebooks_are_looked_up(page, tmp_path):
    nbformat.write(page, tmp_path / "other.ipynb")
    prose = (
        "The learned key beats the zero key: {glue:text}`other::gain`, {glue:text}`other::gian`,"
        " {glue:text}`nowhere::gain`."
    )
    assert unbound(changed(page, prose), tmp_path) == [
        "cell 0 refers to other::gian, which no cell binds",
        "cell 0 refers to nowhere::gain, and there is no nowhere.ipynb",
    ]


def test_a_comparison_is_bound_with_its_interval_and_its_word(capsys):
    Claims().verdict("gain", paired([1.0, 1.1, 1.2], [0.0, 0.0, 0.1], margin=0.5), "+.1f")
    printed = "gain = +1.1\ngain-low = +0.9\ngain-high = +1.2\ngain-word = better\n"
    assert capsys.readouterr().out == printed


PAIR = paired([1.0, 1.1, 1.2], [0.0, 0.0, 0.1], margin=0.5)  # +0.9 to +1.2
SHARE = Measured(0.5, 0.4, 0.6, "of all", 12, "Wilson")


@pytest.mark.parametrize(
    "claim",
    [
        lambda say: say.above("So it is", PAIR),
        lambda say: say.above("So it is", PAIR, 0.5),
        lambda say: say.above("So it is", SHARE, bound=0.39),
        lambda say: say.above("So it is", (-1, -2, -0.5), -2.1),
        lambda say: say.below("So it is", SHARE, 0.61),
        lambda say: say.below("So it is", (-1.0, -2.0, -0.1)),
        lambda say: say.within("So it is", PAIR, 1.3),
        lambda say: say.within("So it is", paired([0.1, 0.0, 0.1], [0.0, 0.1, 0.0], margin=0.5)),
        lambda say: say.within("So it is", (np.float64(0.1), 0, 0.2), 1),
    ],
)
def test_a_sentence_stands_on_its_interval(capsys, claim):
    claim(Claims())
    assert capsys.readouterr().out == "holds: So it is\n"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (
            lambda say: say.above("It helps", (-0.004, -0.054, 0.046)),
            "'It helps', and the interval, −0.054 to 0.046, is not all above 0: it holds values on"
            " both sides of 0, which leaves that unclear",
        ),
        (
            lambda say: say.above("", PAIR, 2),
            "0.923 to 1.21, is not all above 2: it is all below 2",
        ),
        (lambda say: say.above("", (1, 0, 2)), "0 to 2, is not all above 0: it is all at or above"),
        (lambda say: say.above("", (-1, -2, 0)), "is not all above 0: it is all at or below 0"),
        (lambda say: say.below("", SHARE, 0.5), "not all below 0.5: it holds values on both sides"),
        (lambda say: say.below("", SHARE), "not all below 0: it is all above 0;"),
        (lambda say: say.below("", SHARE, 0.6), "not all below 0.6: it is all at or below 0.6;"),
        (lambda say: say.within("", PAIR), "not all between −0.5 and 0.5: it is all above 0.5;"),
        (lambda say: say.within("", (0.1, -0.2, 0.3), 0.2), "both sides of 0.2, which leaves"),
        (lambda say: say.within("", (0.0, -0.2, 0.1), 0.2), "it is all from −0.2 to 0.2"),
        (lambda say: say.within("", (0, -0.3, 0.3), 0.2), "both sides of −0.2, which leaves that"),
    ],
)
def test_a_sentence_that_its_interval_does_not_bear_fails_and_says_what_is_so(claim, words):
    with pytest.raises(ClaimFailed, match=re.escape(words)):
        claim(Claims())


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (lambda say: say.above("", 0.3), "0.3 has no interval"),
        (lambda say: say.above("", (0.1, 0.2)), "(0.1, 0.2) has no interval"),
        (lambda say: say.above("", (0.3, 0.1, 0.2)), "is not (estimate, low, high)"),
        (lambda say: say.below("", (0.1, math.nan, 0.2)), "is not (estimate, low, high)"),
        (lambda say: say.above("", (0.1, 0.1, math.inf)), "is not (estimate, low, high)"),
        (lambda say: say.above("", PAIR, math.nan), "bound=nan must be a finite number"),
        (lambda say: say.below("", PAIR, math.inf), "bound=inf must be a finite number"),
        (lambda say: say.within("", SHARE), "needs a margin: only a Verdict brings its own"),
        (lambda say: say.within("", PAIR, 0), "margin=0 must be a finite number above 0"),
    ],
)
def test_what_has_no_interval_bears_no_sentence(claim, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        claim(Claims())


PREDICTED = Study(
    "toy",
    "Toy",
    prediction=Prediction("better", "score", "idea", "none", margin=0.5),
    experiments=(Experiment("main", ("none", "idea"), dict, (100, 101, 102)),),
    reader=dict,
)
SCORES = {"none": [0.0, 0.1, 0.2], "idea": [1.0, 1.2, 1.5]}


def found_by(study: Study) -> Results:
    """Return results in which the arms have these scores."""
    records = [
        {"experiment": "main", "stage": "verdict", "arm": arm, "seed": seed}
        | {"metrics": {"score": score}}
        for arm, scores in SCORES.items()
        for seed, score in enumerate(scores, 100)
    ]
    return Results(study, tuple(records))


def test_a_headline_binds_what_every_chapter_states(capsys):
    found = Claims().headline(
        found_by(PREDICTED), {"base": "none", "ours": "idea"}, mean_spec=".2f"
    )
    assert found == paired(SCORES["idea"], SCORES["none"], 0.5).decided()
    assert capsys.readouterr().out.splitlines() == [
        "effect = +1.133",
        f"effect-low = {found.low:+.3f}",
        f"effect-high = {found.high:+.3f}",
        "effect-word = supported",
        "word = Supported",
        "n = 3",
        "base = 0.10",
        "ours = 1.23",
    ]
    Claims().headline(found_by(PREDICTED), name="gain", spec="+.1f")
    assert capsys.readouterr().out.splitlines()[0] == "gain = +1.1"


def test_a_headline_of_a_measurement_has_no_sign(capsys):
    how = Measurement("How high?", "score", "idea", "nats", "It could be low.")
    found = Claims().headline(found_by(replace(PREDICTED, prediction=None, measurement=how)))
    assert found == measure_units({"100": [1.0], "101": [1.2], "102": [1.5]}, "nats")
    assert capsys.readouterr().out.splitlines() == [
        "effect = 1.23",
        f"effect-low = {found.low:.2f}",
        f"effect-high = {found.high:.2f}",
        "effect-word = measured",
        "word = Measured",
        "n = 3",
    ]


def test_a_headline_names_arms_there_are():
    with pytest.raises(
        ValueError, match=r"no arm 'ideas' has 'score'; there are \['none', 'idea'\]"
    ):
        Claims().headline(found_by(PREDICTED), {"ours": "ideas"})
