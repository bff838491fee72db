"""How long a transferred call may go on, and what the carrier's record tells of a transfer."""

from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from aiohttp import web

from db.calls import CallRow
from media.call import begin
from media.effects import Transfer
from media.events import (
    CarrierSilent,
    CarrierStatus,
    Event,
    Requested,
    TransferAsked,
    Transferred,
    TransferRefused,
)
from server.calls import carrier as carrier_module
from server.calls.carrier import CallCarrier, seconds_left
from server.calls.deps import CallDeps
from server.core.config import load
from server.core.settings.loading import Secret
from server.core.settings.vendors import Twilio
from server.vendors.twilio.calls import TwilioCalls
from tests.support.script import SID, Script
from tests.support.web_server import serving


@pytest.mark.parametrize(
    ("answered", "now", "most", "left"),
    [
        (10.0, 40.0, 1800, 150),
        (10.0, 40.0, 60, 60),
        (10.0, 189.5, 1800, 1),
        (10.0, 500.0, 1800, 1),
        (None, 40.0, 1800, 140),
    ],
)
def test_a_transfer_ends_when_the_call_would_have(
    answered: float | None, now: float, most: int, left: int
) -> None:
    config = load(
        None,
        {
            "TALKING_TWILIO__AUTH_TOKEN": "a" * 32,
            "TALKING_CALLS__TRANSFER_LIMIT_SECONDS": str(most),
        },
    )
    call, _ = begin(config.call_settings, Requested("moss"), 0.0)
    facts = msgspec.structs.replace(call.facts, seen_answered_at=answered)
    assert seconds_left(config, msgspec.structs.replace(call, facts=facts), now) == left


@pytest.mark.parametrize(
    ("status", "children", "faults", "told"),
    [
        ("in-progress", 1, [], Transferred()),
        ("in-progress", 0, [429, 503], TransferRefused(0)),
        ("completed", 1, [500], Transferred()),
        ("completed", 0, [], TransferRefused(0)),
        ("in-progress", 1, [429] * 4, CarrierSilent(answered=False)),
    ],
)
async def test_the_carriers_record_tells_whether_a_transfer_was_made(
    status: str, children: int, faults: list[int], told: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_module, "_LOOK_AGAIN_SECONDS", (0.0, 0.0, 0.0))
    left = list(faults)

    async def calls(request: web.Request) -> web.Response:
        if left:
            return web.json_response({"code": 20000}, status=left.pop())
        if request.match_info["name"] == f"{SID}.json":
            return web.json_response({"sid": SID, "status": status})
        assert request.query["ParentCallSid"] == SID
        found = [{"sid": SID.replace("CA0", "CA9")}] * children
        return web.json_response({"calls": found, "page_size": 50})

    app = web.Application()
    app.router.add_get("/2010-04-01/Accounts/{account}/Calls{slash:/?}{name}", calls)
    play = Script().quiet().hears(TransferAsked("+12025550100"))
    async with serving(app) as origin:
        account = Twilio(account_sid="AC" + "0" * 32, auth_token=Secret("x"), base_url=origin)
        twilio = TwilioCalls(account)
        deps = SimpleNamespace(twilio=twilio, pools=None, config=None)
        carrier = CallCarrier(cast("CallDeps", deps), cast("CallRow", None))
        assert await carrier.look_up(play.call) == told
        await twilio.close()


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"sid": SID, "status": "completed", "duration": "42"},
         CarrierStatus("completed", SID, duration_seconds=42)),
        ({"sid": SID, "status": "completed", "duration": "soon"}, CarrierStatus("completed", SID)),
        ({}, CarrierSilent(answered=False)),
        ({"sid": SID, "status": "pondering"}, CarrierSilent(answered=False)),
    ],
)  # fmt: skip
async def test_what_is_no_record_is_none_that_a_journal_would_hold(
    record: dict[str, str], told: Event
) -> None:
    async def call(_request: web.Request) -> web.Response:
        return web.json_response(record)

    app = web.Application()
    app.router.add_get("/2010-04-01/Accounts/{account}/Calls/{name}", call)
    async with serving(app) as origin:
        twilio = TwilioCalls(Twilio(auth_token=Secret("x"), base_url=origin))
        deps = SimpleNamespace(twilio=twilio, pools=None, config=None)
        carrier = CallCarrier(cast("CallDeps", deps), cast("CallRow", None))
        assert await carrier.look_up(Script().quiet().call) == told
        await twilio.close()


@pytest.mark.parametrize(("took", "asked"), [(1.1, 1), (9.0, 0)])
async def test_who_was_frozen_while_it_asked_whose_the_call_is_transfers_nobody(
    took: float, asked: int
) -> None:
    """The database away for a look is one thing; a node that did not run has lost its calls."""
    now, posted = [0.0], 0

    class Away:
        async def __aenter__(self) -> None:
            now[0] += took
            raise TimeoutError

        async def __aexit__(self, *_: object) -> None: ...

    async def calls(request: web.Request) -> web.Response:
        nonlocal posted
        posted += 1
        return web.json_response({"sid": SID, "status": "in-progress"})

    async def written() -> bool:
        return True

    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{account}/Calls/{name}", calls)
    config = load(None, {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})
    async with serving(app) as url:
        twilio = TwilioCalls(Twilio(base_url=url, auth_token=Secret("a" * 32)))
        deps = SimpleNamespace(
            config=config, twilio=twilio, clock=lambda: now[0],
            pools=SimpleNamespace(as_service=Away), recorder=SimpleNamespace(written=written),
        )  # fmt: skip
        carrier = CallCarrier(cast(CallDeps, deps), cast(CallRow, SimpleNamespace(id=SID)))
        call, _ = begin(config.call_settings, Requested("moss"), 0.0)
        call = msgspec.structs.replace(call, facts=msgspec.structs.replace(call.facts, sid=SID))
        told = await carrier.transfer(call, Transfer("+12025550123"))
        await twilio.close()
    assert (posted, told) == (asked, Transferred() if asked else TransferRefused(0))
