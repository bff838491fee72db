"""What is counted and logged of calls: by id, with nothing that was said or dialled."""

import datetime as dt
import uuid
from typing import Any

from structlog.testing import capture_logs

from db.cluster.event_streams import EventRow
from media.measures import REGISTRY
from media.published import AmdResult, TranscriptFinal, TransferStarted, TurnMetrics
from server.calls import milestones
from server.calls.wire import CallEnded, CallOut
from server.core.events import of_call

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
CALL, USER = uuid.uuid4(), uuid.uuid4()
NUMBER, TOPIC, SAID = "+12025550177", "my divorce", "I would rather not say"


def row(event: Any, cause: str | None = None) -> EventRow:
    subject = of_call(USER, CALL, 1, cause)
    return EventRow(
        user_id=USER, stream_epoch="e", seq=1, id=uuid.uuid4(), type=event.type, v=1, ts=NOW,
        subject=subject.name, rev=1, cause=cause, data=event.data(),
    )  # fmt: skip


ENDED = CallEnded(
    CallOut(
        id=CALL, user_id=USER, user_phone_number=NUMBER, topic=TOPIC, twilio_call_sid="CA1",
        status="ended", answered_by="human", initiated_time=None, ringing_time=None,
        answered_time=None, ended_time=None, duration_seconds=61, end_reason="time_is_up",
        recording=None,
        created_at=None, updated_at=None, direction="outbound", language=None,
    )
)  # fmt: skip


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_end_of_a_call_is_a_line_and_a_count() -> None:
    labels = {"status": "ended", "reason": "time_is_up"}
    before = counted("talking_calls_ended_total", **labels)
    with capture_logs() as lines:
        milestones.see([row(ENDED, cause="command-1")])
    assert lines == [
        {
            "event": "call_milestone", "log_level": "info", "call_id": str(CALL),
            "milestone": "ended", "status": "ended", "sid": "CA1", "answered_by": "human",
            "end_reason": "time_is_up", "seconds": 61, "cause": "command-1",
        }
    ]  # fmt: skip
    assert counted("talking_calls_ended_total", **labels) == before + 1


def test_a_turn_says_where_its_time_went() -> None:
    before = counted("talking_turn_seconds_sum", part="thinking")
    with capture_logs() as lines:
        milestones.see([row(TurnMetrics(3, 400, 200, 900, 100, 1600))])
    assert [(one["event"], one["turn"], one["thinking_ms"]) for one in lines] == [
        ("call_turn", 3, 900)
    ]
    assert round(counted("talking_turn_seconds_sum", part="thinking") - before, 6) == 0.9


def test_no_line_holds_what_is_personal() -> None:
    told = [
        ENDED, AmdResult("human", 900, "carrier"), TransferStarted(NUMBER),
        TranscriptFinal("caller", SAID, SAID),
    ]  # fmt: skip
    with capture_logs() as lines:
        milestones.see([row(event) for event in told])
    assert [line["milestone"] for line in lines] == ["ended", "verdict", "transfer_started"]
    assert not any(secret in str(lines) for secret in (NUMBER, TOPIC, SAID, str(USER)))
