"""Give each thing of an API that a corpus uses a word, and make the rows of the table of them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ideas_lib.programs.dsl.runtime.construct_table import (
    CORE,
    ConstructRow,
    Slot,
    SyntaxNode,
    core_row,
    is_name,
    rebuild,
    word_form,
)
from ideas_lib.programs.dsl.snippet_reading import SnippetProgram

__all__ = ["RESERVED", "every_node", "free_word", "make_rows", "with_words"]

RESERVED = frozenset(CORE) | {
    part
    for word in CORE
    for part in core_row(word).form
    if isinstance(part, str) and part.isidentifier()
}
ALWAYS = ("a text", "an int", "a float", "true", "false", "none", "a name", "a list", "let")


def make_rows(
    programs: Sequence[SnippetProgram], modules: Collection[str], limit: int
) -> dict[str, ConstructRow]:
    """Return a row for each key that programs use: the `limit` most used of the API, and the core.

    What is used in more programs comes first, and gets the shorter word.
    """
    found: dict[str, list[SyntaxNode]] = defaultdict(list)
    programs_of: Counter[str] = Counter()
    for program in programs:
        nodes = list(every_node(program.pieces))
        for node in nodes:
            found[node.word].append(node)
        programs_of.update({node.word for node in nodes})
    order = sorted(found, key=lambda key: (-programs_of[key], -len(found[key]), key))
    keys = [key for key in order if ":" in key][:limit]
    core = [word for word in CORE if word in ALWAYS or word in found]
    rows = {word: core_row(word, len(found[word])) for word in core}
    taken = set(RESERVED)
    for key in keys:
        row = _row(key, free_word(_candidates(key), taken), found[key], modules)
        taken.add(row.word)
        rows[key] = row
    return rows


def every_node(nodes: Iterable[SyntaxNode]) -> Iterator[SyntaxNode]:
    """Yield nodes and all that is within them."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.children())


def free_word(candidates: Sequence[str], taken: Collection[str]) -> str:
    """Return the first candidate that is a word and not taken, or the last with a number."""
    free = (word for word in candidates if is_name(word) and word not in taken)
    stem = candidates[-1] if is_name(candidates[-1]) else "word"
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return next(free, None) or next(word for word in numbered if word not in taken)


def _candidates(key: str) -> list[str]:
    kind, _, target = key.partition(":")
    if kind in ("function", "constant"):
        parts = target.split(".")
        return ["_".join(parts[-count:]) for count in range(1, len(parts) + 1)]
    made = {"attribute": f"{target}_of", "setter": f"set_{target}", "call": "call"}
    return [made[kind]] if kind in made else [target, f"{target}_on"]


def _row(
    key: str, word: str, nodes: Sequence[SyntaxNode], modules: Collection[str]
) -> ConstructRow:
    kind, _, target = key.partition(":")
    value = Slot({"call": "function"}.get(kind, "of"), "value")
    if kind == "constant":
        form: tuple[str | Slot, ...] = (word,)
    elif kind == "attribute":
        form = (word, value)
    elif kind == "setter":
        form = (word, value, Slot("value", "value"))
    else:
        counts = [len(node.parts[-2]) for node in nodes]
        first, *rest = word_form(word, min(counts), max(counts), _labels(nodes))
        form = (first, *rest) if kind == "function" else (first, value, *rest)
    path = kind in ("function", "constant")
    sort = "statement" if kind == "setter" else "phrase" if len(form) > 1 else "atom"
    module = _module(target, modules) if path else ""
    return ConstructRow(word, sort, form, kind, target, module, uses=len(nodes))


def _module(path: str, modules: Collection[str]) -> str:
    """Return the longest part of a path that the corpus imports."""
    parts = path.split(".")
    heads = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((head for head in heads if head in modules), parts[0])


def _labels(nodes: Sequence[SyntaxNode]) -> list[str]:
    """Return the labels that calls use, in the order in which they mostly stand."""
    places: dict[str, list[float]] = defaultdict(list)
    for node in nodes:
        for place, (label, _) in enumerate(node.parts[-1]):
            places[label].append(place)
    return sorted(places, key=lambda label: (sum(places[label]) / len(places[label]), label))


def with_words(node: SyntaxNode, rows: Mapping[str, ConstructRow]) -> SyntaxNode:
    """Return a node with its key's word in place of the key. Raises KeyError for one without."""
    node = rebuild(node, [with_words(child, rows) for child in node.children()])
    if node.word == "program":
        return node
    row = rows[node.word]
    parts = node.parts
    if row.kind in ("function", "method", "call"):
        there = {slot.of for slot in row.slots}
        ends = [
            part for of, part in zip(("values", "options"), parts[-2:], strict=True) if of in there
        ]
        parts = (*parts[:-2], *ends)
    return SyntaxNode(row.word, parts, node.line)
