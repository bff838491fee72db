"""Where a number may be, and what time it is there."""
