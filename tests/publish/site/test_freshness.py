import json
import subprocess
import sys

import pytest

from ideas_lib.publish.site import freshness
from ideas_lib.publish.site.freshness import (
    RefreshFailed,
    check,
    key,
    notebooks,
    reasons,
    refresh,
    state,
)
from ideas_lib.study import syntax


def stale(tiny):
    return {path.stem for path in notebooks(tiny.top) if state(path, tiny.top) != "fresh"}


def test_notebooks_are_those_of_the_contents_in_their_order(tiny):
    tiny.notebook("zero", "0")
    tiny.write("notes/loose.ipynb", tiny.one.read_text())
    toc = "root: index\nparts:\n- chapters:\n  - file: chapters/small/two\n"
    tiny.write("_toc.yml", toc + "  - file: chapters/small/one.ipynb\n  - file: chapters/text\n")
    assert notebooks(tiny.top) == [tiny.two, tiny.one]
    tiny.write("_toc.yml", toc + "  - glob: chapters/*/*\n")
    assert [path.stem for path in notebooks(tiny.top)] == ["two", "one", "zero"]


def test_executed_is_fresh_and_not_executed_is_not(tiny, ran):
    assert state(tiny.one, tiny.top) == "never executed"
    assert check(ran.one, ran.top).state == "fresh"
    assert reasons(ran.one, ran.top) == ()
    assert refresh(ran.top) == []


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("one", {"one"}),
        ("two", {"two"}),
        ("base", {"two"}),  # imported by two, not by its notebook
        ("__init__", set()),  # it only gains a name
    ],
)
def test_an_edit_makes_exactly_the_notebooks_stale_that_import_it(ran, module, expected):
    path = ran.top / f"ideas_lib/{module}.py"
    path.write_text(path.read_text() + "MORE = 1\n")
    assert stale(ran) == expected
    for name in expected:
        page = ran.top / f"chapters/small/{name}.ipynb"
        assert reasons(page, ran.top) == (f"ideas_lib/{module}.py changed",)


def test_a_parent_package_that_does_something_counts(ran):
    path = ran.top / "ideas_lib/__init__.py"
    path.write_text(path.read_text() + "import warnings\nwarnings.simplefilter('error')\n")
    assert stale(ran) == {"one", "two"}


def test_a_resource_counts_with_the_module_that_declares_it(tiny):
    tiny.write("ideas_lib/other.js", "1")
    tiny.write("ideas_lib/one.js", "1")
    text = "from ideas_lib.resources import resource\nVALUE = resource(__file__, 'other.js')\n"
    tiny.write("ideas_lib/one.py", text)
    assert "ideas_lib/other.js" in check(tiny.one, tiny.top).parts
    before = key(tiny.one, tiny.top)
    tiny.write("ideas_lib/one.js", "2")  # a name like the module's declares nothing
    assert key(tiny.one, tiny.top) == before
    tiny.write("ideas_lib/other.js", "2")
    assert key(tiny.one, tiny.top) != before


def test_comments_docstrings_and_layout_change_nothing(ran):
    ran.write("ideas_lib/one.py", '"""One, at length."""\n\n\nVALUE = (1)  # 1\n')
    ran.write("ideas_lib/unused.py", "1\n")
    raw = json.loads(ran.one.read_text())
    raw["cells"][1]["source"] = "from ideas_lib import one  # ours\none.VALUE"
    raw["cells"][0]["source"] = "# Another title"
    ran.one.write_text(json.dumps(raw))
    assert stale(ran) == set()


@pytest.mark.parametrize(
    "source",
    ["from ideas_lib import one\n\none.VALUE;", "from ideas_lib import one\n\none.VALUE + 0"],
)
def test_an_edit_to_a_cell_shows(ran, source):
    raw = json.loads(ran.one.read_text())
    raw["cells"][1]["source"] = source
    ran.one.write_text(json.dumps(raw))
    assert reasons(ran.one, ran.top) == ("its code cells changed",)


def test_a_string_alone_in_a_cell_is_a_value_not_a_docstring(tiny):
    first = key(tiny.notebook("one", "'this'"), tiny.top)
    assert key(tiny.notebook("one", "'that'"), tiny.top) != first


def test_outputs_that_were_not_recorded_show(ran):
    ran.edit(ran.one, '"1"', '"2"')
    assert reasons(ran.one, ran.top) == ("its outputs are not those that were recorded",)


def test_a_notebook_that_shows_an_error_failed(ran):
    raw = json.loads(ran.one.read_text())
    error = {"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": []}
    raw["cells"][1]["outputs"] = [error]
    ran.one.write_text(json.dumps(raw))
    assert (state(ran.one, ran.top), reasons(ran.one, ran.top)) == (
        "failed",
        ("In [1] shows NameError",),
    )


LOADS = "from ideas_lib import results, study"


def loaders(tiny):
    for name in ("results", "study"):
        tiny.write(f"ideas_lib/{name}.py", "1\n")


def test_a_study_that_a_cell_loads_counts_with_its_code_and_its_results(tiny):
    tiny.write("studies/my_idea.py", "from ideas_lib import base\n")
    tiny.write("results/my-idea.jsonl", "{}\n")
    tiny.write("results/my-idea-2.jsonl", "{}\n")
    loaders(tiny)
    names = ["results/my-idea.jsonl", "ideas_lib/base.py", "studies/my_idea.py"]
    own = ["cells", "ideas_lib/results.py", "ideas_lib/study.py"]
    for call in ("study.load_study('my-idea')", "results.load(SLUG)", "results.load(slug=SLUG)"):
        tiny.notebook("one", LOADS, f"SLUG = 'my-idea'\n{call}")
        assert sorted(check(tiny.one, tiny.top).parts) == sorted([*own, *names]), call
    for name in names:
        before = key(tiny.one, tiny.top)
        tiny.write(name, (tiny.top / name).read_text() + "2\n")
        assert key(tiny.one, tiny.top) != before, name
    before = key(tiny.one, tiny.top)
    tiny.write("results/my-idea-2.jsonl", "{'other': 1}\n")
    assert key(tiny.one, tiny.top) == before


def test_what_is_spelled_and_not_loaded_is_no_part(tiny):
    loaders(tiny)
    for word in ("wider", "accuracy"):
        tiny.write(f"studies/{word}.py", "1\n")
        tiny.write(f"results/{word}.jsonl", "{}\n")
    words = "values = {'accuracy': 'wider'}\nprint('accuracy', values.get('wider'))"
    tiny.notebook("one", LOADS, words, "results = dict\nstudy.slugs")
    parts = check(tiny.one, tiny.top).parts
    assert set(parts) == {"cells", "ideas_lib/results.py", "ideas_lib/study.py"}


def test_the_whole_book_is_loaded_by_all_its_slugs(tiny):
    tiny.write("studies/a.py", "1\n")
    tiny.write("results/a.jsonl", "{}\n")
    tiny.notebook("one", LOADS, "[results.load(slug) for slug in study.slugs()]")
    before = key(tiny.one, tiny.top)
    tiny.write("results/b.jsonl", "{}\n")
    assert key(tiny.one, tiny.top) != before


def test_files_that_a_notebook_opened_count(tiny):
    tiny.write("chapters/small/words.txt", "a\n")
    tiny.write("data/numbers.csv", "1\n")
    tiny.write("data/unread.csv", "1\n")
    for folder in (".cache", "_build", "lib.egg-info"):  # which another checkout need not have
        tiny.write(f"chapters/small/{folder}/x.txt", "1\n")
    own = "[open(f'{n}/x.txt') for n in ('.cache', '_build', 'lib.egg-info')]"
    name = "name = 'numbers'\nprint(open(f'../../data/{name}.csv').read(), 'data/unread.csv')"
    tiny.notebook("one", f"{own}\nprint(open('words.txt').read())", name)
    refresh(tiny.top)
    assert state(tiny.one, tiny.top) == "fresh"
    assert tiny.read(tiny.one).metadata["ideas"]["opened"] == [
        "chapters/small/words.txt",
        "data/numbers.csv",
    ]
    tiny.write("data/unread.csv", "2\n")
    assert state(tiny.one, tiny.top) == "fresh"
    for path in ("chapters/small/words.txt", "data/numbers.csv"):
        text = (tiny.top / path).read_text()
        tiny.write(path, text + "2\n")
        assert reasons(tiny.one, tiny.top) == (f"{path} changed",)
        tiny.write(path, text)


def test_a_new_result_and_a_lost_one_are_reasons(ran):
    ran.notebook("one", f"{LOADS}\n'' and results.load('my-idea')")
    loaders(ran)
    ran.write("studies/my_idea.py", "1\n")
    refresh(ran.top)
    results = ran.write("results/my-idea.jsonl", "{}\n")
    assert reasons(ran.one, ran.top) == ("results/my-idea.jsonl is new to it",)
    refresh(ran.top)
    results.unlink()
    assert reasons(ran.one, ran.top) == ("results/my-idea.jsonl is no longer part of it",)


def test_a_move_makes_nothing_stale(ran):
    (ran.top / "ideas_lib/deep").mkdir()
    (ran.top / "ideas_lib/deep/__init__.py").touch()
    (ran.top / "ideas_lib/base.py").rename(ran.top / "ideas_lib/deep/ground.py")
    assert stale(ran) == {"two"}, "what it imports is gone"
    two = ran.top / "ideas_lib/two.py"
    ran.edit(two, "from ideas_lib import base", "from ideas_lib.deep import ground")
    ran.edit(two, "base.B", "ground.B")
    assert stale(ran) == set()


def test_an_essay_without_a_study_goes_stale_like_any_page(tiny):
    tiny.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n- glob: posts/*\n")
    (tiny.top / "posts").mkdir()
    essay = tiny.one.rename(tiny.top / "posts/essay.ipynb")
    assert refresh(tiny.top) == [essay]
    tiny.write("ideas_lib/one.py", "VALUE = 12\n")
    assert reasons(essay, tiny.top) == ("ideas_lib/one.py changed",)


def test_code_that_changes_while_a_notebook_runs_is_no_page(tiny):
    edit = "open('../../ideas_lib/one.py', 'w').write('VALUE = 7')"
    tiny.notebook("one", f"from ideas_lib import one\n{edit}")
    before = tiny.one.read_bytes()
    with pytest.raises(RefreshFailed, match=r"one\.ipynb: its code or results changed"):
        refresh(tiny.top)
    assert tiny.one.read_bytes() == before


@pytest.mark.parametrize(
    "source",
    [
        "%%time\nfrom ideas_lib import one",
        "%matplotlib inline\nfrom ideas_lib import one",
        "!ls\nfrom ideas_lib import one",
        "from ideas_lib import one\none?",
    ],
)
def test_magics_hide_no_import(tiny, source):
    tiny.notebook("one", source)
    assert "ideas_lib/one.py" in check(tiny.one, tiny.top).parts


@pytest.mark.parametrize("source", ["%%bash\necho $((1 + 1))", "def f(:"])
def test_what_is_not_python_is_hashed_as_text(tiny, source):
    first = key(tiny.notebook("one", source), tiny.top)
    assert key(tiny.notebook("one", source + " "), tiny.top) != first


def test_a_module_that_cannot_be_parsed_is_named(ran):
    ran.write("ideas_lib/base.py", "B = = 2\n")
    with pytest.raises(SyntaxError, match=r"ideas_lib/base\.py, line 1"):
        state(ran.two, ran.top)


def test_refresh_executes_the_stale_ones_and_says_why(ran, capsys):
    ran.write("ideas_lib/one.py", "VALUE = 10\n")
    two = ran.two.read_bytes()
    assert refresh(ran.top) == [ran.one]
    assert "one.ipynb (stale: ideas_lib/one.py changed)" in capsys.readouterr().out
    assert ran.read(ran.one).cells[1].outputs[0].data["text/plain"] == "10"
    assert ran.two.read_bytes() == two


def test_a_failure_lets_the_others_finish_and_fails_again(ran):
    ran.edit(ran.top / "ideas_lib/base.py", "B = 2", "B = 3")
    ran.write("ideas_lib/one.py", "VALUE = 1 / 0\n")
    before = ran.one.read_bytes()
    with pytest.raises(RefreshFailed, match=r"one\.ipynb: cell 2 .* line 1: ZeroDivisionError"):
        refresh(ran.top)
    assert ran.one.read_bytes() == before
    assert stale(ran) == {"one"}
    with pytest.raises(RefreshFailed, match="ZeroDivisionError"):
        refresh(ran.top)


def test_thirty_notebooks_read_each_module_once(ran, monkeypatch):
    body = "".join(f"def f{i}(x):\n    return [x + {i} for x in range(x)]\n\n\n" for i in range(50))
    for i in range(30):
        ran.write(f"ideas_lib/big{i}.py", body + f"VALUE = {i}\n")
    ran.write("ideas_lib/one.py", "".join(f"from ideas_lib import big{i}\n" for i in range(30)))
    text = ran.one.read_text()
    for i in range(30):
        ran.write(f"chapters/small/copy{i}.ipynb", text)
    parsed = []
    parse = syntax.ast.parse
    monkeypatch.setattr(syntax.ast, "parse", lambda text: parsed.append(text) or parse(text))
    syntax.syntax_of.cache_clear()
    assert len(stale(ran)) == 31
    assert len(parsed) == len(set(parsed)) > 31


CONFIG = """
title: Tiny
only_build_toc_files: true
execute: {execute_notebooks: "off"}
sphinx:
  extra_extensions: [ideas_lib.publish.site.freshness, ideas_lib.publish.site.card]
"""


def page(tiny, name):
    return (tiny.top / f"_build/html/chapters/small/{name}.html").read_text()


def test_a_build_executes_what_is_stale_and_no_failure_turns_green(ran, build_book):
    def build(**variables):
        # From another folder, with the root of another book in the environment: neither may matter.
        root = {"IDEAS_ROOT": str(ran.top.parent)}
        return build_book("jupyter-book", "build", str(ran.top), "-W", **root, **variables)

    ran.write("_config.yml", CONFIG)
    two = ran.two.read_bytes()
    ran.write("ideas_lib/one.py", "VALUE = 11\n")
    code, said = build()
    assert (code, "notebooks executed: 1;" in said) == (0, True), said
    assert ran.two.read_bytes() == two
    assert "11" in page(ran, "one")
    assert "This page is up to date" in page(ran, "one")

    code, said = build()
    assert (code, "notebooks executed: 0;" in said) == (0, True), said
    assert "0 added, 0 changed, 0 removed" in said

    ran.write("ideas_lib/one.py", "VALUE = 1 / 0\n")
    code, said = build(IDEAS_NO_EXECUTE="1")
    assert code == 0, said
    assert "ideas_lib/one.py changed" in page(ran, "one")
    assert "This page is up to date" in page(ran, "two")

    for _ in range(2):
        code, said = build()
        assert code != 0
        assert "one.ipynb: cell 2 (In [1]), line 1: ZeroDivisionError" in said


def test_nothing_is_imported_that_a_check_does_not_need():
    run = "import sys, ideas_lib.publish.site.freshness; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True).stdout
    slow = {"IPython", "joblib", "nbclient", "nbformat", "sphinx", "torch", "tqdm"}
    assert freshness.__name__ in loaded
    assert slow.isdisjoint(loaded.split())
