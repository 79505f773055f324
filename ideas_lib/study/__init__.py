"""Studies: what is predicted, how it is measured, and where each number came from."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "cache": ["shared_file", "work_folder"],
        "codekey": ["code_key"],
        "confirmation": ["NotReproduced", "confirm"],
        "finding": ["Measurement", "Prediction"],
        "provenance": ["write_atomic"],
        "checkout": ["NotACheckout", "root"],
        "runner": ["run_study"],
        "live_settings": ["load_settings"],
        "study": [
            "Experiment",
            "Run",
            "Study",
            "UnknownStudy",
            "load_study",
            "slugs",
            "study_file",
        ],
    },
)
