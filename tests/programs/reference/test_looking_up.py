"""From a line of code to what is known of its call, in the packages that are installed."""

from pathlib import Path
from typing import Any

import pytest

from ideas_lib.programs.reference import asking_packages
from ideas_lib.programs.reference.adapting import Adapted
from ideas_lib.programs.reference.looking_up import (
    CallReference,
    NotResolved,
    look_up,
    look_up_file,
)
from ideas_lib.programs.reference.rerun import rerun_session, sources_hold
from ideas_lib.programs.reference.session import Session, SessionLine, read_session


def looked_up(text: str, **more: Any) -> CallReference:
    """Look at the end of a text."""
    return look_up(text, text.count("\n") + 1, path=Path("x.py"), **more)


def test_a_call_of_the_standard_library() -> None:
    text = "import json\npayload = {'b': 1}\nindent = 4\ntext = json.dumps(payload, "
    found = looked_up(text)
    assert (found.symbol, found.package, found.kind) == ("json.dumps", "python", "function")
    first = found.parameters[0]
    assert (first.name, first.names_in_scope, first.default) == ("indent", ("indent",), "None")
    assert first.why.endswith("`indent` in scope has its name")
    assert "pretty-printed" in first.says
    last = found.parameters[-1]
    assert (last.name, last.passed, last.names_in_scope) == ("obj", "payload", ("payload",))
    example = found.example
    assert example is not None
    assert example.ran
    assert example.same
    assert example.holds
    assert "payload" in example.renamed.values()
    assert ">>> payload = " in example.adapted
    assert "json.dumps(payload" in example.adapted
    assert example.says == "in your names; ran here, same result as documented"


def test_numpy_by_another_name() -> None:
    found = looked_up("import numpy as xp\nsize = 3\nxs = xp.full(size, ")
    assert found.symbol == "numpy.full"
    assert found.package == "numpy"
    assert (found.parameters[0].name, found.parameters[0].required) == ("fill_value", True)
    assert (found.parameters[-1].name, found.parameters[-1].passed) == ("shape", "size")
    example = found.example
    assert example is not None
    assert example.same
    assert example.holds
    assert ">>> size = (2, 2)\n>>> xp.full(size, xp.inf)" in example.adapted
    assert "import" not in example.adapted, "the caller has it"


def test_methods_of_what_a_hint_names() -> None:
    found = looked_up("def f(words: list[str], key: int):\n    words.sort(")
    assert found.symbol == "list.sort"
    assert found.parameters[0].name == "key"
    assert found.parameters[0].names_in_scope == ("key",)
    found = looked_up("import pathlib\nwhere = pathlib.Path('x')\n(where / 'y').with_suffix(")
    assert found.symbol == "pathlib.Path.with_suffix"
    assert [fit.name for fit in found.parameters] == ["suffix"]
    assert found.parameters[0].required


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nowhere_to_be\nnowhere_to_be.f(", "there is no module nowhere_to_be"),
        ("import json\njson.dumpz(", "json 2.0.9 has no dumpz"),
        ("def f(x):\n    x.g(", "a type hint would"),
    ],
)
def test_what_leads_nowhere_is_one_line(text: str, words: str) -> None:
    with pytest.raises(NotResolved) as error:
        looked_up(text)
    assert words in str(error.value)
    assert str(error.value).startswith("x.py:")
    assert "\n" not in str(error.value)


def test_code_of_the_readers_own_is_read_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        "open('ran', 'w')\ndef area(width: float, height=2.0, *, unit='m'):\n"
        '    """Return the area.\n\n    >>> area(1)\n    2.0\n    """\n'
    )
    main = tmp_path / "main.py"
    main.write_text("from helper import area\nopen('ran', 'w')\nwidth = 3.0\narea(\n")
    found = look_up_file(main, 4)
    assert found.symbol == "helper.area"
    assert found.summary == "Return the area."
    assert [fit.name for fit in found.parameters] == ["width", "height", "unit"]
    assert found.parameters[0].names_in_scope == ("width",)
    assert found.example is None
    assert found.why_no_example == "it is code of yours, which is not run"
    assert not (tmp_path / "ran").exists()
    assert not Path("ran").exists()


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"\xff\xfe")
    with pytest.raises(NotResolved, match="no text in UTF-8"):
        look_up_file(tmp_path / "x.py", 1)
    with pytest.raises(FileNotFoundError):
        look_up_file(tmp_path / "y.py", 1)


def rerun(doc: str, symbol: str = "json.dumps", timeout: float = 60.0) -> tuple[Session, Any]:
    session = read_session(doc, symbol)
    assert session is not None
    plain = tuple(line.source for line in session.lines)
    adapted = Adapted(plain, tuple(range(len(plain))), {})
    return session, rerun_session(session, adapted, "json", symbol, timeout=timeout)


def test_what_examples_give_is_compared() -> None:
    session, found = rerun(
        """
        >>> import time
        >>> x = dumps(1)
        >>> x
        '2'
        >>> object()
        <object object at 0x7f0000000000>
        >>> time.perf_counter_ns()
        5
        >>> 1 / 3
        0.33333333
        >>> [1,
        ...   2]
        [1,   2]
        >>> 1 / 0
        Traceback (most recent call last):
        ZeroDivisionError: another message
        >>> for each in range(2):
        ...     print(each)
        0
        1
        >>> y + 1  # a sketch: nobody says what y is
        3
        >>> print("a\\nb")
        a
        ...
        >>> nothing = 1
        >>> nothing.at_all
        """
    )
    held = [found.holds(session, at) for at in range(len(session.lines))]
    assert held == [None, None, False, True, None, True, True, True, True, None, True, None, False]
    assert sources_hold(session, found) == [
        "the documentation's `x` gives '1' here, not '2'",
        "the documentation's `nothing.at_all` raises AttributeError: 'int' object has no attribute"
        " 'at_all'",
    ]
    assert found.unsteady == {4}


def test_hostile_examples(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("word")
    session, found = rerun(
        f"""
        >>> open({str(secret)!r}).read()
        'word'
        >>> import os, json, sys
        >>> json.dumps = lambda _: 'changed'
        >>> json.dumps(1)
        'changed'
        >>> sys.exit(3)
        >>> print("\\x1b[2J" + "x" * 99999)
        >>> os.environ.get('HOME')
        '/root'
        """
    )
    assert "FileNotFoundError" in found.before[0].raised
    assert found.before[4].raised == "SystemExit: 3"
    assert len(found.before[5].got) == 20_000
    assert found.holds(session, 6) is False
    session, found = rerun(">>> dumps(1)\n'1'\n>>> while True: pass\n", timeout=2.0)
    assert found.reason.startswith("timeout")
    assert found.holds(session, 0) is True
    session, found = rerun(">>> dumps(1)\n'1'\n>>> import os; os.kill(os.getpid(), 9)\n")
    assert found.before[0].got == "'1'\n"


def test_answers_are_kept_until_a_package_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import json\njson.dumps("
    before = looked_up(text)

    def none(*_: Any, **__: Any) -> None:
        raise AssertionError("it asked again")

    with monkeypatch.context() as patch:
        patch.setattr(asking_packages, "Running", none)
        assert looked_up(text) == before
        patch.setattr(asking_packages, "_changed", lambda _: 1)
        with pytest.raises(AssertionError, match="asked again"):
            looked_up(text)


def test_a_line_stands_alone_or_with_what_it_needs() -> None:
    lines = (
        SessionLine("x = [1]"),
        SessionLine("x.append(2)"),
        SessionLine("x.reverse(); dumps(x)", "'[2, 1]'\n"),
    )
    session = Session(lines, 2, (0, 2))  # wrong: it needs the append
    plain = tuple(line.source for line in lines)
    found = rerun_session(session, Adapted(plain, (0, 1, 2), {}), "json", "json.dumps", timeout=60)
    assert found.depends((0, 2))
    assert not found.differs()
