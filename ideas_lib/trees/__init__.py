"""Decision trees one can read: soft boundaries, their hard versions, and the meta-tree."""

from importlib import import_module
from typing import Any

__all__ = ["HardTree", "MetaTreeClassifier", "SoftTreeClassifier", "SoftTreeRegressor"]

_HOMES = {
    "HardTree": "hard",
    "MetaTreeClassifier": "meta",
    "SoftTreeClassifier": "soft",
    "SoftTreeRegressor": "soft",
}


def __getattr__(name: str) -> Any:
    """Import an estimator when it is asked for: one tree's code is no part of another's study."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {__all__}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
