"""What code loads, to the end: the one closure under the keys of studies and of pages.

It follows imports wherever they stand, the faces of packages to where a name is at home, imports by
a literal string, and declared resources. A dependency is what is loaded: spelling the name of a
module, a study or a file makes none.

Keys are made of content, as in a Merkle tree: a module's key is of its normal form, in which each
name from another module is replaced by that module's key; modules that import each other in a
circle share one. So a move, a rename or another order of imports changes no key, and every edit
that could change what runs changes the keys of all that load it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ideas_lib.study.syntax import PACKAGES, Import, Reference, Syntax, syntax_of

__all__ = ["Checkout", "digest"]

# What makes keys is no part of them, or each repair of it would age every study: the scheme's
# number, which stands before a key, is raised when keys come to be made in another way.
MACHINERY = tuple(f"ideas_lib.study.{name}" for name in ("closure", "codekey", "syntax"))
IGNORED = ("__pycache__", ".pyc", ".pyi")


def digest(*parts: str) -> str:
    """Return 16 hex digits of the SHA-256 over the parts, kept apart."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Home:
    """What an import comes to: a module of the checkout, and a name that it defines, or all."""

    module: str
    name: str = ""


@dataclass
class Checkout:
    """The code below `top`, as it is when it is first read here: make a new one after an edit."""

    top: Path
    _texts: dict[Path, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    @cached_property
    def modules(self) -> dict[str, Path]:
        """The modules, by dotted name, `__init__` files under the name of their package."""
        files = (path for package in PACKAGES for path in (self.top / package).rglob("*.py"))
        return {self._dotted(path): path for path in sorted(files)}

    def key(self, *sources: str) -> str:
        """Return the key of Python sources and all that they load. Raises SyntaxError."""
        return digest(*(self._source_key(syntax_of(source)) for source in sources))

    def loads(self, *sources: str) -> dict[str, Path]:
        """Return all files that the sources load, to the end, by their names relative to `top`."""
        todo: list[str | Path] = []
        for source in sources:
            todo += self._direct(syntax_of(source), None)
        found: dict[str, Path] = {}
        while todo:
            item = todo.pop()
            path = self.modules[item] if isinstance(item, str) else item
            name = path.relative_to(self.top).as_posix()
            if name not in found:
                found[name] = path
                if path.suffix == ".py":
                    todo += self._direct(self.syntax(path), path)
        return dict(sorted(found.items()))

    def own_hash(self, path: Path) -> str:
        """Hash one file alone: Python by its normal form, all else by its bytes."""
        if path.suffix != ".py":
            return _bytes_hash(path)
        syntax = self.syntax(path)
        names = (f"{r.target.name if r.target else ''}.{r.attribute}" for r in syntax.references)
        return digest(*syntax.form, *names, *syntax.files)

    def syntax(self, path: Path) -> Syntax:
        """Read a module. Raises SyntaxError, naming the file and the line."""
        if path not in self._texts:
            self._texts[path] = path.read_text(encoding="utf-8")
        try:
            return syntax_of(self._texts[path])
        except SyntaxError as error:
            place = f"{path.relative_to(self.top).as_posix()}, line {error.lineno}"
            raise SyntaxError(f"{place}: {error.msg}") from None

    def resolve(self, wanted: Import, attribute: str = "") -> tuple[Home, str] | None:
        """Return what an import, and an attribute of it, comes to; None for what is not there.

        The text is the part of the attribute that is no name of a module: "" or the attribute.
        """
        module, name = wanted.module, wanted.name
        for _ in range(20):  # faces of faces; a circle of them would not import at all
            if name and f"{module}.{name}" in self.modules:
                module, name = f"{module}.{name}", ""
            if not name and attribute and module in self.modules:
                name, attribute = attribute, ""
                continue
            if module not in self.modules:
                return None
            onward = self._onward(module, name) if name else None
            if onward is None:
                return Home(module, name), attribute
            module, name = onward.module, onward.name
        raise ImportError(f"{wanted.module}.{wanted.name} is a circle of names")

    def _onward(self, module: str, name: str) -> Import | None:
        """Return where a package's face has a name from, None where it is its own."""
        path = self.modules[module]
        if path.name != "__init__.py":
            return None
        syntax = self.syntax(path)
        if name in syntax.homes:
            return Import(f"{module}.{syntax.homes[name]}", name)
        return syntax.bound.get(name)

    def _targets(self, syntax: Syntax) -> Iterator[Home]:
        """Yield what is loaded by imports: only the attributes, where nothing else is used."""
        for wanted in syntax.imports:
            names = [name for name, bound in syntax.bound.items() if bound == wanted]
            used = {r.attribute for r in syntax.references if r.target == wanted}
            alone = names and used and not syntax.whole & set(names)
            for attribute in used if alone else ("",):
                found = self.resolve(wanted, attribute)
                if found and found[0].module not in MACHINERY:
                    yield found[0]

    def _direct(self, syntax: Syntax, path: Path | None) -> Iterator[str | Path]:
        """Yield the modules and resources that a piece of code loads itself."""
        for target in self._targets(syntax):
            yield target.module
            yield from self._parents(target.module)
        if path is not None:
            yield from (self._named(file) for file in self._resources(syntax, path))
            for name, home in syntax.homes.items():  # a face that is used as a whole
                onward = self.resolve(Import(f"{self._dotted(path)}.{home}", name))
                if onward:
                    yield onward[0].module

    def _parents(self, module: str) -> Iterator[str]:
        """Yield the packages above a module whose `__init__` does more than name things."""
        package = module.rpartition(".")[0]
        while package:
            if package in self.modules and not self.syntax(self.modules[package]).plain:
                yield package
            package = package.rpartition(".")[0]

    def _resources(self, syntax: Syntax, path: Path) -> Iterator[Path]:
        for pattern in syntax.files:
            yield from self._files(pattern, path)

    def _files(self, pattern: str, path: Path) -> list[Path]:
        found = sorted(path.parent.glob(pattern))
        inside = [below for folder in found if folder.is_dir() for below in folder.rglob("*")]
        files = [file for file in (*found, *sorted(inside)) if file.is_file()]
        return [file for file in files if not set(IGNORED) & {*file.parts, file.suffix}]

    def _named(self, path: Path) -> str | Path:
        name = self._dotted(path) if path.suffix == ".py" else ""
        return name if self.modules.get(name) == path else path

    def _dotted(self, path: Path) -> str:
        parts = path.relative_to(self.top).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    # Keys -----------------------------------------------------------------------------------

    def _source_key(self, syntax: Syntax) -> str:
        for target in self._direct(syntax, None):
            self._settle(str(target))
        return self._write(syntax, None, self._keys)

    def module_key(self, module: str) -> str:
        """Return the key of a module by its dotted name."""
        self._settle(module)
        return self._keys[module]

    def _settle(self, start: str) -> None:
        """Make the keys of a module and of all that it loads: Tarjan's algorithm, iterated."""
        if start in self._keys:
            return
        order: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        work = [(start, self._below(start))]
        order[start] = low[start] = 0
        stack.append(start)
        while work:
            module, below = work[-1]
            for other in below:
                if other in self._keys:
                    continue
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append(other)
                    work.append((other, self._below(other)))
                    break
                low[module] = min(low[module], order[other])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[module])
                if low[module] == order[module]:
                    circle = stack[stack.index(module) :]
                    del stack[stack.index(module) :]
                    self._close(circle)

    def _below(self, module: str) -> Iterator[str]:
        found = self._direct(self.syntax(self.modules[module]), self.modules[module])
        return iter(sorted({item for item in found if isinstance(item, str)}))

    def _close(self, circle: list[str]) -> None:
        """Give modules that import each other their keys, which no path is part of."""
        known = self._keys | dict.fromkeys(circle, "")
        paths = {module: self.modules[module] for module in circle}
        for _ in range(1 if len(circle) == 1 else 2):  # once more, so that members differ
            known |= {m: self._write(self.syntax(p), p, known) for m, p in paths.items()}
        whole = sorted(known[module] for module in circle)
        self._keys |= {module: digest(known[module], *whole) for module in circle}

    def _write(self, syntax: Syntax, path: Path | None, keys: dict[str, str]) -> str:
        """Return the digest of a normal form with keys in place of its references."""
        words = [syntax.form[0]]
        for reference, piece in zip(syntax.references, syntax.form[1:], strict=True):
            words += [self._word(reference, path, keys), piece]
        loaded = sorted({f"{keys[t.module]}.{t.name}" for t in self._targets(syntax)})
        parents = sorted({keys[p] for t in self._targets(syntax) for p in self._parents(t.module)})
        homes = []
        if path is not None:
            package = self._dotted(path)
            for name, home in sorted(syntax.homes.items()):
                found = self.resolve(Import(f"{package}.{home}", name))
                homes.append(f"{name}={keys[found[0].module] if found else 'nothing'}")
        return digest("".join(words), *loaded, *parents, *homes)

    def _word(self, reference: Reference, path: Path | None, keys: dict[str, str]) -> str:
        if reference.target is not None:
            found = self.resolve(reference.target, reference.attribute)
            if found is None or found[0].module in MACHINERY:
                return f"{reference.target.name}.{reference.attribute}"
            target, rest = found
            return f"<{keys[target.module]}.{target.name}>{rest}"
        if path is None:
            return reference.file
        words = []
        for file in self._files(reference.file, path):
            named = self._named(file)
            words.append(keys[named] if isinstance(named, str) else _bytes_hash(file))
        return f"<{digest(*words)}>"


def _bytes_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
