"""A day of small tasks and large ones, and what becomes of it when the small ones get faster."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "credit_learner": ["learned_day"],
        "day_figure": ["plot_day", "plot_speedups"],
        "diary": ["people_needed"],
        "plausible_box": [
            "OUTER",
            "change",
            "planned",
            "sample_box",
            "sample_days",
            "variance_share",
        ],
        "working_day": ["DayPlan", "Inbox", "Work", "Worker", "moment_day", "plan_day"],
    },
)
