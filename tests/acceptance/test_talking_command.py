"""The `talking` command as people type it."""

import msgspec
import pytest

from tests.acceptance.conftest import Command
from tests.acceptance.conversation import whole_call
from tests.support.client import clients_of
from tests.support.node import World

pytestmark = pytest.mark.timeout(240)


def test_a_demo_may_find_the_line_busy(demos: dict[str, Command]) -> None:
    out, err = demos["busy"].communicate(timeout=180)
    assert (demos["busy"].returncode, err) == (0, "")
    report = msgspec.json.decode(out)
    assert (report["call"]["status"], report["transcript"]) == ("busy", [])
    assert report["usage_after"]["used"] == 0


def finished(process: Command) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


async def test_a_calls_journal_replays_to_the_stored_status(world: World) -> None:
    async with clients_of(world) as clients:
        busy = await clients.sandbox.number_of("busy")
        call = await whole_call(clients, busy, "replays")
    user_id = str(call.call["user_id"])
    replay, garbage, unknown = (
        world.run("replay", each) for each in (call.call["id"], "x", user_id)
    )
    code, out, err = finished(replay)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "stored status busy, replayed busy"
    assert len(out.splitlines()) == len(call.rows.journal) + 1
    for process, said in ((garbage, "is no call id"), (unknown, "there is no call")):
        code, _, err = finished(process)
        assert code == 1
        assert said in err
        assert "Traceback" not in err


def test_migrate_and_doctor_say_that_all_is_well(world: World) -> None:
    migrate, doctor = world.run("migrate"), world.run("doctor")
    assert finished(migrate) == (0, "the database is up to date\n", "")
    code, out, err = finished(doctor)
    assert (code, err) == (0, "")
    by_state: dict[str, list[str]] = {"ok": [], "WARNING": []}
    for line in out.splitlines():
        state, _, rest = line.partition(" ")
        by_state[state].append(rest.strip().partition(":")[0])
    assert by_state["WARNING"] == ["payments"]  # this world buys nothing
    assert len(by_state["ok"]) == 23


def test_the_doctor_names_what_is_wrong(world: World) -> None:
    world.env["TALKING_TWILIO__AUTH_TOKEN"], right = "wrong", world.auth_token
    try:
        code, out, _ = finished(world.run("doctor"))
    finally:
        world.env["TALKING_TWILIO__AUTH_TOKEN"] = right
    assert code == 1
    bad = [line.split(":")[0].split(maxsplit=1)[1] for line in out.splitlines() if "FAILED" in line]
    assert bad == ["carrier", "public address"]  # the node has the right one
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
