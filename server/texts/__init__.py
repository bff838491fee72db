"""Text conversations: opened, answered, delivered, ended."""
