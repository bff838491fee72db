"""How a record becomes a value, for every module of queries.

The frozen Struct of each kind of row is beside the queries that return it. This knows no table.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import asyncpg
import msgspec

# A connection of a pool or one of its own; asyncpg has no types to tell them apart.
Connection = asyncpg.Connection

T = TypeVar("T")


def one(record: Mapping[str, Any] | None, kind: type[T]) -> T | None:
    """The record as a `kind`, or None if there is no record."""
    return None if record is None else msgspec.convert(dict(record), kind)


def many(records: Iterable[Mapping[str, Any]], kind: type[T]) -> list[T]:
    """Each record as a `kind`."""
    return [msgspec.convert(dict(record), kind) for record in records]
