"""Text normalization: what is short, in figures or in signs, as a person would read it."""
