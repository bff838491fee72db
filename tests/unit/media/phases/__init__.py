"""Tests of the decision lane, a file for each phase."""
