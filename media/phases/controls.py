"""An operator's hand on a conversation: mute, take over, release, keys, transfer.

It decides when the agent stands aside and when it may come back, and what a transfer's outcome
means. How the agent stands aside is another file, and so is what is refused (and never gets here);
who may ask is the server's business.
"""

from typing import TypeAlias

import msgspec

from media import published
from media.effects import (
    Effect,
    LetGoOperator,
    OpenMic,
    PressKeys,
    Publish,
    Transfer,
)
from media.events import (
    AiMuted,
    AiUnmuted,
    DtmfAsked,
    OperatorJoined,
    OperatorLeft,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
    Transferred,
    TransferRefused,
    TransferUnknown,
)
from media.phases.about import About
from media.phases.aside import come_back, step_aside
from media.phases.conversation import Step, Talking, arm
from media.phases.ending import Ended, Ending, finish
from media.phases.floor import Away
from media.settings import Settings

OPERATOR_SECONDS = 5.0  # an operator's sound may stay away so long
TRANSFER_SECONDS = 20.0  # longer than the carrier may take to answer
UNKNOWN_SECONDS = 5.0  # a redirected call's sound ends well before

Control: TypeAlias = (
    AiMuted | AiUnmuted | TakeoverAsked | OperatorJoined | OperatorLeft | TakeoverReleased
    | DtmfAsked | TransferAsked | Transferred | TransferRefused | TransferUnknown
)  # fmt: skip
Move: TypeAlias = tuple[About, Talking | Ending | Ended, list[Effect]]


def controls(about: About, phase: Talking, event: Control, now: float, settings: Settings) -> Move:
    """React to an operator, or to the carrier's answer about a transfer."""
    pending = phase.transfer_until is not None
    match event:
        case Transferred() if pending:
            return finish(about, "ended", "transferred", now, None)
        case TransferUnknown() if pending and not about.streaming:
            return finish(about, "ended", "transferred", now, None)
        case TransferUnknown() if pending:
            phase = msgspec.structs.replace(phase, transfer_until=now + UNKNOWN_SECONDS)
            return about, arm(phase, settings.conversation), []
        case TransferRefused() if pending:
            about, phase, effects = _stay(about, phase, event.code, now, settings)
        case _:
            about, phase, effects = _control(about, phase, event, now, settings)
    return about, arm(phase, settings.conversation), effects


def control_due(phase: Talking, now: float) -> bool:
    """Whether a deadline of this file has passed."""
    if phase.transfer_until is not None:
        return now >= phase.transfer_until
    return phase.operator_until is not None and now >= phase.operator_until


def control_tick(about: About, phase: Talking, now: float, settings: Settings) -> Move:
    """An operator stayed away too long, or a transfer's outcome must be guessed by now."""
    if phase.transfer_until is None:
        return _release(about, phase, "away", None, now, settings)
    if not about.streaming:
        return finish(about, "ended", "transferred", now, None)
    return _stay(about, phase, 0, now, settings)


def _control(about: About, phase: Talking, event: Control, now: float, settings: Settings) -> Step:
    match event:
        case AiMuted():
            phase, effects = step_aside(msgspec.structs.replace(phase, muted=True))
            return about, phase, [*effects, Publish(published.AgentMuted(), cause=event.cause)]
        case AiUnmuted():
            phase = msgspec.structs.replace(phase, muted=False)
            about, phase, effects = come_back(about, phase, now, settings)
            return about, phase, [Publish(published.AgentUnmuted(), cause=event.cause), *effects]
        case TakeoverAsked():
            return _take_over(about, phase, event.cause, now)
        case OperatorJoined() if phase.operator:
            return about, msgspec.structs.replace(
                phase, operator="present", operator_until=None
            ), []  # fmt: skip
        case OperatorLeft() if phase.operator:
            until = now + OPERATOR_SECONDS
            return about, msgspec.structs.replace(
                phase, operator="away", operator_until=until
            ), []  # fmt: skip
        case TakeoverReleased():
            return _release(about, phase, "released", event.cause, now, settings)
        case DtmfAsked():
            sent = Publish(published.DigitsSent(digits=event.digits), cause=event.cause)
            return about, phase, [PressKeys(event.digits), sent]
        case TransferAsked():
            return _transfer(about, phase, event, now)
        case _:
            return about, phase, []


def _take_over(about: About, phase: Talking, cause: str | None, now: float) -> Step:
    phase, effects = step_aside(
        msgspec.structs.replace(
            phase,
            operator="awaited",
            operator_until=now + OPERATOR_SECONDS,
            takeovers=phase.takeovers + 1,
        )
    )
    started = Publish(published.TakeoverStarted(takeover=phase.takeovers), cause=cause)
    return about, phase, [*effects, OpenMic("operator"), started]


def _release(
    about: About, phase: Talking, reason: str, cause: str | None, now: float, settings: Settings
) -> Step:
    phase = msgspec.structs.replace(phase, operator="", operator_until=None)
    about, phase, effects = come_back(about, phase, now, settings)
    return (
        about,
        phase,
        [
            LetGoOperator(),
            Publish(published.TakeoverEnded(takeover=phase.takeovers, reason=reason), cause=cause),
            *effects,
        ],
    )


def _transfer(about: About, phase: Talking, event: TransferAsked, now: float) -> Step:
    phase, effects = step_aside(
        msgspec.structs.replace(phase, transfer_until=now + TRANSFER_SECONDS)
    )
    asked = Publish(published.TransferStarted(to=event.to), cause=event.cause)
    return about, phase, [*effects, Transfer(event.to), asked]


def _stay(about: About, phase: Talking, code: int, now: float, settings: Settings) -> Step:
    """No transfer: the conversation goes on, if the line is still there or comes back."""
    phase = msgspec.structs.replace(phase, transfer_until=None)
    if isinstance(phase.floor, Away):
        away = Away(until=now + settings.conversation.line_patience_seconds)
        phase = msgspec.structs.replace(phase, floor=away)
    about, phase, effects = come_back(about, phase, now, settings)
    return about, phase, [Publish(published.TransferFailed(code=code)), *effects]
