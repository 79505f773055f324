"""Language models behind any OpenAI-compatible endpoint. Needs `pip install ideas-lib[lm]`."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "client": ["Client", "EndpointFailed"],
        "generate": ["Generator", "NotRecorded"],
        "request": ["Decoding", "Reply", "Request"],
        "scoring": ["TopK", "compare", "shared", "spaced"],
    },
)
