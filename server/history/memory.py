"""What was said on a topic before, by phone, by text and by e-mail: one memory for all channels.

A memory is of one user, one topic and one counterpart: what somebody said is told to nobody else.
The user's own addresses are one counterpart, as they are one person.

Only what really reached the other side counts: what was heard of a call, texts that were taken,
mails that were sent. Reads; writes nothing.
"""

import uuid

from db.consent import contacts
from db.core.rows import Connection
from db.history import memory
from media.dialogue import Turn
from server.core.config import Config
from server.history import replay

MOST_TURNS = 40
_MOST_CALLS = 3
_MAIL_CHARACTERS = 600


async def recall(
    connection: Connection,
    config: Config,
    user_id: uuid.UUID,
    topic: str,
    counterpart: str,
    *,
    but: uuid.UUID | None = None,
) -> tuple[Turn, ...]:
    """The newest turns of the user's calls, conversations and e-mails on the topic with whoever
    has this number or address, oldest first.

    `but` is the call, conversation or e-mail that asks: what is in it is no memory.
    """
    turns: list[Turn] = []
    person = counterpart.lower()
    own = await contacts.own_addresses(connection, user_id)
    addresses = own if person in own else [person]
    for row in await memory.calls(connection, user_id, topic, but, _MOST_CALLS, addresses):
        past = await replay.read(connection, row, config.call_settings)
        turns += [turn for turn in past.call.facts.turns if turn.heard.strip()]
    for said in await memory.messages_on_topic(
        connection, user_id, topic, but, MOST_TURNS, addresses
    ):
        text = " ".join(said.text.split())[:_MAIL_CHARACTERS]
        turns.append(Turn("caller" if said.is_theirs else "agent", text, text, said.at.timestamp()))
    turns.sort(key=lambda turn: turn.at)
    return tuple(turns[-MOST_TURNS:])
