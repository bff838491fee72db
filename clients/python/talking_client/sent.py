"""What is sent over REST. Written from the API's description; never edited."""

import datetime as dt
from typing import Any, Literal, TypeAlias, TypedDict

import msgspec

Moment: TypeAlias = str | dt.date | dt.datetime
"""A day, or a time with a zone."""


class StartCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`to` defaults to the user's verified number; `consent` are the words in which the person
    called agreed to it; `agent` talks, by id or slug, as it is now."""

    topic: str
    to: str | None = None
    consent: str | None = None
    agent: str | None = None


class ScheduleCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call at `start_at`, a time with a zone; without one as soon as it may be. `to` defaults to
    the user's verified number; `consent` are the words in which the person called agreed to it;
    `agent` talks, by id or slug, as it is then."""

    topic: str
    to: str | None = None
    start_at: str | None = None
    consent: str | None = None
    agent: str | None = None


class ScheduleBatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Many calls at once; each is taken or refused by itself."""

    calls: list[ScheduleCall]


class Say(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words for the caller; `interrupt` cuts the agent short."""

    text: str
    interrupt: bool = False


class StartConversation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`phone_number` defaults to the user's verified number; for another one, `consent` holds the
    words in which its owner agreed to be texted, unless they are on record. `agent` writes, by id
    or slug, each time as it then is."""

    topic: str
    phone_number: str | None = None
    consent: str | None = None
    agent: str | None = None


class WriteText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text in the agent's place."""

    text: str


class SendEmail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request for an e-mail: to the user without a `recipient_email`; without `content` the
    model writes it, as `agent`, by id or slug. `template` and its `variables` are for type
    `template`."""

    topic: str
    type: Literal["custom", "template"]
    recipient_email: str | None = None
    subject: str | None = None
    content: str | None = None
    template: str | None = None
    variables: dict[str, Any] | None = None
    agent: str | None = None


class WriteNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be noted: lines of printable characters."""

    text: str


class MakeWebhook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where to send what; no `types`: everything."""

    url: str
    types: list[str] = []


class ChangeWebhook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be another; what is not there stays."""

    url: str | None = None
    types: list[str] | None = None
    enabled: bool | None = None


class RotateSecret(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long both secrets sign."""

    overlap_hours: int | None = None


class CallFilters(TypedDict, total=False):
    """The user's calls, newest first: which, and how."""

    limit: int
    since: Moment
    until: Moment
    status: Literal[
        "answered",
        "busy",
        "canceled",
        "ended",
        "failed",
        "initiating",
        "lost",
        "no_answer",
        "ringing",
        "talking",
        "voicemail",
        "waiting",
    ]
    min_duration_seconds: int
    max_duration_seconds: int
    topic: str
    tag: str
    direction: Literal["inbound", "outbound"]
    search: str
    sort: Literal["-created_at", "-duration_seconds", "created_at", "duration_seconds"]
    expand: Literal["transcript"]


class ScheduledCallFilters(TypedDict, total=False):
    """The user's scheduled calls, newest first: which, and how."""

    limit: int
    status: Literal["calling", "canceled", "done", "failed", "scheduled"]


class ConversationFilters(TypedDict, total=False):
    """The user's text conversations, newest first: which, and how."""

    limit: int
    since: Moment
    until: Moment
    status: Literal["active", "ended", "paused"]
    topic: str
    search: str
    sort: Literal["-created_at", "created_at"]
    expand: Literal["messages"]


class EmailFilters(TypedDict, total=False):
    """The user's e-mails and the answers to them: which, and how."""

    limit: int
    since: Moment
    until: Moment
    status: Literal["failed", "pending", "sent"]
    delivery: Literal[
        "accepted",
        "blocked",
        "bounce",
        "deferred",
        "delivered",
        "dropped",
        "processed",
        "queued",
        "received",
        "refused",
        "sending",
        "spamreport",
        "unknown",
        "writing",
    ]
    direction: Literal["inbound", "outbound"]
    topic: str
    search: str
    sort: Literal["-created_at", "created_at"]


class DeliveryFilters(TypedDict, total=False):
    """What was sent and what came back: which, and how."""

    limit: int
    state: Literal["canceled", "delivered", "failed", "waiting"]
