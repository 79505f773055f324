"""One idea, one file."""
