"""Variations of class exercises: other numbers, other stories, each of them checked."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "drawing": ["TooFewVariants", "make_variants"],
        "exercise": ["BadExercise", "Exercise", "Parameter"],
        "exercise_file": ["EXAMPLES", "read_exercise"],
        "roster": ["BadRoster", "assign_variants", "read_roster"],
    },
)
