"""A step checker for algebra, what it is compared with, and office hours before a deadline."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "causes": ["Luck", "name_cause", "tried_with_other_numbers"],
        "step_checking": ["Checked", "CheckedLine", "check_derivation"],
        "equations": ["KINDS", "Posed", "messages_for", "sample_equation"],
        "labels": ["CAUSES", "LineLabel", "check_labels", "read_labels"],
        "limited": ["Limited", "shared_process"],
        "office_hours": ["HOURS_OUTER", "Hours", "answered", "question_times", "sample_hours",
                         "week_of"],
        "prepared": ["Prepared", "prepare_derivations"],
        "step_figure": ["plot_derivation", "plot_prepared"],
        "line_reading": ["Equation", "Statement", "Unreadable", "read_derivation",
                         "read_statement"],
        "rivals": ["RIVALS", "first_objection"],
    },
)  # fmt: skip
