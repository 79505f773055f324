"""Python is read as it is, or refused with the reason."""

import os
from pathlib import Path

import pytest

from ideas_lib.programs.dsl.corpus import BadCorpus, read_corpus
from ideas_lib.programs.dsl.runtime.construct_table import ConstructTable
from ideas_lib.programs.dsl.runtime.parsing import parse_program
from ideas_lib.programs.dsl.runtime.printing import unparse_program
from ideas_lib.programs.dsl.runtime.tree_running import python_source
from ideas_lib.programs.dsl.snippet_reading import parse_python, read_programs
from ideas_lib.programs.dsl.words import every_node, make_rows, with_words

REASONS = {
    "try:\n    f()\nexcept OSError:\n    pass": "`try`",
    "f(*x)": "a starred argument",
    "f(**x)": "an argument with `**`",
    "x = {1, 2}": "a set",
    "x = 1 < y < 3": "a chain of comparisons",
    "x = y = 1": "two targets of one value",
    "x = b'a'": "a bytes as a constant",
    "x = 1e999": "an infinite number as a constant",
    "for x in y:\n    pass\nelse:\n    pass": "`else` of a loop",
    "x = [a for b in c for a in b]": "a list made by more than one `for`, `if` or name",
    "x = lambda: 1": "a `lambda` with no names, or with more than names",
    "x = f'{y:{z}}'": "an f-string with a format that is made",
    "if x:\n    import os": "an import within a block",
    "@d\ndef f(): pass": "defines `f`",
    "x = " + "not " * 70 + "y": "more than 60 constructs within one another",
    "a·b = 1": "the name 'a\\xb7b'",
}


@pytest.mark.parametrize("source", REASONS)
def test_what_has_no_form_has_a_reason(source: str) -> None:
    program = read_programs(parse_python(source), "a.py")[0]
    assert program.tree is None
    assert program.reasons[0][0] == REASONS[source]


SOURCES = [
    "x = -1 - -2.5\ny = -0.0",
    "x = a and b and c or not d",
    "x = [i ** 2 for i in range(9) if i % 2]\nx[1:2, ::-1] = y[-1:]",
    "x, y = f(a)(b, c=1)\nz.w = x.y.z\nx += 1",
    "with open('a') as f, g:\n    h(f)",
    "while x:\n    if y:\n        break\n    elif z:\n        continue\n    else:\n        pass",
    "print(f'{x!r} {y:.2f} {{}} {f\"{z}\"}', end='')",
    "x = {'a': (1,), b: ()}\nsorted(x, key=lambda a, b: a if b else None)",
]


@pytest.mark.parametrize("source", SOURCES)
def test_a_program_comes_back_as_its_own_python(source: str) -> None:
    program = read_programs(parse_python(source), "a.py")[0]
    assert program.tree is not None, program.reasons
    rows = make_rows([program], {"builtins"}, 100)
    table = ConstructTable("t", rows.values())
    tree = with_words(program.tree, rows)
    again = parse_program(table, unparse_program(table, tree))
    assert again == tree
    back = read_programs(parse_python(python_source(table, again)), "a.py")[0]
    assert back.tree == program.tree


def test_names_mean_what_they_mean_in_python() -> None:
    source = (
        "import numpy as np, os.path\nfrom a.b import c as d\n"
        "np.x.y(1)\nos.path.join(d)\nprint(len)\n"
        "def f(np):\n    len = np.x(1)\n    return len\n"
    )
    top, inner = read_programs(parse_python(source), "a.py")
    assert [node.word for node in top.pieces] == [
        "function:numpy.x.y", "function:os.path.join", "function:builtins.print",
    ]  # fmt: skip
    assert [node.word for node in inner.pieces] == ["let", "return"]
    assert inner.pieces[0].parts[1].word == "method:x"
    assert inner.given == ("np",)


def test_what_a_lost_statement_has_in_it_is_learned_from() -> None:
    source = "try:\n    p.add('a', b=1)\nfinally:\n    pass"
    program = read_programs(parse_python(source), "a.py")[0]
    assert [node.word for node in program.pieces] == ["method:add"]


ODD = {
    "binary.py": (b"\x7fELF\x00\xff" * 9, "null bytes"),
    "latin.py": (b"x = '\xe9'\n", "can't decode byte 0xe9"),
    "chain.py": (b"x = 1" + b" + y" * 900, "nested too deep"),
    "branches.py": (b"if a:\n    f()\n" + b"elif b:\n    f()\n" * 400, "nested too deep"),
    "brackets.py": (b"x = " + b"(" * 300 + b")" * 300, "too many nested parentheses"),
    "figures.py": (b"x = 0x" + b"f" * 6000, "4300 digits"),
    "large.py": (b"#" * (1 << 20) + b"\n", "bytes are too many"),
    "\x1b[31m.py": (b"x = = 1", "invalid syntax"),
}


def test_no_file_ends_the_reading_of_others(tmp_path: Path) -> None:
    for name, (data, _) in ODD.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "gone.py").symlink_to("nowhere")
    for name in ("folder.py", ".hidden", "within"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "good.py").write_text("f(1)\n")
    found = read_corpus(tmp_path)
    assert [each.name for each in found.programs] == ["folder.py/good.py", "within/good.py"]
    unread = dict(found.unread)
    assert unread.pop("fifo.py").endswith("is no plain file, but a FIFO")
    assert unread.pop("gone.py") == "No such file or directory"
    assert set(unread) == set(ODD)
    assert all(words in unread[name] for name, (_, words) in ODD.items()), unread


APART = {
    "beside a `try`": (
        "if v:\n    p.add('a', b=1)\n    try:\n        f()\n    finally:\n        g()",
        1,
    ),
    "in a decorated function": ("@app.route('/x')\ndef f(p):\n    p.add('a', b=1)", 1),
    "in a function within one": ("def f():\n    def g(p):\n        p.add('a', b=1)", 1),
    "in a decorated class": ("@d\nclass C:\n    x = p.add('a', b=1)\n    def f(p): p.add('a')", 2),
    "in an async function": ("async def f(p):\n    p.add('a', b=1)\n    await g()", 1),
}


@pytest.mark.parametrize("where", APART)
def test_each_expression_is_learned_from_once_wherever_it_stands(where: str) -> None:
    source, times = APART[where]
    programs = read_programs(parse_python(source), "a.py")
    words = [node.word for each in programs for node in every_node(each.pieces)]
    assert words.count("method:add") == times
    assert any(each.reasons for each in programs)


def test_the_files_are_those_that_the_programs_are_from(tmp_path: Path) -> None:
    for name, text in {"a.py": "import json\njson.loads(x)", "b.py": "f(1)", "c.py": "g("}.items():
        (tmp_path / name).write_text(text)
    found = read_corpus(tmp_path, "json")
    assert (found.files, [each.name for each in found.programs]) == (1, ["a.py"])
    with pytest.raises(BadCorpus, match="imports 'numpy'"):
        read_corpus(tmp_path, "numpy")
