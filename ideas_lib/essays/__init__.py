"""What the essays rest on: small models that a page can solve, each in a package of its own."""
