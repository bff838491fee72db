"""The one table of periods: which kind of row is kept how long. Pure.

A kind is a row of app.retention_kinds, which says what belongs to it. What is in no kind stays for
good: users, subscriptions, subscription events, plan changes, and what they stand on.
"""

import datetime as dt

import msgspec

from server.core.settings.retention import Retention


class Period(msgspec.Struct, frozen=True):
    """What is older than this goes."""

    kind: str
    older_than: dt.timedelta


def of_days(kept: Retention) -> list[Period]:
    """What is kept for days, in the order in which it is deleted: texts before conversations."""
    days = {
        "recordings": kept.recordings_days,
        "calls": kept.calls_days,
        "scheduled_calls": kept.calls_days,
        "emails": kept.emails_days,
        "messages": kept.messages_days,
        "conversations": kept.conversations_days,
        "usage": kept.usage_days,
        "costs": kept.costs_days,
        "admin_views": kept.admin_views_days,
        "retention_runs": kept.admin_views_days,
        "stripe_events": kept.stripe_events_days,
        "inbox": kept.inbox_days,
        "stop_questions": kept.stop_questions_days,
        "webhook_deliveries": kept.webhook_deliveries_days,
        "api_keys": kept.api_keys_days,
        "job_log": kept.job_log_days,
        "job_statistics": kept.job_log_days,
    }
    return [Period(kind, dt.timedelta(days=many)) for kind, many in days.items()]


def of_hours(kept: Retention) -> list[Period]:
    """What is kept for hours, so that to look once a day would not do."""
    hours = {
        "waiting_room": kept.waiting_room_hours,
        "events": kept.events_hours,
        "idempotency": kept.idempotency_hours,
        "velocity": kept.velocity_hours,
        "strangers": kept.velocity_hours,
        "tickets": kept.secrets_hours,
        "audio_tickets": kept.secrets_hours,
        "media_tokens": kept.secrets_hours,
        "number_proofs": kept.secrets_hours,
        "exports": kept.secrets_hours,
        "billing_turns": kept.secrets_hours,
        "nodes": kept.nodes_hours,
    }
    return [Period(kind, dt.timedelta(hours=many)) for kind, many in hours.items()]


def periods(kept: Retention) -> list[Period]:
    """Every kind."""
    return of_days(kept) + of_hours(kept)
