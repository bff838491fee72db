"""Rows from before anything was sealed: found piece by piece and sealed where they stand.

A table is looked through once in the order of its blocks, so that no index and no long transaction
is needed; whoever reads or writes meanwhile is not in the way, as a row that changed in between is
left for the next time. Only the database's own function puts values in (app.put_sealed), and it
takes nothing but a sealed value for a clear one. Knows no table by itself.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from db.core.hashed import hashed
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all, open_each

_BLOCKS = """
select (pg_relation_size($1::text::regclass) / current_setting('block_size')::int)::int
"""
_PUT = "select app.put_sealed($1, $2)"
_NOTE = """
insert into app.clear_rows (relation, none_left_at) values ($1, now())
on conflict (relation) do update set none_left_at = excluded.none_left_at
"""
_NONE_LEFT = """
select exists (select from app.clear_rows
    where relation = $1 and none_left_at > now() - make_interval(days => $2))
"""


class Clear(msgspec.Struct, frozen=True):
    """How the rows of a table (`t`) are sealed that were written in clear.

    `owner`: whose key seals a row. `names`: where the queries' name of a row's id is another than
    its column's. `hashes` and `topics`: columns that hold the hash of an address, or of a topic, in
    another, which is of the table `s` where there is a `join` of it, sealed as `of` says. `hashed`:
    columns in which a hash of this kind stands in place of the value. `only`: rows that may be
    sealed. `own_name`: where a table's rows have two forms.
    """

    sealed: Sealed
    owner: str = "t.user_id"
    names: Mapping[str, str] = {}
    hashes: Mapping[str, str] = {}
    topics: Mapping[str, str] = {}
    join: str = ""
    of: Sealed | None = None
    hashed: Mapping[str, str] = {}
    only: str = "true"
    own_name: str = ""

    @property
    def table(self) -> str:
        """With its schema."""
        return self.sealed.table

    @property
    def name(self) -> str:
        """The table's, and what else of it this is about."""
        known = self.table if self.of is None else f"{self.table} of {self.of.table}"
        return self.own_name or known

    @property
    def columns(self) -> tuple[str, ...]:
        """Those in which a value in clear may stand."""
        return (*self.sealed.columns, *self.hashed)

    @property
    def hashed_elsewhere(self) -> dict[str, str]:
        """The hashes' columns, each with what it is the hash of."""
        source = "s" if self.join else "t"
        both = {**self.hashes, **self.topics}
        return {column: f"{source}.{of}" for column, of in both.items()}

    @property
    def condition(self) -> str:
        """Which rows have something in clear, or no hash of it."""
        clear = [f"not app.is_sealed(t.{column})" for column in self.columns]
        hashes = [
            f"t.{column} is null and {of} is not null"
            for column, of in self.hashed_elsewhere.items()
        ]
        return f"({' or '.join((*clear, *hashes))}) and ({self.only})"


async def blocks(connection: Connection, clear: Clear) -> int:
    """How many blocks the table has just now."""
    count: int = await connection.fetchval(_BLOCKS, clear.table)
    return count


async def count(connection: Connection, clear: Clear) -> int:
    """How many rows have something in clear that is to be sealed."""
    query = f"select count(*) from {clear.table} t {clear.join} where {clear.condition}"  # noqa: S608 - ours
    found: int = await connection.fetchval(query)
    return found


async def seal_piece(
    connection: Connection, clear: Clear, first_block: int, block_count: int
) -> int:
    """Seal what is in clear in these blocks; how many rows. One that somebody damaged stays."""
    names = {name: clear.names.get(name, f"t.{name}") for name in clear.sealed.row}
    columns = {column: f"t.{column}" for column in clear.columns}
    columns |= {of.partition(".")[2]: of for of in clear.hashed_elsewhere.values()}
    selected = ", ".join(f"{source} as {name}" for name, source in (names | columns).items())
    query = f"""
select t.ctid::text as place, t.xmin::text as version, {clear.owner} as owner_id, {selected}
from {clear.table} t {clear.join} where t.ctid >= $1::tid and t.ctid < $2::tid and {clear.condition}
"""  # noqa: S608 - names of ours
    records = await connection.fetch(query, (first_block, 0), (first_block + block_count, 0))
    if not records:
        return 0
    keyring = connection.keyring
    tables = [clear.sealed] if clear.of is None else [clear.sealed, clear.of]
    opened = await open_each(records, lambda some: open_all(connection, some, *tables))
    rows = [row for row in opened if row is not None]
    owners = {row["owner_id"] for row in rows if row["owner_id"] is not None}
    keys: dict[Any, Any] = {None: keyring.system, **await keyring.of_many(owners)}
    given = [
        {
            "place": row["place"],
            "version": row["version"],
            **_sealed(connection, clear, keys[row["owner_id"]], row),
        }
        for row in rows
    ]
    put: int = await connection.fetchval(_PUT, clear.table, given)
    return put


async def note_none_left(connection: Connection, clear: Clear) -> None:
    """The table was looked through and nothing is in clear any more."""
    await connection.execute(_NOTE, clear.name)


async def is_done(connection: Connection, clear: Clear, *, days: int) -> bool:
    """Whether that was so in the last days."""
    done: bool = await connection.fetchval(_NONE_LEFT, clear.name, days)
    return done


def _sealed(
    connection: Connection, clear: Clear, key: Any, row: Mapping[str, Any]
) -> dict[str, Any]:
    """What is to stand in the row's columns, as JSON."""
    sealed, keyring = clear.sealed, connection.keyring
    found: dict[str, Any] = {
        column: keyring.hash_address(row[of])
        for column, of in clear.hashes.items()
        if row[of] is not None
    }
    found |= {
        column: keyring.hash_topic(row["owner_id"], row[of])
        for column, of in clear.topics.items()
        if row[of] is not None
    }
    row_id = tuple({**row, **found}[name] for name in sealed.row)  # a hash may name its row
    values = {column: row[column] for column in sealed.columns}
    found |= zip(values, sealed.seal_by(keyring, key, row_id, **values), strict=True)
    for column, kind in clear.hashed.items():
        if row[column] is not None:
            found[column] = hashed(connection, kind, row[column])
    return {
        column: f"\\x{value.hex()}" if isinstance(value, bytes) else value
        for column, value in found.items()
    }
