"""What runs inside the sandbox, where nothing of this library can be imported."""
