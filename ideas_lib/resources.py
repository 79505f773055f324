"""Files that a module reads from beside itself: scripts, styles, data, code that runs elsewhere.

The library reads its own files by no other way, so that `study.closure` sees each of them: what a
page shows follows from them as it does from code.
"""

from pathlib import Path

__all__ = ["resource", "resources"]


def resource(module: str, name: str) -> Path:
    """Return the path of a file or folder: `resource(__file__, "viewer.js")`.

    `name` is relative to the module's folder, and a literal. Raises FileNotFoundError.
    """
    path = Path(module).parent / name
    if not path.exists():
        raise FileNotFoundError(f"{name} belongs beside {Path(module).name}, and is not there")
    return path


def resources(module: str, pattern: str) -> list[Path]:
    """Return the files that match a pattern, sorted: `resources(__file__, "tweaks/[!_]*.py")`."""
    return sorted(Path(module).parent.glob(pattern))
