"""Noise that keeps a context's meaning, and bounds on differences that withstand it."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "bounds": ["Bounds", "noise_bounds", "random_effects_interval"],
        "caterpillar": ["plot_caterpillar"],
        "coverage": ["AS_WRITTEN", "Held", "false_alarms", "hold_out_families"],
        "families": ["FAMILIES", "Drawn", "Noise", "Tally", "Variant"],
    },
)
