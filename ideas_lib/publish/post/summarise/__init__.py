"""A title, a summary and a social text picked by a language model, kept if the notebook says so."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "evidence": ["Evidence"],
        "notebooks": ["evidence_of"],
        "objecting": ["objections"],
        "suggesting": ["Choice", "summarise"],
    },
)
