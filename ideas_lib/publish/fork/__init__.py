"""Fork an idea under a new name, and compare it with its original."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "fork_answer": ["ForkComparison"],
        "comparison": ["compare_fork"],
        "forking": ["ForkError", "fork", "unfork"],
    },
)
