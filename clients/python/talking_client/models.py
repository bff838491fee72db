"""What REST answers. Written from the API's description; never edited."""

import uuid
from typing import Any

import msgspec


class TurnOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One turn: what was meant (`spoken`) and what reached the other side (`heard`)."""

    at: str | None
    speaker: str
    spoken: str
    heard: str


class CallExpanded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call, with its words where `expand=transcript` asked for them."""

    id: uuid.UUID
    user_id: uuid.UUID
    user_phone_number: str
    topic: str
    twilio_call_sid: str | None
    status: str
    answered_by: str | None
    initiated_time: str | None
    ringing_time: str | None
    answered_time: str | None
    ended_time: str | None
    duration_seconds: int | None
    end_reason: str | None
    recording: str | None
    created_at: str | None
    updated_at: str | None
    direction: str
    language: str | None
    transcript: list[TurnOut] | None = None


class CallOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call on the wire; `direction` is "inbound" where the user called us. `recording` is null
    while nobody wanted one; one that is `stopped` can be heard, until its time is up. `language`
    is what the caller made it go on in; null: it is in its agent's."""

    id: uuid.UUID
    user_id: uuid.UUID
    user_phone_number: str
    topic: str
    twilio_call_sid: str | None
    status: str
    answered_by: str | None
    initiated_time: str | None
    ringing_time: str | None
    answered_time: str | None
    ended_time: str | None
    duration_seconds: int | None
    end_reason: str | None
    recording: str | None
    created_at: str | None
    updated_at: str | None
    direction: str
    language: str | None


class CallPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Calls in the order that was asked for; `cursor` is null on the last page."""

    calls: list[CallExpanded]
    cursor: str | None


class ScheduledCallOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call to be placed later. `attempts` are the calls placed so far and `call_id` is the last
    of them; `reason` says why it waits, or how it ended: a status of calls, or an error's code."""

    id: uuid.UUID
    to: str
    topic: str
    agent: str | None
    start_at: str | None
    next_attempt_at: str | None
    status: str
    attempts: int
    reason: str | None
    call_id: uuid.UUID | None
    batch_id: uuid.UUID | None
    created_at: str | None
    updated_at: str | None


class ScheduledCallPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Newest first; `cursor` is null on the last page."""

    scheduled_calls: list[ScheduledCallOut]
    cursor: str | None


class ScheduledBatchEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an entry: the scheduled call, or the problem document of its refusal."""

    scheduled_call: ScheduledCallOut | None
    problem: dict[str, Any] | None


class ScheduledBatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of each entry, in their order; `id` is the `batch_id` of those taken."""

    id: uuid.UUID
    results: list[ScheduledBatchEntry]


class Transcript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call's words."""

    call_id: uuid.UUID
    turns: list[TurnOut]


class NoteOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A note on a call; `author_id` is the call's owner or an operator."""

    id: uuid.UUID
    call_id: uuid.UUID
    author_id: uuid.UUID
    text: str
    created_at: str | None
    updated_at: str | None


class CallAnnotations(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is written on the call, oldest first."""

    call_id: uuid.UUID
    tags: list[str]
    notes: list[NoteOut]


class CallTags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All tags of the call, oldest first."""

    call_id: uuid.UUID
    tags: list[str]


class TagOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tag as it was first written, and how many of the user's calls have it."""

    tag: str
    calls: int


class UsedTags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By their words."""

    tags: list[TagOut]


class Done(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """It is on its way; the change itself comes as an event."""

    ok: bool = True


class ConversationOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text conversation on the wire."""

    id: uuid.UUID
    user_id: uuid.UUID
    phone_number: str
    topic: str
    message_count: int
    current_exchange: int
    status: str
    end_reason: str | None
    created_at: str | None
    updated_at: str | None


class FaultOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something was not delivered, by the provider's number and in words."""

    code: int | None
    message: str


class MessageOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text on the wire. `status`: received, queued, sent, delivered or failed."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    phone_number: str
    twilio_message_sid: str | None
    direction: str
    message_text: str
    type: str
    status: str
    segments: int
    media: int
    error: FaultOut | None
    created_at: str | None


class ConversationExpanded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation, with its newest messages, oldest first, where `expand=messages` asked."""

    id: uuid.UUID
    user_id: uuid.UUID
    phone_number: str
    topic: str
    message_count: int
    current_exchange: int
    status: str
    end_reason: str | None
    created_at: str | None
    updated_at: str | None
    messages: list[MessageOut] | None = None


class ConversationPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Conversations in the order that was asked for; `cursor` is null on the last page."""

    conversations: list[ConversationExpanded]
    cursor: str | None


class Thread(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation with its newest messages, oldest first."""

    conversation: ConversationOut
    messages: list[MessageOut]


class EmailOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An e-mail on the wire. `delivery` is how far it got: writing, queued, sending, unknown,
    accepted, processed, deferred, delivered, bounce, blocked, dropped, spamreport or refused; an
    answer to one of ours is `received` and says what it answers."""

    id: uuid.UUID
    user_id: uuid.UUID
    recipient_email: str
    from_email: str
    subject: str
    content: str
    type: str
    topic: str | None
    status: str
    sendgrid_message_id: str | None
    template: str | None
    in_reply_to: uuid.UUID | None
    delivery: str
    error: str | None
    created_at: str | None
    updated_at: str | None


class EmailPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """E-mails and the answers to them, in the order that was asked for; `cursor` is null on the
    last page."""

    emails: list[EmailOut]
    cursor: str | None


class MetricOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of one metric is used in the month; `limit` and `left` are -1 when unlimited."""

    used: int
    reserved: int
    limit: int
    left: int


class UsageOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A month's usage."""

    month_year: str
    resets_at: str
    calls: MetricOut
    texts: MetricOut
    emails: MetricOut


class Me(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The signed-in user. `phone` is where they are called and texted; `pending_phone` becomes it
    with the code that was texted there (POST /v1/me/numbers/verify)."""

    id: uuid.UUID
    email: str | None
    phone: str | None
    plan: str
    subscription_status: str
    role: str
    name: str | None
    language: str | None
    time_zone: str | None
    pending_phone: str | None
    created_at: str | None


class WebhookOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A webhook; no `types`: all of them. `failing_since`: without a success since then."""

    id: uuid.UUID
    url: str
    types: list[str]
    enabled: bool
    disabled_at: str | None
    disabled_reason: str | None
    failing_since: str | None
    created_at: str | None


class Webhooks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of them, oldest first."""

    webhooks: list[WebhookOut]


class WebhookShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A webhook with a secret just made, which is shown now and never again, also not to whoever
    repeats the request."""

    id: uuid.UUID
    url: str
    types: list[str]
    enabled: bool
    disabled_at: str | None
    disabled_reason: str | None
    failing_since: str | None
    created_at: str | None
    secret: str | None


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One try: what came back, or why nothing did."""

    at: str
    status: int | None
    error: str | None
    took_ms: int


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was sent, or waits: `message_id` is its header webhook-id; `next_attempt_at` while it
    waits; `log` has every attempt."""

    id: uuid.UUID
    message_id: str
    type: str
    subject: str
    state: str
    attempts: int
    next_attempt_at: str | None
    delivered_at: str | None
    created_at: str | None
    log: list[Attempt]


class Deliveries(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Newest first; `cursor` is null on the last page."""

    deliveries: list[DeliveryOut]
    cursor: str | None


class Deleted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """It is no more."""

    id: uuid.UUID
