"""A call's past: its journal read back, and the state it folds to. Writes nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from db.calls import CallRow
from db.core.rows import Connection
from db.history import journal
from db.history.journal import JournalRow
from media.agent import Agent
from media.call import Call, fold
from media.events import Event, Requested, ToolAnswered, ToolCalled
from media.settings import Settings


class Past(msgspec.Struct, frozen=True):
    """The folded state, the last sequence number, and the events with their epoch-second times."""

    call: Call
    seq: int
    events: list[tuple[float, Event]]


def decode_event(row: JournalRow) -> Event:
    """The event of a journal row. Raises msgspec.ValidationError when this code cannot read it."""
    event: Event = msgspec.convert(row.event, Event)
    return event


def shown(row: JournalRow) -> Any:
    """The row's event for clients: with all of its fields, also those that rows leave out because
    they have their default. What this code cannot read is shown as it is; an agent's own tools and
    numbers are not, nor what tools were given and gave."""
    try:
        event = decode_event(row)
    except msgspec.ValidationError:
        return row.event
    event = _without_tools(event)
    return {"type": event.__struct_config__.tag, **msgspec.structs.asdict(event)}


def kept(row: JournalRow) -> Any:
    """The row's event in the short form it is kept in, without what `shown` leaves out, too."""
    try:
        event = decode_event(row)
    except msgspec.ValidationError:
        return row.event
    told = _without_tools(event)
    return row.event if told is event else msgspec.to_builtins(told)


def _without_tools(event: Event) -> Event:
    match event:
        case Requested(agent=Agent() as agent):
            return replace(event, agent=replace(agent, tools=(), transfer_to=()))
        case ToolCalled():
            return replace(event, call=replace(event.call, arguments=""))
        case ToolAnswered():
            return replace(event, result="")
        case _:
            return event


async def read(connection: Connection, row: CallRow, settings: Settings) -> Past:
    """Everything that ever happened to a call. Raises ValueError for a journal without a start."""
    rows = await journal.read(connection, row.id)
    return await asyncio.to_thread(folded, rows, settings)  # 30 ms of a call of three minutes


def folded(rows: Sequence[JournalRow], settings: Settings) -> Past:
    """What a call's whole journal leads to. Raises as `read`."""
    events = [(line.at.timestamp(), decode_event(line)) for line in rows]
    return Past(fold(settings, events), rows[-1].seq, events)
