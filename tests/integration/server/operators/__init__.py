"""Operators in a live call, over real processes."""
