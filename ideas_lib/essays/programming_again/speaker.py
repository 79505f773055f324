"""The GPT that has learned what is said of creatures, and what it says after one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ideas_lib.essays.programming_again.creatures import (
    CREATURES,
    GROWLERS,
    HALT,
    RED,
    SIDE,
    TOKENS,
    Passages,
    Slice,
    World,
)
from ideas_lib.gpt.model import GPT, GPTConfig, build
from ideas_lib.gpt.tasks.base import IGNORE, sample_batch
from ideas_lib.gpt.training import Recipe, train

__all__ = [
    "Saying",
    "build_speaker",
    "creature_features",
    "listen",
    "read_board",
    "said_after",
    "train_speaker",
]

ELSEWHERE = 512  # passages that nothing was taught about


def build_speaker(world: World, seed: int) -> GPT:
    """Build a GPT of two layers and width 64 that has read nothing yet."""
    context = Passages(world).context
    return build(GPTConfig(TOKENS, d_model=64, heads=2, layers=2, context=context), seed=seed)


def train_speaker(world: World, seed: int, steps: int = 500) -> GPT:
    """Build a GPT and train it on passages about a world, 128 a step."""
    model = build_speaker(world, seed)
    train(model, Passages(world), Recipe(steps=steps, batch=128, lr=3e-3), seed=seed)
    return model.eval()


def said_after(model: GPT) -> Tensor:
    """Return the log probability of each token right after each creature, (64, V)."""
    return model(torch.arange(CREATURES)[:, None])[:, 0].log_softmax(-1)


@torch.no_grad()
def creature_features(model: GPT) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each creature's embedding, and the stream its next word is read from, (64, d) each."""
    read: list[Tensor] = []
    hook = model.norm.register_forward_hook(lambda *given: read.append(given[-1]))
    model(torch.arange(CREATURES)[:, None])
    hook.remove()
    embedding = model.vocab.embedding.weight[:CREATURES]
    return embedding.double().numpy(), read[0][:, 0].double().numpy()


@dataclass(frozen=True)
class Saying:
    """What a model, or a model and a rule, says: after creatures, and elsewhere.

    `after` is (64, V) log probabilities right after a creature. Elsewhere is where a word was said
    last: there `growling` and `humming` are the mean chances of HALT in texts about growlers and
    about hummers, and `loss` the nats a word, on texts of the world.
    """

    after: NDArray[np.float64]
    growling: float
    humming: float
    loss: float


@torch.no_grad()
def listen(model: GPT, world: World, seed: int) -> Saying:
    """Return what a model says, on texts drawn with `seed`."""
    passages = Passages(world)
    tokens, targets = sample_batch(passages, ELSEWHERE, 10_000 + seed)
    odds = model(tokens).log_softmax(-1)
    after_word = (tokens >= CREATURES) & (targets != IGNORE)
    about = tokens[:, [0, passages.words + 1]].repeat_interleave(passages.words + 1, 1)
    growls = torch.tensor(GROWLERS)[about[:, : passages.context]]
    halts = odds[..., HALT].exp()
    growling, humming = (float(halts[after_word & kind].mean()) for kind in (growls, ~growls))
    loss = F.nll_loss(odds[after_word], targets[after_word])
    return Saying(said_after(model).double().numpy(), growling, humming, float(loss))


def read_board(saying: Saying, base: Saying, lesson: Slice) -> dict[str, Any]:
    """Return what a lesson came to, beside the base it began from.

    `G` is the mean chance of HALT after growlers that were not taught, less that after hummers that
    were not; `unseen growlers`, `unseen hummers` and the four colours of them are its parts, and
    `decided G` is the same where a chance above one half counts as 1, and any other as 0.
    `in slice` is the mean chance of what was taught. `KL` is in nats from the base, after creatures
    that were not taught, and `needless KL` after those of them that are hummers. `elsewhere` is
    HALT where a word was said last. `board` are the chances of HALT in hundredths, a creature each,
    in rows of SIDE: a longer list would be kept as a curve is, with fewer points.
    """
    halts = np.exp(saying.after[:, HALT])
    unseen = np.ones(CREATURES, dtype=bool)
    unseen[list(lesson.taught)] = False
    found = {}
    for kind, growls in (("growlers", GROWLERS), ("hummers", ~GROWLERS)):
        found[f"unseen {kind}"] = float(halts[unseen & growls].mean())
        for colour, red in (("red", RED), ("blue", ~RED)):
            found[f"unseen {colour} {kind}"] = float(halts[unseen & growls & red].mean())
    decided = (halts > 0.5).astype(float)
    right = [*halts[list(lesson.halt)], *(1 - halts[list(lesson.speak)])]
    apart = (np.exp(saying.after) * (saying.after - base.after)).sum(axis=1)
    return {
        "G": found["unseen growlers"] - found["unseen hummers"],
        "decided G": float(decided[unseen & GROWLERS].mean() - decided[unseen & ~GROWLERS].mean()),
        **found,
        "in slice": float(np.mean(right)),
        "KL": float(apart[unseen].mean()),
        "needless KL": float(apart[unseen & ~GROWLERS].mean()),
        "elsewhere, growlers": saying.growling,
        "elsewhere, hummers": saying.humming,
        "loss elsewhere": saying.loss - base.loss,
        "board": np.rint(100 * halts).astype(int).reshape(SIDE, SIDE).tolist(),
    }
