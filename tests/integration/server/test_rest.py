"""REST from outside: refusals, rights, keys that make a write happen once, and limits."""

import asyncio
import contextlib
import datetime as dt

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from supabase_auth import AsyncGoTrueClient

from db.accounts import users
from tests.integration.server.bad_requests import BAD_REQUESTS, BadRequest
from tests.integration.server.carrier import Carrier
from tests.support.client import TERMINAL, Answer, Clients, User
from tests.support.people import human

PUBLISHABLE_KEY = "sandbox-publishable-key"


@pytest.mark.parametrize("bad", BAD_REQUESTS, ids=lambda bad: bad.name)
async def test_a_bad_request_is_refused_with_its_code(clients: Clients, bad: BadRequest) -> None:
    user = await clients.sign_up()
    logged = len(clients.world.logged("request_refused", code=bad.code))
    answer = await user.ask(bad.method, bad.path, bad.body, bad.headers)
    assert (answer.status, answer.body["code"]) == (bad.status, bad.code)
    assert answer.body["status"] == bad.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == f"/errors/{bad.code}"
    assert answer.body["title"]
    assert answer.body["detail"]
    assert len(clients.world.logged("request_refused", code=bad.code)) > logged
    if answer.status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    else:
        assert (await user.get("/v1/calls"))["calls"] == []


async def test_every_code_has_a_page_that_says_what_to_do(clients: Clients) -> None:
    user = await clients.sign_up()
    for code in sorted({bad.code for bad in BAD_REQUESTS}):
        page = await user.ask("GET", f"/errors/{code}")
        assert page.status == 200
        assert b"<h1>" in page.body
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for accepts, kind in (browser, "text/html; charset=utf-8"), ({}, "application/problem+json"):
        lost = await user.ask("GET", "/console", None, accepts)
        assert (lost.status, lost.headers["Content-Type"]) == (404, kind)


async def test_a_token_that_has_run_out_is_refused(clients: Clients) -> None:
    user = await clients.sign_up()
    stranger = ec.generate_private_key(ec.SECP256R1())
    header = jwt.get_unverified_header(user.token)
    claims = jwt.decode(user.token, options={"verify_signature": False})
    for changed in (claims, {**claims, "exp": 1}):
        forged = jwt.encode(changed, stranger, algorithm="ES256", headers={"kid": header["kid"]})
        answer = await user.ask("GET", "/v1/me", None, {"Authorization": f"Bearer {forged}"})
        assert answer.status == 401


async def test_other_peoples_calls_are_not_there(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    stranger = await clients.sign_up()
    path = f"/v1/calls/{call.id}"
    for page in (path, f"{path}/transcript", f"{path}/journal"):
        assert (await stranger.ask("GET", page)).status == 404
    for verb, body in (("hangup", {}), ("say", {"text": "Boo"})):
        assert (await stranger.ask("POST", f"{path}/{verb}", body)).status == 404
    assert (await stranger.get("/v1/calls"))["calls"] == []
    assert (await call.now())["status"] == "ringing"
    assert (await call.hang_up()).status == 200


async def test_words_for_a_call_that_does_not_talk_yet_are_refused(clients: Clients) -> None:
    call = await Carrier(clients).ringing_call()
    answer = await call.user.ask("POST", f"/v1/calls/{call.id}/say", {"text": "Hello"})
    assert (answer.status, answer.body["code"]) == (409, "wrong_state")
    assert (await call.hang_up()).status == 200


async def test_of_fifty_calls_at_once_a_free_user_gets_one(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human(answers="no-answer"))
    body = {"topic": "patience", "to": number}

    async def call() -> Answer:
        while (answer := await user.ask("POST", "/v1/calls", body)).status == 503:
            pass  # a slow machine has no connection for so many at once; then nothing was done
        return answer

    answers = await asyncio.gather(*(call() for _ in range(50)))
    granted = [answer for answer in answers if answer.status == 201]
    refused = [answer for answer in answers if answer.status == 402]
    assert (len(granted), len(refused)) == (1, 49)
    asked = dt.datetime.fromisoformat(granted[0].body["created_at"])
    next_month = asked.replace(day=1) + dt.timedelta(days=32)
    for answer in refused:
        problem = answer.body
        assert (problem["code"], problem["metric"], problem["limit"]) == ("plan_limit", "calls", 1)
        assert problem["used"] + problem["reserved"] == 1
        assert problem["resets_at"] == f"{next_month:%Y-%m}-01T00:00:00.000Z"
    assert len(await clients.sandbox.calls_to(number)) <= 1
    assert (await user.get("/v1/usage"))["calls"]["reserved"] == 1
    assert (await user.ask("POST", f"/v1/calls/{granted[0].body['id']}/hangup", {})).status == 200


async def test_the_same_key_and_body_get_the_same_answer_and_one_call(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human(answers="no-answer"))
    body, key = {"topic": "keys", "to": number}, {"Idempotency-Key": "once"}
    answers = await asyncio.gather(*(user.ask("POST", "/v1/calls", body, key) for _ in range(10)))
    again = await user.ask("POST", "/v1/calls", body, key)
    assert again.status == 201
    for answer in answers:  # one at work meanwhile is said so; nobody is told anything else
        assert answer.status == 409 or answer.body == again.body
        assert answer.status != 409 or answer.body["code"] == "idempotency_in_progress"
    assert [call["id"] for call in (await user.get("/v1/calls"))["calls"]] == [again.body["id"]]
    other = await user.ask("POST", "/v1/calls", {**body, "topic": "locks"}, key)
    assert (other.status, other.body["code"]) == (422, "idempotency_mismatch")
    assert (await user.ask("POST", f"/v1/calls/{again.body['id']}/hangup", {})).status == 200
    assert len(await clients.sandbox.calls_to(number)) == 1


async def test_what_was_begun_is_finished_whoever_hangs_up(clients: Clients) -> None:
    for milliseconds in range(1, 21):
        user = await clients.sign_up()
        number = await clients.sandbox.add(human(answers="no-answer"))
        body, key = {"topic": "doors", "to": number}, {"Idempotency-Key": f"at {milliseconds}"}
        with contextlib.suppress(TimeoutError):  # the connection is closed by that
            async with asyncio.timeout(milliseconds / 1000):
                await user.ask("POST", "/v1/calls", body, key)
        while (answer := await user.ask("POST", "/v1/calls", body, key)).status == 409:
            assert answer.body["code"] == "idempotency_in_progress"
            assert answer.headers["Retry-After"]
        assert answer.status == 201
        while not await clients.sandbox.calls_to(number):
            call = await user.get(f"/v1/calls/{answer.body['id']}")
            assert call["status"] in {"initiating", "ringing"}
        hung_up = await user.ask("POST", f"/v1/calls/{answer.body['id']}/hangup", {})
        assert hung_up.status == 200
        assert len(await clients.sandbox.calls_to(number)) == 1


async def test_a_wrong_method_is_told_the_right_ones(clients: Clients) -> None:
    user = await clients.sign_up()
    answer = await user.ask("DELETE", "/v1/calls")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


async def test_a_refused_write_may_be_tried_again_under_its_key(clients: Clients) -> None:
    user = await clients.sign_up()
    key = {"Idempotency-Key": "retry"}
    body = {"topic": "retries", "to": "+442079460000"}
    for _ in range(2):
        answer = await user.ask("POST", "/v1/calls", body, key)
        assert (answer.status, answer.body["code"]) == (422, "country_not_allowed")


async def test_pages_of_calls_follow_each_other_and_statistics_count_them(
    clients: Clients,
) -> None:
    user = await clients.sign_up()
    await _may_call_without_end(clients, user)
    busy = await clients.sandbox.number_of("busy")
    made = [(await user.start_call(busy))["id"] for _ in range(7)]
    seen: list[str] = []
    path, pages = "/v1/calls?limit=3", 0
    while path:
        page = await user.get(path)
        seen += [call["id"] for call in page["calls"]]
        path = f"/v1/calls?limit=3&cursor={page['cursor']}" if page["cursor"] else ""
        pages += 1
    assert (seen, pages) == (made[::-1], 3)
    counted = await user.get("/v1/me/statistics?days=7")
    assert [day["calls"] for day in counted["days"]] == [0] * 6 + [7]
    assert sum(one["calls"] for one in counted["outcomes"]) == 7
    assert counted["latency"] == {"turns": 0, "since": None, "steps": []}
    stranger = await (await clients.sign_up()).get("/v1/me/statistics")
    assert (len(stranger["days"]), stranger["outcomes"]) == (30, [])


async def _may_call_without_end(clients: Clients, user: User) -> None:
    await user.get("/v1/me")  # the product knows a user from the first request on
    async with clients.world.rows() as connection:
        await connection.execute(
            "update public.users set subscription_plan_id = 'premium' where id = $1", user.id
        )


async def test_an_extension_is_pressed_once_its_number_answers(clients: Clients) -> None:
    user = await clients.sign_up()
    number = await clients.sandbox.add(human({"after_ms": 60_000}))
    async with user.live() as dashboard:
        call = await user.start_call(f"{number},7#")
        assert call["user_phone_number"] == number
        answered = await dashboard.until_status(call["id"], "answered", "waiting", "talking")
        seen = await clients.sandbox.call(answered["twilio_call_sid"])
        (sent,) = [one for one in seen["timeline"] if one["event"] == "keys_sent"]
        assert sent["fields"]["keys"] == "WW7#"
        await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})


async def test_a_token_is_refused_once_its_session_has_ended(clients: Clients) -> None:
    user = await clients.sign_up()
    assert (await user.ask("GET", "/v1/me")).status == 200
    headers = {"apikey": PUBLISHABLE_KEY, "Authorization": f"Bearer {user.token}"}
    url = f"{clients.world.sandbox_url}/auth/v1/logout?scope=local"
    async with clients.http.post(url, headers=headers) as answer:
        assert answer.status == 204
    refused = await user.ask("GET", "/v1/me")
    assert (refused.status, refused.body["code"]) == (401, "unauthenticated")
    assert "ended" in refused.body["detail"]


async def test_metadata_that_no_database_keeps_signs_nobody_out(clients: Clients) -> None:
    who = {"email": "nul@example.com", "password": "correct horse", "data": {"a\x00": ["b\x00"]}}
    url = f"{clients.world.sandbox_url}/auth/v1/signup"
    async with clients.http.post(url, json=who, headers={"apikey": PUBLISHABLE_KEY}) as answer:
        user = User(clients.http, clients.world, await answer.json())
    assert (await user.get("/v1/me"))["email"] == who["email"]
    assert await user.ticket()


async def test_somebody_signed_in_by_the_official_client_is_registered(clients: Clients) -> None:
    who = {"email": "official@example.com", "password": "correct horse battery"}
    async with httpx.AsyncClient() as http:
        client = AsyncGoTrueClient(
            url=f"{clients.world.sandbox_url}/auth/v1",
            headers={"apikey": PUBLISHABLE_KEY},
            http_client=http,
            auto_refresh_token=False,
        )
        await client.sign_up(who)  # type: ignore[arg-type]
        signed_in = await client.sign_in_with_password(who)  # type: ignore[arg-type]
    assert signed_in.session is not None
    assert signed_in.user is not None
    session = {
        "access_token": signed_in.session.access_token,
        "user": {"id": signed_in.user.id},
    }
    user = User(clients.http, clients.world, session)
    me = await user.get("/v1/me")
    assert (me["id"], me["email"], me["plan"]) == (str(user.id), who["email"], "free")
    async with clients.world.rows() as connection:
        row = await users.get(connection, user.id)
        tier = await connection.fetchval(
            "select tier from public.subscriptions where user_id = $1", user.id
        )
    assert row is not None
    assert (row.email, tier) == (who["email"], "free")


async def test_a_number_given_at_sign_up_is_not_called_before_it_is_verified(
    clients: Clients,
) -> None:
    user = await clients.sign_up(phone="+12025550100")
    answer = await user.ask("POST", "/v1/calls", {"topic": "trust"})
    assert (answer.status, answer.body["code"]) == (422, "number_required")


async def test_a_busy_call_is_over_for_everybody(clients: Clients) -> None:
    user = await clients.sign_up()
    async with user.live() as dashboard:
        number = await clients.sandbox.number_of("busy")
        call = await user.start_call(number)
        over = await dashboard.until_over(call["id"])
        assert over["status"] == "busy"
        assert over["status"] in TERMINAL
        again = await user.ask("POST", f"/v1/calls/{call['id']}/hangup", {})
        assert (again.status, again.body["code"]) == (409, "wrong_state")
        assert (await user.get(f"/v1/calls/{call['id']}"))["status"] == "busy"
