"""A widget as what it last showed, as far as the notebook keeps it."""

from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup

__all__ = ["STATE", "VIEW", "said"]

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def said(states: Mapping[str, Any], model: str, deep: int = 0) -> str:
    """What a widget and its children said last, as plain text; "" when nothing is known."""
    known = states.get(model)
    if not isinstance(known, Mapping) or deep > 20:
        return ""
    state = known.get("state") or {}
    children = state.get("children") or []
    if children:
        parts = (said(states, str(c).removeprefix("IPY_MODEL_"), deep + 1) for c in children)
        return " ".join(part for part in parts if part)
    value, kind = state.get("value"), str(known.get("model_name", ""))
    if "options" not in state and "_options_labels" in state and state.get("index") is not None:
        labels, index = state["_options_labels"], state["index"]
        chosen = index if isinstance(index, list) else [index]
        value = ", ".join(str(labels[n]) for n in chosen if n < len(labels))
    if kind.startswith("HTML") or kind == "LabelModel":
        value = BeautifulSoup(str(value or ""), "html.parser").get_text()
    if "Progress" in kind:
        value = f"{value:g} of {state.get('max', 100.0):g}"
    name = BeautifulSoup(str(state.get("description") or ""), "html.parser").get_text()
    if kind == "OutputModel":
        texts = (o.get("text") or o.get("data", {}).get("text/plain") for o in state["outputs"])
        value = "\n".join("".join(text) for text in texts if text)
    shown = "" if value is None else str(value)
    return " ".join(part for part in (name, shown) if part).strip()
