"""What the GPT is trained on: small synthetic tasks, and text."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "asked_back": ["AskedBack"],
        "base": ["IGNORE", "Task", "accuracy", "sample_batch"],
        "copying": ["SelectiveCopy"],
        "count3": ["Count3"],
        "counting": ["Counting"],
        "cycle": ["CopyAndMap"],
        "hops": ["Hops"],
        "language": ["Text"],
        "largest": ["Largest"],
        "last_different": ["LastDifferent"],
        "mqar": ["MQAR"],
        "needles": ["Needles"],
        "own_or_back": ["OwnOrBack"],
    },
)
