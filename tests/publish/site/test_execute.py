import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ideas_lib.publish.site.execute import NotebookFailed, execute
from ideas_lib.study.provenance import machine


def test_a_notebook_shows_what_its_own_checkout_says(tiny):
    tiny.notebook(
        "one",
        "import os\nfrom pathlib import Path\n\nfrom ideas_lib import one\n\nprint(one.VALUE)",
        "print(Path.cwd().name, 'OPENAI_API_KEY' in os.environ, os.environ['OMP_NUM_THREADS'])",
        "print(Path(os.environ['IDEAS_ROOT']).name)",
    )
    os.environ["OPENAI_API_KEY"] = "not for pages"
    try:
        seconds = execute(tiny.one, top=tiny.top)
    finally:
        del os.environ["OPENAI_API_KEY"]
    cells = tiny.read(tiny.one).cells[1:]
    assert [cell.outputs[0].text for cell in cells] == ["1\n", "small False 1\n", "book\n"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3]
    assert [cell.id for cell in cells] == ["cell-0", "cell-1", "cell-2"]
    assert 0 < seconds < 100


def test_metadata_say_when_where_and_with_what(tiny):
    tiny.notebook("one", "import scipy\nfrom ideas_lib import one")
    execute(tiny.one, top=tiny.top)
    ideas = tiny.read(tiny.one).metadata["ideas"]
    assert ideas.slug == "one"
    assert ideas.executed.endswith("+00:00")
    assert ideas.where == machine()
    assert set(ideas.versions) == {"python", "ideas_lib", "scipy"}
    assert set(ideas.components) == {"cells", "ideas_lib/one.py"}


def test_metadata_of_others_stay(tiny):
    raw = tiny.read(tiny.one)
    raw.metadata = {"date": "2026-01-02", "ideas": {"slug": "uno", "forked_from": "eins"}}
    tiny.one.write_text(json.dumps(raw))
    execute(tiny.one, top=tiny.top)
    metadata = tiny.read(tiny.one).metadata
    assert metadata["date"] == "2026-01-02"
    assert (metadata["ideas"]["slug"], metadata["ideas"]["forked_from"]) == ("uno", "eins")


def test_what_differs_from_run_to_run_is_not_written(tiny):
    raw = tiny.read(tiny.one)
    raw.metadata = {
        "kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"},
        "language_info": {"name": "python", "version": "2.7"},
        "vscode": {},
    }
    raw.cells[1].metadata = {"execution": {"iopub.execute_input": "2026"}, "tags": ["keep"]}
    tiny.one.write_text(json.dumps(raw))
    execute(tiny.one, top=tiny.top)
    first = tiny.read(tiny.one)
    assert first.metadata.kernelspec.name == "python3"
    assert "version" not in first.metadata.language_info
    assert "vscode" not in first.metadata
    assert first.cells[1].metadata == {"tags": ["keep"]}
    execute(tiny.one, top=tiny.top)
    again = tiny.read(tiny.one)
    for run in (first, again):
        for name in ("executed", "seconds"):
            del run.metadata.ideas[name]
    assert again == first


def test_cells_without_ids_get_the_same_ones_each_time(tiny):
    raw = tiny.read(tiny.one)
    raw.nbformat_minor = 4
    for cell in raw.cells:
        del cell["id"]
    ids = []
    for _ in range(2):
        tiny.one.write_text(json.dumps(raw))
        execute(tiny.one, top=tiny.top)
        ids.append([cell.id for cell in tiny.read(tiny.one).cells])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_alt_text_goes_where_site_and_nbconvert_look_for_it(tiny):
    show = (
        "from IPython.display import display\n\n"
        "alt = {'image/png': {'alt': 'A dot'}}\n"
        "display({'image/png': 'iVBORw0KGgo='}, raw=True, metadata=alt)"
    )
    tiny.notebook("one", show)
    execute(tiny.one, top=tiny.top)
    metadata = tiny.read(tiny.one).cells[1].metadata
    assert metadata["mystnb"]["image"]["alt"] == "A dot"
    assert metadata["alt"] == "A dot"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ("1", "def f():\n    return 1 / 0\n\n\nf()"),
            r"cell 3 \(In \[2\]\), line 5: ZeroDivisionE",
        ),
        (("x = 1\ny = = 2",), r"cell 2 \(In \[1\]\), line 2: SyntaxError"),
        (("def f(",), r"cell 2 \(In \[1\]\), line 1: SyntaxError"),
        (("import warnings\n\nwarnings.warn('x')",), r"cell 2 .*names this machine"),
        (("%%time\n1\n1 / 0",), r"cell 2 \(In \[1\]\).*ZeroDivisionError"),
        (("import os\n\nos._exit(3)",), r"cell 2 \(In \[1\]\): the kernel died"),
        (("import os\n\nprint(os.environ['IDEAS_ROOT'])",), r"cell 2 .*names this machine"),
        (("import sys\n\n[sys.prefix + '/lib']",), r"cell 2 .*names this machine"),
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


def test_an_error_that_a_cell_is_tagged_with_is_part_of_the_page(tiny):
    raw = tiny.read(tiny.notebook("one", "1 / 0"))
    raw.cells[1].metadata.tags = ["raises-exception"]
    tiny.one.write_text(json.dumps(raw))
    execute(tiny.one, top=tiny.top)
    assert tiny.read(tiny.one).cells[1].outputs[0].ename == "ZeroDivisionError"


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
