"""Everything that is held of one person, as rows for files: each kind in pages, oldest first.

Rows come from the modules that know how to read them, in the shapes that clients know from REST.
A kind of data that is added to the product is added here and to the readme. The sound of calls is
no rows, and is put in beside them.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from db import annotations, calls, costs, emails, recordings, scheduled_calls, webhooks
from db.accounts import api_keys, users
from db.calls import CallRow
from db.consent import contacts
from db.core.rows import Connection
from db.history import journal
from db.history.journal import JournalRow
from db.privacy import exports, numbers
from db.privacy.exports import Paged, Place
from db.texts import conversations, messages
from server.calls.wire import call_out
from server.core.node import Node
from server.emails.wire import email_out
from server.history.replay import kept
from server.history.said import said
from server.scheduled_calls.wire import scheduled_call_out
from server.texts.wire import conversation_out, message_out

Rows: TypeAlias = list[dict[str, Any]]
Pages: TypeAlias = AsyncIterator[Rows]
Found: TypeAlias = dict[str, Rows]
"""Some rows of one kind, or of several that are read together."""
Kind: TypeAlias = Callable[[Node, uuid.UUID], Pages]
PAGE = 200
CALLS_AT_A_TIME = 25  # whose journals are in memory at once

README = """\
This is a copy of everything that Talking App holds of you. Each file is there twice: as JSON, and
as CSV for spreadsheets. What is longer than a few megabytes goes on in a second file ("calls-2").
Times are UTC.

profile          who you are to us and what you said of yourself
addresses        numbers and e-mail addresses that you proved to be yours
subscriptions    your plans, from the first one on
plan_changes     changes of plan that were asked for
billing_events   what happened to your plan and payments; invoices are in the customer portal
usage            calls, text conversations and e-mails used, by month
costs            seconds, characters, tokens and messages that these took of services
calls            your phone calls
call_tags        tags on them
call_notes       notes on them
transcripts      what was said in them: as it was meant, and as far as it was heard
recordings       who agreed to be recorded, in which words; the sound is in the folder of that name
scheduled_calls  calls that you asked for in advance
journal          everything the calls were decided by, event by event
conversations    your text conversations
texts            the texts in them
emails           e-mails sent for you, and the answers to them
consents         who agreed to be called or texted, in which words, as you told us
opt_outs         wishes not to be contacted at your own addresses
api_keys         keys by which programs act for you; the keys themselves nobody has
webhooks         where your events are sent; what was sent there is of the other files
acts             what was done to your data and when, also who of us looked at it

Cards and invoices are with Stripe, which only tells us what was paid.
"""


async def _profile(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        row = await users.get(connection, user_id)
        said = await users.profile(connection, user_id)
        phone = await numbers.preferred(connection, user_id)
    if row is not None:
        yield [{**msgspec.structs.asdict(row), **msgspec.structs.asdict(said), "phone": phone}]


async def _addresses(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        own = await contacts.own_addresses(connection, user_id)
    yield [{"address": address} for address in own]


async def _consents(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        found = await contacts.consents(connection, user_id)
    yield [msgspec.structs.asdict(one) for one in found]


async def _opt_outs(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        own = await contacts.own_addresses(connection, user_id)
        found = await contacts.opt_outs(connection, own)
    yield [msgspec.structs.asdict(one) for one in found]


async def _recordings(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        found = await recordings.of_user(connection, user_id)
    yield [
        {name: value for name, value in msgspec.structs.asdict(one).items() if name != "user_id"}
        for one in found
    ]


async def _api_keys(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        found = await api_keys.list_of(connection, user_id, None)
    yield [msgspec.to_builtins(one) for one in found]


async def _webhooks(node: Node, user_id: uuid.UUID) -> Pages:
    async with node.pools.as_service() as connection:
        found = await webhooks.list_of(connection, user_id)
    secret = {"secret", "former_secret"}
    yield [
        {name: value for name, value in msgspec.structs.asdict(one).items() if name not in secret}
        for one in found
    ]


async def _calls(node: Node, user_id: uuid.UUID) -> Pages:
    async for rows in _pages(node, "calls", user_id, calls.get_many):
        yield [msgspec.to_builtins(call_out(row)) for row in rows]


async def _scheduled_calls(node: Node, user_id: uuid.UUID) -> Pages:
    place: Place | None = None
    while True:
        async with node.pools.as_service() as connection:
            rows = await scheduled_calls.page(connection, user_id, limit=PAGE, before=place)
        if not rows:
            return
        yield [msgspec.to_builtins(scheduled_call_out(row)) for row in rows]
        place = rows[-1].created_at, rows[-1].id


async def _said(node: Node, user_id: uuid.UUID) -> AsyncIterator[Found]:
    """What was said, and the journals it is read from: of these there is most, so they are read and
    opened once."""
    async for found in _journals(node, user_id):
        yield await asyncio.to_thread(_of_journals, found)


async def _conversations(node: Node, user_id: uuid.UUID) -> Pages:
    async for rows in _pages(node, "sms_conversations", user_id, conversations.get_many):
        yield [msgspec.to_builtins(conversation_out(row)) for row in rows]


async def _texts(node: Node, user_id: uuid.UUID) -> Pages:
    async for rows in _pages(node, "sms_messages", user_id, messages.get_many):
        yield [msgspec.to_builtins(message_out(row)) for row in rows]


async def _emails(node: Node, user_id: uuid.UUID) -> Pages:
    async for rows in _pages(node, "emails", user_id, emails.get_many):
        yield [msgspec.to_builtins(email_out(row)) for row in rows]


_Listed = Callable[[Connection, uuid.UUID], Awaitable[Rows]]
_PagedList = Callable[[Connection, uuid.UUID, Place | None, int], Awaitable[Rows]]


def _all(read: _Listed) -> Kind:
    """Of which there is little."""

    async def pages(node: Node, user_id: uuid.UUID) -> Pages:
        async with node.pools.as_service() as connection:
            rows = await read(connection, user_id)
        yield rows

    return pages


def _by_place(read: _PagedList) -> Kind:
    async def pages(node: Node, user_id: uuid.UUID) -> Pages:
        place: Place | None = None
        while True:
            async with node.pools.as_service() as connection:
                rows = await read(connection, user_id, place, PAGE)
            if not rows:
                return
            yield rows
            place = rows[-1]["created_at"], rows[-1]["id"]

    return pages


_KINDS: dict[str, Kind] = {
    "profile": _profile,
    "addresses": _addresses,
    "subscriptions": _all(exports.subscriptions),
    "plan_changes": _all(exports.plan_changes),
    "billing_events": _by_place(exports.billing_events),
    "usage": _all(exports.usage),
    "costs": _by_place(costs.of_user),
    "calls": _calls,
    "call_tags": _by_place(annotations.exported_tags),
    "call_notes": _by_place(annotations.exported_notes),
    "recordings": _recordings,
    "scheduled_calls": _scheduled_calls,
    "conversations": _conversations,
    "texts": _texts,
    "emails": _emails,
    "consents": _consents,
    "opt_outs": _opt_outs,
    "api_keys": _api_keys,
    "webhooks": _webhooks,
    "acts": _by_place(exports.acts),
}
_SAID = ("transcripts", "journal")
KINDS = (*_KINDS, *_SAID)


async def everything(node: Node, user_id: uuid.UUID) -> AsyncIterator[tuple[Found, bool]]:
    """All of it, kind by kind; with what is the last of its kinds."""
    for name, pages in _KINDS.items():
        async for rows in pages(node, user_id):
            yield {name: rows}, False
        yield {name: []}, True
    async for found in _said(node, user_id):
        yield found, False
    yield {name: [] for name in _SAID}, True


async def _pages(
    node: Node, table: Paged, user_id: uuid.UUID,
    get_many: Callable[[Connection, Sequence[uuid.UUID]], Awaitable[list[Any]]],
    size: int = PAGE,
) -> AsyncIterator[list[Any]]:  # fmt: skip
    place: Place | None = None
    while True:
        async with node.pools.as_service() as connection:
            places = await exports.page_of_ids(connection, table, user_id, place, size)
            found = await get_many(connection, [row_id for _, row_id in places])
        if not places:
            return
        yield sorted(found, key=lambda row: (row.created_at, row.id))
        place = places[-1]


_Journals: TypeAlias = list[tuple[CallRow, list[JournalRow]]]


async def _journals(node: Node, user_id: uuid.UUID) -> AsyncIterator[_Journals]:
    async for rows in _pages(node, "calls", user_id, calls.get_many, CALLS_AT_A_TIME):
        async with node.pools.as_service() as connection:
            found = [(row, await journal.read(connection, row.id)) for row in rows]
        yield found


def _of_journals(found: _Journals) -> Found:
    return {"transcripts": _turns(found), "journal": _lines(found)}


def _turns(found: _Journals) -> Rows:
    return [{"call_id": row.id, **turn} for row, lines in found for turn in said(lines)]


def _lines(found: _Journals) -> Rows:
    return [
        {"call_id": row.id, "seq": line.seq, "at": line.at, "event": kept(line)}
        for row, lines in found
        for line in lines
    ]
