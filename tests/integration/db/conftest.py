"""The database fixtures for the tests of this folder."""

from tests.support.database import database, owner, pools, postgres

__all__ = ["database", "owner", "pools", "postgres"]
