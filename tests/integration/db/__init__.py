"""The database on a real PostgreSQL."""
