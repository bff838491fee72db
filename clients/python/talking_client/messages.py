"""Messages of the live channel, as they come. Written from the API's description; never edited."""

import uuid
from typing import Any, TypeAlias

import msgspec


class ClientLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a client may cost."""

    frame: int
    cmd_per_s: float
    subs: int


class Subscribed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a topic starts, as of `seq`: by the events missed, or by a snapshot."""

    topic: str
    mode: str
    replayed: int = 0
    epoch: str = ""
    seq: int = 0
    filtered: bool = False


class Welcome(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="welcome"
):
    """The answer to hello."""

    v: int
    session: str
    node: str
    now: str
    ping_s: float
    token_exp: str
    limits: ClientLimits
    role: str
    subs: list[Subscribed]


class Snapshot(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="snapshot"
):
    """A topic's state as of `seq`; later events follow. The first page replaces what was known,
    further ones add to its lists and tables, and the state is whole with the `last`. `filtered`:
    the topic shows only a part of a stream, so its events' numbers have gaps."""

    topic: str
    epoch: str
    seq: int
    data: dict[str, Any]
    page: int = 1
    last: bool = True
    filtered: bool = False


class Event(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="event"
):
    """Something happened. Durable ones have `seq` and `epoch`; passing ones have `eph` instead."""

    topic: str
    id: uuid.UUID
    type: str
    v: int
    ts: str
    user_id: uuid.UUID | None
    subject: str
    data: Any
    seq: int | None = None
    epoch: str | None = None
    rev: int | None = None
    cause: str | None = None
    eph: str | None = None


class At(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="at"):
    """All events of a quiet topic up to `seq` were sent. A client of an unfiltered topic whose
    last number differs asks to resume; one of a filtered topic takes it as its place."""

    topic: str
    epoch: str
    seq: int


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a command was refused; `see` leads to what to do about it."""

    code: str
    message: str
    retry: bool
    see: str
    retry_ms: int | None = None
    extra: dict[str, Any] = {}


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="ack"):
    """The answer to the command with this id."""

    id: str
    ok: bool
    data: dict[str, Any] | None = None
    error: Fault | None = None


class Ping(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="ping"
):
    """Answer with pong."""


class Resync(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="resync"
):
    """This client read too slowly and lost events; a snapshot of the topic follows."""

    topic: str


Incoming: TypeAlias = Welcome | Snapshot | Event | At | Ack | Ping | Resync
