"""Claims: what a page states, bound to what was measured."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "prose": ["glued", "unbound"],
        "sentences": ["ClaimFailed", "Claims"],
    },
)
