"""The library behind the executable ideas book: seams, studies, verdicts, freshness, forks."""

__version__ = "0.1.0"
