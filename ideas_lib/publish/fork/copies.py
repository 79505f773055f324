"""What a fork is made of: copies of an idea's study and of its own code, that use each other.

What an idea has alone in a folder, a file of its name or a folder, gets the fork's name beside it:
`gpt/tweaks/half_tied.py` becomes `gpt/tweaks/my_idea.py`, and `lm/maps/` becomes `lm/my_idea/`.
All else keeps its name in a package of the fork's: `trees/soft.py` becomes `trees/my_idea/soft.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from ideas_lib.ideas import Idea, module_name
from ideas_lib.publish.fork.rename import Moves, OutOfReach, rename
from ideas_lib.publish.fork.settings import tidied
from ideas_lib.study.closure import Checkout
from ideas_lib.study.syntax import syntax_of

__all__ = ["Copies", "files_of"]


@dataclass(frozen=True)
class Copies:
    """The files that fork `new` of an `idea` has, the notebook apart, in the checkout `top`."""

    idea: Idea
    new: str
    top: Path

    @cached_property
    def code(self) -> tuple[str, ...]:
        """The fork's own code, relative to `ideas_lib` as in `Idea.code`: all bears its name."""
        places = (PurePosixPath(name) for name in self.idea.code)
        found = (self._beside(p) if self._is_alone(p) else p.parent / self._word for p in places)
        return tuple(dict.fromkeys(path.as_posix() for path in found))

    @cached_property
    def files(self) -> dict[Path, Path]:
        """Each file to write with the one that it is a copy of; raises FileNotFoundError."""
        found: dict[Path, Path] = {}
        study = self.idea.study(self.top)
        pairs = [(study, study.with_name(f"{self._word}{study.suffix}"))]
        for name in self.idea.code:
            place = PurePosixPath(name)
            copy = self._beside(place) if self._is_alone(place) else self._inside(place)
            library = self.top / "ideas_lib"
            pairs.append((library / place, library / copy))
        for source, target in pairs:
            found |= {target / path.relative_to(source): path for path in files_of(source)}
            if source.suffix == ".py" and target.parent != source.parent:
                read = _read_by(source)
                found |= {target.parent / path.relative_to(source.parent): path for path in read}
        return found

    @cached_property
    def moves(self) -> Moves:
        """What modules are called in the fork."""
        pairs = ((self._dotted(old), self._dotted(new)) for new, old in self.files.items())
        return Moves(Checkout(self.top), {old: new for old, new in pairs if old and new})

    def rewritten(self, source: str) -> str:
        """Return Python source that uses the copies. Raises SyntaxError and OutOfReach."""
        return rename(source, self.idea.slug, self.new, self.moves)

    def contents(self, instead: Mapping[Path, str]) -> dict[Path, bytes]:
        """Return the content of every file, Python pointed at the other copies.

        `instead` maps originals to the text to take in their place. Raises SyntaxError, and
        OutOfReach, naming the file.
        """
        found = {}
        for target, source in self.files.items():
            found[target] = source.read_bytes()
            if source.suffix == ".py":
                text = instead.get(source, found[target].decode())
                try:
                    found[target] = tidied(self.rewritten(text), target).encode()
                except OutOfReach as error:
                    name = source.relative_to(self.top)
                    raise OutOfReach(f"{name}, {error}") from error
        return found | self._packages()

    def _packages(self) -> dict[Path, bytes]:
        """Return the `__init__` files of packages that the fork adds to hold files."""
        text = f'"""The code of {self.new}, a fork of {self.idea.slug}."""\n'
        inside = (PurePosixPath(n) for n in self.idea.code if not self._is_alone(PurePosixPath(n)))
        folders = {self.top / "ideas_lib" / place.parent / self._word for place in inside}
        return {folder / "__init__.py": text.encode() for folder in sorted(folders)}

    @property
    def _word(self) -> str:
        return module_name(self.new)

    def _is_alone(self, place: PurePosixPath) -> bool:
        """Say whether a file or folder can stand beside the original under the fork's name."""
        beside = [name for name in self.idea.code if PurePosixPath(name).parent == place.parent]
        named = not place.suffix or place.stem == module_name(self.idea.slug)
        return named and len(beside) == 1

    def _beside(self, place: PurePosixPath) -> PurePosixPath:
        return place.with_name(f"{self._word}{place.suffix}")

    def _inside(self, place: PurePosixPath) -> PurePosixPath:
        return place.parent / self._word / place.name

    def _dotted(self, path: Path) -> str:
        """Return a module's name, "" for what is not Python."""
        if path.suffix != ".py":
            return ""
        parts = path.relative_to(self.top).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files_of(path: Path) -> Iterable[Path]:
    """Return a file itself, or all files of a folder. Raises FileNotFoundError."""
    if not path.is_dir():
        if not path.is_file():
            raise FileNotFoundError(path)
        return [path]
    inside = (file for file in sorted(path.rglob("*")) if file.is_file())
    return [file for file in inside if not any(_is_made(p) for p in file.relative_to(path).parts)]


def _is_made(name: str) -> bool:
    return name == "__pycache__" or name.startswith(".")


def _read_by(module: Path) -> Iterator[Path]:
    """Yield the scripts, styles and data that a module reads from beside itself."""
    for pattern in syntax_of(module.read_text(encoding="utf-8")).files:
        for path in sorted(module.parent.glob(pattern)):
            yield from files_of(path)
