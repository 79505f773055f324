"""Do programs that were written apart do the same? Copies of a program count once.

Candidates come from one model and one prompt: they may share a mistake, so agreement is evidence,
not proof. What it is worth is measured, not assumed. After CodeT (Chen et al. 2022,
arXiv:2207.10397), which weighs programs by the tests of the model's own that they pass, and
MBR-exec (Shi et al. 2022, arXiv:2204.11454), which, as here, compares what they do.
"""

import ast
from collections.abc import Sequence

__all__ = ["count_agreement", "normalize_program"]


class _Plain(ast.NodeTransformer):
    """Rename a function's own variables by their order; drop docstrings and annotations."""

    def __init__(self, kept: frozenset[str]) -> None:
        self.kept, self.names = kept, dict[str, str]()

    def _named(self, name: str) -> str:
        return name if name in self.kept else self.names.setdefault(name, f"v{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._named(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._named(node.arg))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return self.visit(ast.Assign([node.target], node.value))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]
        return self.generic_visit(ast.FunctionDef(node.name, node.args, body, [], None))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def normalize_program(program: str) -> str:
    """Return a text that is equal for programs that differ in names, comments, layout and hints.

    The program has to parse. Attributes, literals and names that it does not bind stay.
    """
    tree = ast.parse(program)
    every = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in every if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    plain = _Plain(frozenset({node.id for node in every} - bound))
    return "\n".join(ast.dump(plain.visit(node)) for node in body if not _is_text(node))


def count_agreement(
    behaviours: Sequence[Sequence[str] | None], programs: Sequence[str]
) -> list[int]:
    """Count for each program the different programs that do the same on all inputs, it included.

    `behaviours` has what each did, None where it is out; `programs` are normal forms, and equal
    ones count once. A program that is out has 0.
    """
    voters: dict[tuple[str, ...], set[str]] = {}
    for said, program in zip(behaviours, programs, strict=True):
        if said is not None:
            voters.setdefault(tuple(said), set()).add(program)
    return [0 if said is None else len(voters[tuple(said)]) for said in behaviours]
