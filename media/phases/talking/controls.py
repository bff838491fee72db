"""An operator's hand on a conversation: mute, take over, release, keys, transfer, recording.

It decides when the agent goes on standby and when it may come back, and what a transfer's outcome
means. What standby is like is another file, and so is what is refused (and never gets here);
who may ask is the server's business.
"""

from typing import TypeAlias, TypeGuard, get_args

from msgspec.structs import replace

from media import published
from media.effects import LetGoOperator, OpenMic, PressKeys, Publish, Reconnect, Settle, Transfer
from media.events import (
    AiMuted,
    AiUnmuted,
    DtmfAsked,
    Event,
    OperatorJoined,
    OperatorLeft,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    TakeoverAsked,
    TakeoverReleased,
    TransferAsked,
    Transferred,
    TransferRefused,
    TransferUnknown,
)
from media.phases.talking import recording
from media.phases.talking.refusals import refused_while_talking
from media.phases.talking.standby import come_back, go_on_standby
from media.phases.talking.state import Awaited, Draft, Gone, Present, Talking, listen, think
from media.phases.talking.tools import transfer_failed
from media.phases.talking.turn_state import Away, Quiet

OPERATOR_SECONDS = 5.0  # an operator's sound may stay away so long
TRANSFER_SECONDS = 20.0  # longer than the carrier may take to answer
UNKNOWN_SECONDS = 5.0  # a redirected call's sound ends well before

Control: TypeAlias = (
    AiMuted | AiUnmuted | TakeoverAsked | OperatorJoined | OperatorLeft | TakeoverReleased
    | DtmfAsked | TransferAsked | Transferred | TransferRefused | TransferUnknown
    | RecordStartAsked | RecordPauseAsked | RecordStopAsked
)  # fmt: skip
# a look-up, as an instance check of a dozen Structs costs more than the rest of a step
_CONTROLS = frozenset(get_args(Control))


def is_control(event: Event) -> TypeGuard[Control]:
    """Whether this event is for `control`."""
    return type(event) in _CONTROLS


def control(draft: Draft, event: Control) -> bool:
    """React to an operator, or to the carrier's answer about a transfer.

    True when the call is theirs to whom it was transferred, and over for us.
    """
    match event:
        case AiMuted():
            draft.set(muted=True)
            go_on_standby(draft)
            draft.emit(Publish(published.AgentMuted(), cause=event.cause))
        case AiUnmuted():
            draft.set(muted=False)
            draft.emit(Publish(published.AgentUnmuted(), cause=event.cause))
            come_back(draft)
        case TakeoverAsked():
            _take_over(draft, event)
        case OperatorJoined() if draft.talk.operator:
            draft.set(operator=Present())
        case OperatorLeft() if draft.talk.operator:
            draft.set(operator=Gone(until=draft.now + OPERATOR_SECONDS))
        case TakeoverReleased():
            _release(draft, "released", event.cause)
        case DtmfAsked():
            sent = Publish(published.DigitsSent(digits=event.digits), cause=event.cause)
            draft.emit(PressKeys(event.digits), sent)
        case TransferAsked():
            transfer(draft, event)
        case RecordStartAsked():
            recording.start(draft)
        case RecordPauseAsked():
            recording.pause(draft)
        case RecordStopAsked():
            recording.stop(draft)
        case Transferred() | TransferRefused() | TransferUnknown():
            return draft.talk.transfer_until is not None and _answered(draft, event)
        case _:
            pass
    return False


def transfer(draft: Draft, event: TransferAsked, *, by_agent: bool = False) -> None:
    """The agent is silent until it is known what became of it."""
    use = event.use or f"turn {draft.talk.turn}"
    draft.facts = replace(draft.facts, transfer_use=use)
    draft.set(transfer_until=draft.now + TRANSFER_SECONDS)
    go_on_standby(draft)
    asked = Publish(published.TransferStarted(to=event.to), cause=event.cause)
    draft.emit(Transfer(event.to, by_agent, use), asked)


def connect(draft: Draft) -> None:
    """The transfer that the language model called for, now that all it said was heard."""
    asked = TransferAsked(draft.talk.transfer_to)
    draft.set(transfer_to="")
    listen(draft, draft.now + draft.settings.conversation.silence_prompt_seconds)
    if refused_while_talking(draft.facts, draft.talk, asked) is None:
        transfer(draft, asked, by_agent=True)
    else:
        transfer_failed(draft)


def control_due(talk: Talking, now: float) -> bool:
    """Whether a deadline of this file has passed."""
    if talk.transfer_until is not None:
        return now >= talk.transfer_until
    return isinstance(talk.operator, Awaited | Gone) and now >= talk.operator.until


def control_tick(draft: Draft) -> bool:
    """An operator stayed away too long, or a transfer's outcome must be guessed by now.

    True when the call seems to be transferred.
    """
    if draft.talk.transfer_until is None:
        _release(draft, "away", None)
        return False
    if not draft.facts.streaming:
        return True
    _stay(draft, 0)
    return False


def _answered(draft: Draft, event: Transferred | TransferRefused | TransferUnknown) -> bool:
    match event:
        case TransferUnknown() if draft.facts.streaming:
            draft.set(transfer_until=draft.now + UNKNOWN_SECONDS)
            return False
        case TransferRefused():
            _stay(draft, event.code)
            return False
        case Transferred() | TransferUnknown():
            return True


def _take_over(draft: Draft, event: TakeoverAsked) -> None:
    number, by = draft.talk.takeovers + 1, event.operator_id
    draft.set(
        operator=Awaited(until=draft.now + OPERATOR_SECONDS),
        takeovers=number,
        held_by=(by or "") if event.exclusive else None,
    )
    go_on_standby(draft)
    started = Publish(published.TakeoverStarted(takeover=number, by=by), cause=event.cause)
    draft.emit(OpenMic("operator"), started)


def _release(draft: Draft, reason: str, cause: str | None) -> None:
    draft.set(operator=None, held_by=None)
    draft.emit(
        LetGoOperator(),
        Publish(published.TakeoverEnded(takeover=draft.talk.takeovers, reason=reason), cause=cause),
    )
    come_back(draft)


def _stay(draft: Draft, code: int) -> None:
    """No transfer: the conversation goes on, if the line is still there or comes back."""
    draft.emit(Settle(commit=False, use=draft.facts.transfer_use))
    draft.facts = replace(draft.facts, transfer_use="")
    draft.set(transfer_until=None)
    if isinstance(draft.talk.turn_state, Away):
        patience = draft.settings.conversation.line_patience_seconds
        draft.set(turn_state=Away(until=draft.now + patience))
    if draft.facts.orphaned:
        draft.emit(Reconnect())
    draft.emit(Publish(published.TransferFailed(code=code)))
    is_models = transfer_failed(draft)
    come_back(draft)
    if is_models and isinstance(draft.talk.turn_state, Quiet):
        think(draft)
