r"""A copilot that shows a program only when the evidence for it holds, and else says why not.

    from ideas_lib.programs import copilot
    copilot.complete('def half(n: int) -> int:\n    "Return n / 2, rounded down: half(5) == 2."')

In a notebook, `%load_ext ideas_lib.programs.copilot`, and then `%%copilot` above a function.
"""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "calibration": ["LEVEL", "calibrated_coverage", "calibrated_threshold"],
        "candidates": ["Candidate", "run_checks", "search_best"],
        "completion": ["Completion", "complete", "judged"],
        "magic": ["load_ipython_extension"],
        "rule": ["Threshold", "choose_threshold"],
        "sample": ["Sampling", "extract_program"],
    },
)
