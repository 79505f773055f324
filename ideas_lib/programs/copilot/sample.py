"""Ask a language model for a function, and cut the program out of what it says.

The model goes on writing from the docstring (`completion`), or is asked in words (`chat`).
"""

import ast
import re
from dataclasses import dataclass

from ideas_lib.lm.request import Decoding, Request
from ideas_lib.programs.checks.task import FunctionTask

__all__ = ["Sampling", "extract_program"]

FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)(?:^```|\Z)", re.S | re.M)
KEPT = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.Assign, ast.AnnAssign),
)
WORDS = (
    "Complete this Python function. Answer with one code block that holds the whole function, "
    "its imports, and nothing else: no tests, no example, no explanation.\n\n"
    "```python\n{prompt}```"
)
# What a model writes once the function is done. OpenAI's own endpoints take four at most.
STOPS = ("\ndef ", "\nif __name__", "\nprint(", "\n```")


@dataclass(frozen=True)
class Sampling:
    """How candidates are sampled: `style` is `completion` or `chat`.

    `temperature` and `top_p` as endpoints take them; `max_tokens` ends a reply.
    """

    style: str = "completion"
    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 320

    def __post_init__(self) -> None:
        if self.style not in ("completion", "chat"):
            raise ValueError(f"style={self.style!r} has to be 'completion' or 'chat'")

    def request(self, task: FunctionTask, seed: int) -> Request:
        """Return what a model is asked for a candidate."""
        completes = self.style == "completion"
        how = Decoding(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            stop=STOPS if completes else (),
        )
        if completes:
            return Request(task.prompt, seed, how)
        words = WORDS.format(prompt=task.prompt)
        return Request([{"role": "user", "content": words}], seed, how)


def extract_program(task: FunctionTask, text: str, finished: bool = True) -> str:
    """Return the program in a reply: what the prompt has before the function, and the function.

    A reply may be the function's body, or a code block with the function, with talk around it and
    examples behind. Empty when the reply ended within the function. A program that does not parse
    comes as it is.
    """
    block = FENCE.search(text)
    code = block[1] if block else text
    whole = rf"^(?:async )?def {re.escape(task.entry)}\b"
    source = (task.before if re.search(whole, code, re.M) else task.prompt) + code
    if not finished and not re.search(r"\n\S.*\n", source[_start(task, source) :]):
        return ""
    return _without_tail(source, _start(task, source))


def _start(task: FunctionTask, source: str) -> int:
    """Return where the line of the function ends."""
    found = list(re.finditer(rf"^(?:async )?def {re.escape(task.entry)}\b.*$", source, re.M))
    return found[-1].end() if found else 0


def _without_tail(source: str, start: int) -> str:
    """Drop top-level text after `start`, from the end, until the rest parses; then what only runs.

    Assignments, functions, classes and imports stay.
    """
    rest = source
    while True:
        try:
            tree = ast.parse(rest)
            break
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            lines_at_top = [found.start() for found in re.finditer(r"^[^\s#]", rest, re.M)]
            if not lines_at_top or lines_at_top[-1] <= start:
                return source
            rest = rest[: lines_at_top[-1]]
    lines = rest.splitlines(keepends=True)
    for node in reversed(tree.body):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not isinstance(node, KEPT) and not docstring:
            del lines[node.lineno - 1 : node.end_lineno]
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "".join(lines)
