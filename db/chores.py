"""What some node has to do once in a while: whoever claims a chore does it. Knows no chore."""

from db.rows import Connection

_CLAIM = """
insert into app.chores as c (name) values ($1)
on conflict (name) do update set begun_at = now()
where c.begun_at <= now() - make_interval(secs => $2)
returning true
"""


async def claim(connection: Connection, name: str, *, every_seconds: float) -> bool:
    """True for the one node that is to do it now; the next turn comes in `every_seconds`."""
    return await connection.fetchval(_CLAIM, name, every_seconds) is True
