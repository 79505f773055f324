"""Programs, not only people's: run in a sandbox, judged from outside, checked, and mutated."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "checks": ["FunctionTask", "read_task"],
        "judge": ["CheckResult", "check_program", "run_on_inputs"],
        "mutate": ["Mutation", "check_equivalence", "list_mutations", "sample_mutations"],
        "sandbox": ["Result", "Unavailable", "run", "run_command"],
    },
)
