"""What a small edit can break, in about two minutes: `make check`. `make test` runs everything.

Changed is what differs from the commit that is named (`make check BASE=main`), else from the last
commit, or, if nothing does, from the one before. Of the notebooks those run that are changed; of
the tests those that are changed, that import a changed module or something from its package, that
lie where its own tests do, or whose text names another changed file. The nearest come first; what
would take too long is left out, by name.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import together
from suite import PHASES, ROOT, STOPPED, run

BUDGET = 120.0  # seconds of tests, for two workers
LIMIT = 90.0  # seconds until the tests are stopped, should they be slower than that
CHECKS = ("format", "lint", "layers", "types")  # mypy takes a minute once, and then remembers


def git(*words: str) -> list[str]:
    """Return the lines that git prints."""
    asked = subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True)
    if asked.returncode:
        sys.exit(f"git {' '.join(words)}: {asked.stderr.strip()}\n`make test` needs no git.")
    return asked.stdout.splitlines()


def changed(base: str | None) -> tuple[str, set[str]]:
    """Return the commit compared with, and the files that differ from it, new ones included."""
    new = set(git("ls-files", "--others", "--exclude-standard"))
    if base:
        since = git("merge-base", base, "HEAD")[0]
        return base, new | set(git("diff", "--name-only", since))
    here = new | set(git("diff", "--name-only", "HEAD"))
    return ("HEAD", here) if here else ("HEAD~1", set(git("diff", "--name-only", "HEAD~1")))


def module_of(file: str) -> str:
    """Return the dotted name of a file of the library; of what is not Python, its package's."""
    path = Path(file)
    inner = path.suffix == ".py" and path.name != "__init__.py"
    return ".".join((path.with_suffix("") if inner else path.parent).parts)


def distance(test: str, text: str, file: str) -> int | None:
    """Return how near a test is to a changed file: 0 is the file itself, None does not touch it."""
    if test == file:
        return 0
    path, folder = Path(file), Path(test).parent
    if path.parts[0] != "ideas_lib":
        if path.name == "conftest.py":
            return 3 if folder.is_relative_to(path.parent) else None
        name = path.stem if path.parts[0] == "studies" else path.name
        name = name if "." in path.name else file  # `run` is a word
        return 2 if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) else None
    module = module_of(file)
    package, _, leaf = module.rpartition(".")
    direct = rf"\b{re.escape(module)}\b|from {re.escape(package)} import[^\n(]*\b{leaf}\b"
    if re.search(direct, text) or Path(test).stem == f"test_{leaf}":
        return 1
    if "." in package and folder == Path("tests", *package.split(".")[1:]):
        return 2
    return 3 if "." in package and re.search(rf"\b{re.escape(package)} import\b", text) else None


def near(files: set[str]) -> Iterator[tuple[int, str]]:
    """Yield the tests that the files can break, and how near; what pages are held to is near."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        test = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        found = [n for file in files if (n := distance(test, text, file)) is not None]
        if test == "tests/test_notebooks.py":
            pages = ("chapters/", "posts/", "studies/", "results/", "ideas_lib/")
            found += [1 for file in files if file.startswith(pages)]
        if found:
            yield min(found), test
    for file in files:
        if re.match(r"(chapters|posts)/.*\.ipynb$", file) and (ROOT / file).is_file():
            yield 0, file


def within(chosen: list[tuple[int, str]], budget: float) -> tuple[list[str], dict[str, float]]:
    """Return what fits the budget, nearest and shortest first, and what is left out."""
    seconds = together.file_seconds(file for _, file in chosen)
    runs: list[str] = []
    left: dict[str, float] = {}
    for _, file in sorted(chosen, key=lambda pair: (pair[0], seconds[pair[1]])):
        if seconds[file] <= budget:
            runs.append(file)
            budget -= seconds[file]
        else:
            left[file] = seconds[file]
    return runs, left


def main(base: str | None) -> int:
    """Run the checks and the tests; return 1 if any failed, else 0."""
    since, files = changed(base)
    runs, left = within(list(near(files)), BUDGET)
    print(f"{len(files)} files differ from {since}; {len(runs)} files of tests and notebooks run.")
    commands = {name: PHASES[name] for name in CHECKS}
    if runs:
        commands["tests"] = (sys.executable, "tests/together.py", "-q", "--durations", "5", *runs)
    lines, failed = [], []
    start = time.monotonic()
    for name, command in commands.items():
        print(f"\n== {name}", flush=True)
        code, seconds = run(command, LIMIT if name == "tests" else None)
        word = "failed" if code else "ok"
        word = f"{word}: too slow, stopped before its end" if code == STOPPED else word
        lines.append(f"{name:12}{seconds:8.1f} s  {word}")
        failed += [name] if code else []
    print("\n== where the time went", *lines, sep="\n")
    print(f"{'in all':12}{time.monotonic() - start:8.1f} s")
    for file, seconds in left.items():
        print(f"left out, too long: {file} ({seconds:.0f} s)")
    print("Nothing else was run: `make test` runs everything.")
    print(f"failed: {', '.join(failed)}" if failed else "all that ran passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else None))
