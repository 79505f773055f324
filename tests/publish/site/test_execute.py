import json
import signal
import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path

import pytest
from nbformat.v4 import new_output

from ideas_lib.publish.site.execute import NotebookFailed, execute
from ideas_lib.study.closure import digest
from ideas_lib.study.provenance import machine

CELLS = (
    "import os\nfrom pathlib import Path\n\nimport scipy\nfrom ideas_lib import one\n\n"
    "print(one.VALUE)",
    "print(Path.cwd().name, 'OPENAI_API_KEY' in os.environ, os.environ['OMP_NUM_THREADS'])",
    "print(Path(os.environ['IDEAS_ROOT']).name)",
    "from IPython.display import display\n\n"
    "alt = {'image/png': {'alt': 'A dot'}}\n"
    "display({'image/png': 'iVBORw0KGgo='}, raw=True, metadata=alt)",
    "1 / 0",
)


@pytest.fixture(scope="module")
def runs(common):
    """A page of a little of everything, without cell ids: executed, executed again; the seconds."""
    raw = common.read(common.notebook("one", *CELLS))
    raw.metadata = {
        "date": "2026-01-02",
        "ideas": {"slug": "uno", "forked_from": "eins"},
        "kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"},
        "language_info": {"name": "python", "version": "2.7"},
        "vscode": {},
    }
    raw.cells[1].metadata = {"execution": {"iopub.execute_input": "2026"}, "tags": ["keep"]}
    raw.cells[5].metadata = {"tags": ["raises-exception"]}
    raw.nbformat_minor = 4
    for cell in raw.cells:
        del cell["id"]
    common.one.write_text(json.dumps(raw))
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "not for pages")
        for _ in range(2):
            seconds = execute(common.one, top=common.top)
            found.append(common.read(common.one))
    return *found, seconds


def test_a_notebook_shows_what_its_own_checkout_says(runs):
    page, _, seconds = runs
    cells = page.cells[1:]
    assert [cell.outputs[0].text for cell in cells[:3]] == ["1\n", "small False 1\n", "book\n"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5]
    assert 0 < seconds < 100


def test_metadata_say_when_where_and_with_what(runs):
    ideas = runs[0].metadata["ideas"]
    assert ideas.executed.endswith("+00:00")
    assert ideas.where == machine()
    assert set(ideas.versions) == {"python", "ideas_lib", "scipy"}
    assert set(ideas.components) == {"cells", "ideas_lib/one.py"}


def test_metadata_of_others_stay(runs, ran):
    metadata = runs[0].metadata
    assert metadata["date"] == "2026-01-02"
    assert (metadata["ideas"]["slug"], metadata["ideas"]["forked_from"]) == ("uno", "eins")
    assert ran.read(ran.one).metadata["ideas"]["slug"] == "one", "where there was none, the file's"


def test_what_differs_from_run_to_run_is_not_written(runs):
    first, again, _ = deepcopy(runs)
    assert first.metadata.kernelspec.name == "python3"
    assert "version" not in first.metadata.language_info
    assert "vscode" not in first.metadata
    assert first.cells[1].metadata == {"tags": ["keep"]}
    for run in (first, again):
        for name in ("executed", "seconds"):
            del run.metadata.ideas[name]
    assert again == first


def test_cells_keep_their_ids_and_those_without_get_the_same_ones_each_time(runs, ran):
    assert [cell.id for cell in ran.read(ran.one).cells] == ["title", "cell-0"]
    texts = ["# One", *CELLS]
    ids = [cell.id for cell in runs[0].cells]
    assert ids == [digest(str(place), text)[:8] for place, text in enumerate(texts)]
    assert len(set(ids)) == len(texts)


def test_alt_text_goes_where_site_and_nbconvert_look_for_it(runs):
    metadata = runs[0].cells[4].metadata
    assert metadata["mystnb"]["image"]["alt"] == "A dot"
    assert metadata["alt"] == "A dot"


def test_an_error_that_a_cell_is_tagged_with_is_part_of_the_page(runs):
    assert runs[0].cells[5].outputs[0].ename == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ("1", "def f():\n    return 1 / 0\n\n\nf()"),
            r"cell 3 \(In \[2\]\), line 5: ZeroDivisionE",
        ),
        (("x = 1\ny = = 2",), r"cell 2 \(In \[1\]\), line 2: SyntaxError"),
        (("import warnings\n\nwarnings.warn('x')",), r"cell 2 .*names this machine"),
        (("%%time\n1\n1 / 0",), r"cell 2 \(In \[1\]\).*ZeroDivisionError"),
        (("import os\n\nos._exit(3)",), r"cell 2 \(In \[1\]\): the kernel died"),
    ],
)
def test_a_failure_names_the_place_and_leaves_the_file_alone(tiny, cells, said):
    before = tiny.notebook("one", *cells).read_bytes()
    with pytest.raises(NotebookFailed, match=rf"chapters/small/one\.ipynb: {said}"):
        execute(tiny.one, top=tiny.top)
    assert tiny.one.read_bytes() == before
    assert [path.name for path in tiny.one.parent.iterdir() if path.suffix == ".tmp"] == []


def test_a_cell_that_takes_too_long_is_named(tiny):
    tiny.notebook("one", "import time", "time.sleep(60)")
    with pytest.raises(
        NotebookFailed, match=r"cell 3 \(In \[2\]\): it was still running after 1 s"
    ):
        execute(tiny.one, timeout=1, top=tiny.top)


@pytest.mark.parametrize("shown", ["{top}", "['{prefix}/lib']", "{home}"])
def test_a_page_that_names_this_machine_is_none_and_the_file_stays(tiny, monkeypatch, shown):
    text = shown.format(top=tiny.top, prefix=sys.prefix, home=Path.home())
    before = tiny.one.read_bytes()

    def run(notebook, *_):  # in place of a kernel
        notebook.cells[1].outputs = [new_output("execute_result", {"text/plain": text})]
        return 0.1, []

    monkeypatch.setattr(sys.modules[execute.__module__], "_run", run)
    with pytest.raises(NotebookFailed, match=r"one\.ipynb: cell 2 .*names this machine"):
        execute(tiny.one, top=tiny.top)
    assert tiny.one.read_bytes() == before


def test_killed_in_the_middle_the_old_notebook_stands(ran):
    started = ran.top / "started"
    ran.notebook("one", f"open({str(started)!r}, 'w').close()", "import time\n\ntime.sleep(60)")
    before = ran.one.read_bytes()
    run = (
        "from ideas_lib.publish.site.execute import execute; import sys; from pathlib import Path\n"
    )
    run += "execute(Path(sys.argv[1]), top=Path(sys.argv[2]))"
    process = subprocess.Popen([sys.executable, "-c", run, str(ran.one), str(ran.top)])
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert started.exists()
    assert ran.one.read_bytes() == before
