"""Run programs nobody has read, so that they can do no harm."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "running": [
            "Result",
            "Running",
            "Unavailable",
            "checked_limits",
            "excerpt",
            "run",
            "run_command",
        ],
    },
)
