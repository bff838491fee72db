"""What was said on one topic with one counterpart, whatever the channel.

Topics and e-mail addresses are the same but for case. A counterpart is a list of addresses.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from db.calls import COLUMNS, CallRow
from db.core.rows import Connection, many

_CALLS = f"""
select {COLUMNS} from public.calls c join app.call_details d on d.call_id = c.id
where c.user_id = $1 and lower(c.topic) = lower($2) and c.id is distinct from $3
    and c.user_phone_number = any($5)
    and c.answered_time is not null and c.ended_time is not null
order by c.created_at desc limit $4
"""  # noqa: S608 - the columns there

_MESSAGES_ON_TOPIC = """
select at, is_theirs, text from (
    select m.created_at as at, m.direction = 'inbound' as is_theirs, m.message_text as text
    from public.sms_conversations c
    join public.sms_messages m on m.conversation_id = c.id
    join app.message_details d on d.message_id = m.id
    where c.user_id = $1 and lower(c.topic) = lower($2) and c.id is distinct from $3
        and c.phone_number = any($5) and d.state in ('received', 'accepted')
    union all
    select e.created_at, d.state = 'received', e.content
    from public.emails e join app.email_details d on d.email_id = e.id
    left join public.emails ours on ours.id = d.in_reply_to
    where e.user_id = $1 and lower(e.topic) = lower($2) and e.id is distinct from $3
        and lower(coalesce(ours.recipient_email, e.recipient_email)) = any($5)
        and d.state in ('received', 'accepted')
) everything
where text <> '' order by at desc limit $4
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
    return many(await connection.fetch(_CALLS, user_id, topic, but, limit, addresses), CallRow)


async def messages_on_topic(
    connection: Connection, user_id: UUID, topic: str, but: UUID | None, limit: int,
    addresses: Sequence[str],
) -> list[Said]:  # fmt: skip
    """The newest texts and e-mails with these addresses that reached the other side, or us."""
    rows = await connection.fetch(_MESSAGES_ON_TOPIC, user_id, topic, but, limit, addresses)
    return many(rows, Said)
