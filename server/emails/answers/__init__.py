"""Answers to our e-mails, taken apart: the form, what was written, what is new in it, by whom."""
