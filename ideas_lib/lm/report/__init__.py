"""Comparisons without Python: a spec or flags in; a table, CSV, JSON or an HTML report out."""
