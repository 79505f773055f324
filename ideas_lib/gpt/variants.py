"""The tweaks there are, found by their file names and imported when asked for.

Not by way of `ideas`: what a GPT measures must not follow from the titles of the page's ideas.
"""

import importlib
from collections.abc import Iterator, Mapping

from ideas_lib.gpt.model import Tweak
from ideas_lib.resources import resources

__all__ = ["VARIANTS"]


class _Variants(Mapping[str, Tweak]):
    """Slug -> the default instance of its tweak (`TWEAK` in `tweaks/<slug>.py`)."""

    def __iter__(self) -> Iterator[str]:
        files = resources(__file__, "tweaks/[!_]*.py")
        return iter(path.stem.replace("_", "-") for path in files)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, slug: str) -> Tweak:
        if slug not in set(self):
            raise KeyError(f"no variant {slug!r}; there are {', '.join(self)}")
        return importlib.import_module(f"ideas_lib.gpt.tweaks.{slug.replace('-', '_')}").TWEAK

    def __repr__(self) -> str:
        return f"VARIANTS({', '.join(self)})"


VARIANTS: Mapping[str, Tweak] = _Variants()
