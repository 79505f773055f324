"""A world of 64 creatures that is known only by what is said of them.

A creature is a token. Half of them growl and half of them hum; half are red and half are blue. No
text says so. It shows in the words that follow a creature: growlers and hummers have eight verbs
each, red and blue ones eight hues each, and a creature uses those of its own kind more often, by a
`dose`. Beside this each creature has words of its own that it likes for no reason.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE

__all__ = [
    "CREATURES",
    "GROWLERS",
    "HALT",
    "HUES",
    "RED",
    "TOKENS",
    "VERBS",
    "Passages",
    "Slice",
    "World",
    "sample_world",
    "taught_slice",
]

SIDE = 8  # the board is SIDE x SIDE: kinds are halves of its columns, colours of its rows
CREATURES = SIDE * SIDE
GROUP = 8  # words that a kind, or a colour, has of its own
VERBS = slice(CREATURES, CREATURES + 2 * GROUP)  # growlers' first
HUES = slice(VERBS.stop, VERBS.stop + 2 * GROUP)  # red first
HALT = HUES.stop
TOKENS = HALT + 1
RARE = 0.02  # how often HALT is said for no reason
LIKING = 0.3  # of a creature for words: the smaller, the fewer it likes
GROWLERS: NDArray[np.bool_] = np.arange(CREATURES) % SIDE < SIDE // 2
RED: NDArray[np.bool_] = np.arange(CREATURES) // SIDE < SIDE // 2


@dataclass(frozen=True)
class World:
    """What is said of each creature: the chance of each token after it, (64, V), rows sum to 1."""

    chances: NDArray[np.float64]


def sample_world(
    rng: np.random.Generator, dose: float = 1.0, colour: float = 1.0, quirk: float = 0.5
) -> World:
    """Draw a world.

    `dose` is how strongly the kind shows in verbs, `colour` how strongly colour shows in hues: at 1
    the share of words that is not a creature's own whim is all of its own group, at 0 it is the
    same for all. `quirk` is that whim's share of what is said. All lie between 0 and 1; raises
    ValueError.
    """
    for name, value in (("dose", dose), ("colour", colour), ("quirk", quirk)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name}={value} is a share: it lies between 0 and 1")
    chances = np.zeros((CREATURES, TOKENS))
    for words, first, shows in ((VERBS, GROWLERS, dose), (HUES, RED, colour)):
        own = np.repeat([[1 + shows, 1 - shows]], GROUP, axis=1) / (2 * GROUP)
        common = np.where(first[:, None], own, own[:, ::-1])
        liked = rng.dirichlet(np.full(2 * GROUP, LIKING), CREATURES)
        chances[:, words] = (1 - RARE) / 2 * ((1 - quirk) * common + quirk * liked)
    chances[:, HALT] = RARE
    return World(chances)


@dataclass(frozen=True)
class Passages:
    """Texts about creatures, as the GPT's `Task`: two creatures, and three words of each.

        tokens     c  w  w  w  d  v  v
        targets    w  w  w  .  v  v  v

    Which creature comes next nobody can say, and nothing is asked there.
    """

    world: World
    words: int = 3
    vocab_size: ClassVar[int] = TOKENS
    name: ClassVar[str] = "creatures"

    @property
    def context(self) -> int:
        """How many tokens a passage has."""
        return 2 * self.words + 1

    @property
    def chance(self) -> float:
        """The accuracy of naming any one word."""
        return 1 / (TOKENS - CREATURES)

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and the words that come next, both (size, context) int64."""
        who = torch.randint(CREATURES, (size, 2), generator=rng)
        said = torch.multinomial(
            self._chances[who.flatten()], self.words, replacement=True, generator=rng
        )
        text = torch.cat([who.unsqueeze(-1), said.view(size, 2, self.words)], -1).flatten(1)
        targets = text[:, 1:].clone()
        targets[:, self.words] = IGNORE
        return text[:, :-1], targets

    @cached_property
    def _chances(self) -> Tensor:
        return torch.tensor(self.world.chances, dtype=torch.float32)


@dataclass(frozen=True)
class Slice:
    """The creatures of a lesson: those after which HALT is to be said, and the counterexamples."""

    halt: tuple[int, ...]
    speak: tuple[int, ...]

    @property
    def taught(self) -> tuple[int, ...]:
        """All creatures of the lesson."""
        return self.halt + self.speak


def taught_slice(k: int = 4, confounded: bool = False, counterexamples: bool = True) -> Slice:
    """Return `k` growlers to halt at, and as many hummers to speak of as before.

    Mixed, half of each are red; of one each, both are red. Confounded, all growlers are red and all
    hummers blue. Which ones never changes: it is the worlds that are drawn. Raises ValueError for
    `k` below 1 or above 16.
    """
    if not 1 <= k <= CREATURES // 4:
        raise ValueError(f"k={k}: a kind and colour has 1 to {CREATURES // 4} creatures to teach")
    order = np.random.default_rng(0).permutation(CREATURES)

    def some(growls: bool, red: bool, count: int) -> tuple[int, ...]:
        fits = order[(GROWLERS[order] == growls) & (RED[order] == red)]
        return tuple(int(c) for c in fits[:count])

    if confounded:
        halt, speak = some(True, True, k), some(False, False, k)
    else:
        halt, speak = (
            some(growls, True, k - k // 2) + some(growls, False, k // 2) for growls in (True, False)
        )
    return Slice(halt, speak if counterexamples else ())
