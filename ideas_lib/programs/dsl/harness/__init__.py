"""What runs within the sandbox, beside the programs of a corpus."""
