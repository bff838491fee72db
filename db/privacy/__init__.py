"""All that is held of one person: read in pages, and forgotten."""
