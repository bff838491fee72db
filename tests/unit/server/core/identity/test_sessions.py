"""Sessions: one that its issuer ended is refused, and an issuer that does not say ends none."""

import itertools
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from server.core.errors import AppError
from server.core.identity.sessions import Sessions
from server.core.settings.vendors import Auth
from tests.support.web_server import serving

SESSION = str(uuid.uuid4())


class Issuer:
    """Its page of the user whose token it is."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, "{}", 0

    async def page(self, request: web.Request) -> web.Response:
        self.asked += 1
        assert request.headers["apikey"] == "key"
        assert request.headers["Authorization"] == "Bearer token"
        return web.Response(status=self.status, text=self.body, content_type="application/json")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(
    issuer: Issuer, time: Time, *, cached: float = 0.0, checked: bool = True
) -> AsyncIterator[Sessions]:
    app = web.Application()
    app.router.add_get("/auth/v1/user", issuer.page)
    async with serving(app) as origin, aiohttp.ClientSession() as http:
        settings = Auth(
            issuer=f"{origin}/auth/v1",
            publishable_key="key",
            session_cache_seconds=cached,
            check_sessions=checked,
        )
        yield Sessions(http, settings, time)


async def is_refused(sessions: Sessions, session_id: object = SESSION) -> bool:
    try:
        await sessions.refuse_ended("token", session_id)
    except AppError as error:
        return error.code == "unauthenticated"
    return False


@pytest.mark.parametrize(
    "body",
    [
        '{"code": "session_not_found", "message": "gone"}',
        '{"code": 403, "error_code": "user_banned", "msg": "banned"}',
        '{"code": "user_not_found"}',
    ],
)
async def test_a_session_counts_until_its_issuer_says_that_it_is_over(body: str) -> None:
    issuer, time = Issuer(), Time()
    async with asking(issuer, time) as sessions:
        assert not await is_refused(sessions)
        issuer.status, issuer.body = 403, body
        assert await is_refused(sessions)
        assert await is_refused(sessions)
    assert issuer.asked == 3


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"), (502, "<html>"), (401, '{"message": "Invalid API key"}'), (403, "[]"),
        (403, '{"code": "bad_jwt"}'), (429, '{"code": "over_request_rate_limit"}'), (404, ""),
        (403, "[" * 5000),
    ],
)  # fmt: skip
async def test_who_does_not_say_ends_no_session_and_is_left_alone(status: int, body: str) -> None:
    issuer, time = Issuer(), Time()
    issuer.status, issuer.body = status, body
    async with asking(issuer, time) as sessions:
        for _ in range(3):
            assert not await is_refused(sessions)
        assert issuer.asked == 1
        time.now = 6.0
        issuer.status, issuer.body = 403, '{"code": "session_not_found"}'
        assert await is_refused(sessions)


async def test_nobody_there_ends_no_session() -> None:
    async with aiohttp.ClientSession() as http:
        settings = Auth(issuer="http://127.0.0.1:1/auth/v1")
        assert not await is_refused(Sessions(http, settings, Time()))


async def test_a_yes_is_believed_for_as_long_as_is_configured() -> None:
    issuer, time = Issuer(), Time()
    async with asking(issuer, time, cached=10.0) as sessions:
        for now in itertools.chain((0.0, 5.0, 9.9), (10.1,)):
            time.now = now
            assert not await is_refused(sessions)
        assert issuer.asked == 2
        assert not await is_refused(sessions, str(uuid.uuid4()))
        assert issuer.asked == 3


@pytest.mark.parametrize("session_id", [None, 7, "", "../admin/users", ["x"]])
async def test_a_token_of_no_session_is_asked_about_nowhere(session_id: object) -> None:
    issuer = Issuer()
    async with asking(issuer, Time()) as sessions:
        assert not await is_refused(sessions, session_id)
    async with asking(issuer, Time(), checked=False) as sessions:
        assert not await is_refused(sessions)
    assert issuer.asked == 0
