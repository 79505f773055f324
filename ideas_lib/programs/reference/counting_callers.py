"""Count which parameters the callers of installed packages give by name: a table of one's own.

    python -m ideas_lib.programs.reference.counting_callers scikit-learn networkx ...

It takes the place of the table that ships with the tool; without packages, that one is back. With
`--out FILE` the table goes there: so `callers.json` was made.

A call counts where an import in its file says what is called, or where it is a method of a value
that the file makes by a class it imports. A package's calls of itself do not count, and of each
package at most MOST of one function. Files are read, never run.
"""

import argparse
import ast
import json
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from tqdm import tqdm

from ideas_lib.files import check_output, write_output, write_whole
from ideas_lib.programs.reference.parameter_fits import own_table

__all__ = ["count_callers", "dotted_path", "imported_paths", "read_calls"]

MOST = 150
LEAST, PACKAGES = 4, 2  # calls, and packages that they are in, for a symbol to be kept
OURS = frozenset({"numpy", "scipy", "pandas", "sklearn", "matplotlib", "networkx"})
TESTS = frozenset({"tests", "test", "testing", "_vendor", "vendor", "examples"})


def read_calls(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a file calls, as a dotted path, and the parameters that it names."""
    with warnings.catch_warnings(action="ignore"):
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
    known = imported_paths(nodes)
    made: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            path = dotted_path(node.value.func, known)
            if path.rpartition(".")[2][:1].isupper():
                names = [each.id for each in node.targets if isinstance(each, ast.Name)]
                made |= {name: path if made.get(name, path) == path else "" for name in names}
    for node in nodes:
        if isinstance(node, ast.Call):
            path = dotted_path(node.func, {**made, **known})
            if path and not any(part.startswith("_") for part in path.split(".")):
                yield path, tuple(word.arg for word in node.keywords if word.arg)


def imported_paths(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return name -> dotted path of what a file's imports bind; relative ones are left out."""
    known: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                name = each.asname or each.name.partition(".")[0]
                known[name] = each.name if each.asname else name
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for each in node.names:
                known[each.asname or each.name] = f"{node.module}.{each.name}"
    return known


def dotted_path(node: ast.expr, known: Mapping[str, str]) -> str:
    """Return the dotted path of `np.linalg.norm`, of names that stand for known paths, or ""."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = dotted_path(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def count_callers(texts: Mapping[str, Sequence[Path]]) -> dict[str, dict[str, object]]:
    """Return symbol -> calls, and parameter -> those that name it; `texts` are package -> files."""
    calls: Counter[str] = Counter()
    where: defaultdict[str, set[str]] = defaultdict(set)
    passed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for package, files in texts.items():
        mine: Counter[str] = Counter()
        for file in files:
            for symbol, names in read_calls(file.read_text("utf-8", errors="replace")):
                top = symbol.partition(".")[0]
                mine[symbol] += 1
                if top == package or mine[symbol] > MOST:
                    continue
                calls[symbol] += 1
                where[symbol].add(package)
                passed[symbol].update(set(names))
    kept = [
        symbol
        for symbol in sorted(calls)
        if calls[symbol] >= LEAST and len(where[symbol]) >= PACKAGES and passed[symbol]
    ]
    tops = OURS | sys.stdlib_module_names
    return {
        symbol: {"calls": calls[symbol], "passed": dict(passed[symbol].most_common(12))}
        for symbol in kept
        if symbol.partition(".")[0] in tops
    }


def main(words: Sequence[str]) -> None:
    """Count the callers in some distributions, and write the table."""
    parser = argparse.ArgumentParser(description="Count the callers in installed packages.")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="none: the shipped table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table there instead")
    parser.add_argument("--force", action="store_true", help="replace FILE, whoever wrote it")
    asked = parser.parse_args(words)
    path = asked.out or own_table()
    if not asked.packages:
        if asked.out:
            parser.error("name the packages whose calls are to be counted")
        path.unlink(missing_ok=True)
        print("the table that ships with the tool is used")
        return
    if asked.out:
        try:
            check_output(asked.out, force=asked.force)
        except (ValueError, OSError) as error:
            parser.error(str(error))
    texts: defaultdict[str, list[Path]] = defaultdict(list)
    sources = []
    for package in tqdm(asked.packages, desc="reading packages", delay=2, leave=False):
        try:
            sources.append(f"{package} {metadata.version(package)}")
        except (metadata.PackageNotFoundError, ValueError):
            parser.error(f"{package!r} is not installed here")
        for file in metadata.files(package) or ():
            if file.suffix == ".py" and len(file.parts) > 1 and not TESTS & set(file.parts):
                texts[file.parts[0]].append(Path(str(file.locate())))
    table = {"sources": sources, "symbols": count_callers(texts)}
    text = json.dumps(table, separators=(",", ":"), sort_keys=True) + "\n"
    if asked.out:
        write_output(asked.out, text, force=asked.force)
    else:
        write_whole(path, text.encode())
    print(f"wrote {path}: {len(table['symbols'])} functions")


if __name__ == "__main__":
    main(sys.argv[1:])
