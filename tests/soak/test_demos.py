"""Demos on the command line: a whole conversation, and people there are none of."""

import msgspec
import pytest

from tests.acceptance.conftest import Command
from tests.support.people import share_heard

pytestmark = pytest.mark.timeout(240)

CALL_KEYS = {
    "id", "user_id", "user_phone_number", "topic", "twilio_call_sid", "status", "answered_by",
    "initiated_time", "ringing_time", "answered_time", "ended_time", "duration_seconds",
    "end_reason", "created_at", "updated_at",
}  # fmt: skip


def test_a_demo_of_the_talker_tells_everything_as_json(demos: dict[str, Command]) -> None:
    out, err = demos["talker"].communicate(timeout=180)
    assert (demos["talker"].returncode, err) == (0, "")
    report = msgspec.json.decode(out)
    assert {"call", "phases", "transcript", "heard_text", "latencies", "usage_before",
            "usage_after"} <= set(report)  # fmt: skip
    assert set(report["call"]) == CALL_KEYS
    assert (report["call"]["status"], report["call"]["topic"]) == ("ended", "sourdough")
    statuses = [phase["status"] for phase in report["phases"]]
    assert statuses == ["initiating", "ringing", "answered", "waiting", "talking", "ended"]
    seconds = [phase["seconds"] for phase in report["phases"]]
    assert seconds == sorted(seconds)
    agent = " ".join(turn["heard"] for turn in report["transcript"] if turn["speaker"] == "agent")
    assert share_heard(agent, report["heard_text"]) > 0.85
    assert len(report["latencies"]["turns"]) >= 3
    assert (report["usage_before"]["used"], report["usage_after"]["used"]) == (0, 1)


def test_a_demo_of_nobody_says_who_there_is(demos: dict[str, Command]) -> None:
    _, err = demos["nobody"].communicate(timeout=180)
    assert demos["nobody"].returncode == 1
    assert "nobody is called 'nobody'" in err
    assert "talker" in err
    assert "Traceback" not in err


def test_a_demo_of_a_missing_recording_says_so(demos: dict[str, Command]) -> None:
    _, err = demos["no-wav"].communicate(timeout=180)
    assert demos["no-wav"].returncode == 1
    assert "no-such-file.wav cannot be read" in err
    assert "Traceback" not in err
