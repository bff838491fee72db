"""`talking doctor`: looks at everything that a call needs, asks everybody, and changes nothing."""
