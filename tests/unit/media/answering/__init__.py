"""Tests of what tells who picked up."""
