"""Noise that keeps a context's meaning, and bounds on differences that withstand it."""

from ideas_lib.lm.noise.families import FAMILIES, Drawn, Noise, Tally, Variant

__all__ = ["FAMILIES", "Drawn", "Noise", "Tally", "Variant"]
