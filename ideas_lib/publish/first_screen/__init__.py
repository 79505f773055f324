"""What a reader sees first of an idea: what was found, what that does not say, and a figure of it.

Made of results and `ideas.toml` alone, for chapters, posts, the README and `ideas list`.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "headline": ["Amount", "interval_svg"],
        "bottom": ["NOT_MEASURED", "BottomLine", "bottom_line"],
        "figure": ["figure_svg"],
    },
)
