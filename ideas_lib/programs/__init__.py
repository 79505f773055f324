"""Programs that language models write: run in a sandbox, judged from outside."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "judge": ["CheckResult", "check_program", "run_on_inputs"],
        "sandbox": ["Result", "Unavailable", "run", "run_command"],
    },
)
