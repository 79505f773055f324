"""What `observing` puts into its sandbox: the standard library only."""
