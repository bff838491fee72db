"""Every event type a dashboard can meet, and what its `data` is: one table, checked against code.

A type that is not here must not be sent; a new one is a struct (or one of these) and a row.
"""

from typing import Any

import msgspec

from server.billing.wire import SubscriptionOut
from server.calls.wire import CallOut
from server.cluster.wire import NodeData
from server.emails.wire import EmailOut
from server.texts.wire import ConversationOut, MessageOut
from server.usage.wire import MetricOut


class CallData(msgspec.Struct, frozen=True):
    """The call as it now is."""

    call: CallOut


class VerdictData(msgspec.Struct, frozen=True):
    """Who or what picked up, by whose word, after how long."""

    answered_by: str
    by: str
    took_ms: int | None


class DigitData(msgspec.Struct, frozen=True):
    """A key the caller pressed."""

    digit: str


class TurnData(msgspec.Struct, frozen=True, omit_defaults=True):
    """A turn of the conversation: what was meant, what reached the other side."""

    speaker: str
    text: str
    heard: str
    cut: bool = False
    segment: str = ""


class MetricsData(msgspec.Struct, frozen=True):
    """Where the time went between the caller's last word and the agent's first."""

    turn: int
    endpointing_ms: int
    recognising_ms: int
    thinking_ms: int
    speaking_ms: int
    total_ms: int


class OperatorData(msgspec.Struct, frozen=True):
    """Words of the operator that are being spoken."""

    text: str
    turn: int


class NothingData(msgspec.Struct, frozen=True):
    """The type says it all."""


class TakeoverData(msgspec.Struct, frozen=True, omit_defaults=True):
    """The number of the takeover, and when it ended, why: released or away."""

    takeover: int
    reason: str | None = None


class ListenerData(msgspec.Struct, frozen=True):
    """Who listens, by a name for this once."""

    listener: str


class DigitsData(msgspec.Struct, frozen=True):
    """Keys that were sent into the call."""

    digits: str


class TransferData(msgspec.Struct, frozen=True):
    """Where the call is passed on to."""

    to: str


class RefusalData(msgspec.Struct, frozen=True):
    """The carrier's number for why not; 0 if it had none."""

    code: int


class LevelData(msgspec.Struct, frozen=True):
    """How loud a side is, 0 to 1."""

    side: str
    level: float


class InterimData(msgspec.Struct, frozen=True):
    """Words of an utterance that goes on; the final turn has the same segment."""

    speaker: str
    text: str
    segment: str


class EngineData(msgspec.Struct, frozen=True):
    """The engine that failed: recogniser, thinker or voice."""

    engine: str


class StateData(msgspec.Struct, frozen=True):
    """What the agent does: listening, thinking or speaking."""

    state: str


class HintData(msgspec.Struct, frozen=True):
    """How much of the conversation's time is left."""

    hint: str
    left_seconds: float


class TextData(msgspec.Struct, frozen=True, omit_defaults=True):
    """The text conversation as it now is, and the text this is about."""

    conversation: ConversationOut
    message: MessageOut | None = None


class EmailData(msgspec.Struct, frozen=True):
    """The e-mail as it now is; of its content the beginning."""

    email: EmailOut


class UsageData(msgspec.Struct, frozen=True):
    """What is used and reserved this month."""

    calls: MetricOut
    texts: MetricOut
    emails: MetricOut


class LimitData(msgspec.Struct, frozen=True):
    """A limit that came near or was reached."""

    metric: str
    limit: int
    used: int
    reserved: int
    resets_at: str


class NoticeData(msgspec.Struct, frozen=True):
    """Something the user should know; the rest is as in a problem document."""

    about: str
    code: str
    detail: str


class EventType(msgspec.Struct, frozen=True):
    """What the type tells, the shape of its `data`, and whether it may vanish (`passing`)."""

    tells: str
    data: Any
    passing: bool = False


EVENTS: dict[str, EventType] = {
    "call.initiating": EventType("A call was asked for", CallData),
    "call.updated": EventType("The carrier took the call, or told more of it", CallData),
    "call.submission_unknown": EventType("Whether it was dialled is being looked up", CallData),
    "call.ringing": EventType("It rings", CallData),
    "call.answered": EventType("Somebody or something picked up", CallData),
    "call.waiting": EventType("In the waiting room until it is known who", CallData),
    "call.amd.result": EventType("The verdict who picked up", VerdictData),
    "call.talking": EventType("The conversation began", CallData),
    "call.voicemail": EventType("A message is being left", CallData),
    "call.dtmf": EventType("The caller pressed a key", DigitData),
    "call.ended": EventType("It is over", CallData),
    "call.lost": EventType("It is over and nobody knows how it went", CallData),
    "transcript.final": EventType("A turn as it was meant and heard", TurnData),
    "turn.metrics": EventType("How long an answer took", MetricsData),
    "operator.said": EventType("The operator's words are being spoken", OperatorData),
    "ai.muted": EventType("The agent stands aside", NothingData),
    "ai.unmuted": EventType("The agent goes on", NothingData),
    "takeover.started": EventType("An operator speaks in the agent's place", TakeoverData),
    "takeover.ended": EventType("The agent has the call again", TakeoverData),
    "listen.started": EventType("Somebody listens", ListenerData),
    "listen.ended": EventType("They no longer listen", ListenerData),
    "dtmf.sent": EventType("Keys were sent into the call", DigitsData),
    "transfer.started": EventType("The call is being passed on", TransferData),
    "transfer.failed": EventType("It could not be passed on; the agent goes on", RefusalData),
    "audio.level": EventType("How loud a side is", LevelData, passing=True),
    "transcript.interim": EventType("Words so far", InterimData, passing=True),
    "engine.failed": EventType("An engine failed or hung", EngineData),
    "ai.state": EventType("What the agent does", StateData, passing=True),
    "timer.hint": EventType("The time runs out", HintData, passing=True),
    "conv.started": EventType("A text conversation began", TextData),
    "conv.paused": EventType("The agent answers no more", TextData),
    "conv.resumed": EventType("The agent answers again", TextData),
    "conv.ended": EventType("The conversation is over", TextData),
    "sms.received": EventType("They wrote", TextData),
    "sms.queued": EventType("Our text is written", TextData),
    "sms.sent": EventType("The carrier took our text", TextData),
    "sms.delivered": EventType("It arrived", TextData),
    "sms.failed": EventType("It will not arrive", TextData),
    "email.queued": EventType("An e-mail is to be written and sent", EmailData),
    "email.sent": EventType("The mail company took it", EmailData),
    "email.delivered": EventType("It arrived", EmailData),
    "email.bounced": EventType("It was returned", EmailData),
    "email.complained": EventType("It was called spam", EmailData),
    "email.failed": EventType("It will not be sent", EmailData),
    "email.received": EventType("An answer came", EmailData),
    "usage.updated": EventType("Usage changed", UsageData),
    "limit.warning": EventType("A limit came near", LimitData),
    "limit.reached": EventType("A limit is reached", LimitData),
    "plan.changing": EventType("A change of plan is to come, or no longer", SubscriptionOut),
    "plan.changed": EventType("Another plan is in force", SubscriptionOut),
    "server.notice": EventType("What could not be done on its own", NoticeData),
    "node.up": EventType("A node came", NodeData, passing=True),
    "node.draining": EventType("A node takes no more calls", NodeData, passing=True),
    "node.stopped": EventType("A node ended as it should", NodeData, passing=True),
    "node.lost": EventType("A node fell silent", NodeData, passing=True),
    "node.stats": EventType("How a node is, every few seconds", NodeData, passing=True),
}
