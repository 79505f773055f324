"""`%%copilot`: write the function in a cell, and put it into the next cell if it holds."""

import shlex
from typing import TYPE_CHECKING, Any

from ideas_lib.programs.copilot.completion import Completion, complete
from ideas_lib.programs.copilot.sample import Sampling

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension"]

OPTIONS = {"--endpoint": "endpoint", "--model": "model", "--entry": "entry", "--style": "style"}


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Register `%%copilot [--endpoint E] [--model M] [--entry F] [--style S]`; nothing is run."""

    def copilot(line: str, cell: str) -> Completion:
        options = _options(line)
        sampling = Sampling(style=options.pop("style", "completion"))
        found = complete(cell, sampling=sampling, **options)
        if found.shown:
            ipython.set_next_input(found.code)
        return found

    register: Any = ipython.register_magic_function
    register(copilot, "cell", "copilot")


def _options(line: str) -> dict[str, Any]:
    words = shlex.split(line)
    if len(words) % 2 or not set(words[::2]) <= set(OPTIONS):
        raise ValueError(f"%%copilot {line}: it takes {', '.join(OPTIONS)}, each with a value")
    return {OPTIONS[name]: value for name, value in zip(words[::2], words[1::2], strict=True)}
