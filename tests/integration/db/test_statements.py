"""Every statement in the query modules is valid against the migrated schema."""

import importlib
import pkgutil

import asyncpg

import db

# Their texts are scripts and session commands; the migration and pool tests run those.
NOT_QUERIES = {"migrate", "embedded", "pool"}
FRAGMENTS = {"COLUMNS", "_COLUMNS", "_IN_FORCE", "_FROM", "ADDRESS", "ERASED", "HASHED", "PACE"}


def statements() -> dict[str, str]:
    found = {}
    for module in {name for _, name, _ in pkgutil.iter_modules(db.__path__)} - NOT_QUERIES:
        for name, value in vars(importlib.import_module(f"db.{module}")).items():
            if name.isupper() and isinstance(value, str) and name not in FRAGMENTS:
                found[f"{module}.{name}"] = value
    return found


async def test_every_statement_prepares(owner: asyncpg.Connection) -> None:
    found = statements()
    assert len(found) >= 34
    faults = {}
    for name, sql in found.items():
        try:
            await owner.prepare(sql)
        except asyncpg.PostgresError as fault:
            faults[name] = str(fault)
    assert faults == {}
