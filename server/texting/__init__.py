"""What is so about texts whoever sends them: parts, words that mean stop, hours, codes. Pure."""
