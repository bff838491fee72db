"""Rows in, rows out. Knows neither the server nor a call's sound and decisions."""
