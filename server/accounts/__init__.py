"""Who somebody is to us, and what is theirs to see."""
