"""A hint beside what is to be learned, and how far learners follow it."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "hint_figure": ["Listener", "every_answer", "plot_hint", "plot_reliance"],
        "hints": [
            "BLANK",
            "doses",
            "estimated_reliability",
            "other_classes",
            "sample_hints",
            "with_hints",
        ],
        "learners": ["LEARNERS", "fit_learner"],
        "lessons": ["LESSONS", "Lesson", "fit_told", "give_lesson", "without_what_differs"],
        "listening": ["as_trained", "ask", "by_the_odds", "shown_hints"],
        "material": ["Material", "clear_sentences", "digit_images", "split_material"],
        "warranted": [
            "ContentReading",
            "calibration_error",
            "fit_reading",
            "log_loss",
            "weigh_hints",
        ],
    },
)
