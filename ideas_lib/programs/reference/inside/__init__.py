"""What runs in the sandbox, on the standard library and the packages that are asked about."""
