"""A title, a summary and a social text by a language model, kept if the notebook says so."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "suggesting": ["summarise"],
        "evidence": ["Evidence"],
        "bearing": ["judge_text"],
        "notebooks": ["evidence_of"],
    },
)
