"""Changes that a language model proposes: a function of a repository, written anew."""

import ast
import copy
import difflib
import io
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ideas_lib.lm.generate import Generator
from ideas_lib.lm.request import Decoding
from ideas_lib.programs.what_if.repo_changes import BadChange, FileEdit, RepoChange, file_of_repo

__all__ = ["Proposals", "Wish", "cut_function", "propose_changes", "read_wish"]

FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)(?:^```|\Z)", re.S | re.M)
CHAT = (
    "Change this Python function: {wish}. Answer with one code block that holds the whole "
    "function, under the same name, and nothing else.\n\n```python\n{source}\n```"
)
TEXT = "{source}\n\n\n# The same function, changed: {wish}\n{head}"
STOPS = ("\n\n\n", "\nclass ", "\nif __name__", "\n# ")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Wish:
    """What is to become of a function: its file in a repository, its dotted name, and words."""

    path: str
    function: str
    words: str
    text: str  # of the file
    node: Function

    @property
    def lines(self) -> list[str]:
        """The lines of the file as Python counts them, each with its end."""
        return list(io.StringIO(self.text, newline=""))

    @property
    def margin(self) -> str:
        """What stands before the function in its first line: blanks, or tabs."""
        return self.lines[self.node.lineno - 1].encode()[: self.node.col_offset].decode()

    @property
    def head(self) -> str:
        """How the function begins, up to its parameters."""
        word = "async def" if isinstance(self.node, ast.AsyncFunctionDef) else "def"
        return f"{word} {self.node.name}("

    @property
    def source(self) -> str:
        """The function as it is, without what decorates it, at the left margin."""
        lines = self.lines[self.node.lineno - 1 : self.node.end_lineno]
        return "\n".join(line.rstrip("\r\n").removeprefix(self.margin) for line in lines)


@dataclass(frozen=True)
class Proposals:
    """Changes that a model proposed, and how many of its replies were none, by why."""

    changes: tuple[RepoChange, ...]
    left_out: Counter[str]


def read_wish(repo: Path, text: str) -> Wish:
    """Read "FILE.py:FUNCTION what is to change". Raises BadChange, which names what is missing."""
    target, _, words = text.strip().partition(" ")
    path, colon, function = target.partition(":")
    if not (path.endswith(".py") and colon and function and words.strip()):
        raise BadChange(
            f"{text!r} does not say what to change: write 'FILE.py:FUNCTION what is to change'"
        )
    name, source = file_of_repo(repo, path)
    try:
        there = dict(_functions(ast.parse(source)))
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise BadChange(f"{path}{where} is no Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadChange(f"{path} is no Python: {error or 'it is nested too deep'}") from None
    if function not in there:
        close = difflib.get_close_matches(function, there, 3) or sorted(there)[:8]
        known = f": there is {', '.join(close)}" if close else ", nor any function"
        raise BadChange(f"there is no function {function} in {path}{known}")
    return Wish(name, function, words.strip(), source, there[function])


def propose_changes(
    wish: Wish, count: int, seed: int, model: Generator, style: str = "completion"
) -> Proposals:
    """Ask a model `count` times; return what differs from the function, and from each other.

    `style` is "completion", where the model goes on from the function and the words, or "chat".
    Raises what the generator raises.
    """
    short, chat = wish.node.name, style == "chat"
    text = (CHAT if chat else TEXT).format(source=wish.source, wish=wish.words, head=wish.head)
    how = Decoding(
        temperature=0.8,
        top_p=0.95,
        max_tokens=200 + len(wish.source) // 2,  # twice what the function has, mostly
        stop=() if chat else STOPS,
    )
    prompt = [{"role": "user", "content": text}] if chat else text
    changes: list[RepoChange] = []
    left_out = Counter[str]()
    seen = {ast.dump(_undecorated(wish.node))}
    for reply in model.generate([prompt], count, seed=seed, decoding=how)[0]:
        function = cut_function(reply.text if chat else wish.head + reply.text, short)
        form = ast.dump(ast.parse(function).body[0]) if function else ""
        if function is None:
            left_out["no whole function of that name"] += 1
        elif form in seen:
            left_out["what is there already"] += 1
        else:
            seen.add(form)
            said = f"{wish.function} {wish.words}, proposal {len(changes) + 1}"
            edit = FileEdit(wish.path, wish.text, with_function(wish, function))
            changes.append(RepoChange(f"{wish.path}:{wish.node.lineno} {said}", (edit,)))
    return Proposals(tuple(changes), left_out)


def cut_function(text: str, name: str) -> str | None:
    """Return the function in a reply, without what decorates it; None where it is not whole."""
    block = FENCE.search(text)
    lines = [line.rstrip("\r") for line in (block[1] if block else text).split("\n")]
    starts = [at for at, line in enumerate(lines) if re.match(rf"(async )?def {name}\b", line)]
    if not starts:
        return None
    # It ends before a line at the margin, unless that is within a text.
    ends = [at for at in range(starts[0] + 1, len(lines)) if re.match(r"[^\s#)\]}]", lines[at])]
    for end in (*ends, len(lines)):
        source = "\n".join(lines[starts[0] : end])
        try:
            (node,) = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return "\n".join(source.split("\n")[: node.end_lineno])
    return None


def with_function(wish: Wish, function: str) -> str:
    """Return the file's text with another function in the place of the one that was named."""
    lines, node = wish.lines, wish.node
    end = "\r\n" if lines[node.lineno - 1].endswith("\r\n") else "\n"
    new = textwrap.indent(function, wish.margin).replace("\n", end) + end
    return "".join([*lines[: node.lineno - 1], new, *lines[node.end_lineno :]])


def _undecorated(node: Function) -> Function:
    bare = copy.copy(node)
    bare.decorator_list = []
    return bare


def _functions(node: ast.AST, above: str = "") -> Iterator[tuple[str, Function]]:
    """Yield the functions of a module and of its classes, by dotted names."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, Function):
            yield above + each.name, each
        elif isinstance(each, ast.ClassDef):
            yield from _functions(each, f"{above}{each.name}.")
        else:  # one that is defined under a condition
            yield from _functions(each, above)
