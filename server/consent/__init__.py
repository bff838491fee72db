"""Who agreed to be contacted, and who asked not to be."""
