"""How probable models find phrases after contexts: exactly, or as bounds that stay bounds."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "contrast": ["Contrast"],
        "logprobs": ["Comparison", "compare"],
        "probing": ["Capabilities", "EndpointRefused", "probe"],
        "scores": ["Score", "Token", "shared", "spaced"],
        "topk": ["TopK"],
    },
)
