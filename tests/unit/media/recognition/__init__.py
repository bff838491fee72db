"""Tests of what makes words of sound while it comes."""
