"""The settings of a study, for live cells: in a fork's notebook they are the fork's.

In a chapter, `SETTINGS = load_settings("null-attention")`, and then `d_model=SETTINGS["d_model"]`.
"""

import sys
from typing import Any

from ideas_lib.study.study import load_study

__all__ = ["load_settings"]


def load_settings(slug: str) -> dict[str, Any]:
    """Return a copy of a study's SETTINGS, empty where it has none. Raises UnknownStudy."""
    load_study(slug)
    module = sys.modules[f"studies.{slug.replace('-', '_')}"]
    return dict(getattr(module, "SETTINGS", {}))
