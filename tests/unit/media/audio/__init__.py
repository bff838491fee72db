"""Tests of sound alone."""
