"""Run a notebook in place: all of it, from a clean kernel, or not at all."""

import ast
import json
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ideas_lib import __version__
from ideas_lib.files import check_writable
from ideas_lib.publish.site.components import Parts, components, outputs_hash, sources
from ideas_lib.study.checkout import root
from ideas_lib.study.closure import Checkout, digest
from ideas_lib.study.provenance import machine, now, versions, write_atomic

__all__ = ["NotebookFailed", "execute", "try_execute"]

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# What a kernel says of itself, less the version of Python: that stands under `ideas`.
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
VOLATILE_NOTEBOOK = ("colab", "interpreter", "signature", "varInspector", "vscode", "widgets")
VOLATILE_CELL = ("ExecuteTime", "collapsed", "execution", "outputId", "vscode")
VOLATILE_DATA = (
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.jupyter.widget-state+json",
)
# Import name -> distribution, of the libraries whose release can move a number.
LIBRARIES = {
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pandas": "pandas",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "sympy": "sympy",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "xllamacpp": "xllamacpp",
}
OPENED = "opened.txt"
NOT_TEXT = (".py", ".pyc", ".so")  # code is followed by what is imported
# Folders of a checkout that another one need not have, so that no page can follow from them.
NOT_DATA = re.compile(r"(^|/)(\.[^/]*|_build|build|dist|__pycache__|[^/]*\.egg-info)/")
# Runs in the kernel before the first cell: an audit hook sees every file that Python opens.
WATCH = """\
def watch():
    import os, sys

    file = open({file!r}, "a", buffering=1, encoding="utf-8")
    seen = set()

    def note(event, args):
        if event == "open" and isinstance(args[0], str) and args[0] not in seen:
            seen.add(args[0])
            path = os.path.abspath(args[0])
            if path.startswith({top!r}):
                file.write(path + "\\n")

    sys.addaudithook(note)


watch(); del watch
"""
THREADS = ("MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class NotebookFailed(RuntimeError):
    """Raised when a notebook cannot be executed; the file is as it was."""


def execute(path: Path, timeout: float = 1200, top: Path | None = None) -> float:
    """Run every cell of a notebook and write it back with what it showed; return the seconds.

    `timeout` is for one cell, in seconds. The kernel is this interpreter's, works in the
    notebook's folder, imports the checkout's own `ideas_lib`, and knows no OPENAI_* variable.
    It has one thread: with two, sums come out in another order, and the numbers would depend on
    how many notebooks ran beside this one.
    Raises NotebookFailed, which names the cell, the line and the error.
    """
    path = path.resolve()
    top = (top or root()).resolve()
    check_writable(path)
    # As the file has it, for the key must be that of what is read here, whoever edits meanwhile.
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["metadata"].setdefault("ideas", {}).pop("opened", None)
    before = components(raw, Checkout(top))
    libraries = _libraries(sources(raw, Checkout(top)))
    notebook = _tidied(nbformat.reads(json.dumps(raw), as_version=4))
    started = now()
    seconds, opened = _run(notebook, path, top, timeout)
    _tidied(notebook)
    _refuse_private(notebook, path, top)
    _copy_alt(notebook)
    key, parts = _after(raw, before, opened, path, top)
    old = notebook.metadata.get("ideas", {})
    notebook.metadata["ideas"] = {
        **old,
        "slug": old.get("slug", path.stem),
        "executed": started,
        "seconds": round(seconds, 1),
        "where": machine(),
        "versions": versions(*libraries) | {"ideas_lib": __version__},
        "key": key,
        "components": parts,
        "opened": opened,
        "outputs": outputs_hash(notebook),
    }
    write_atomic(path, nbformat.writes(notebook))
    return seconds


def try_execute(path: Path, top: Path | None = None) -> NotebookFailed | None:
    """Execute, and return the failure in place of raising it."""
    try:
        execute(path, top=top)
    except NotebookFailed as failure:
        return failure
    return None


def _after(raw: dict[str, Any], before: Parts, opened: list[str], path: Path, top: Path) -> Parts:
    """Return key and parts with what was opened. Raises NotebookFailed where code has changed."""
    name = path.relative_to(top).as_posix()
    if components(raw, Checkout(top)) != before:
        raise NotebookFailed(f"{name}: its code or results changed while it ran: run it again")
    opened[:] = [file for file in opened if file not in before[1] and file != name]
    raw["metadata"]["ideas"]["opened"] = opened
    return components(raw, Checkout(top))


def _run(notebook: NotebookNode, path: Path, top: Path, timeout: float) -> tuple[float, list[str]]:
    """Run the cells in place; return the seconds, and the data files of `top` that they read."""
    running = 0

    def note(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell_index

    client = NotebookClient(
        notebook,
        timeout=timeout,
        startup_timeout=120,
        kernel_name=KERNEL["name"],
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=note,
    )
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as profile:
        _watched(profile, top)
        try:
            client.execute(env=_environment(top, profile))
        except CellExecutionError as error:
            what = f"{error.ename}: {error.evalue}"
            raise _failure(notebook, running, path, top, what, error.traceback) from None
        except CellTimeoutError:
            what = f"it was still running after {timeout:g} s"
            raise _failure(notebook, running, path, top, what) from None
        except DeadKernelError:
            what = "the kernel died (killed, or out of memory?)"
            raise _failure(notebook, running, path, top, what) from None
        seconds = time.perf_counter() - begin
        return seconds, _opened(Path(profile), top)


def _watched(profile: str, top: Path) -> None:
    """Have the kernel write down the files of the checkout that it opens."""
    folder = Path(profile, "profile_default", "startup")
    folder.mkdir(parents=True)
    (folder / "opened.py").write_text(
        WATCH.format(top=str(top) + os.sep, file=str(Path(profile, OPENED))), encoding="utf-8"
    )


def _opened(profile: Path, top: Path) -> list[str]:
    """Return the files that a page's outputs follow from, beside code: relative names, sorted."""
    file = profile / OPENED
    names = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    paths = {Path(os.path.realpath(name)) for name in names}
    inside = (path for path in paths if path.is_file() and path.is_relative_to(top))
    found = sorted(path.relative_to(top).as_posix() for path in inside)
    return [name for name in found if not name.endswith(NOT_TEXT) and not NOT_DATA.search(name)]


def _environment(top: Path, profile: str) -> dict[str, str]:
    # A key in the environment must not reach a page; a profile must not change what it shows.
    env = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    paths = [str(top), *filter(None, [env.get("PYTHONPATH")])]
    env |= {"IDEAS_ROOT": str(top), "IPYTHONDIR": profile, "PYTHONPATH": os.pathsep.join(paths)}
    return env | dict.fromkeys(THREADS, "1")


def _failure(
    notebook: NotebookNode, index: int, path: Path, top: Path, what: str, traceback: str = ""
) -> NotebookFailed:
    """Say where a notebook failed. Cells count from 1; `In [n]` is what the page shows."""
    before = notebook.cells[: index + 1]
    run = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in before)
    place = f"{path.relative_to(top).as_posix()}: cell {index + 1} (In [{run}])"
    plain = re.sub(r"\x1b\[[\d;]*m", "", traceback)
    found = re.search(r"Cell In\[\d+\], line (\d+)", plain)
    if not found:
        return NotebookFailed(f"{place}: {what}")
    line = int(found[1])
    text = "".join(notebook.cells[index].source.splitlines()[line - 1 : line])
    return NotebookFailed(f"{place}, line {line}: {what}\n    {text.strip()}")


def _tidied(notebook: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run or from editor to editor; cell ids stay."""
    for name in VOLATILE_NOTEBOOK:
        notebook.metadata.pop(name, None)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata["language_info"] = dict(LANGUAGE)
    # Cell ids came with format 4.5; where there are none, make the same ones every time.
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    for index, cell in enumerate(notebook.cells):
        if not cell.get("id"):
            cell["id"] = digest(str(index), cell.source)[:8]
        for name in VOLATILE_CELL:
            cell.metadata.pop(name, None)
        for output in cell.get("outputs", []):
            for kind in VOLATILE_DATA:
                output.get("data", {}).pop(kind, None)
    return notebook


def _refuse_private(notebook: NotebookNode, path: Path, top: Path) -> None:
    """Raise NotebookFailed where an output names this machine, its folders or its user."""
    folders = {str(top), str(Path.home()), sys.prefix}
    words = [rf"{re.escape(folder)}(?![\w-])" for folder in folders if len(folder) > 1]
    words.append(rf"{re.escape(tempfile.gettempdir())}/ipykernel_\d+")  # a cell, in a warning
    host = platform.node()
    if len(host) > 5 and not host.isalpha() and host != "localhost.localdomain":
        words.append(rf"{re.escape(host)}\b")
    private = re.compile(rf"(?<![\w.-])(?:{'|'.join(words)})")
    for index, cell in enumerate(notebook.cells):
        found = private.search("\n".join(_shown(cell)))
        if found:
            what = f"its output names this machine ({found[0]}): print a relative path, or nothing"
            raise _failure(notebook, index, path, top, what)


def _shown(cell: NotebookNode) -> Iterable[str]:
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", []))
        for kind, value in output.get("data", {}).items():
            if not kind.startswith("image/") or kind == "image/svg+xml":
                yield value if isinstance(value, str) else json.dumps(value)


def _copy_alt(notebook: NotebookNode) -> None:
    """Copy alt text from where a figure put it to where the site and nbconvert look for it."""
    for cell in notebook.cells:
        texts: dict[str, None] = {}
        for output in cell.get("outputs", []):
            for kind, about in output.get("metadata", {}).items():
                if kind.startswith("image/") and isinstance(about, dict) and about.get("alt"):
                    texts[about["alt"]] = None
        if texts:
            alt = " ".join(texts)
            page = cell.metadata.setdefault("mystnb", {})
            page.setdefault("image", {})["alt"] = alt
            cell.metadata["alt"] = alt


def _libraries(texts: Iterable[str]) -> list[str]:
    """Return the distributions, of those that can move a number, that the sources import."""
    imported = set().union(*map(_packages, texts))
    return [distribution for name, distribution in LIBRARIES.items() if name in imported]


def _packages(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}
