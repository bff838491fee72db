"""A mind that is a service on the network, on the day it hangs or fails: nobody hears silence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.acceptance.conftest import UNHURRIED
from tests.acceptance.conversation import Finished, whole_call
from tests.support.client import clients_of
from tests.support.node import running_world
from tests.support.people import HANGS_UP, after, human, says, share_heard, waits
from tests.support.processes import free_port
from tests.support.web_server import serving

pytestmark = pytest.mark.timeout(120)

SORRY = "Sorry, I lost you for a second. Could you say that again?"
GOODBYE = "Sorry, something is wrong on my side. Please try again later. Goodbye."


@asynccontextmanager
async def broken_service(port: int) -> AsyncIterator[None]:
    """Takes chat requests; the topic says how it fails."""
    stopping = asyncio.Event()

    async def complete(request: web.Request) -> web.StreamResponse:
        asked = await request.text()
        if "hanging" in asked:
            await stopping.wait()
        if "stalling" in asked:
            reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await reply.prepare(request)
            await reply.write(
                b'data: {"id":"1","object":"chat.completion.chunk","created":1,'
                b'"model":"m","choices":[{"index":0,"delta":{"content":"We"}}]}\n\n'
            )
            await stopping.wait()
            return reply
        return web.json_response({"error": {"message": "overloaded"}}, status=500)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    async with serving(app, port):
        try:
            yield
        finally:
            stopping.set()


def broken_calls(*ways: str, **settings: str) -> dict[str, Finished]:
    """One call for each way to fail, side by side."""
    port = free_port()
    with running_world(
        THINKER__ENGINE="openai", THINKER__BASE_URL=f"http://127.0.0.1:{port}/v1",
        THINKER__API_KEY="secret-key", CONVERSATION__FAILURES_ALLOWED="1",
        CONVERSATION__GREETING="Let us talk about {topic}.", **settings,
    ) as world:  # fmt: skip

        async def make() -> dict[str, Finished]:
            again = [says("Can you hear me now, please?"), waits()]
            person = human(
                after(300), says("Hello?"), waits(), says("Yes, let us talk about that."), waits(),
                *again, *again, HANGS_UP,
            )  # fmt: skip
            async with broken_service(port), clients_of(world) as clients:
                number = await clients.sandbox.add(person)
                made = await asyncio.gather(
                    *(whole_call(clients, number, f"{way} servers") for way in ways)
                )
            return dict(zip(ways, made, strict=True))

        finished = asyncio.run(make())
        assert "secret-key" not in world.node_log.read_text("utf-8")
        assert world.logged("engine_failed", engine="thinker")
    return finished


@pytest.fixture(scope="module")
def call() -> Finished:
    """A call to a mind that hangs."""
    patient = {"CONVERSATION__FILLER_SECONDS": "60"}  # a filler would have the person go on
    return broken_calls("hanging", **UNHURRIED, **patient)["hanging"]


def check_that_it_was_given_up(call: Finished) -> None:
    """Each failure was apologised for, the last one with a goodbye."""
    agent = [turn["heard"] for turn in call.turns if turn["speaker"] == "agent"]
    assert agent[1:] == [SORRY, GOODBYE]
    assert (call.call["status"], call.call["end_reason"]) == ("ended", "engine_failure")
    assert share_heard(" ".join(agent), call.heard) > 0.85


def test_a_mind_that_hangs_is_apologised_for_and_then_given_up(call: Finished) -> None:
    check_that_it_was_given_up(call)
