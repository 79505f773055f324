"""Pictures of tools for programs: what their alt texts say, and what they refuse."""

from pathlib import Path

import pytest

from ideas_lib.programs.ambiguity import ask_about, plot_narrowing, read_ruling
from ideas_lib.programs.compilation import compile_goal, plot_forms, read_integer_program
from ideas_lib.programs.what_if import ask_what_if, mutation_changes, plot_matrix
from ideas_lib.programs.what_if.outcome_matrix import OutcomeMatrix

TEXT = 'def double(n: int) -> int:\n    """Return it twice."""\n'
HEAD = "def double(n):\n    return "


def test_what_is_open_is_drawn_and_what_is_settled_is_refused() -> None:
    programs = {"a": f"{HEAD}n * 2", "b": f"{HEAD}n + n", "c": f"{HEAD}n * n"}
    asked = ask_about(TEXT, programs=programs)
    fig, alt = plot_narrowing(asked.state)
    assert alt.startswith("What 3 programs in 2 groups, and ")
    assert fig.get_size_inches()[0] == pytest.approx(5.6)
    settled = ask_about(
        TEXT, programs=programs, answers=[read_ruling("double", "double(3)", 6, "me")]
    )
    with pytest.raises(ValueError, match="nothing is open"):
        plot_narrowing(settled.state)


def test_a_compilation_is_drawn_with_how_each_form_is_known() -> None:
    goal = 'def low(n: int) -> int:\n    """Return its last bit.\n\n    pre: n >= 0\n    """\n'
    goal += "    return n % 2\n"
    compiled = compile_goal(read_integer_program(goal), "int32", second=False)
    fig, alt = plot_forms(compiled, goal, ("loop", "int32"))
    assert alt == "low as its goal, and compiled: loop certified, int32 certified."
    words = [text.get_text() for ax in fig.axes for text in ax.texts]
    assert words.count("certified") == 2
    with pytest.raises(KeyError):
        plot_forms(compiled, goal, ("c",))


def test_a_matrix_is_drawn_with_what_flips(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("def total(prices):\n    return sum(prices)\n")
    (tmp_path / "test_shop.py").write_text(
        "from shop import total\n\ndef test_total():\n    assert total([1]) == 1\n"
    )
    changes = list(mutation_changes(tmp_path, ["shop.py"], None, 0))
    matrix = ask_what_if(tmp_path, changes, fresh=True)
    fig, alt = plot_matrix(matrix)
    flips = sum(sum(matrix.flips(row).values()) for row in matrix.rows)
    run = sum(row.run for row in matrix.rows)
    assert alt == (
        f"{len(changes)} changes by 1 tests: {flips} cells flip, and {run} tests were run to know."
    )
    assert len(fig.axes) == 1
    with pytest.raises(ValueError, match="no changes"):
        plot_matrix(OutcomeMatrix(matrix.base, []))
