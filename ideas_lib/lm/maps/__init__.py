"""Maps of embeddings that say how far they can be believed. Needs `pip install ideas-lib[maps]`.

from ideas_lib.lm.maps import show
show(vectors, labels)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ideas_lib.lm.maps.view import Shown, show

__all__ = ["Shown", "show"]


def __getattr__(name: str) -> Any:
    # Only when asked for: the command's help needs none of what they import.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ideas_lib.lm.maps import view

    return getattr(view, name)
