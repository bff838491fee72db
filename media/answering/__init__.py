"""Answering detection: what was heard of whoever picked up, and who or what that probably is."""
