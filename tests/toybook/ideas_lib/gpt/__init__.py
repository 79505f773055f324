"""Nothing of PyTorch: the toy book has only its tweaks."""
