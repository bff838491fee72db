"""API keys: what a program may do by one, and when it may no more."""

import base64
from typing import Any

import pytest

from db.core.sealing import PREFIX
from tests.support.client import Clients, User, live_socket
from tests.support.people import human

MOST_PER_USER = 20


async def made(user: User, *scopes: str, **wanted: Any) -> dict[str, Any]:
    body = {"name": "Reports", "scopes": scopes or ["read"], **wanted}
    answer = await user.ask("POST", "/v1/keys", body)
    assert answer.status == 201, answer
    key: dict[str, Any] = answer.body
    return key


def by(user: User, key: dict[str, Any]) -> User:
    """The user's program."""
    session = {"user": {"id": str(user.id)}, "access_token": key["key"]}
    return User(user._http, user.world, session)


async def test_a_program_calls_by_a_key_and_follows_it_live(clients: Clients) -> None:
    user = await clients.sign_up()
    key = await made(user, "read", "calls", "emails")
    program = by(user, key)
    assert key["key"].startswith("tk_")
    async with program.live(subs=[{"topic": "me"}]) as dashboard:
        number = await clients.sandbox.add(human(answers="no-answer"))
        call = await program.start_call(number)
        assert call["user_id"] == str(user.id)
        ack = await dashboard.command("call.hangup", call=call["id"])
        assert ack["ok"], ack
        await dashboard.until_over(call["id"])
    me = await program.get("/v1/me")
    assert (me["id"], me["role"]) == (str(user.id), "user")
    letter = {"topic": "keys", "type": "custom", "subject": "Keys", "content": "They open."}
    sent = await program.ask("POST", "/v1/emails", letter)  # to the owner, without an address
    assert (sent.status, sent.body["recipient_email"]) == (201, me["email"])
    stream = await user._http.get(
        f"{user.world.url}/v1/events", headers={"Authorization": f"Bearer {key['key']}"}
    )
    assert stream.status == 200
    assert (await stream.content.readline()).startswith(b"id: ")
    stream.close()


async def test_a_key_may_do_what_its_scopes_say_and_nothing_else(clients: Clients) -> None:
    user = await clients.sign_up()
    program = by(user, await made(user, "read"))
    assert (await program.get("/v1/calls"))["calls"] == []
    for method, path, body, scope in (
        ("POST", "/v1/calls", {"topic": "rights", "to": "+12025550100"}, "calls"),
        ("POST", "/v1/conversations", {"topic": "rights"}, "texts"),
        ("POST", "/v1/emails", {"topic": "rights", "type": "custom"}, "emails"),
        ("POST", "/v1/keys", {"name": "more", "scopes": ["calls"]}, None),
        ("GET", "/v1/keys", None, None),
        ("PATCH", "/v1/me", {"time_zone": None}, None),
        ("GET", "/v1/admin/users", None, None),
    ):
        answer = await program.ask(method, path, body)
        assert (answer.status, answer.body["code"]) == (403, "scope_required"), path
        assert answer.body["scope"] == scope
    async with program.live(subs=[{"topic": "me"}]) as dashboard:
        ack = await dashboard.command("call.start", topic="rights", to="+12025550100")
        assert ack["error"]["code"] == "scope_required"
    caller = by(user, await made(user, "calls"))
    for method, path in (("GET", "/v1/calls"), ("GET", "/v1/events"), ("POST", "/v1/tickets")):
        assert (await caller.ask(method, path, None)).body["code"] == "scope_required"
    async with live_socket(clients.world) as socket:
        await socket.send(f'{{"op":"hello","token":"{caller.token}","subs":[{{"topic":"me"}}]}}')
        await socket.wait_closed()
        assert socket.close_reason == "me: scope_required"


async def test_an_administrators_key_has_no_rights_over_others(clients: Clients) -> None:
    admin = await clients.sandbox.send(
        "POST", "/auth/v1/token?grant_type=password",
        {"email": "admin@example.com", "password": "talking-admin"},
    )  # fmt: skip
    boss = User(clients.http, clients.world, admin)
    other = await clients.sign_up()
    call = await other.start_call(await clients.sandbox.add(human(answers="no-answer")))
    program = by(boss, await made(boss, "read", "calls"))
    assert (await program.get("/v1/me"))["role"] == "user"
    for method, path in (("GET", ""), ("GET", "/transcript"), ("POST", "/hangup")):
        answer = await program.ask(method, f"/v1/calls/{call['id']}{path}", {})
        assert answer.status == 404
    assert (await other.ask("POST", f"/v1/calls/{call['id']}/hangup", {})).status == 200


async def test_a_key_is_shown_once_and_kept_as_a_hash(clients: Clients) -> None:
    user = await clients.sign_up()
    body, once = {"name": "Night shift", "scopes": ["read"]}, {"Idempotency-Key": "key"}
    first = await user.ask("POST", "/v1/keys", body, once)
    again = await user.ask("POST", "/v1/keys", body, once)
    assert again.status == 201
    assert again.body == {**first.body, "key": None}
    text = first.body["key"]
    assert text.endswith(first.body["hint"])
    (listed,) = (await user.get("/v1/keys"))["keys"]
    assert "key" not in listed
    await by(user, first.body).get("/v1/usage")
    async with clients.world.rows() as rows:
        row = await rows.fetchrow("select * from app.api_keys where user_id = $1", user.id)
        kept = await rows.fetch(
            "select i::text as text from app.idempotency i where user_id = $1", user.id
        )
    assert row["last_used_at"] is not None
    assert row["name"].startswith(PREFIX)
    whole = repr(dict(row)) + repr(kept)
    for form in (text, text[3:], base64.b64encode(text.encode()).decode()):
        assert form not in whole
    assert text not in clients.world.node_log.read_text()


async def test_a_use_is_written_once_a_minute(clients: Clients) -> None:
    user = await clients.sign_up()
    key = await made(user)
    program = by(user, key)
    await program.get("/v1/usage")
    seen = (await user.get("/v1/keys"))["keys"][0]["last_used_at"]
    await program.get("/v1/usage")
    assert (await user.get("/v1/keys"))["keys"][0]["last_used_at"] == seen
    async with clients.world.rows() as rows:
        await rows.execute(
            "update app.api_keys set last_used_at = last_used_at - interval '61 seconds'"
            " where user_id = $1", user.id,
        )  # fmt: skip
    await program.get("/v1/usage")
    assert (await user.get("/v1/keys"))["keys"][0]["last_used_at"] > seen


async def test_a_key_has_its_own_limit(clients: Clients) -> None:
    user = await clients.sign_up()
    program = by(user, await made(user, requests_per_minute=3))
    statuses = [(await program.ask("GET", "/v1/usage")).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = await program.ask("GET", "/v1/usage")
    assert (refused.body["code"], refused.headers["Retry-After"] != "0") == ("rate_limited", True)
    await user.get("/v1/usage")  # the user is not held up by it
    await by(user, await made(user)).get("/v1/usage")
    too_much = {"name": "n", "scopes": ["read"], "requests_per_minute": 100_000}
    assert (await user.ask("POST", "/v1/keys", too_much)).body["code"] == "bad_request"


async def test_a_replaced_key_stays_good_for_the_overlap(clients: Clients) -> None:
    user = await clients.sign_up()
    old = await made(user, "read", "emails", name="Letters", requests_per_minute=50)
    path = f"/v1/keys/{old['id']}/rotate"
    new = (await user.ask("POST", path, {"overlap_hours": 2})).body
    assert (new["name"], new["scopes"]) == ("Letters", ["emails", "read"])
    assert new["requests_per_minute"] == 50
    for key in (old, new):
        await by(user, key).get("/v1/usage")
    assert (await user.ask("POST", path, {})).body["code"] == "wrong_state"
    listed = {key["id"]: key for key in (await user.get("/v1/keys"))["keys"]}
    assert listed[old["id"]]["successor_id"] == new["id"]
    async with clients.world.rows() as rows:
        await rows.execute("update app.api_keys set expires_at = now() where id = $1", old["id"])
    assert (await by(user, old).ask("GET", "/v1/usage")).status == 401
    at_once = await user.ask("POST", f"/v1/keys/{new['id']}/rotate", {"overlap_hours": 0})
    assert (await by(user, new).ask("GET", "/v1/usage")).status == 401
    await by(user, at_once.body).get("/v1/usage")


async def test_a_revoked_key_is_refused_at_once_and_strangers_cannot_revoke(
    clients: Clients,
) -> None:
    user, stranger = await clients.sign_up(), await clients.sign_up()
    key = await made(user)
    path = f"/v1/keys/{key['id']}"
    await stranger.get("/v1/me")
    assert (await stranger.ask("DELETE", path)).status == 404
    assert (await stranger.ask("POST", f"{path}/rotate", {})).status == 404
    await by(user, key).get("/v1/usage")
    assert (await user.ask("DELETE", path)).body["revoked_at"]
    answer = await by(user, key).ask("GET", "/v1/usage")
    assert (answer.status, answer.body["code"]) == (401, "unauthenticated")
    assert (await user.ask("POST", f"{path}/rotate", {})).status == 404


async def test_there_are_so_many_keys_at_most(clients: Clients) -> None:
    user = await clients.sign_up()
    keys = [await made(user) for _ in range(MOST_PER_USER)]
    refused = await user.ask("POST", "/v1/keys", {"name": "more", "scopes": ["read"]})
    assert (refused.status, refused.body["code"]) == (409, "too_many")
    await user.ask("DELETE", f"/v1/keys/{keys[0]['id']}")
    await made(user)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "n", "scopes": []},
        {"name": "n", "scopes": ["admin"]},
        {"name": "", "scopes": ["read"]},
        {"name": "n\x00", "scopes": ["read"]},
        {"name": "n", "scopes": ["read"], "expires_in_days": 0},
        {"name": "n", "scopes": ["read"], "role": "admin"},
    ],
)
async def test_what_makes_no_key_is_refused(clients: Clients, body: dict[str, Any]) -> None:
    user = await clients.sign_up()
    answer = await user.ask("POST", "/v1/keys", body)
    assert (answer.status, answer.body["code"]) == (400, "bad_request")


@pytest.mark.parametrize("text", ["tk_", "tk_unknown", "tk_é", "tk_" + "a" * 9000])
async def test_what_is_no_key_is_refused(clients: Clients, text: str) -> None:
    user = await clients.sign_up()
    session = {"user": {"id": str(user.id)}, "access_token": text}
    program = User(user._http, user.world, session)
    answer = await program.ask("GET", "/v1/me")
    assert answer.status == 401


async def test_whoever_deletes_their_account_has_no_programs_any_more(clients: Clients) -> None:
    user = await clients.sign_up()
    program = by(user, await made(user, "read", "webhooks"))
    hook = await program.ask("POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/hooks"})
    assert hook.status == 201
    asked = await user.ask("DELETE", "/v1/me", {"confirm": (await user.get("/v1/me"))["email"]})
    assert asked.status in {200, 202}, asked
    assert (await program.ask("GET", "/v1/usage")).status == 401
    async with clients.world.rows() as rows:
        for table in ("app.api_keys", "app.webhooks"):
            count = await rows.fetchval(f"select count(*) from {table} where user_id = $1", user.id)
            assert count == 0
