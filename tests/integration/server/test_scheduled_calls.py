"""Calls asked for in advance, at a real node: placed, told live, tried again, called off."""

import datetime as dt

from tests.support.client import Clients, Json
from tests.support.people import HANGS_UP, after, human, says

PATH = "/v1/scheduled-calls"


async def test_a_batch_is_placed_told_live_and_what_waits_is_called_off(clients: Clients) -> None:
    reached = await clients.sandbox.add(human(after(300), says("Hello?"), after(1500), HANGS_UP))
    busy = await clients.sandbox.add(human(answers="busy"))
    user = await clients.sign_up_with(reached)
    entries = [
        {"topic": "bread", "to": busy},
        {"topic": "rye", "to": "12"},
        {"topic": "later", "start_at": "2199-01-01T00:00:00Z"},
    ]
    async with user.live() as dashboard:
        key = {"Idempotency-Key": "a-batch"}
        answer = await user.ask("POST", f"{PATH}/batch", {"calls": entries}, key)
        assert answer.status == 200, answer
        assert (
            await user.ask("POST", f"{PATH}/batch", {"calls": entries}, key)
        ).body == answer.body
        taken, *refused = answer.body["results"]
        assert [one["problem"]["code"] for one in refused] == ["invalid_number", "bad_request"]
        assert taken["scheduled_call"]["batch_id"] == answer.body["id"]

        async def until(scheduled_id: str, status: str, reason: str) -> Json:
            def wanted(message: Json) -> bool:
                found = message.get("data", {}).get("scheduled_call", {})
                return (found.get("id"), found.get("status"), found.get("reason")) == (
                    scheduled_id, status, reason
                )  # fmt: skip

            return (await dashboard.until(wanted))["data"]["scheduled_call"]  # type: ignore[no-any-return]

        waits = await until(taken["scheduled_call"]["id"], "scheduled", "busy")
        assert waits["attempts"] == 1
        times = [dt.datetime.fromisoformat(waits[at]) for at in ("start_at", "next_attempt_at")]
        assert dt.timedelta(minutes=15) <= times[1] - times[0] < dt.timedelta(minutes=16)
        one = f"{PATH}/{waits['id']}"
        canceled = await user.ask("POST", f"{one}/cancel", {})
        assert (canceled.status, canceled.body["status"]) == (200, "canceled")
        assert canceled.body["next_attempt_at"] is None
        assert await user.get(one) == canceled.body

        made = await user.ask("POST", PATH, {"topic": "sourdough"})
        assert (made.status, made.body["to"]) == (201, reached)
        done = await until(made.body["id"], "done", "ended")
        call = await user.get(f"/v1/calls/{done['call_id']}")
        assert (call["status"], call["topic"]) == ("ended", "sourdough")
        assert call["direction"] == "outbound"
    page = await user.get(f"{PATH}?status=canceled")
    assert [row["id"] for row in page["scheduled_calls"]] == [waits["id"]]
    assert (await user.ask("POST", f"{PATH}/{made.body['id']}/cancel", {})).status == 409
    stranger = await clients.sign_up()
    assert (await stranger.ask("GET", one)).status == 404
    assert (await user.get("/v1/usage"))["calls"]["used"] == 1
