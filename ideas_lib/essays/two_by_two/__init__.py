"""What a tool leaves to a person to decide, and how much of what she meant arrives."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "decision_map": ["ToolPoint", "plot_decisions", "plot_guesses"],
        "kept_words": ["first_words", "rarest_words", "words_of"],
        "recognising": ["Recogniser", "fit_recogniser", "recovered_bits", "run_likeness"],
    },
)
