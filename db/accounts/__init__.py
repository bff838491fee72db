"""Who people are to us, and what lets them in."""
