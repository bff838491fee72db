"""The console's own scripts, tested under Node."""
