"""Exercises of a first class in programming and in arithmetic, as templates of `ideas exercises`.

Eight ask for a program, four for an answer. They were written for this book, so that no model has
read them; what they ask for is as old as the subject.
"""

from ideas_lib.resources import resources

__all__ = ["load_class_exercises"]


def load_class_exercises() -> dict[str, str]:
    """Return the templates, as YAML, by name, sorted."""
    found = resources(__file__, "class_exercises/*.yaml")
    return {path.stem: path.read_text(encoding="utf-8") for path in found}
