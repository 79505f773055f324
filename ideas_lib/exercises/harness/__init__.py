"""What runs inside the sandbox, where nothing else of this library can be imported."""
