"""Programs that language models write: run in a sandbox, judged from outside."""
