"""Text conversations against a real database and the sandbox's carrier."""
