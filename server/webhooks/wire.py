"""A webhook and its deliveries as their owner sees them, and what is told when one is given up."""

import uuid
from typing import Literal, TypeAlias

import msgspec

from db.webhook_deliveries import Attempt, DeliveryRow
from db.webhooks import WebhookRow
from server.core.events import Event
from server.core.times import rfc3339

EventType: TypeAlias = Literal[
    "call.initiating", "call.updated", "call.submission_unknown", "call.ringing",
    "call.answered", "call.waiting", "call.amd.result", "call.talking", "call.recording",
    "call.language", "call.voicemail", "call.dtmf", "call.ended", "call.lost", "call.tagged",
    "call.noted", "call.note_deleted", "transcript.final", "turn.metrics", "scheduled_call.updated",
    "operator.said", "ai.muted", "ai.unmuted", "takeover.started", "takeover.ended",
    "listen.started", "listen.ended", "dtmf.sent", "transfer.started", "transfer.failed",
    "engine.failed", "conv.started", "conv.paused", "conv.resumed", "conv.ended", "sms.received",
    "sms.queued", "sms.sent", "sms.delivered", "sms.failed", "email.queued", "email.sent",
    "email.delivered", "email.bounced", "email.complained", "email.failed", "email.received",
    "usage.updated", "limit.warning", "limit.reached", "plan.changing", "plan.changed",
    "server.notice", "export.ready", "account.erasing", "account.erased",
]  # fmt: skip
"""Every event of a person's that is kept; the shape of each one's data is in /asyncapi.json."""


class WebhookOut(msgspec.Struct, frozen=True):
    """A webhook; no `types`: all of them. `failing_since`: without a success since then."""

    id: uuid.UUID
    url: str
    types: list[str]
    enabled: bool
    disabled_at: str | None
    disabled_reason: str | None
    failing_since: str | None
    created_at: str | None


class WebhookShown(WebhookOut, frozen=True):
    """A webhook with a secret just made, which is shown now and never again, also not to whoever
    repeats the request."""

    secret: str | None


class DeliveryOut(msgspec.Struct, frozen=True):
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


class WebhookData(Event, frozen=True):
    """The webhook as it now is."""

    schema = "WebhookData"

    webhook: WebhookOut


class WebhookDisabled(WebhookData, frozen=True):
    type = "webhook.disabled"
    tells = "A webhook failed for so long that nothing is sent there any more"


def webhook_out(row: WebhookRow) -> WebhookOut:
    """A webhook's row as its owner sees it."""
    return WebhookOut(
        row.id, row.url, row.types, row.disabled_at is None, rfc3339(row.disabled_at),
        row.disabled_reason, rfc3339(row.failing_since), rfc3339(row.created_at),
    )  # fmt: skip


def delivery_out(row: DeliveryRow) -> DeliveryOut:
    """A delivery's row as its owner sees it."""
    return DeliveryOut(
        row.id, f"msg_{row.id.hex}", row.type, row.subject, row.state, row.attempts,
        rfc3339(row.due_at), rfc3339(row.delivered_at), rfc3339(row.created_at), row.log,
    )  # fmt: skip
