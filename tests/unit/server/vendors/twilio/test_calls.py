"""Answers of the phone company that are none: the outcome is unknown, whatever the SDK says."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from server.core.settings.loading import Secret
from server.core.settings.vendors import Twilio
from server.vendors.outcome import UnknownOutcomeError
from server.vendors.twilio.calls import TwilioCalls
from server.vendors.twilio.messages import TwilioTexts
from tests.support.web_server import serving

SID = "CA" + "0" * 32


@asynccontextmanager
async def answering(status: int, body: str) -> AsyncIterator[Twilio]:
    """An account at a server that always says the same."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as origin:
        yield Twilio(account_sid="AC" + "0" * 32, auth_token=Secret("x"), base_url=origin)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"sid": null}', '{"sid": 5}', '{"sid": "None"}', "[]", "null", '"CA"', "<html>",
     '{"sid": "../calls"}', '{"sid": {}}', "[" * 5000],
)  # fmt: skip
async def test_a_success_without_a_sid_is_no_success(status: int, body: str) -> None:
    async with answering(status, body) as account:
        calls, texts = TwilioCalls(account), TwilioTexts(account)
        with pytest.raises(UnknownOutcomeError):
            await calls.create(to="+12025550100", from_="+12025550101", twiml="<Response/>")
        with pytest.raises(UnknownOutcomeError):
            await texts.send(to="+12025550100", sender="+12025550101", body="Hi", callback="x")
        await calls.close()
        await texts.close()


async def test_a_success_with_a_sid_is_one() -> None:
    async with answering(201, f'{{"sid": "{SID}"}}') as account:
        calls = TwilioCalls(account)
        made = await calls.create(to="+12025550100", from_="+12025550101", twiml="<Response/>")
        await calls.close()
    assert made == SID


@pytest.mark.parametrize("body", ["", "[]", '{"calls": null}', '{"calls": [5]}', "{}"])
async def test_a_list_that_is_none_finds_nothing_out(body: str) -> None:
    async with answering(200, body) as account:
        calls, since = TwilioCalls(account), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        with pytest.raises(UnknownOutcomeError):
            await calls.placed_since("+12025550100", "+12025550101", since)
        with pytest.raises(UnknownOutcomeError):
            await calls.is_dialled_on(SID)
        await calls.close()


@pytest.mark.parametrize("status", [302, 408, 500])
async def test_what_is_no_clear_no_is_no_refusal(status: int) -> None:
    async with answering(status, "") as account:
        calls = TwilioCalls(account)
        with pytest.raises(UnknownOutcomeError):
            await calls.create(to="+12025550100", from_="+12025550101", twiml="<Response/>")
        await calls.close()


async def test_a_call_is_gone_only_where_the_carrier_says_so() -> None:
    async with answering(404, '{"code": 20404, "message": "not found", "status": 404}') as account:
        calls = TwilioCalls(account)
        assert await calls.fetch(SID) is None
        await calls.close()
    async with answering(404, "<html>") as account:  # somebody else's
        calls = TwilioCalls(account)
        with pytest.raises(UnknownOutcomeError):
            await calls.fetch(SID)
        await calls.close()
