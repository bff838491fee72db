"""Every message of the live channel `dash.v1`, in both directions. Shapes only, no behaviour.

What a client may send is a tagged union on `op` that refuses unknown fields; what we send is
built from the values below and encoded once, however many sockets it goes to.
"""

import uuid
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

PROTOCOL = "dash.v1"
VERSION = 1

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, examples=["c1"])]
Topic: TypeAlias = Annotated[str, Meta(min_length=1, max_length=80)]


class In(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op"):
    """From a client."""


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last event a client has seen of a topic; void when the epoch has changed."""

    epoch: str
    seq: int


class Sub(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic the client wants, from its cursor on."""

    topic: Topic
    cursor: Cursor | None = None
    view: Literal["list", "full"] = "full"


class Hello(In, frozen=True, tag="hello"):
    """First frame: who is there (a ticket or an access token) and what it wants to see."""

    v: int = VERSION
    token: Annotated[str, Meta(max_length=8192)] | None = None
    ticket: Annotated[str, Meta(max_length=200)] | None = None
    client: dict[str, str] = {}
    subs: Annotated[tuple[Sub, ...], Meta(max_length=64)] = (Sub("me"),)
    caps: tuple[str, ...] = ()


class Pong(In, frozen=True, tag="pong"):
    """Still here."""


class Resume(In, frozen=True, tag="resume"):
    """The client's count of a topic differs from ours; send what is missing."""

    topic: Topic
    cursor: Cursor | None = None


class Command(In, frozen=True, tag="cmd"):
    """Do something; answered by an ack with the same id, also when it is repeated."""

    id: Id
    name: Annotated[str, Meta(max_length=64, examples=["call.hangup"])]
    args: dict[str, Any] = {}
    if_rev: int | None = None


Incoming: TypeAlias = Hello | Pong | Resume | Command


class Out(msgspec.Struct, frozen=True, tag_field="op"):
    """To a client."""


class Subscribed(msgspec.Struct, frozen=True):
    """How a topic starts, as of `seq`: by the events missed, or by a snapshot."""

    topic: str
    mode: Literal["resumed", "snapshot"]
    replayed: int = 0
    epoch: str = ""
    seq: int = 0
    filtered: bool = False


class ClientLimits(msgspec.Struct, frozen=True):
    """What a client may cost."""

    frame: int
    cmd_per_s: float
    subs: int


class Welcome(Out, frozen=True, tag="welcome"):
    """The answer to hello."""

    v: int
    session: str
    node: str
    now: str
    ping_s: float
    token_exp: str
    limits: ClientLimits
    role: Literal["user", "admin"]
    subs: tuple[Subscribed, ...]


class Snapshot(Out, frozen=True, tag="snapshot"):
    """A topic's state as of `seq`; later events follow. The first page replaces what was known,
    further ones add to its lists and tables, and the state is whole with the `last`.

    `filtered`: the topic shows only a part of a stream, so its events' numbers have gaps.
    """

    topic: str
    epoch: str
    seq: int
    data: dict[str, Any]
    page: int = 1
    last: bool = True
    filtered: bool = False


class Event(Out, frozen=True, tag="event", omit_defaults=True):
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


class At(Out, frozen=True, tag="at"):
    """All events of a quiet topic up to `seq` were sent. A client of an unfiltered topic whose last
    number differs asks to resume; one of a filtered topic takes it as its place."""

    topic: str
    epoch: str
    seq: int


class Fault(msgspec.Struct, frozen=True):
    """Why a command was refused; `see` leads to what to do about it."""

    code: str
    message: str
    retry: bool
    see: str
    retry_ms: int | None = None
    extra: dict[str, Any] = {}


class Ack(Out, frozen=True, tag="ack"):
    """The answer to the command with this id."""

    id: str
    ok: bool
    data: dict[str, Any] | None = None
    error: Fault | None = None


class Ping(Out, frozen=True, tag="ping"):
    """Answer with pong."""


class Resync(Out, frozen=True, tag="resync"):
    """This client read too slowly and lost events; a snapshot of the topic follows."""

    topic: str


Outgoing: TypeAlias = Welcome | Snapshot | Event | At | Ack | Ping | Resync

# Close codes: below 4500 come back with a pause, from 4500 on stop and say why.
FAILED = 1011
DRAINING = 4001
SLOW = 4002
NO_HEARTBEAT = 4003
TOKEN_EXPIRED = 4005
RIGHTS_CHANGED = 4006
TOO_FAST = 4007
PROTOCOL_ERROR = 4500
UNAUTHENTICATED = 4501
FORBIDDEN = 4502
WRONG_VERSION = 4503
TOO_MANY_SOCKETS = 4504
ACCOUNT_CLOSED = 4505

_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)
_encoder = msgspec.json.Encoder()


def decode(frame: str) -> Incoming:
    """Read one client frame. Raises msgspec.DecodeError (a ValidationError names the field)."""
    try:
        return _decoder.decode(frame)
    except RecursionError:
        raise msgspec.DecodeError("nested too deep") from None


def encode(message: Outgoing) -> str:
    """One frame. Times in it are RFC 3339 text made by `server.wire`."""
    return _encoder.encode(message).decode()
