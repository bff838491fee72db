"""What the user of a transaction may see of a table of theirs, by row level security.

Runs as the user, so that the database decides; knows tables by name and the few columns by which
lists are filtered and ordered. What stands in tables that users cannot enter (how far an e-mail
got, the hash of a topic, tags) is looked up as the service, which may only propose: `visible_among`
decides.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.rows import Connection

Table: TypeAlias = Literal["calls", "sms_conversations", "emails", "users"]
Sort: TypeAlias = Literal["created_at", "-created_at", "duration_seconds", "-duration_seconds"]
Place: TypeAlias = tuple[datetime | int, UUID]
"""Where a row stands in a list: by what it is sorted, and its id."""

_VISIBLE_AMONG = {
    table: f"select id from public.{table} where id = any($1)"  # noqa: S608 - a literal
    for table in ("calls", "sms_conversations", "emails")
}
_KEYS = {"created_at": "t.created_at", "duration_seconds": "coalesce(t.duration_seconds, 0)"}
_DETAILS = {
    "calls": "join app.call_details d on d.call_id = t.id",
    "sms_conversations": "join app.conversation_details d on d.conversation_id = t.id",
    "emails": "join app.email_details d on d.email_id = t.id",
}


class Wanted(msgspec.Struct, frozen=True):
    """Which rows of a list, and in which order ("-": the largest first); None: any. `since` is
    within, `until` is not; lengths are in seconds, none counts as 0. Lengths and the last five
    only where the table has such. `is_received`: e-mails that came to us, or only ours; `topic` and
    `tag`: this one, in any case; `direction`: calls to us, or from here."""

    sort: Sort = "-created_at"
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    shortest: int | None = None
    longest: int | None = None
    delivery: str | None = None
    is_received: bool | None = None
    topic: str | None = None
    tag: str | None = None
    direction: str | None = None

    @property
    def needs_details(self) -> bool:
        """Whether only the service can tell which rows these are."""
        details = (self.delivery, self.is_received, self.topic, self.tag, self.direction)
        return any(one is not None for one in details)


async def visible(connection: Connection, table: Table, row_id: UUID) -> bool:
    """Whether the user of this transaction may see the row."""
    query = f"select exists (select from public.{table} where id = $1)"  # noqa: S608 - a literal
    seen: bool = await connection.fetchval(query, row_id)
    return seen


async def visible_among(connection: Connection, table: Table, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these rows that the user of this transaction may see."""
    return {record["id"] for record in await connection.fetch(_VISIBLE_AMONG[table], ids)}


async def matching_page(
    connection: Connection,
    table: Table,
    user_id: UUID | None,
    wanted: Wanted,
    *,
    limit: int,
    after: Place | None = None,
) -> list[Place]:
    """The first rows after a place: of `user_id`, or everybody's that whoever asks may see. With
    `wanted.needs_details` it is the service that asks, always for one user."""
    topic_hash = tag_hash = None
    if wanted.topic is not None and user_id is not None:
        topic_hash = connection.keyring.hash_topic(user_id, wanted.topic)
    if wanted.tag is not None and user_id is not None:
        tag_hash = connection.keyring.hash_tag(user_id, wanted.tag)
    query, values = matching(table, user_id, wanted, topic_hash, tag_hash, limit=limit, after=after)
    return [(record["key"], record["id"]) for record in await connection.fetch(query, *values)]


def matching(
    table: Table, user_id: UUID | None, wanted: Wanted, topic_hash: bytes | None = None,
    tag_hash: bytes | None = None, *, limit: int, after: Place | None = None,
) -> tuple[str, list[Any]]:  # fmt: skip
    """The statement and its values, with a condition for each thing that is wanted and no other, so
    that PostgreSQL plans what is asked."""
    name = wanted.sort.removeprefix("-")
    key, falls = _KEYS[name], wanted.sort.startswith("-")
    conditions = {
        "t.user_id = {}::uuid": user_id,
        "t.created_at >= {}::timestamptz": wanted.since,
        "t.created_at < {}::timestamptz": wanted.until,
        "t.status = {}::text": wanted.status,
        "coalesce(t.duration_seconds, 0) >= {}::integer": wanted.shortest,
        "coalesce(t.duration_seconds, 0) <= {}::integer": wanted.longest,
        "coalesce(d.delivery, d.state) = {}::text": wanted.delivery,
        "(d.state = 'received') = {}::boolean": wanted.is_received,
        "d.topic_hash = {}::bytea": topic_hash,
        "d.direction = {}::text": wanted.direction,
        "t.id in (select call_id from app.call_tags where tag_hash = {}::bytea)": tag_hash,
    }
    given = {text: value for text, value in conditions.items() if value is not None}
    values = list(given.values())
    parts = [text.format(f"${place}") for place, text in enumerate(given, 1)] or ["true"]
    if after is not None:
        kind = "integer" if name == "duration_seconds" else "timestamptz"
        first, second = len(values) + 1, len(values) + 2
        values += after
        sign = "<" if falls else ">"
        parts.append(f"({key}, t.id) {sign} (${first}::{kind}, ${second}::uuid)")
    values.append(limit)
    join = _DETAILS[table] if wanted.needs_details else ""
    order = "desc" if falls else "asc"
    query = f"""
select t.id, {key} as key from public.{table} t {join}
where {" and ".join(parts)} order by {key} {order}, t.id {order} limit ${len(values)}::integer
"""  # noqa: S608 - parts of ours; what is asked for is a parameter
    return query, values
