"""Long runs for a machine of our own: `make soak`."""
