"""Ears, voices and minds: one protocol each in `base`, one file per provider."""
