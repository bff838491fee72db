"""Fixtures every test may use: one embedded PostgreSQL a run, one database a test."""

from hypothesis import settings

from tests.support.database import database, owner, pools, postgres

__all__ = ["database", "owner", "pools", "postgres"]

# A machine under load is slow, not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
