"""What is so about texts whoever sends them: segments, words that mean stop, hours, error codes. Pure."""
