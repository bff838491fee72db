"""When a turn ends, and what an interruption was: rules on words and times alone. Pure."""
