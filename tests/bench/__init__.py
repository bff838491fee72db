"""Benchmarks: programs that print figures, never tests with a time limit."""
