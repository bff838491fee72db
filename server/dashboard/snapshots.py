"""The state of each topic as a client begins with it: what its events then keep up to date.

Long lists come in pages; a table by id goes with the rows it belongs to. Reads only, inside the
caller's snapshot; who may see it was decided before.
"""

import uuid
from typing import Any, TypeAlias

from db import calls, emails
from db.accounts import users
from db.billing import usage
from db.calls import CallRow
from db.cluster import nodes
from db.core.rows import Connection
from db.texts import conversations, messages
from server.calls.wire import call_out
from server.cluster.deps import ClusterDeps
from server.cluster.wire import node_out
from server.core.times import rfc3339, utc
from server.dashboard.topics import Topic
from server.emails.store import SHOWN_CHARACTERS
from server.emails.wire import email_out
from server.history import replay
from server.texts.wire import conversation_out, message_out
from server.usage.wire import metric_out

State: TypeAlias = dict[str, Any]

RECENT_CALLS = 200
RECENT_CONVERSATIONS = 50
MESSAGES_SHOWN = 20
MESSAGES_OF_ONE = 200
RECENT_EMAILS = 20
PAGE_ROWS = 100
_TABLES = {"transcripts": "calls", "messages": "conversations"}


async def pages(deps: ClusterDeps, connection: Connection, topic: Topic) -> list[State]:
    """The topic's state, one page at least."""
    if topic.kind == "user" and topic.user_id is not None:
        return _paged(await _user(deps, connection, topic.user_id))
    if topic.kind == "call" and topic.subject_id is not None:
        return [await _call(deps, connection, topic.subject_id)]
    if topic.kind == "conv" and topic.subject_id is not None:
        return [await _conversation(connection, topic.subject_id)]
    if topic.kind == "all":
        return _paged(await _all(connection))
    lost = deps.config.cluster.lease_seconds
    return [{"nodes": [node_out(row, lost) for row in await nodes.everyone(connection)]}]


async def _user(deps: ClusterDeps, connection: Connection, user_id: uuid.UUID) -> State:
    rows = await calls.list_page(connection, user_id=user_id, limit=RECENT_CALLS)
    month = usage.month_year(utc(deps.clock()))
    used = await usage.read(connection, user_id, month)
    user = await users.get(connection, user_id)
    threads = await conversations.of_user(connection, user_id, RECENT_CONVERSATIONS)
    mails = await emails.of_user(connection, user_id, RECENT_EMAILS)
    return {
        "calls": [call_out(row) for row in rows],
        "transcripts": {
            str(row.id): (await _turns(deps, connection, row))[0]
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


async def _call(deps: ClusterDeps, connection: Connection, call_id: uuid.UUID) -> State:
    row = await calls.get_any(connection, call_id)
    if row is None:
        return {"call": None, "transcript": [], "journal_seq": 0}
    turns, seq = await _turns(deps, connection, row)
    return {"call": call_out(row), "transcript": turns, "journal_seq": seq}


async def _conversation(connection: Connection, conversation_id: uuid.UUID) -> State:
    row = await conversations.get(connection, conversation_id)
    written = await messages.newest(connection, conversation_id, MESSAGES_OF_ONE)
    return {
        "conversation": None if row is None else conversation_out(row),
        "messages": [message_out(one) for one in written],
    }


async def _all(connection: Connection) -> State:
    rows = await calls.list_page(connection, user_id=None, limit=RECENT_CALLS)
    threads = await conversations.of_all(connection, RECENT_CONVERSATIONS)
    return {
        "calls": [call_out(row) for row in rows],
        "conversations": [conversation_out(row) for row in threads],
    }


async def _turns(
    deps: ClusterDeps, connection: Connection, row: CallRow
) -> tuple[list[dict[str, Any]], int]:
    """What was said so far, and the journal's last number."""
    past = await replay.read(connection, row, deps.config.call_settings)
    turns = [
        {
            "speaker": turn.speaker,
            "text": turn.text,
            "heard": turn.heard,
            "at": rfc3339(utc(turn.at)),
        }
        for turn in past.call.facts.turns
    ]
    return turns, past.seq


def _paged(state: State) -> list[State]:
    """The state in pages: lists cut into pieces, everything that is short on the first."""
    lists = {key: rows for key, rows in state.items() if isinstance(rows, list)}
    count = max(1, *(-(-len(rows) // PAGE_ROWS) for rows in lists.values()))
    found: list[State] = []
    for number in range(count):
        part = slice(number * PAGE_ROWS, (number + 1) * PAGE_ROWS)
        cut = {key: rows[part] for key, rows in lists.items()}
        page = {key: state[key] for key in state if number == 0 or key in cut or key in _TABLES}
        for table, of in _TABLES.items():
            if table in state:
                ids = {str(row.id) for row in cut[of]}
                page[table] = {key: rows for key, rows in state[table].items() if key in ids}
        found.append({**page, **cut})
    return found
