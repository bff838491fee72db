"""Fixtures every test may use: one embedded PostgreSQL a run, one database a test."""

from tests.support.database import database, owner, pools, postgres

__all__ = ["database", "owner", "pools", "postgres"]
