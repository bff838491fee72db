"""The command line: everything that `talking` does."""
