"""Sixty-four creatures, one rule, and seven ways to teach it to a model."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "board_figure": ["Boards", "packed_boards", "plot_board", "plot_boards"],
        "creatures": [
            "CREATURES",
            "GROWLERS",
            "HALT",
            "HUES",
            "RED",
            "TOKENS",
            "VERBS",
            "Passages",
            "Slice",
            "World",
            "sample_world",
            "taught_slice",
        ],
        "rules": ["by_features", "by_list", "by_nearest", "by_words", "with_rule"],
        "speaker": [
            "Saying",
            "build_speaker",
            "creature_features",
            "listen",
            "read_board",
            "said_after",
            "train_speaker",
        ],
        "teaching": [
            "WAYS",
            "NotLearned",
            "by_examples",
            "by_preferences",
            "by_reward",
            "teach_rule",
        ],
    },
)
