"""A figure that its reader can move, with no kernel and no server: its data and its script.

An `Interactive` shows itself as HTML, where a page runs scripts, and as a PNG with its alt text
everywhere else: in posts, on GitHub, on paper. Until its script has drawn, or where it fails,
the HTML shows the same PNG. Equal figures give equal bytes.
"""

import base64
import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from ideas_lib.figures.look import png
from ideas_lib.figures.settling import settle
from ideas_lib.resources import resource

__all__ = ["Interactive"]

_STYLE, _SCRIPT = resource(__file__, "interact.css"), resource(__file__, "interact.js")
_DIGITS = 8  # what a float32 holds
_COLOURS = 128
_PIXELS = 100  # CSS pixels an inch, as in `show`
_PAGE = """<div class="ideas-figure" data-ideas-figure="{key}" role="group" aria-label="{name}">
<style>
{css}</style>
<img src="data:image/png;base64,{png}" width="{width}" height="{height}" alt="{alt}">
<script>
(() => {{
"use strict";
{shared}
{script}
start("{key}", {data});
}})();
</script>
</div>"""


@dataclass(frozen=True, repr=False)
class Interactive:
    """A figure that a script draws from data.

    `scripts` are JavaScript files, one of which has a `figure(stage, data)` that draws into the
    element `stage`, with the functions of `interact.js`. `data` is what JSON can hold, and arrays
    of finite numbers, which are written with eight digits. `name` says in two or three words what
    the figure is, `alt` in full what `fallback`, its picture, shows. Raises ValueError where `name`
    or `alt` is empty or a number is not finite, TypeError for what JSON cannot hold.
    """

    name: str
    scripts: Sequence[Path]
    data: Mapping[str, Any]
    fallback: Figure
    alt: str

    def __post_init__(self) -> None:
        for field in ("name", "alt"):
            if not getattr(self, field).strip():
                raise ValueError(f"{field} is empty: say in words what the figure shows")

    def __repr__(self) -> str:
        return self.alt

    def html(self) -> str:
        """Return the figure as HTML that needs nothing else."""
        data = _for_script(json.dumps(_plain(self.data), sort_keys=True, separators=(",", ":")))
        script = "\n".join(path.read_text(encoding="utf-8") for path in self.scripts)
        width, height = self._size()
        return _PAGE.format(
            key=hashlib.sha256((script + data).encode()).hexdigest()[:12],
            name=escape(self.name),
            css=_STYLE.read_text(encoding="utf-8"),
            png=self._png,
            width=width,
            height=height,
            alt=escape(self.alt),
            shared=_SCRIPT.read_text(encoding="utf-8"),
            script=script,
            data=data,
        )

    def _size(self) -> tuple[int, int]:
        width, height = self._settled.get_size_inches()
        return round(width * _PIXELS), round(height * _PIXELS)

    @cached_property
    def _settled(self) -> Figure:
        return settle(self.fallback)

    @cached_property
    def _png(self) -> str:
        # Once: matplotlib lays a figure out anew each time, not always to the same pixel. In few
        # colours, for it stands in the output twice.
        picture = Image.open(io.BytesIO(png(self._settled))).convert("RGB")
        small, target = picture.quantize(_COLOURS, dither=Image.Dither.NONE), io.BytesIO()
        small.save(target, format="png", optimize=True)
        return base64.b64encode(target.getvalue()).decode("ascii")

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Return what IPython displays: HTML, the picture and the alt text."""
        width, height = self._size()
        data = {"text/html": self.html(), "image/png": self._png, "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, numbers with as many digits as matter."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"the data hold {value}: a figure needs finite numbers")
        short = float(f"{value:.{_DIGITS}g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    return value


def _for_script(text: str) -> str:
    # In a script element `</script` and `<!--` would end or hide it, strings or not.
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
