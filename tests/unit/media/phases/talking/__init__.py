"""Tests of the phase Talking, part by part."""
