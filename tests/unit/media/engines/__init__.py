"""Tests of ears, voices and minds."""
