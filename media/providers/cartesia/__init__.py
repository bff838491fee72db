"""Cartesia: a voice (Sonic)."""
