"""Say whether a program is right, from outside the process it runs in."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "judging": ["CheckResult", "check_program", "run_on_inputs"],
    },
)
