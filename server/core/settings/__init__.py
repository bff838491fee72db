"""Sections of the configuration, and how it is read."""
