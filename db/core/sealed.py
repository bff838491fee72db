"""Columns that hold sealed values: sealed before a statement, opened before a record is a Struct.

A module of queries says once which columns of a table are sealed. Nothing above `db` sees a sealed
value. Values that nobody sealed yet are read as they stand. Knows no table.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from db.core import packing, sealing
from db.core.keyring import GONE, Keyring
from db.core.rows import Connection
from db.core.sealing import Key, Unsealable

AT_ONCE = 200  # values, opened in one turn of the loop: 1 to 4 ms
R = TypeVar("R")
T = TypeVar("T")


class Sealed(msgspec.Struct, frozen=True):
    """The sealed columns of a table, by their type; `row`: the columns whose values name a row,
    as the module's queries call them. None of these may be a time, which has many forms. `raw` are
    bytes, `packed` JSON made short, in a column of bytes."""

    table: str
    row: tuple[str, ...] = ("id",)
    text: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    packed: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.text, *self.json, *self.raw, *self.packed)

    async def seal(
        self, connection: Connection, user_id: UUID | None, row: object, /, **values: Any
    ) -> list[Any]:
        """The values of these columns in a row (its id; a tuple of what names it), as they are to
        be written: sealed by the person's key, None: by the one of what is nobody's."""
        keyring: Keyring = connection.keyring
        return self.seal_by(keyring, await keyring.of(user_id), row, **values)

    def seal_by(self, keyring: Keyring, by: Key, row: object, /, **values: Any) -> list[Any]:
        """As `seal`, with a key at hand."""
        seals = keyring.seals(self.table)
        return [self._sealed(column, value, by, row, seals) for column, value in values.items()]

    def seal_packed(
        self, keyring: Keyring, column: str, given: Sequence[tuple[Key, str, Any]]
    ) -> list[bytes]:
        """A packed column of many rows at once: for each the key, what names the row (with U+001F
        between several), and the value. The quick way, for what live calls write."""
        if not keyring.seals(self.table):
            return [packing.pack(value) for _, _, value in given]
        head = f"{self.table}\x1f{column}\x1f"
        return sealing.seal_many_raw([
            (by, packing.pack(value), (head + name).encode()) for by, name, value in given
        ])  # fmt: skip

    async def many(
        self, connection: Connection, records: Iterable[Mapping[str, Any]], kind: type[T]
    ) -> list[T]:
        """Each record as a `kind`, opened. Raises Unsealable."""
        rows = await open_all(connection, records, self)
        return [msgspec.convert(row, kind) for row in rows]

    async def one(
        self, connection: Connection, record: Mapping[str, Any] | None, kind: type[T]
    ) -> T | None:
        """The record as a `kind`, opened, or None if there is no record. Raises Unsealable."""
        return None if record is None else await self.opened(connection, record, kind)

    async def opened(self, connection: Connection, record: Mapping[str, Any], kind: type[T]) -> T:
        """A record that is there as a `kind`, opened. Raises Unsealable."""
        return (await self.many(connection, [record], kind))[0]

    def _sealed(self, column: str, value: Any, by: Key, row: object, seals: bool) -> Any:
        # What looks like a sealed value is sealed whatever the mode: it would be taken for one.
        if value is None or not (seals or column in self.packed or sealing.is_sealed(value)):
            return value
        where = sealing.place(self.table, column, row)
        if column in self.text:
            return sealing.seal(by, value.encode(), where)
        if column in self.json:
            return sealing.seal(by, msgspec.json.encode(value), where)
        if column in self.packed:
            packed = packing.pack(value)
            return sealing.seal_many_raw([(by, packed, where)])[0] if seals else packed
        if column in self.raw:
            return sealing.seal_many_raw([(by, value, where)])[0]
        raise TypeError(f"{self.table}.{column} is no sealed column")


async def open_all(
    connection: Connection, records: Iterable[Mapping[str, Any]], *tables: Sealed
) -> list[dict[str, Any]]:
    """The records, with what is sealed in them opened; each of the tables has columns of its own.

    Keys that are not at hand are read by one statement; what a destroyed key sealed is empty.
    Raises Unsealable.
    """
    rows = [dict(record) for record in records]
    found = [place for table in tables for place in _found(table, rows)]
    keys = await connection.keyring.with_ids({one[0] for one in found}) if found else {}
    try:
        for opened, (key_id, value, where, row, column, (empty, decode)) in enumerate(found, 1):
            if opened % AT_ONCE == 0:
                await asyncio.sleep(0)  # calls run here, too
            key = keys.get(key_id)
            if key is None:
                raise Unsealable("a sealed value's key is not there")
            row[column] = empty if key is GONE else decode(sealing.unseal(key, value, where))
        for column in (column for table in tables for column in table.packed):
            for row in rows:
                if isinstance(row.get(column), bytes):  # packed in clear
                    row[column] = packing.unpack(row[column])
    except (ValueError, RecursionError):
        raise Unsealable("a value is damaged") from None
    return rows


async def open_each(
    records: Sequence[R], opening: Callable[[Sequence[R]], Awaitable[Sequence[T]]]
) -> list[T | None]:
    """What `opening` makes of the records, all at once. Only if one is damaged, each by itself, and
    None stands in the place of what does not open: no other is to wait for it."""
    try:
        return [*await opening(records)]
    except Unsealable:
        found: list[T | None] = []
    for record in records:
        try:
            found += await opening([record])
        except Unsealable:
            found.append(None)
    return found


_Form: TypeAlias = tuple[Any, Callable[[bytes], Any]]
"""What a value is when its key was destroyed, and how it is made of bytes."""
_TEXT: _Form = ("", bytes.decode)
_JSON: _Form = ({}, msgspec.json.Decoder().decode)
_RAW: _Form = (b"", bytes)
_PACKED: _Form = ({}, packing.unpack)


def _found(
    table: Sealed, rows: Sequence[dict[str, Any]]
) -> list[tuple[str, str | bytes, bytes, dict[str, Any], str, _Form]]:
    """Every sealed value of the table in these rows: its key's id, itself, its place; row, column,
    form."""
    forms = ((table.text, _TEXT), (table.json, _JSON), (table.raw, _RAW), (table.packed, _PACKED))
    columns = [
        (column, f"{table.table}\x1f{column}\x1f".encode(), form)
        for names, form in forms
        for column in names
    ]
    found = []
    for row in rows:
        name = b""
        for column, head, form in columns:
            value = row.get(column)
            if value is not None and (key_id := sealing.key_id_of(value)) is not None:
                if not name:
                    name = str(row[table.row[0]]).encode()
                    for one in table.row[1:]:
                        name += f"\x1f{row[one]}".encode()
                found.append((key_id, value, head + name, row, column, form))
    return found
