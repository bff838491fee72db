"""Which topics there are and who may watch which; says no without telling whether a thing exists.

Whose a call or a conversation is, row level security decides. An administrator's look at what is
not theirs is written down.
"""

import uuid
from typing import Literal

import msgspec

from db import calls
from db.core.visible import visible
from db.texts import conversations
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.node import Node
from server.live.hub import ALL, FLEET

MAX_TOPICS = 64
_NONE = (
    "There is no such topic, or not for you: `me`, `call:<id>` and `conv:<id>` of one's own; for"
    f" administrators `user:<id>`, `{ALL}` and `{FLEET}`."
)


class Topic(msgspec.Struct, frozen=True):
    """A topic somebody may watch: its name to them, its address in the hub, and whose stream it is
    part of (nobody's: everybody's events, or the nodes)."""

    name: str
    kind: Literal["user", "call", "conv", "all", "fleet"]
    address: str
    user_id: uuid.UUID | None = None
    subject_id: uuid.UUID | None = None


async def permit(deps: Node, who: Identity, name: str) -> Topic:
    """The topic, if the asker may watch it. Raises AppError("forbidden")."""
    if name == "me":
        return Topic(name, "user", f"user:{who.user_id}", who.user_id)
    if name in {ALL, FLEET} and who.admin:
        return Topic(name, "all" if name == ALL else "fleet", name)
    kind, _, text = name.partition(":")
    try:
        subject_id = uuid.UUID(text)
    except ValueError:
        raise AppError("forbidden", _NONE) from None
    if str(subject_id) != text:
        raise AppError("forbidden", _NONE)
    owner = await _owner(deps, who, kind, subject_id)
    if owner is None:
        raise AppError("forbidden", _NONE)
    if kind == "user":
        return Topic(name, "user", name, owner)
    return Topic(name, "call" if kind == "call" else "conv", name, owner, subject_id)


async def _owner(deps: Node, who: Identity, kind: str, subject_id: uuid.UUID) -> uuid.UUID | None:
    tables: dict[str, Literal["calls", "sms_conversations", "users"]] = {
        "call": "calls", "conv": "sms_conversations", "user": "users",
    }  # fmt: skip
    if kind not in tables or (kind == "user" and not who.admin):
        return None
    async with deps.pools.as_user(who.claims) as connection:
        if not await visible(connection, tables[kind], subject_id):
            return None
    if kind == "user":
        return subject_id
    async with deps.pools.as_service() as connection:
        get = calls.get_any if kind == "call" else conversations.get
        row = await get(connection, subject_id)
    return None if row is None else row.user_id
