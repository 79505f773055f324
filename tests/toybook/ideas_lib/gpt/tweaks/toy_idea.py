"""The toy idea: every head helps a little."""

from dataclasses import dataclass

__all__ = ["ToyIdea"]


@dataclass(frozen=True)
class ToyIdea:
    """Helps by `gain` for each head."""

    gain: float = 0.1

    def help(self, heads: int) -> float:
        """Return what `heads` heads add to the score."""
        return self.gain * heads
