"""Every event type a client of the live channel can meet, and the Struct that is its `data`.

A type that is not here must not be sent; a new one is a Struct of its room and a line here.
"""

from typing import TypeAlias

from media.published import (
    AgentMuted,
    AgentState,
    AgentUnmuted,
    AmdResult,
    AudioLevel,
    DigitPressed,
    DigitsSent,
    EngineFailed,
    ListenEnded,
    ListenStarted,
    OperatorSpoke,
    Published,
    TakeoverEnded,
    TakeoverStarted,
    TimerHint,
    TranscriptFinal,
    TranscriptInterim,
    TransferFailed,
    TransferStarted,
    TurnMetrics,
)
from server.billing.wire import PlanChanged, PlanChanging
from server.calls.wire import (
    CallAnswered,
    CallEnded,
    CallInitiating,
    CallLost,
    CallRinging,
    CallSubmissionUnknown,
    CallTalking,
    CallUpdated,
    CallVoicemail,
    CallWaiting,
)
from server.cluster.wire import NodeDraining, NodeLost, NodeReported, NodeStopped, NodeUp
from server.core.events import Event
from server.emails.wire import (
    EmailBounced,
    EmailComplained,
    EmailDelivered,
    EmailFailed,
    EmailQueued,
    EmailReceived,
    EmailSent,
)
from server.followup import ServerNotice
from server.texts.wire import (
    ConversationEnded,
    ConversationPaused,
    ConversationResumed,
    ConversationStarted,
    TextDelivered,
    TextFailed,
    TextQueued,
    TextReceived,
    TextSent,
)
from server.usage.wire import LimitReached, LimitWarning, UsageUpdated

AnyEvent: TypeAlias = Event | Published

ALL_EVENTS: tuple[type[AnyEvent], ...] = (
    CallInitiating,
    CallUpdated,
    CallSubmissionUnknown,
    CallRinging,
    CallAnswered,
    CallWaiting,
    AmdResult,
    CallTalking,
    CallVoicemail,
    DigitPressed,
    CallEnded,
    CallLost,
    TranscriptFinal,
    TurnMetrics,
    OperatorSpoke,
    AgentMuted,
    AgentUnmuted,
    TakeoverStarted,
    TakeoverEnded,
    ListenStarted,
    ListenEnded,
    DigitsSent,
    TransferStarted,
    TransferFailed,
    AudioLevel,
    TranscriptInterim,
    EngineFailed,
    AgentState,
    TimerHint,
    ConversationStarted,
    ConversationPaused,
    ConversationResumed,
    ConversationEnded,
    TextReceived,
    TextQueued,
    TextSent,
    TextDelivered,
    TextFailed,
    EmailQueued,
    EmailSent,
    EmailDelivered,
    EmailBounced,
    EmailComplained,
    EmailFailed,
    EmailReceived,
    UsageUpdated,
    LimitWarning,
    LimitReached,
    PlanChanging,
    PlanChanged,
    ServerNotice,
    NodeUp,
    NodeDraining,
    NodeStopped,
    NodeLost,
    NodeReported,
)

EVENTS = {event.type: event for event in ALL_EVENTS}
