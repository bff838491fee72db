"""The data of the live channel's events. Written from the API's description; never edited."""

import uuid

import msgspec

from talking_client.models import (
    CallOut,
    ConversationOut,
    EmailOut,
    MessageOut,
    MetricOut,
    NoteOut,
    ScheduledCallOut,
    WebhookOut,
)


class CallData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The call as it now is."""

    call: CallOut


class AnsweringReason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of evidence: its source, what was heard, what it points to, and how many times
    likelier it makes that (natural logarithm)."""

    source: str
    note: str
    verdict: str
    weight: float


class VerdictData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who or what picked up, by whose word, after how long; without a word, what is assumed.
    `verdict`, its `probability` and `reasons` are there when it follows from what was heard."""

    answered_by: str | None
    took_ms: int | None
    by: str | None = None
    assumed: str | None = None
    verdict: str | None = None
    probability: float | None = None
    reasons: list[AnsweringReason] = []


class AnsweringData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How probable each kind of answerer is by now (shares of 1), and why, strongest first."""

    shares: dict[str, float]
    reasons: list[AnsweringReason]


class DigitData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key the caller pressed."""

    digit: str


class CallTagged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All tags that the call now has."""

    tags: list[str]


class CallNoted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The note as it now is."""

    note: NoteOut


class CallNoteDeleted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """It is no more."""

    note_id: uuid.UUID


class ScheduledCallData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The scheduled call as it now is."""

    scheduled_call: ScheduledCallOut


class TurnData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A turn of the conversation: what was meant, what reached the other side."""

    speaker: str
    text: str
    heard: str
    cut: bool = False
    segment: str = ""


class MetricsData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the time went between the caller's last word and the agent's first."""

    turn: int
    endpointing_ms: int
    recognising_ms: int
    thinking_ms: int
    speaking_ms: int
    total_ms: int


class OperatorData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words of the operator that are being spoken."""

    text: str
    turn: int


class NothingData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The type says it all."""


class TakeoverData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The number of the takeover; as it begins, who holds the call (`by`, absent for its owner);
    and when it ended, why: released or away."""

    takeover: int
    reason: str | None = None
    by: str | None = None


class ListenerData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who listens, by a name for this once."""

    listener: str


class DigitsData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Keys that were sent into the call."""

    digits: str


class TransferData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the call is passed on to."""

    to: str


class RefusalData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The carrier's number for why not; 0 if it had none."""

    code: int


class LevelData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How loud a side is, 0 to 1."""

    side: str
    level: float


class InterimData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words of an utterance that goes on; the final turn has the same segment."""

    speaker: str
    text: str
    segment: str


class EngineData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The engine that failed: recogniser, thinker or voice."""

    engine: str


class StateData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the agent does: listening, thinking or speaking."""

    state: str


class HintData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of the conversation's time is left."""

    hint: str
    left_seconds: float


class TextData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The text conversation as it now is, and the text this is about."""

    conversation: ConversationOut
    message: MessageOut | None = None


class EmailData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The e-mail as it now is; of its content the beginning."""

    email: EmailOut


class UsageData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is used and reserved this month."""

    calls: MetricOut
    texts: MetricOut
    emails: MetricOut


class LimitData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit that came near or was reached."""

    metric: str
    limit: int
    used: int
    reserved: int
    resets_at: str


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of plan that was asked for and has not happened yet."""

    id: uuid.UUID
    plan: str
    interval: str | None
    change_type: str
    takes_effect: str
    effective_date: str | None
    requested_at: str | None


class SubscriptionOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user's plan. `plan_in_force` is the one whose limits hold: an unpaid plan stops counting
    at `entitled_until`. `ends_at`: it was cancelled and ends then."""

    plan: str
    plan_in_force: str
    status: str
    interval: str | None
    period_start: str | None
    period_end: str | None
    ends_at: str | None
    past_due_since: str | None
    entitled_until: str | None
    pending: ChangeOut | None


class NoticeData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the user should know; the rest is as in a problem document."""

    about: str
    code: str
    detail: str


class WebhookData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The webhook as it now is."""

    webhook: WebhookOut


class ExportReadyData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it is, GET /v1/me/export says."""

    id: uuid.UUID
    expires_at: str | None


class AccountErasingData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sign out: nothing can be done with this account any more."""

    asked_at: str


class AccountErasedData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last event of an account."""

    done_at: str


EVENTS: dict[str, type[msgspec.Struct]] = {
    "call.initiating": CallData,
    "call.updated": CallData,
    "call.submission_unknown": CallData,
    "call.ringing": CallData,
    "call.answered": CallData,
    "call.waiting": CallData,
    "call.amd.result": VerdictData,
    "call.answering": AnsweringData,
    "call.talking": CallData,
    "call.recording": CallData,
    "call.language": CallData,
    "call.voicemail": CallData,
    "call.dtmf": DigitData,
    "call.ended": CallData,
    "call.lost": CallData,
    "call.tagged": CallTagged,
    "call.noted": CallNoted,
    "call.note_deleted": CallNoteDeleted,
    "scheduled_call.updated": ScheduledCallData,
    "transcript.final": TurnData,
    "turn.metrics": MetricsData,
    "operator.said": OperatorData,
    "ai.muted": NothingData,
    "ai.unmuted": NothingData,
    "takeover.started": TakeoverData,
    "takeover.ended": TakeoverData,
    "listen.started": ListenerData,
    "listen.ended": ListenerData,
    "dtmf.sent": DigitsData,
    "transfer.started": TransferData,
    "transfer.failed": RefusalData,
    "audio.level": LevelData,
    "transcript.interim": InterimData,
    "engine.failed": EngineData,
    "ai.state": StateData,
    "timer.hint": HintData,
    "conv.started": TextData,
    "conv.paused": TextData,
    "conv.resumed": TextData,
    "conv.ended": TextData,
    "sms.received": TextData,
    "sms.queued": TextData,
    "sms.sent": TextData,
    "sms.delivered": TextData,
    "sms.failed": TextData,
    "email.queued": EmailData,
    "email.sent": EmailData,
    "email.delivered": EmailData,
    "email.bounced": EmailData,
    "email.complained": EmailData,
    "email.failed": EmailData,
    "email.received": EmailData,
    "usage.updated": UsageData,
    "limit.warning": LimitData,
    "limit.reached": LimitData,
    "plan.changing": SubscriptionOut,
    "plan.changed": SubscriptionOut,
    "server.notice": NoticeData,
    "webhook.disabled": WebhookData,
    "export.ready": ExportReadyData,
    "account.erasing": AccountErasingData,
    "account.erased": AccountErasedData,
}
"""The shape of each event's `data` by its type."""
