"""Engines for speech and language: one protocol each in `base`, one file per provider."""
