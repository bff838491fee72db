"""What one side says becomes words, while it is said and when it pauses."""
