"""The committed schema is the one that the migrations make."""

from tests.integration.db.schema import PATH, dump
from tests.support.database import Database


async def test_the_committed_schema_is_what_the_migrations_make(database: Database) -> None:
    assert PATH.read_text() == dump(database.owner_dsn), "run: make schema"
