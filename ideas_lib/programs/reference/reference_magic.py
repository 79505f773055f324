"""`%reference df.merge(`: what a call needs, at the end of a cell's history, without running it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension"]


class ReferenceText:
    """A reference for a notebook, as text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Register `%reference CODE`: the cells that have run are the code before it."""
    from ideas_lib.programs.reference.looking_up import look_up
    from ideas_lib.programs.reference.reference_text import as_text

    def reference(line: str) -> ReferenceText:
        code = line.strip()
        if not code:
            raise ValueError("%reference takes a piece of code: %reference df.merge(")
        history: Any = ipython.user_ns.get("In", [])
        cells = [ipython.transform_cell(each).rstrip() for each in history[:-1] if each.strip()]
        before = "\n".join([*(each for each in cells if _parses(each)), code])
        return ReferenceText(as_text(look_up(before, before.count("\n") + 1)))

    register: Any = ipython.register_magic_function
    register(reference, "line", "reference")


def _parses(text: str) -> bool:
    try:
        compile(text, "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
