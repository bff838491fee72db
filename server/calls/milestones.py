"""What calls come to, seen as it is committed: a line in the log and a count for each.

A line has the call's id, the carrier's, what asked for it and nothing that was said or dialled.
Looks at nothing twice and at no frame: what is committed anyway passes by here.
"""

from collections.abc import Sequence

import structlog

from db.cluster.event_streams import EventRow
from media.published import AmdResult, EngineFailed, TransferFailed, TransferStarted, TurnMetrics
from server.calls.wire import CallData
from server.core.measures import CALLS, MILESTONES, TURN_SECONDS, VERDICT_SECONDS

log = structlog.get_logger(__name__)

_OVER = {"call.ended", "call.lost"}
_PARTS = ("endpointing", "recognising", "thinking", "speaking", "total")


def see(rows: Sequence[EventRow]) -> None:
    """Events that this node has committed just now."""
    for row in rows:
        if row.subject.startswith("call:"):
            _see(row, row.subject.removeprefix("call:"))


def _see(row: EventRow, call_id: str) -> None:
    match row.data:
        case CallData(call=call):
            milestone = row.type.removeprefix("call.")
            if row.type in _OVER:
                CALLS.labels(call.status, call.end_reason or "").inc()
            _note(
                row,
                call_id,
                milestone,
                status=call.status,
                sid=call.twilio_call_sid,
                answered_by=call.answered_by,
                end_reason=call.end_reason,
                seconds=call.duration_seconds,
            )
        case AmdResult(took_ms=took_ms) as verdict:
            if took_ms is not None:
                VERDICT_SECONDS.labels(verdict.by or "nobody").observe(took_ms / 1000)
            said = verdict.verdict or verdict.answered_by
            _note(row, call_id, "verdict", verdict=said, by=verdict.by, took_ms=took_ms)
        case TurnMetrics(turn=turn):
            spent = {f"{part}_ms": getattr(row.data, f"{part}_ms") for part in _PARTS}
            for part in _PARTS:
                TURN_SECONDS.labels(part).observe(spent[f"{part}_ms"] / 1000)
            log.info("call_turn", call_id=call_id, turn=turn, **spent)
        case EngineFailed(engine=engine):
            _note(row, call_id, "engine_failed", engine=engine)
        case TransferFailed(code=code):
            _note(row, call_id, "transfer_failed", code=code)
        case TransferStarted():
            _note(row, call_id, "transfer_started")
        case _:
            pass


def _note(row: EventRow, call_id: str, milestone: str, **more: object) -> None:
    MILESTONES.labels(milestone).inc()
    told = {name: value for name, value in more.items() if value is not None}
    if row.cause is not None:
        told["cause"] = row.cause
    log.info("call_milestone", call_id=call_id, milestone=milestone, **told)
