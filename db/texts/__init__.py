"""Text conversations and their messages."""
