r"""A copilot that shows a program only when the evidence for it holds, and else says why not.

    from ideas_lib.programs import copilot
    copilot.complete('def half(n: int) -> int:\n    "Return n / 2, rounded down: half(5) == 2."')

In a notebook, `%load_ext ideas_lib.programs.copilot`, and then `%%copilot` above a function.
"""

import importlib
from typing import Any

__all__ = ["Completion", "complete", "load_ipython_extension"]

_HOMES = {"Completion": "completion", "complete": "completion", "load_ipython_extension": "magic"}


def __getattr__(name: str) -> Any:
    # Lazily, so that the command line can be read without what the command needs.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
