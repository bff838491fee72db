"""Recordings of calls: kept while a call runs, given back as one file."""
