"""Ending: we want the call to be over. Ended: it is, and nothing changes that.

Ending asks the carrier to hang up and waits for its word; silence is answered by looking the
call up. Both phases know nothing of why conversations end, only the reason they were given.
"""

from typing import TypeAlias

import msgspec

from media.effects import Close, Effect, HangUp, LookUp, Record, Settle, Status
from media.events import (
    CarrierSilent,
    CarrierState,
    CarrierStatus,
    Dialled,
    DialRefused,
    Event,
    Tick,
    Transferred,
    TransferRefused,
    TransferUnknown,
)
from media.phases.facts import TERMINAL, CallFacts, answered_at, ringing_at
from media.phases.last_words import asks_something

PATIENCE_SECONDS = 5.0
ATTEMPTS = 4
NODE_LOST = "node_lost"  # the node that ran the call is gone, and the conversation with it

_STATUS: dict[CarrierState, Status] = {
    "completed": "ended", "busy": "busy", "no-answer": "no_answer", "failed": "failed",
    "canceled": "canceled",
}  # fmt: skip


class Ending(msgspec.Struct, frozen=True, tag="ending"):
    """We asked the carrier to hang up `attempts` times for `reason`."""

    reason: str
    deadline: float
    attempts: int = 1


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Over. There is no deadline."""

    status: Status
    reason: str
    deadline: None = None


Move: TypeAlias = tuple[CallFacts, Ending | Ended, list[Effect]]


def end(facts: CallFacts, reason: str, now: float, *before: Effect) -> Move:
    """Ask the carrier to end the call; without a sid yet, it is asked once the sid is known."""
    effects = [*before, HangUp()] if facts.sid is not None else list(before)
    return facts, Ending(reason, now + PATIENCE_SECONDS), effects


def finish(
    facts: CallFacts, status: Status, reason: str, now: float, told: CarrierStatus | None
) -> Move:
    """The call is over: record it once, give back an unused reservation, let go."""
    answered = answered_at(facts)
    ended_at = now if told is None or told.at is None else told.at
    last = answered or ringing_at(facts) or facts.begun_at
    if ended_at <= last:  # the carrier tells whole seconds, of which a busy line takes none
        ended_at = max(now, last)
    duration = told.duration_seconds if told is not None else None
    if duration is None:
        duration = 0 if answered is None else round(ended_at - answered)
    effects: list[Effect] = [
        Record(
            type="call.lost" if status == "lost" else "call.ended",
            status=status,
            sid=facts.sid,
            ringing_at=ringing_at(facts),
            answered_at=answered,
            ended_at=ended_at,
            duration_seconds=duration,
            end_reason=reason,
            waiting_room="completed" if facts.waited else None,
            follow_up=asks_something(facts),
        )
    ]
    if not facts.counted:
        effects.append(Settle(commit=False))
    effects.append(Close())
    return facts, Ended(status, reason), effects


def carrier_ended(facts: CallFacts, told: CarrierStatus, reason: str | None, now: float) -> Move:
    """The carrier says the call is over; `reason` is ours if we wanted it. What became of a
    transfer is known to nobody if the node that asked for it was lost."""
    status = _STATUS[told.status]
    settled: list[Effect] = []
    if facts.orphaned and facts.transfer_use:
        facts, settled = transfer_told(facts, TransferUnknown())
        reason = "transferred" if reason == NODE_LOST else reason
    if status == "ended" and reason == NODE_LOST:
        status = "lost"
    default = "caller_hung_up" if status == "ended" else status
    facts, phase, effects = finish(facts, status, reason or default, now, told)
    return facts, phase, [*settled, *effects]


def transfer_told(facts: CallFacts, event: Event) -> tuple[CallFacts, list[Effect]]:
    """What became of a transfer counts, also when the call is over: no, if the carrier was not
    asked any more, or refused it."""
    if not facts.transfer_use or not isinstance(
        event, Transferred | TransferRefused | TransferUnknown
    ):
        return facts, []
    counts = not isinstance(event, TransferRefused)
    settled = Settle(commit=counts, use=facts.transfer_use)
    return msgspec.structs.replace(facts, transfer_use=""), [settled]


def ending(facts: CallFacts, phase: Ending, event: Event, now: float) -> Move:
    """Wait for the carrier to say it is over; ask again, then look, then give up as lost."""
    match event:
        case Dialled():
            return facts, phase, [HangUp()]
        case DialRefused():
            return finish(facts, "canceled", phase.reason, now, None)
        case CarrierStatus() if event.status in TERMINAL:
            return carrier_ended(facts, event, phase.reason, now)
        case Transferred() | TransferRefused() | TransferUnknown():
            facts, settled = transfer_told(facts, event)
            return facts, phase, settled
        case CarrierSilent(answered=True) if phase.attempts >= 2:
            status: Status = "ended" if answered_at(facts) is not None else "canceled"
            return finish(facts, status, phase.reason, now, None)
        case Tick() if phase.attempts >= ATTEMPTS:
            return finish(facts, "lost", phase.reason, now, None)
        case Tick():
            later = msgspec.structs.replace(
                phase, attempts=phase.attempts + 1, deadline=now + PATIENCE_SECONDS
            )
            again: list[Effect] = [HangUp()] if facts.sid is not None else []
            return facts, later, [*again, LookUp()]
        case _:
            return facts, phase, []
