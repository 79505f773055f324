"""What runs within the sandbox, around the tests of a repository."""
