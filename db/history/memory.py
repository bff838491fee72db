"""What was said on one topic with one counterpart, whatever the channel.

Topics and e-mail addresses are the same but for case. A counterpart is a list of addresses.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from db import calls as call_rows
from db import emails
from db.calls import COLUMNS, CallRow
from db.core.rows import Connection
from db.core.sealed import open_all
from db.texts import messages

_CALLS = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where c.user_id = $1 and c.id is distinct from $3
    and (d.topic_hash = $6 or d.topic_hash is null and lower(c.topic) = lower($2))
    and (d.number_hash = any($7) or d.number_hash is null and c.user_phone_number = any($5))
    and c.answered_time is not null and c.ended_time is not null
order by c.created_at desc limit $4
"""  # noqa: S608 - the columns there

_MESSAGES_ON_TOPIC = """
select id, at, is_theirs, message_text, content from (
    select m.id, m.created_at as at, m.direction = 'inbound' as is_theirs, m.message_text,
        null as content
    from public.sms_conversations c
    join app.conversation_details t on t.conversation_id = c.id
    join public.sms_messages m on m.conversation_id = c.id
    join app.message_details d on d.message_id = m.id
    where c.user_id = $1 and c.id is distinct from $3
        and (t.topic_hash = $6 or t.topic_hash is null and lower(c.topic) = lower($2))
        and (t.number_hash = any($7) or t.number_hash is null and c.phone_number = any($5))
        and d.state in ('received', 'accepted')
    union all
    select e.id, e.created_at, d.state = 'received', null, e.content
    from public.emails e join app.email_details d on d.email_id = e.id
    join app.email_details ours on ours.email_id = coalesce(d.in_reply_to, e.id)
    join public.emails written on written.id = ours.email_id
    where e.user_id = $1 and e.id is distinct from $3
        and (d.topic_hash = $6 or d.topic_hash is null and lower(e.topic) = lower($2))
        and (ours.recipient_hash = any($7)
            or ours.recipient_hash is null and lower(written.recipient_email) = any($5))
        and d.state in ('received', 'accepted')
) everything
where coalesce(message_text, content) <> '' order by at desc limit $4
"""


class Said(msgspec.Struct, frozen=True):
    """Something written: by the other side if `is_theirs`."""

    at: datetime
    is_theirs: bool
    text: str


async def calls(
    connection: Connection, user_id: UUID, topic: str, but: UUID | None, limit: int,
    addresses: Sequence[str],
) -> list[CallRow]:  # fmt: skip
    """The user's newest calls to these numbers on the topic that were answered and are over."""
    found = await _found(connection, _CALLS, user_id, topic, but, limit, addresses)
    return await call_rows.SEALED.many(connection, found, CallRow)


async def messages_on_topic(
    connection: Connection, user_id: UUID, topic: str, but: UUID | None, limit: int,
    addresses: Sequence[str],
) -> list[Said]:  # fmt: skip
    """The newest texts and e-mails with these addresses that reached the other side, or us."""
    found = await _found(connection, _MESSAGES_ON_TOPIC, user_id, topic, but, limit, addresses)
    rows = await open_all(connection, found, messages.SEALED, emails.SEALED)
    said = [
        Said(row["at"], row["is_theirs"], row["message_text"] or row["content"]) for row in rows
    ]
    return [one for one in said if one.text]


async def _found(
    connection: Connection, query: str, user_id: UUID, topic: str, but: UUID | None, limit: int,
    addresses: Sequence[str],
) -> Sequence[Any]:  # fmt: skip
    """What is on the topic with these addresses, by their hashes or, where none are yet, by them
    themselves."""
    keyring = connection.keyring
    hashes = [keyring.hash_address(one) for one in addresses]
    found: Sequence[Any] = await connection.fetch(
        query, user_id, topic, but, limit, addresses, keyring.hash_topic(user_id, topic), hashes
    )
    return found
