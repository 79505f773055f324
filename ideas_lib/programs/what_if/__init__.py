"""What the tests of a repository would say after a change: every test, for every change.

    ideas what-if . --mutate src/shop/prices.py -n 40

`harness` is what runs within the sandbox.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "asking_what_if": ["NoTests", "TrialSettings", "ask_what_if"],
        "matrix_figure": ["plot_matrix"],
        "outcome_matrix": ["Base", "Cell", "OutcomeMatrix", "ChangeRow"],
        "repo_changes": ["BadChange", "FileEdit", "RepoChange", "mutation_changes", "patch_change"],
    },
)
