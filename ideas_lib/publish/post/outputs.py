"""A code cell's outputs, each in one form: a picture, Markdown, a table, HTML, or text."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from ideas_lib.publish.post.flavors import Flavor, PostError
from ideas_lib.publish.post.local_files import said_of
from ideas_lib.publish.post.markup import LinkPlaces, fence, html
from ideas_lib.publish.post.rich import Notes, cleaned, name_lost, rich
from ideas_lib.publish.post.widgets import VIEW, said

__all__ = ["Outputs", "alt_of", "short", "simple"]

PICTURES = {
    "image/png": ".png", "image/svg+xml": ".svg", "image/jpeg": ".jpg",
    "image/gif": ".gif", "image/webp": ".webp",
}  # fmt: skip
EXTRACTED = ("image/png", "image/svg+xml", "image/jpeg")  # nbconvert writes these itself
LIVE = {
    "application/vnd.plotly": "an interactive figure",
    "application/vnd.vega": "an interactive figure",
    "application/vnd.bokeh": "an interactive figure",
    "application/vnd.holoviews": "an interactive figure",
    "application/javascript": "a script",
    "application/pdf": "a PDF",
}

Keep = Callable[[str, str, bytes], str]


def simple(output: NotebookNode, alt: str, keep: Keep) -> str:
    """One output's data as Markdown: a picture, Markdown, a table or words from HTML, or text."""
    prefix = output.metadata.get("scrapbook", {}).get("mime_prefix", "")
    data = {k.removeprefix(prefix): v for k, v in output.get("data", {}).items()}
    for mime, suffix in PICTURES.items():
        if mime in data:
            raw = data[mime]
            known = raw.encode() if "svg" in mime else b64decode(raw)
            return f"![{said_of(alt)}]({keep(alt, suffix, known)})"
    if "text/markdown" in data:
        return str(data["text/markdown"]).strip()
    if "text/latex" in data and not TABULAR.match(str(data["text/latex"])):
        return formula(str(data["text/latex"]).strip())
    if "text/html" in data:
        return html(str(data["text/html"]))
    if "application/json" in data and "text/plain" not in data:
        return fence(json.dumps(data["application/json"], indent=2), "json")
    return fence(str(data["text/plain"]), "text") if "text/plain" in data else ""


TABULAR = re.compile(r"\s*\\(begin\{(tabular|longtable|table)|documentclass)")


def formula(tex: str) -> str:
    """LaTeX as Markdown: one formula as a display, words with formulas as they stand."""
    inner = re.sub(r"\A(\$\$?|\\\[)(.*?)(\$\$?|\\\])\Z", r"\2", tex, flags=re.S)
    if "$" in inner.replace(r"\$", "") or inner.startswith("\\begin"):
        return tex if "$" in inner else inner
    return "$$\n" + inner.strip() + "\n$$"


def short(text: str, lines: int) -> str:
    """Text of at most `lines` lines, and how many were left out; 0 leaves all of it."""
    every = text.rstrip("\n").split("\n")
    if not lines or len(every) <= lines + 1:
        return text
    left = len(every) - lines
    head = lines - lines // 3
    return "\n".join(
        [*every[:head], f"[... {left} lines left out ...]", *every[len(every) - lines // 3 :]]
        if lines // 3
        else [*every[:head], f"[... {left} lines left out ...]"]
    )


@dataclass
class Outputs:
    """Converts the outputs of one notebook for one flavor.

    `keep` takes in a picture, `convert` makes Markdown plain, `states` are the widgets'.
    """

    flavor: Flavor
    keep: Keep
    convert: Callable[[str], str]
    tell: Notes
    longest: int = 0
    places: LinkPlaces | None = None
    states: Mapping[str, Any] = field(default_factory=dict)

    def all(self, cell: NotebookNode, left_out: Container[str] = ()) -> list[NotebookNode]:
        """The cell's outputs but for some streams; streams of one name are one."""
        outputs: list[NotebookNode] = []
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name in left_out:
                continue
            if output.output_type == "stream":
                # a line that is written over says what it says last
                text = re.sub(r"^[^\n]*\r(?!\n)", "", re.sub(r"\r+$", "", output.text, flags=re.M),
                              flags=re.M)  # fmt: skip
                if outputs and outputs[-1].get("name") == output.name:
                    outputs[-1].text += text
                elif text.strip():
                    outputs.append(new_output("stream", name=output.name, text=text))
            elif output.output_type == "error":
                lines = short("\n".join(output.traceback), self.longest).split("\n")
                outputs.append(NotebookNode({**output, "traceback": lines}))
            elif not output.metadata.get("scrapbook", {}).get("mime_prefix"):
                outputs += self._shown(output, cell)
        for output in outputs:
            if output.output_type == "stream":
                output.text = short(output.text, self.longest)
        return outputs

    def _shown(self, output: NotebookNode, cell: NotebookNode) -> list[NotebookNode]:
        data = output.data
        picture = next((mime for mime in PICTURES if mime in data), "")
        if picture:
            return [self._picture(output, cell, picture)]
        if VIEW in data:
            return _markdown(self._widget(data))
        for mime, what in LIVE.items():
            if any(known.startswith(mime) for known in data):
                return _markdown(self._live(what))
        if "text/markdown" in data:
            return _markdown(self.convert(str(data["text/markdown"])))
        if "text/html" in data and "text/latex" not in data:
            return _markdown(self.html(str(data["text/html"]), data.get("text/plain")))
        text = simple(output, "", self.keep)
        if "text/latex" in data and not TABULAR.match(str(data["text/latex"])):
            text = self.convert(text)
        elif "text/plain" in data and text == fence(str(data["text/plain"]), "text"):
            text = fence(short(str(data["text/plain"]), self.longest), "text")
        if not text and data:
            self.tell(f"an output of {', '.join(data)} is left out: no post can show it")
        return _markdown(text)

    def _picture(self, output: NotebookNode, cell: NotebookNode, mime: str) -> NotebookNode:
        alt = said_of(alt_of(output, cell, mime), self.flavor.prose)
        size = output.metadata.get(mime, {})
        width = str(size.get("width") or "") if isinstance(size, Mapping) else ""
        if mime in EXTRACTED and not width:
            data = {mime: output.data[mime]}
            return new_output("display_data", data=data, metadata={"alt": alt})
        raw = output.data[mime]
        name = self.keep(
            "figure", PICTURES[mime], raw.encode() if "svg" in mime else b64decode(raw)
        )
        return _markdown(self.flavor.sized(alt, name, width) if width else f"![{alt}]({name})")[0]

    def _widget(self, data: Mapping[str, Any]) -> str:
        text = said(self.states, str(data[VIEW].get("model_id", "")))
        if text:
            self.tell("a widget is shown as the text of its last state")
            return fence(short(text, self.longest), "text")
        return self._live("a widget")

    def _live(self, what: str) -> str:
        self.tell(f"{what} is left out, and a note stands there: save a picture with it")
        return f"*({what.capitalize()} stands here in the notebook.)*"

    def html(self, text: str, plain: object = None) -> str:
        """HTML of an output or a raw cell: a block of its own where that says more, or Markdown."""
        if self.flavor.raw and rich(text):
            try:
                kept = cleaned(text, self.tell, self.places).strip()
            except PostError as error:
                self.tell(f"its HTML {error}, and so stays as it is")
                kept = cleaned(text, self.tell).strip()
            return self.flavor.raw(kept) if kept else self._live("a script's output")
        name_lost(text, self.tell)
        said_ = html(text)
        if said_:
            return said_
        if "<script" in text.lower() or "<iframe" in text.lower() or "<canvas" in text.lower():
            return self._live("a script's output")
        return fence(str(plain), "text") if plain else ""


def _markdown(text: str) -> list[NotebookNode]:
    return [new_output("display_data", data={"text/markdown": text})] if text else []


def alt_of(output: NotebookNode, cell: NotebookNode, mime: str) -> str:
    """What a picture shows, in words."""
    own = output.metadata.get(mime, {})
    site = cell.metadata.get("mystnb", {}).get("image", {})
    alt = (own.get("alt") if isinstance(own, dict) else "") or site.get("alt")
    words = str(alt or output.metadata.get("alt") or cell.metadata.get("alt") or "Figure")
    return " ".join(words.split())
