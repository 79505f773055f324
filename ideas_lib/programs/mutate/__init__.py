r"""Mutations of Python source: small mistakes, one at a time, with the layout kept.

    >>> from ideas_lib.programs.mutate import list_mutations
    >>> source = "def clip(x, top):\n    return min(x, top)  # at most\n"
    >>> for mutation in list_mutations(source, "clip.py"):
    ...     print(mutation)
    clip.py:2:11 in clip, return_value: 'min(x, top)' becomes 'None'
    clip.py:2:15 in clip, argument_swap: 'x, top' becomes 'top, x'
    >>> print(mutation.apply(source), end="")
    def clip(x, top):
        return min(top, x)  # at most

Of the first a test may notice, of the second none can. `check_equivalence` says so where it is
shown; OPERATORS says what is tried.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "equivalence": ["Equivalence", "check_equivalence"],
        "listing": ["list_mutations", "sample_mutations"],
        "mutation": ["InvalidSource", "Mutation"],
        "operators": ["OPERATORS"],
    },
)
