"""How a node ends and what becomes of its calls: killed without warning, and stopped with one.

They come last in their world. It has one node only: the phone company finds nobody meanwhile.
"""

import asyncio

import pytest

from media.settings import ConversationSettings
from tests.acceptance.conftest import GREETING
from tests.acceptance.conversation import read_rows, whole_call
from tests.support.client import TERMINAL, Clients, Dashboard, Json, User, clients_of
from tests.support.node import World
from tests.support.people import HANGS_UP, after, brief, human, patient, share_heard

pytestmark = pytest.mark.timeout(180)

TOPIC = "endings"
SILENT = (after(120_000), HANGS_UP)


async def call_until(clients: Clients, person: Json, status: str) -> tuple[User, str]:
    """A new user's call to somebody, watched until it has got that far."""
    number = await clients.sandbox.add(person)
    user = await clients.sign_up()
    async with user.live() as dashboard:
        ack = await dashboard.command("call.start", topic=TOPIC, to=number)
        call_id: str = ack["data"]["call"]["id"]
        await dashboard.until_status(call_id, status)
    return user, call_id


async def over(user: User, call_id: str) -> Json:
    """The call once it is over, watched by a new socket."""
    async with user.live() as dashboard:
        first = await dashboard.until(lambda message: message["op"] == "snapshot")
        (call,) = [each for each in first["data"]["calls"] if each["id"] == call_id]
        return call if call["status"] in TERMINAL else await dashboard.until_over(call_id)


async def test_a_lone_killed_nodes_calls_are_settled_by_its_successor(doomed: World) -> None:
    async with clients_of(doomed) as clients:
        late_verdict = human(*SILENT, verdict_ms=60_000)
        calls = await asyncio.gather(
            call_until(clients, human(answers="no-answer"), "ringing"),
            call_until(clients, late_verdict, "waiting"),
            call_until(clients, patient(), "talking"),
        )
        doomed.node.kill()
        doomed.node.start()
        doomed.until_ready()
        user, call_id = calls[0]  # its phone rings on, and the new node has the call
        hang_up = f"/v1/calls/{call_id}/hangup"
        while (await user.ask("POST", hang_up, {})).status == 409:  # noqa: ASYNC110 - another's
            await asyncio.sleep(0.1)  # polls until it does; the test has a deadline
        ended = await asyncio.gather(*(over(user, call_id) for user, call_id in calls))
        ringing, waiting, talking = ended
        assert (talking["status"], talking["end_reason"]) == ("lost", "node_lost")
        assert (waiting["status"], waiting["end_reason"]) == ("lost", "node_lost")
        assert ringing["status"] == "canceled"
        for call in ended:
            assert (await clients.sandbox.call(call["twilio_call_sid"]))["status"] in {
                "completed", "canceled",
            }  # fmt: skip
        async with doomed.rows() as connection:
            open_calls = await connection.fetchval(
                "select count(*) from public.calls where not status = any($1)", list(TERMINAL)
            )
            rows = [await read_rows(connection, call["id"]) for call in ended]
        assert open_calls == 0
        assert [row.reservation for row in rows] == ["released", "released", "committed"]
        assert [row.waiting_room for row in rows] == [None, "completed", "completed"]
        after = await whole_call(clients, await clients.sandbox.add(brief(lines=0)), TOPIC)
        assert after.call["status"] == "ended"
        assert share_heard(GREETING.format(topic=TOPIC), after.heard) > 0.9


async def test_a_stopped_node_lets_calls_end_and_then_ends_them_politely(doomed: World) -> None:
    earlier = len(doomed.node_log.read_text("utf-8"))
    async with clients_of(doomed) as clients:
        soon, endless = await asyncio.gather(
            call_until(clients, brief(lines=0), "talking"),
            call_until(clients, patient(), "talking"),
        )
        bystander = await clients.sign_up()
        async with (
            soon[0].live() as first,
            endless[0].live() as second,
            bystander.live() as third,
        ):
            doomed.node.terminate()
            finished, cut = await asyncio.gather(
                first.until_over(soon[1]), second.until_over(endless[1])
            )
            refused = await asyncio.gather(*map(Dashboard.closed, (first, second, third)))
            code = await asyncio.to_thread(doomed.node.wait)
        assert finished["status"] == "ended"
        assert finished["end_reason"] in {"caller_goodbye", "caller_hung_up"}
        assert (cut["status"], cut["end_reason"]) == ("ended", "server_stopping")
        async with doomed.rows() as connection:
            rows = await read_rows(connection, cut["id"])
        said = [row["event"]["heard"] for row in rows.journal if row["event"]["type"] == "spoken"]
        assert said[-1] == ConversationSettings().stopping_goodbye
        assert refused == [4001, 4001, 4001]
        assert code == 0
        for call in (finished, cut):
            seen = await clients.sandbox.call(call["twilio_call_sid"])
            assert seen["status"] == "completed"
        assert doomed.logged("draining", calls=2)
    log = doomed.node_log.read_text("utf-8")[earlier:]
    assert '"level": "error"' not in log
    assert "Traceback" not in log
