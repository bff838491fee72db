"""Tests of the server that need no loop of their own, no database and no network."""
