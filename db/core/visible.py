"""What the user of a transaction may see of a table of theirs, by row level security.

Runs as the user, so that the database decides; knows tables by name and no other columns.
"""

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from db.core.rows import Connection

Table: TypeAlias = Literal["calls", "sms_conversations", "emails", "users"]


async def visible(connection: Connection, table: Table, row_id: UUID) -> bool:
    """Whether the user of this transaction may see the row."""
    query = f"select exists (select from public.{table} where id = $1)"  # noqa: S608 - a literal
    seen: bool = await connection.fetchval(query, row_id)
    return seen


async def visible_page(
    connection: Connection,
    table: Table,
    user_id: UUID | None,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[UUID]:
    """The newest rows that the user of this transaction may see: of `user_id`, or everybody's."""
    whose = "$1::uuid is null" if user_id is None else "user_id = $1"
    query = f"""
select id from public.{table}
where {whose} and (created_at, id) < (coalesce($2, 'infinity'::timestamptz),
    coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
order by created_at desc, id desc limit $4
"""  # noqa: S608 - a literal
    created_at, row_id = before or (None, None)
    records = await connection.fetch(query, user_id, created_at, row_id, limit)
    return [record["id"] for record in records]
