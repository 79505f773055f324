"""The control of zero input: one route of the token at a time.

The current token reaches a layer by two routes: queries are made from it, and the residual stream
carries it past. `Queries` sets the first one apart from the second.
"""

from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts

__all__ = ["Queries"]


class Asking(nn.Module):
    """Queries made from the text, or from one learned vector; all else as it was."""

    def __init__(self, config: GPTConfig, inner: nn.Module, text: bool) -> None:
        super().__init__()
        self.inner: Any = inner
        self.vector = None if text else nn.Embedding(1, config.d_model)

    def forward(self, x: Tensor, context: Tensor | None) -> Any:
        """(B, R, d) -> (B, R, 3d)."""
        text = x if context is None else context
        if self.vector is None:
            return self.inner(text, text)
        vector = F.layer_norm(self.vector.weight, x.shape[-1:])
        return self.inner(vector.expand_as(x), text)

    def out(self, y: Tensor, x: Tensor) -> Any:
        """Join what the heads found as ever."""
        return self.inner.out(y, x)


@dataclass(frozen=True)
class Queries:
    """Queries from the `text` that keys and values read, or else from one learned vector a layer.

    With a stream that starts from the token, the vector leaves it the residual route alone; with
    zero input, the text gives it the route of the query back. Meant for one layer, where what
    keys and values read is the tokens.
    """

    text: bool = False

    def apply(self, parts: Parts) -> Parts:
        """Wrap the projection."""
        return parts.swap(
            project=lambda config, n: Asking(config, parts.project(config, n), self.text)
        )
