"""Who did what to whom, over REST: administrators' looks, operators' acts, consents, own rows."""

import asyncio
import json

import pytest

from tests.integration.server.carrier import Carrier
from tests.integration.server.live.people import make_admin
from tests.support.client import Clients, Json, User
from tests.support.patience import patience

LISTS = {
    "users": "users", "audit": "subscription_events", "views": "admin_views", "calls": "calls",
    "conversations": "sms_conversations", "stripe-events": "stripe_events", "nodes": "nodes",
    "audit-log": "audit_log", "holds": "legal_holds", "retention": "retention",
}  # fmt: skip


async def acts(admin: User, **filters: str) -> list[Json]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    found: list[Json] = (await admin.get(f"/v1/admin/audit-log?limit=100&{query}"))["acts"]
    return found


@pytest.mark.parametrize("path", LISTS)
async def test_a_look_at_any_list_of_administrators_is_written_down(
    clients: Clients, path: str
) -> None:
    admin = await make_admin(clients, await clients.sign_up())
    asked = {"X-Request-Id": f"look-at-{path}"}
    answer = await admin.ask("GET", f"/v1/admin/{path}", None, asked)
    assert answer.status == 200, answer
    look = (await acts(admin, request_id=asked["X-Request-Id"]))[0]
    assert (look["action"], look["subject"], look["actor_id"]) == (
        "admin.read", LISTS[path], str(admin.id),
    )  # fmt: skip
    assert (look["actor_kind"], look["user_id"]) == ("administrator", None)
    assert len(look["address_hash"]) == 32


async def test_who_may_not_look_is_refused_and_written_down_once_an_hour(clients: Clients) -> None:
    user = await clients.sign_up()
    for _ in range(3):
        answer = await user.ask("GET", "/v1/admin/audit-log")
        assert (answer.status, answer.body["code"]) == (403, "forbidden")
    admin = await make_admin(clients, await clients.sign_up())
    refused = await acts(admin, actor_id=str(user.id))
    assert [(one["action"], one["subject"]) for one in refused] == [("admin.denied", "audit_log")]


async def test_what_is_done_to_a_call_is_its_owners_to_see(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    operator = await make_admin(clients, await clients.sign_up(), "operator")
    await operator.get(f"/v1/calls/{call.id}")
    refused = await operator.ask("POST", f"/v1/calls/{call.id}/mute", {})
    assert refused.status == 409, "it only rings"
    assert (await operator.ask("POST", f"/v1/calls/{call.id}/listen", {})).status == 200
    assert (await operator.ask("POST", f"/v1/calls/{call.id}/hangup", {})).status == 200
    await call.hang_up()
    page = await call.user.get("/v1/me/audit?limit=100")
    own = [one for one in page["acts"] if one["actor_kind"] == "operator"]
    assert [one["action"] for one in reversed(own) if one["action"] != "admin.read"] == [
        "call.listen", "call.hangup",
    ]  # fmt: skip
    assert {one["subject"] for one in own} == {f"calls {call.id}", f"call:{call.id}"}
    assert str(operator.id) not in json.dumps(page), "which of our people is not theirs to know"
    assert (await operator.get("/v1/me/audit"))["acts"] == []
    for_admin = await acts(operator, user_id=str(call.user.id), action="call.listen")
    assert [one["actor_id"] for one in for_admin] == [str(operator.id)]


async def test_pages_follow_one_another_without_gap_or_doubling(clients: Clients) -> None:
    user = await clients.sign_up()
    numbers = [f"+1202555{n:04d}" for n in range(7)]
    for number in numbers:
        body = {"phone_number": number, "wording": "Yes.", "channel": "calls"}
        assert (await user.ask("POST", "/v1/consents", body)).status == 201
    seen: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await user.get(f"/v1/me/audit?limit=3{cursor and f'&cursor={cursor}'}")
        seen += page["acts"]
        cursor = page["cursor"]
    assert [one["action"] for one in seen].count("consent.given") == 7
    assert len({one["id"] for one in seen}) == len(seen)
    assert len({one["subject"] for one in seen if one["action"] == "consent.given"}) == 7
    assert not any(number[1:] in json.dumps(seen) for number in numbers)


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-11-29T00:00:00",
        "user_id=x",
        "until=nope",
        "a=b",
        "since=0001-01-01T00:00:00%2B14:00",
    ],
)
async def test_filters_that_say_nothing_are_refused(clients: Clients, query: str) -> None:
    admin = await make_admin(clients, await clients.sign_up())
    answer = await admin.ask("GET", f"/v1/admin/audit-log?{query}")
    assert (answer.status, answer.body["code"]) == (400, "bad_request")


async def test_refused_tokens_are_counted_in_few_rows_without_what_was_shown(
    clients: Clients,
) -> None:
    admin = await make_admin(clients, await clients.sign_up())
    head, body, signature = admin.token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    before = len(await acts(admin, action="auth.refused"))
    for n in range(30):
        asked = {"Authorization": f"Bearer {forged}", "X-Request-Id": f"refused-{n:04}"}
        assert (await admin.ask("GET", "/v1/me", None, asked)).status == 401
    async with patience():
        while not (rows := await acts(admin, action="auth.refused")):  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # it is written behind the refusal, which tells nobody
    assert before <= len(rows) <= before + 2
    (row, *_) = rows
    assert (row["actor_kind"], row["actor_id"], row["user_id"]) == ("user", None, None)
    assert len(row["address_hash"]) == 32
    assert row["data"]["refused"] == sum(row["data"]["reasons"].values()) >= 1
    assert set(row["data"]["reasons"]) <= {"The access token is not valid."}
    for part in (signature[::-1], body, str(admin.id)):
        assert part not in json.dumps(rows)
