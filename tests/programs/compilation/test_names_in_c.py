"""Names that people give: a loop over `_`, a word of C for a variable, an underscore in front."""

import pytest

from ideas_lib.programs.compilation import Outside, compile_goal, read_integer_program
from ideas_lib.programs.compilation.compiling import Compiled


def compiled(source: str) -> Compiled:
    return compile_goal(read_integer_program(source), "c", second=False)


@pytest.mark.parametrize(
    "source",
    [
        "def f(n: int):\n    '''pre: 0 <= n < 9'''\n    for _ in range(3):\n        n += 1\n    return n\n",
        "def f(n: int):\n    '''pre: 0 <= n < 9'''\n    double = n + n\n    return double\n",
        "def _f(n: int):\n    '''pre: 0 <= n < 9'''\n    return n + 1\n",
    ],
)
def test_names_of_people_get_to_c(source: str) -> None:
    made = compiled(source)
    assert [step.status for step in made.steps[:-1]] == ["certified"] * 3
    assert "tested" in made.steps[-1].status


@pytest.mark.parametrize("name", ["double", "__f", "_F", "py_mod"])
def test_names_that_c_has_for_itself_are_refused(name: str) -> None:
    with pytest.raises(Outside, match="name"):
        compiled(f"def {name}(n: int):\n    '''pre: 0 <= n < 9'''\n    return n\n")
