"""HumanEval's prompts, made ambiguous by a rule that reads no program.

First the examples go: the docstring ends before the first line that calls the function, or that
announces examples. What is left is in sentences; then the last of them goes, where there are two.
"""

import ast
import re

from ideas_lib.datasets.humaneval import Problem

__all__ = ["FEWER", "LOOSE", "TEXTS", "ambiguous_prompt", "sentences_of"]

LOOSE, FEWER = "no examples", "a sentence less"
TEXTS = (LOOSE, FEWER)

ANNOUNCED = re.compile(
    r"\s*(>>>|(for )?(instance|examples?)\b|(sample )?(input|output)s?\b\s*:|\[(in|out)put)",
    re.IGNORECASE,
)
ENDS = re.compile(r"(?<=[.!?])(?<!i\.e\.)(?<!e\.g\.)(?<!ex\.)\s+(?=[A-Z`'\"(])")


def sentences_of(problem: Problem) -> list[str]:
    """Return the sentences of a problem's docstring before its first example."""
    called = re.compile(rf"\b{re.escape(problem.entry_point)}\s*\(")
    kept = []
    for line in (ast.get_docstring(_function(problem)) or "").splitlines():
        if ANNOUNCED.match(line) or called.search(line):
            break
        kept.append(line)
    text = " ".join(" ".join(kept).split())
    text = re.sub(r"[,;:]?\s*(for example|example|e\.g\.)\s*:?$", "", text, flags=re.IGNORECASE)
    return [each for each in ENDS.split(text) if each.strip()]


def ambiguous_prompt(problem: Problem, text: str) -> str | None:
    """Return a problem's prompt by one of `TEXTS`; None where no sentence can go, or none stays."""
    sentences = sentences_of(problem)
    if text == FEWER:
        sentences = sentences[:-1]
    if not sentences:
        return None
    node = _function(problem)
    lines = problem.prompt.splitlines(keepends=True)
    first = node.body[0].lineno - 1  # the docstring is all that a prompt's body has
    said = " ".join(sentences).replace("\\", "\\\\").replace('"""', "'''")
    return "".join(lines[:first]) + f'    """{said}\n    """\n'


def _function(problem: Problem) -> ast.FunctionDef:
    found = [
        node
        for node in ast.parse(problem.prompt).body
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point
    ]
    return found[-1]
