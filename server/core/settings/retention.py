"""The section `[retention]` of the configuration: how long what is kept. Knows no kinds of rows."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

_YEARS = 36_500
Hours: TypeAlias = Annotated[int, Meta(ge=1, le=720)]
LimitHours: TypeAlias = Annotated[int, Meta(ge=24, le=720)]  # something looks back a day
RecordDays: TypeAlias = Annotated[int, Meta(ge=30, le=_YEARS)]


class Retention(msgspec.Struct, frozen=True):
    """How long what is kept. The floors are those of app.retention_kinds, where each is held."""

    at: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "04:41"
    calls_days: RecordDays = 730
    recordings_days: Annotated[int, Meta(ge=1, le=_YEARS)] = 90
    emails_days: RecordDays = 730
    messages_days: RecordDays = 365
    conversations_days: RecordDays = 365
    usage_days: Annotated[int, Meta(ge=92, le=_YEARS)] = 1095
    costs_days: Annotated[int, Meta(ge=92, le=_YEARS)] = 1095
    admin_views_days: Annotated[int, Meta(ge=90, le=_YEARS)] = 730
    stripe_events_days: Annotated[int, Meta(ge=31, le=_YEARS)] = 90
    inbox_days: Annotated[int, Meta(ge=4, le=_YEARS)] = 30
    stop_questions_days: Annotated[int, Meta(ge=3, le=_YEARS)] = 30
    webhook_deliveries_days: Annotated[int, Meta(ge=1, le=_YEARS)] = 30
    api_keys_days: RecordDays = 90
    job_log_days: Annotated[int, Meta(ge=1, le=_YEARS)] = 7
    waiting_room_hours: Hours = 24
    events_hours: Hours = 72
    idempotency_hours: LimitHours = 24
    velocity_hours: LimitHours = 24
    secrets_hours: Hours = 24
    nodes_hours: Hours = 72

    def faults(self, *, complaint_days: int, asked_hours: float) -> list[str]:
        """Periods that would take from others what they need: complaints that still count, and
        questions that still wait for an answer."""
        faults = []
        if self.conversations_days < self.messages_days:
            faults.append("retention.conversations_days: must not be less than messages_days")
        if self.inbox_days > self.calls_days:
            faults.append("retention.inbox_days: must not be more than calls_days")
        if self.emails_days < complaint_days:
            faults.append("retention.emails_days: must not be less than email.complaint_days")
        if self.stop_questions_days * 24 < asked_hours:
            faults.append(
                "retention.stop_questions_days: must not be less than email.confirm_hours"
                " and sms.confirm_minutes"
            )
        return faults
