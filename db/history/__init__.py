"""What was said and what happened, read back."""
