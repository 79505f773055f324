"""Which sentences of a notebook rest on the mean alone, where they should ask the interval."""

import ast
from collections.abc import Iterator

from nbformat import NotebookNode

from ideas_lib.publish.site.components import code_cells
from ideas_lib.verdict import WORDS

REASON = "# without noise:"
MEANS = {"mean", "means", "nanmean", "fmean", "median"}
THROUGH = {"abs", "float", "round", "min", "max", "sum", "sorted", "list", "tuple", "argmax"}
THROUGH |= {"argmin", "argsort", "idxmax", "idxmin", "values", "items", "astype"}
JUDGES = {"all", "any", "bool"}

Names = dict[str, ast.expr]


def unborne(nb: NotebookNode) -> Iterator[tuple[int, str, str]]:
    """Yield (execution count, sentence, what it compares) of each `holds` on a mean or an effect.

    One is passed over where a comment on its lines, or on the line above, begins with `REASON` and
    says why the values have no noise.
    """
    known: Names = {}
    for cell in code_cells(nb):
        lines = cell.source.splitlines()
        for node in _statements(cell.source):
            _learn(node, known)
            for call in _calls(node, "holds"):
                said = "\n".join(lines[max(0, node.lineno - 2) : node.end_lineno])
                found = [each for each in _compares(call.args[-1], known) if _noisy(each, known)]
                if found and not _reason(said):
                    sentence = ast.unparse(call.args[0])
                    yield cell.execution_count, sentence, ast.unparse(found[0])


def registered_words(nb: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield (execution count, code) of each comparison of a `.word` with a registered one.

    A comparison is never "supported", so what asks for it would be false, or true, for nothing.
    """
    for cell in code_cells(nb):
        for node in _statements(cell.source):
            for each in ast.walk(node):
                if isinstance(each, ast.Compare):
                    parts = list(ast.walk(each))
                    word = any(isinstance(p, ast.Constant) and p.value in WORDS for p in parts)
                    if word and any(isinstance(p, ast.Attribute) for p in parts):
                        yield cell.execution_count, ast.unparse(each)


def _reason(text: str) -> bool:
    return any(line.partition(REASON)[2].strip() for line in text.splitlines())


def _statements(source: str) -> Iterator[ast.stmt]:
    """Yield the statements that are no blocks, and blocks' headers before what they hold."""
    try:
        todo: list[ast.AST] = list(ast.parse(source).body)
    except SyntaxError:  # a magic
        return
    while todo:
        node = todo.pop(0)
        inner = getattr(node, "body", [])
        if isinstance(node, ast.For):
            yield ast.copy_location(ast.Assign([node.target], node.iter), node)
        elif isinstance(node, ast.stmt) and not inner:
            yield node
        todo[:0] = [*inner, *getattr(node, "orelse", [])]


def _calls(node: ast.AST, method: str) -> Iterator[ast.Call]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            if each.func.attr == method and each.args:
                yield each


def _learn(node: ast.AST, known: Names) -> None:
    """Remember what names stand for, those of loops for the whole that is looped over."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _bind(target, node.value, known)
    for each in ast.walk(node):
        if isinstance(each, ast.NamedExpr):
            _bind(each.target, each.value, known)
        elif isinstance(each, ast.comprehension):
            _bind(each.target, each.iter, known)


def _bind(target: ast.expr, value: ast.expr, known: Names) -> None:
    if isinstance(target, ast.Tuple):
        own = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
        parts = value.elts if own else [value] * len(target.elts)
        for name, part in zip(target.elts, parts, strict=True):
            _bind(name, part, known)
    elif isinstance(target, ast.Name):
        used = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
        if target.id not in used:  # a name made of itself stands for what it was
            known[target.id] = value


def _compares(node: ast.expr, known: Names, seen: frozenset[str] = frozenset()) -> list[ast.expr]:
    """Return the comparisons that a condition rests on, through the names that it uses."""
    found: list[ast.expr] = []
    for each in ast.walk(node):
        if isinstance(each, ast.Compare):
            found.append(each)
        elif isinstance(each, ast.Name) and each.id in known and each.id not in seen:
            stands = known[each.id]
            made = isinstance(stands, ast.Call) and _name(stands) not in JUDGES
            if not (made or isinstance(stands, ast.Attribute | ast.Subscript)):
                found += _compares(stands, known, seen | {each.id})
    return found


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _noisy(node: ast.expr, known: Names, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a value is a mean or an effect, or made of one without its interval."""
    if isinstance(node, ast.Compare):
        return any(_noisy(each, known, seen) for each in (node.left, *node.comparators))
    if isinstance(node, ast.Attribute):
        return node.attr in ("effect", "value")
    if isinstance(node, ast.Name):
        there = node.id in known and node.id not in seen
        return there and _noisy(known[node.id], known, seen | {node.id})
    if isinstance(node, ast.Call):
        name = _name(node)
        inside = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            inside.append(node.func.value)
        return name in MEANS or (name in THROUGH and any(_noisy(x, known, seen) for x in inside))
    if isinstance(node, ast.Dict):
        return any(_noisy(each, known, seen) for each in node.values)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return _noisy(node.elt, known, seen)
    if isinstance(node, ast.DictComp):
        return _noisy(node.value, known, seen)
    if isinstance(node, ast.Subscript):
        return _noisy(node.value, known, seen)
    if isinstance(node, ast.Lambda):
        return _noisy(node.body, known, seen)
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Tuple | ast.List | ast.Set | ast.Starred):
        parts = ast.iter_child_nodes(node)
        return any(_noisy(x, known, seen) for x in parts if isinstance(x, ast.expr))
    return False
