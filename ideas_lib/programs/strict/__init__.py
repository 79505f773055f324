r"""Tests that are stricter than HumanEval's own: a problem's canonical solution, on many inputs.

    >>> from ideas_lib.datasets import load_humaneval
    >>> from ideas_lib.programs.strict import judge_strictly, make_strict_tests
    >>> problem = load_humaneval()["HumanEval/30"]  # return only positive numbers in the list
    >>> tests = make_strict_tests(problem, count=200)
    >>> judge_strictly(tests, problem.prompt + "    return [x for x in l if x > 0]\n").passed
    True
    >>> judge_strictly(tests, problem.prompt + "    return [x for x in l if x >= 0]\n").passed
    False

After EvalPlus (Liu et al. 2023, arXiv:2305.01210), which changes inputs by their types, and has
contracts by hand for what an input may be.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "likeness": ["draw_rows", "edge_rows"],
        "strict_tests": ["NoStrictTests", "StrictTests", "judge_strictly", "make_strict_tests"],
    },
)
