"""The baseline GPT, its seams, its tasks, and the ideas that fill the seams."""

from ideas_lib.gpt.model import GPT, GPTConfig, build
from ideas_lib.gpt.variants import VARIANTS

__all__ = ["GPT", "VARIANTS", "GPTConfig", "build"]
