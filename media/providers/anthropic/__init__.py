"""Anthropic: a language model."""
