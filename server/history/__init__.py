"""What was said before: a call replayed from its journal, and memory across channels."""
