"""The baseline GPT, its seams, its tasks, and the ideas that fill the seams."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "benchmarks": [
            "LANGUAGE",
            "held_out_loss",
            "language_trial",
            "scored_trial",
            "trial",
            "trial_settings",
        ],
        "model": ["GPT", "GPTConfig", "build"],
        "ngrams": ["Ngram", "floors"],
        "probe": [
            "Masses",
            "asymmetry",
            "attention_scores",
            "decodable",
            "masses",
            "previous_mass",
            "silenced",
            "trace_layers",
            "windowed",
            "without_sources",
        ],
        "training": [
            "Diverged",
            "Recipe",
            "flops",
            "loss_of",
            "parameters",
            "score",
            "train",
        ],
        "variants": ["VARIANTS"],
    },
)
