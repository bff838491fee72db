"""A call as spans: whole and in parts, under ids any node finds alone, without a word of it."""

import datetime as dt
import uuid
from typing import Any

import msgspec

from db.cluster.event_streams import EventRow
from media.published import AmdResult, EngineFailed, TranscriptFinal, TurnMetrics
from server.calls.wire import CallEnded
from server.core.events import of_call
from server.tracing.spans import Span, is_sampled, of_event, of_request
from tests.unit.server.calls.test_milestones import CALL, ENDED, NOW, NUMBER, SAID, TOPIC, USER

AT = NOW.timestamp()


def spans(event: Any, now: float = AT + 0.02) -> dict[str, Span]:
    row = EventRow(
        user_id=USER, stream_epoch="e", seq=1, id=uuid.uuid4(), type=event.type, v=1, ts=NOW,
        subject=of_call(USER, CALL, 1, None).name, rev=7, cause=None, data=event.data(),
    )  # fmt: skip
    return {span.name: span for span in of_event(row, CALL, now)}


def ended(**changes: Any) -> dict[str, Span]:
    return spans(CallEnded(msgspec.structs.replace(ENDED.call, **changes)))


def clock(seconds: float) -> str:
    return (NOW + dt.timedelta(seconds=seconds)).isoformat()


def test_a_call_is_one_trace_whose_id_is_its_own() -> None:
    found = ended(
        initiated_time=clock(-30), ringing_time=clock(-28), answered_time=clock(-20),
        ended_time=clock(-1),
    )  # fmt: skip
    whole = found["call"]
    assert {span.trace for span in found.values()} == {CALL.int}
    assert whole.parent is None
    assert (whole.began_at, whole.ended_at) == (AT - 30, AT)
    assert whole.attributes["talking.end_reason"] == "time_is_up"
    parts = {
        name: [span.began_at - AT, span.ended_at - AT, span.parent] for name, span in found.items()
    }
    assert parts["dialling"] == [-30, -28, whole.id]
    assert parts["ringing"] == [-28, -20, whole.id]
    assert parts["answered"] == [-20, -1, whole.id]


def test_a_call_that_nobody_answered_rang_to_its_end() -> None:
    found = ended(initiated_time=clock(-30), ringing_time=clock(-28), status="no_answer")
    assert (found["ringing"].ended_at, "answered" in found) == (AT, False)


def test_a_lost_call_is_an_error() -> None:
    assert ended(status="lost", initiated_time=clock(-3))["call"].failed == "lost"


def test_a_turn_shows_where_its_time_went() -> None:
    found = spans(TurnMetrics(3, 200, 150, 500, 100, 950))
    turn = found["turn 3"]
    assert round(turn.ended_at - turn.began_at, 3) == 0.95
    lengths = {}
    for name in ("endpointing", "recognising", "thinking", "speaking"):
        assert found[name].parent == turn.id
        lengths[name] = round(found[name].ended_at - found[name].began_at, 3)
    assert lengths == {
        "endpointing": 0.2, "recognising": 0.15, "thinking": 0.5, "speaking": 0.1,
    }  # fmt: skip
    assert found["thinking"].began_at == found["recognising"].ended_at


def test_every_event_shows_how_long_its_commit_took() -> None:
    commit = spans(TranscriptFinal("caller", SAID, SAID, False, "caller:1"))[
        "commit transcript.final"
    ]
    assert (commit.began_at, round(commit.ended_at - AT, 3)) == (AT, 0.02)


def test_a_verdict_lasts_as_long_as_it_took_and_failures_are_errors() -> None:
    verdict = spans(AmdResult(answered_by="human", by="carrier", took_ms=1200))["who picked up"]
    assert round(verdict.ended_at - verdict.began_at, 3) == 1.2
    assert spans(EngineFailed(engine="voice"))["engine failed"].failed == "voice"


def test_nothing_that_was_said_or_dialled_is_in_a_span() -> None:
    told = [
        ended(initiated_time=clock(-30)),
        spans(TranscriptFinal("caller", SAID, SAID, False, "caller:1")),
    ]
    for secret in (NUMBER, TOPIC, SAID):
        assert secret not in str(told)


def test_a_request_is_a_span_and_a_fault_of_ours_an_error() -> None:
    one = of_request(CALL, "POST", "/webhooks/twilio/amd/<uuid:call_id>", 204, 1.0, 1.2, "abc")
    assert (one.trace, one.parent, one.failed) == (CALL.int, ended()["call"].id, "")
    assert of_request(CALL, "GET", "/v1/calls", 503, 1.0, 1.2, "abc").failed == "503"


def test_the_same_event_makes_the_same_spans_and_another_one_others() -> None:
    row = EventRow(
        user_id=USER, stream_epoch="e", seq=1, id=uuid.uuid4(), type="engine.failed", v=1, ts=NOW,
        subject=f"call:{CALL}", rev=7, cause=None, data=EngineFailed(engine="voice").data(),
    )  # fmt: skip
    again = of_event(row, CALL, AT)
    assert again == of_event(row, CALL, AT)
    other = of_event(msgspec.structs.replace(row, id=uuid.uuid4()), CALL, AT)
    assert not {span.id for span in again} & {span.id for span in other}


def test_a_share_of_calls_is_the_same_at_every_node() -> None:
    calls = [uuid.uuid4() for _ in range(2000)]
    some = [call for call in calls if is_sampled(call, 0.25)]
    assert 350 < len(some) < 650
    assert all(is_sampled(call, 0.5) for call in some)
    assert all(is_sampled(call, 1.0) for call in calls)
    assert not any(is_sampled(call, 0.0) for call in calls)
