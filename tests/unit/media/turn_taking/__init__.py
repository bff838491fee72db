"""Tests of the rules about turns."""
