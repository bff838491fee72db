"""The `talking` command as people type it."""

import msgspec
import pytest

from tests.acceptance.conftest import Command
from tests.acceptance.evening import whole_call
from tests.support.client import clients_of
from tests.support.node import World
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


def test_a_demo_may_find_the_line_busy(demos: dict[str, Command]) -> None:
    out, err = demos["busy"].communicate(timeout=180)
    assert (demos["busy"].returncode, err) == (0, "")
    report = msgspec.json.decode(out)
    assert (report["call"]["status"], report["transcript"]) == ("busy", [])
    assert report["usage_after"]["used"] == 0


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


def finished(process: Command) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


async def test_a_calls_journal_replays_to_the_stored_status(world: World) -> None:
    async with clients_of(world) as clients:
        busy = await clients.sandbox.number_of("busy")
        call = await whole_call(clients, busy, "replays")
    code, out, err = finished(world.run("replay", call.call["id"]))
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "stored status busy, replayed busy"
    assert len(out.splitlines()) == len(call.rows.journal) + 1
    for unknown, said in (("x", "is no call id"), (str(call.call["user_id"]), "there is no call")):
        code, _, err = finished(world.run("replay", unknown))
        assert code == 1
        assert said in err
        assert "Traceback" not in err


def test_migrate_and_doctor_say_that_all_is_well(world: World) -> None:
    migrate, doctor = world.run("migrate"), world.run("doctor")
    assert finished(migrate) == (0, "the database is up to date\n", "")
    code, out, err = finished(doctor)
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["ok"] * 5


def test_the_doctor_names_what_is_wrong(world: World) -> None:
    world.env["TALKING_TWILIO__AUTH_TOKEN"], right = "wrong", world.auth_token
    try:
        code, out, _ = finished(world.run("doctor"))
    finally:
        world.env["TALKING_TWILIO__AUTH_TOKEN"] = right
    assert code == 1
    (bad,) = [line for line in out.splitlines() if line.startswith("FAILED")]
    assert "carrier" in bad
    assert right not in out


def test_a_bad_configuration_is_refused_with_every_fault_and_no_value(world: World) -> None:
    world.env["TALKING_SERVER__PORT"], port = "80 thousand", world.env["TALKING_SERVER__PORT"]
    world.env["TALKING_SERVER__PROT"] = "1"
    try:
        code, _, err = finished(world.run("serve"))
    finally:
        world.env["TALKING_SERVER__PORT"] = port
        del world.env["TALKING_SERVER__PROT"]
    assert code == 2
    assert "server.port" in err
    assert "TALKING_SERVER__PROT" in err
    assert "thousand" not in err


def test_a_second_node_on_the_same_port_says_so(world: World) -> None:
    code, _, err = finished(world.run("serve"))
    assert code == 1
    assert f"Port {world.port} is taken" in err
