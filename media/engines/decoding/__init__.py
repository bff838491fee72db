"""What makes words of a recogniser's tokens surer: repetition refused, and second looks."""
