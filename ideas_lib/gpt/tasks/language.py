"""Language modelling on a text."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ideas_lib.gpt.tasks.sampling import in_range
from ideas_lib.gpt.text import VOCAB_SIZE, BadText, Encoded, encoded

__all__ = ["Text"]


@dataclass(frozen=True)
class Text:
    """Predict the next token of SymPy's source, or of the UTF-8 text file at `path`.

    Both use the committed tokenizer of 2,048 tokens (see `ideas_lib.gpt.text`); a loss in nats
    per token, divided by `bytes_per_token`, is in nats per byte. `batch` draws windows of the
    training part at random; `validation_batches` are fixed windows of the part held out. The
    text is read when first asked for; encoding takes seconds once, then it comes from a cache.
    Raises FileNotFoundError when there is no such file, BadText when it is of no use.
    """

    path: str | Path | None = None
    context: int = 128
    name: ClassVar[str] = "text"
    vocab_size: ClassVar[int] = VOCAB_SIZE

    def __post_init__(self) -> None:
        in_range("context", self.context, 1)
        if self.path is not None and not Path(self.path).is_file():
            raise FileNotFoundError(f"path={str(self.path)!r}: there is no such text file")

    @cached_property
    def tokens(self) -> Encoded:
        """The text as tokens."""
        text = encoded(None if self.path is None else Path(self.path))
        train, validation = len(text.train), len(text.validation)
        if min(train, validation) <= self.context:
            raise BadText(
                f"{self.path or 'the text'} has {train} training and {validation} held-out tokens; "
                f"context={self.context} needs {self.context + 1} of each: name a longer text or "
                f"a shorter context"
            )
        return text

    @property
    def bytes_per_token(self) -> float:
        """Bytes a token of the held-out part."""
        return self.tokens.bytes_per_token

    @property
    def chance(self) -> float:
        """The accuracy, on the held-out part, of the training part's most frequent token."""
        most = np.bincount(self.tokens.train).argmax()
        return float((self.tokens.validation[1:] == most).mean())

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw windows of the training part and what follows, both (size, context) int64."""
        room = len(self.tokens.train) - self.context
        starts = torch.randint(room, (size,), generator=rng)
        return self._windows(self.tokens.train, starts.numpy())

    def validation_batches(self, n: int, size: int = 32) -> list[tuple[Tensor, Tensor]]:
        """Return n batches of `size` windows, spread evenly over the held-out part.

        Always the same; they overlap where the held-out part is shorter than all of them.
        """
        in_range("n", n, 1)
        in_range("size", size, 1)
        last = len(self.tokens.validation) - self.context - 1
        starts = np.linspace(0, last, n * size).astype(np.int64).reshape(n, size)
        return [self._windows(self.tokens.validation, row) for row in starts]

    def _windows(
        self, tokens: NDArray[np.uint16], starts: NDArray[np.int64]
    ) -> tuple[Tensor, Tensor]:
        places = starts[:, None] + np.arange(self.context + 1)
        window = torch.from_numpy(tokens[places].astype(np.int64))  # (B, T + 1)
        return window[:, :-1].contiguous(), window[:, 1:].contiguous()
