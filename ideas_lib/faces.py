"""A package's face: its public names, each imported from its module when it is asked for.

    __getattr__, __dir__, __all__ = face(__name__, {"hard": ["HardTree"], "soft": ["SoftTree"]})

So reading a command's help loads none of what the command needs, and a name can move between
modules without its users noticing. It has the form of `lazy_loader.attach`, which the sandbox's
own processes could not import: they know the standard library alone. `study.closure` reads the
literal, so keep it one.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["face"]


def face(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package: submodule -> its public names.

    The returned `__getattr__` raises AttributeError, naming what there is, for any other name.
    """
    where = {name: module for module, names in homes.items() for name in names}
    public = sorted(where)

    def attribute(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {public}")
        return getattr(import_module(f"{package}.{where[name]}"), name)

    return attribute, lambda: public, public
