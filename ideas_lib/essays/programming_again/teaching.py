"""Lessons that a model learns by: examples, reward, preferences.

All three see the same creatures of one slice, as many words a step, and stop where the slice is
learned. They differ in what they are told. By examples: HALT, or what the model would have said.
By reward: a 1 or a 0 for what it says itself. By preferences: which of two is the better one.
"""

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.essays.programming_again.creatures import CREATURES, HALT, Slice
from ideas_lib.essays.programming_again.speaker import said_after
from ideas_lib.gpt.model import GPT

__all__ = [
    "WAYS",
    "NotLearned",
    "by_examples",
    "by_preferences",
    "by_reward",
    "teach_rule",
]

DRAWS = 16  # words a creature and step
BETA = 0.1  # of preferences


class NotLearned(RuntimeError):
    """Raised when a lesson ends before its slice is learned."""


def by_examples(said: Tensor, base: Tensor, halts: Tensor, rng: torch.Generator) -> Tensor:
    """Cross-entropy on HALT, and on words that the base says where none is wanted."""
    words = _draw(_spoken(base), rng).masked_fill(halts[:, None], HALT)
    return -said.gather(1, words).mean()


def by_reward(said: Tensor, base: Tensor, halts: Tensor, rng: torch.Generator) -> Tensor:
    """REINFORCE: what the model says is worth 1 if it halts where it should, and only there.

    The baseline is the mean over what else was said after the same creature.
    """
    words = _draw(said.detach().exp(), rng)
    worth = ((words == HALT) == halts[:, None]).float()
    better = (worth - worth.mean(1, keepdim=True)) * DRAWS / (DRAWS - 1)
    return -(better * said.gather(1, words)).mean()


def by_preferences(said: Tensor, base: Tensor, halts: Tensor, rng: torch.Generator) -> Tensor:
    """DPO: HALT before a word that the base says, or the word before HALT."""
    words = _draw(_spoken(base), rng)
    moved = said - base
    favour = moved[:, HALT, None] - moved.gather(1, words)
    return -F.logsigmoid(BETA * torch.where(halts[:, None], favour, -favour)).mean()


Loss = Callable[[Tensor, Tensor, Tensor, torch.Generator], Tensor]
WAYS: Mapping[str, Loss] = MappingProxyType(
    {"examples": by_examples, "reward": by_reward, "preferences": by_preferences}
)


def teach_rule(
    model: GPT,
    how: str,
    lesson: Slice,
    seed: int,
    lr: float = 1e-3,
    steps: int = 2000,
    sure: float = 0.98,
    leash: float = 0.0,
) -> tuple[GPT, int]:
    """Return a copy of a model that has had a lesson, and the steps it took.

    `how` is one of `WAYS`. It ends when the mean chance of HALT after those to halt at is `sure`
    and after the others at most 1 - `sure` or the base's. `leash` is the weight of the KL from the
    base after creatures that were *not* taught: a wish that nothing changes there. Raises
    ValueError for another `how`, NotLearned after `steps` steps.
    """
    if how not in WAYS:
        raise ValueError(f"how={how!r} is none of {', '.join(WAYS)}")
    loss_of, taught = WAYS[how], copy.deepcopy(model).train()
    with torch.no_grad():
        base = said_after(model)
    who = torch.tensor(lesson.taught)
    rest = torch.tensor(sorted(set(range(CREATURES)) - set(lesson.taught)))
    halts = torch.arange(len(who)) < len(lesson.halt)
    most = max(1 - sure, float(base[who[~halts], HALT].exp().mean())) if lesson.speak else 1.0
    rng = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(taught.parameters(), lr=lr)
    for step in range(steps):
        every = said_after(taught)
        said = every[who]
        halted = said[:, HALT].detach().exp()
        if halted[halts].mean() >= sure and not (halted[~halts].mean() > most):
            return taught.eval(), step
        loss = loss_of(said, base[who], halts, rng)
        if leash:
            kept = F.kl_div(base[rest], every[rest], log_target=True, reduction="batchmean")
            loss = loss + leash * kept
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(taught.parameters(), 1.0)
        optimiser.step()
    raise NotLearned(f"after {steps} steps by {how}, lr={lr}, HALT stands at {halted.mean():.2f}")


def _draw(chances: Tensor, rng: torch.Generator) -> Tensor:
    """Draw `DRAWS` tokens a row: (n, V) -> (n, DRAWS)."""
    return torch.multinomial(chances, DRAWS, replacement=True, generator=rng)


def _spoken(base: Tensor) -> Tensor:
    """Return the chances of all that is not HALT, (n, V)."""
    chances = base.exp()
    chances[:, HALT] = 0
    return chances
