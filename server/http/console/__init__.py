"""The console as files that a browser gets, and a page for each error code."""
