"""Tags and notes on calls from outside: written, found again, told to every dashboard, refused."""

import uuid
from typing import Any
from urllib.parse import quote, urlencode

from server.annotations.actions import MOST_NOTES, MOST_TAGS
from tests.integration.server.live.people import make_admin
from tests.support.client import Clients, Json, User
from tests.support.people import human, says, waits


async def a_call(clients: Clients, user: User, topic: str) -> str:
    """One that is over."""
    number = await clients.sandbox.add(human(answers="busy"))
    async with user.live() as dashboard:
        call = await user.start_call(number, topic)
        await dashboard.until_over(call["id"])
    return str(call["id"])


async def ids(user: User, **query: Any) -> list[str]:
    page = await user.get(f"/v1/calls?{urlencode(query)}")
    return [call["id"] for call in page["calls"]]


async def test_tags_and_notes_are_written_found_and_told_to_every_dashboard(
    clients: Clients,
) -> None:
    user = await clients.sign_up()
    first = await a_call(clients, user, "growing beans")
    second = await a_call(clients, user, "growing peas")
    path = f"/v1/calls/{first}"

    async def put(tag: str) -> list[str]:
        answer = await user.ask("PUT", f"{path}/tags/{quote(tag, safe='')}")
        assert answer.status == 200, answer
        tags: list[str] = answer.body["tags"]
        return tags

    async with user.live() as one, user.live() as other:
        assert await put("Call  back") == ["Call back"]
        assert await put("späte Rückfrage") == ["Call back", "späte Rückfrage"]
        assert await put("CALL BACK") == ["Call back", "späte Rückfrage"], "the same in any case"
        assert (await user.ask("PUT", f"/v1/calls/{second}/tags/call%20back")).status == 200
        gone = await user.ask("DELETE", f"{path}/tags/{quote('SPÄTE rückfrage')}")
        assert gone.body == {"call_id": first, "tags": ["Call back"]}
        assert (await user.ask("DELETE", f"{path}/tags/never")).body["tags"] == ["Call back"]

        key = {"Idempotency-Key": uuid.uuid4().hex}
        note = await user.ask("POST", f"{path}/notes", {"text": "Rings\nin May."}, key)
        again = await user.ask("POST", f"{path}/notes", {"text": "Rings\nin May."}, key)
        assert (note.status, again.body["id"]) == (201, note.body["id"])
        assert (note.body["text"], note.body["author_id"]) == ("Rings\nin May.", str(user.id))
        its = f"{path}/notes/{note.body['id']}"
        changed = await user.ask("PUT", its, {"text": "Rings in June."})
        assert changed.body["created_at"] == note.body["created_at"]
        assert await user.get(f"{path}/annotations") == {
            "call_id": first, "tags": ["Call back"], "notes": [changed.body],
        }  # fmt: skip
        assert (await user.ask("DELETE", its)).body == {"id": note.body["id"]}
        for missing in (its, f"/v1/calls/{second}/notes/{note.body['id']}"):
            assert (await user.ask("PUT", missing, {"text": "x"})).status == 404

        told = f"call:{first}"
        for dashboard in (one, other):
            await dashboard.until(lambda message: message.get("type") == "call.note_deleted")
            tags = [event["data"]["tags"] for event in dashboard.events("call.tagged", told)]
            assert tags == [
                ["Call back"], ["Call back", "späte Rückfrage"], ["Call back"],
            ]  # fmt: skip
            notes = dashboard.events("call.noted", told)
            texts = [event["data"]["note"]["text"] for event in notes]
            assert texts == ["Rings\nin May.", "Rings in June."]
            [deleted] = dashboard.events("call.note_deleted", told)
            assert deleted["data"] == {"note_id": note.body["id"]}

    assert await ids(user, tag="call BACK") == [second, first]
    assert await ids(user, tag="call back", topic="growing beans") == [first]
    assert await ids(user, tag="späte Rückfrage") == []
    assert await user.get("/v1/calls/tags") == {"tags": [{"tag": "Call back", "calls": 2}]}


async def test_whose_call_it_is_and_operators_write_within_bounds(clients: Clients) -> None:
    user = await clients.sign_up()
    call_id = await a_call(clients, user, "growing beans")
    path = f"/v1/calls/{call_id}"
    stranger = await clients.sign_up()
    staff = await make_admin(clients, await clients.sign_up(), "operator")
    for asked in (("PUT", f"{path}/tags/x", None), ("POST", f"{path}/notes", {"text": "x"})):
        assert (await stranger.ask(*asked)).status == 404
    assert (await stranger.ask("GET", f"{path}/annotations")).status == 404
    note = await staff.ask("POST", f"{path}/notes", {"text": "Was kind."})
    assert (note.status, note.body["author_id"]) == (201, str(staff.id))
    assert (await user.get(f"{path}/annotations"))["notes"] == [note.body]
    assert await ids(stranger, tag="x") == []

    async def refused(method: str, where: str, body: Json | None = None) -> tuple[int, str]:
        answer = await user.ask(method, f"{path}/{where}", body)
        return answer.status, answer.body["code"]

    for tag in ("a%2Cb", "a%2Fb"):
        assert await refused("PUT", f"tags/{tag}") == (400, "bad_request")
    assert await refused("PUT", f"tags/{'x' * 41}") == (400, "bad_request")
    for text in ("", " ", "x" * 2001, "\u202e"):
        assert await refused("POST", "notes", {"text": text}) == (400, "bad_request")
    for number in range(MOST_TAGS):
        assert (await user.ask("PUT", f"{path}/tags/{number}")).status == 200
    assert await refused("PUT", "tags/more") == (409, "too_many")
    assert (await user.ask("PUT", f"{path}/tags/0")).status == 200, "it is there already"
    for number in range(MOST_NOTES - 1):
        assert (await user.ask("POST", f"{path}/notes", {"text": str(number)})).status == 201
    assert await refused("POST", "notes", {"text": "more"}) == (409, "too_many")
    assert len((await user.get(f"{path}/annotations"))["notes"]) == MOST_NOTES


async def test_calls_are_found_by_what_was_said_in_them(clients: Clients) -> None:
    user = await clients.sign_up()
    spoken = "We keep seven alpacas."
    number = await clients.sandbox.add(human(waits(quiet_ms=400), says(spoken), verdict_ms=300))
    async with user.live() as dashboard:
        call = await user.start_call(number, "farms")
        said = await dashboard.until(
            lambda message: (
                message.get("type") == "transcript.final" and message["data"]["speaker"] == "caller"
            )
        )
        await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})
        await dashboard.until_over(call["id"])
    heard = said["data"]["text"]
    assert await ids(user, search=heard[1:-1].upper()) == [call["id"]]
    assert await ids(user, search="FARM") == [call["id"]]
    assert await ids(user, search=number[-7:]) == [call["id"]]
    assert await ids(user, search="xylophones") == []
    long = await user.ask("GET", "/v1/calls?search=farm&limit=21")
    assert (long.status, long.body["code"]) == (400, "bad_request")
