r"""Evidence on a program nobody has read: what can be known of it without its author's answer.

    >>> from ideas_lib.programs.checks import check_examples, read_task
    >>> task = read_task('def half(n):\n    "half(5) == 2"\n')
    >>> check_examples(task, [task.prompt + "    return n / 2"])
    ['half(5) gave 2.5, not 2']

A check takes a task and programs, and says of each program what is wrong with it, or nothing. From
cheap to dear: syntax, names and types (`static`), the docstring's examples, the task's tests and
contracts (`behaviour`), how many programs agree (`agreement`), and a search for an input on which
two that agree differ (`symbolic`). Programs run in the sandbox only.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "agreement": ["count_agreement", "normalize_program"],
        "attempts": ["see_attempts"],
        "behaviour": [
            "check_contract",
            "check_examples",
            "check_tests",
            "find_defect",
            "observe_behaviour",
        ],
        "constants": ["answers_from_examples"],
        "contracts": ["BadContract", "Contract", "read_contract"],
        "examples": ["Example", "read_examples"],
        "inputs": ["sample_inputs"],
        "static": ["check_names", "check_syntax", "check_types"],
        "symbolic": ["SymbolicSearch", "find_distinguishing_input", "search_symbolically"],
        "task": ["FunctionTask", "NoTask", "read_task"],
        "touches": ["may_touch"],
    },
)
