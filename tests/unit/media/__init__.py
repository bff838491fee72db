"""Tests of one call."""
