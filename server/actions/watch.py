"""What a live socket begins with: a topic's missing events, or its state as a snapshot.

Position and state come from one snapshot of the database, so nothing overlaps and nothing is
missing between them and the events that follow.
"""

from typing import Any

import msgspec

from db import calls, conversations, emails, messages, streams, usage, users
from db.rows import CallRow, Connection, EventRow, Position
from server import history
from server.actions.mails import SHOWN_CHARACTERS
from server.auth import Identity
from server.dashboard.messages import Cursor
from server.deps import Deps
from server.wire import (
    call_out,
    conversation_out,
    email_out,
    message_out,
    metric_out,
    rfc3339,
    utc,
)

RECENT_CALLS = 50
RECENT_CONVERSATIONS = 50
MESSAGES_SHOWN = 20
RECENT_EMAILS = 20


class Beginning(msgspec.Struct, frozen=True):
    """Either `missed` events in order or, when that is None, the `state` as of `position`."""

    position: Position
    missed: list[EventRow] | None
    state: dict[str, Any]


async def begin(deps: Deps, who: Identity, cursor: Cursor | None) -> Beginning:
    """Where topic `me` starts for this client: never a partial replay."""
    most = deps.config.limits.live_replay_events
    async with deps.pools.as_service(one_snapshot=True) as connection:
        position = await streams.position(connection, who.user_id) or Position("", 0)
        if cursor is not None and cursor.epoch == position.epoch:
            gap = position.seq - cursor.seq
            if 0 <= gap <= most:
                missed = await streams.read_after(connection, who.user_id, cursor.seq, most)
                if len(missed) == gap:
                    return Beginning(position, missed, {})
        return Beginning(position, None, await _state(deps, connection, who))


async def _state(deps: Deps, connection: Connection, who: Identity) -> dict[str, Any]:
    rows = await calls.list_page(connection, user_id=who.user_id, limit=RECENT_CALLS)
    month = usage.month_year(utc(deps.clock()))
    used = await usage.read(connection, who.user_id, month)
    user = await users.get(connection, who.user_id)
    threads = await conversations.of_user(connection, who.user_id, RECENT_CONVERSATIONS)
    mails = await emails.of_user(connection, who.user_id, RECENT_EMAILS)
    return {
        "calls": [call_out(row) for row in rows],
        "transcripts": {
            str(row.id): await _turns(deps, connection, row)
            for row in rows
            if row.ended_time is None
        },
        "conversations": [conversation_out(row) for row in threads],
        "messages": {
            str(row.id): [
                message_out(one)
                for one in await messages.newest(connection, row.id, MESSAGES_SHOWN)
            ]
            for row in threads
            if row.status != "ended"
        },
        "emails": [email_out(row, SHOWN_CHARACTERS) for row in mails],
        "usage": {row.metric: metric_out(row.used, row.reserved, row.limit) for row in used},
        "plan": None if user is None else user.subscription_plan_id,
    }


async def _turns(deps: Deps, connection: Connection, row: CallRow) -> list[dict[str, Any]]:
    past = await history.read(connection, row, deps.config.call_settings)
    return [
        {
            "speaker": turn.speaker,
            "text": turn.text,
            "heard": turn.heard,
            "at": rfc3339(utc(turn.at)),
        }
        for turn in past.call.about.turns
    ]
