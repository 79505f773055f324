"""Comparisons without Python: a spec or flags in; a table, CSV, JSON or an HTML report out."""

from ideas_lib.faces import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "answer": ["Answer"],
        "query": ["BadSpec", "Query"],
        "report": ["write_report"],
        "spec": ["read_spec"],
        "table": ["as_csv", "as_json", "as_table"],
    },
)
