"""The Python client against a running node."""
