"""Everything bad at once while somebody talks: the attacker is refused, the caller hears nothing.

Each attack has its own test elsewhere; here they come together and the point is the call.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Iterable

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from tests.acceptance.conversation import whole_call
from tests.integration.server.bad_requests import BAD_REQUESTS, BAD_WEBHOOKS
from tests.integration.server.carrier import Carrier, started
from tests.support.client import Clients, clients_of, live_socket
from tests.support.node import World
from tests.support.people import brief, share_heard

pytestmark = pytest.mark.timeout(180)

TOPIC = "calm"


async def attack_rest(clients: Clients) -> int:
    """Every bad request in turn; how many."""
    user = await clients.sign_up()
    for bad in BAD_REQUESTS:
        answer = await user.ask(bad.method, bad.path, bad.body, bad.headers)
        assert answer.status == bad.status, bad.name
    return len(BAD_REQUESTS)


async def attack_webhooks(clients: Clients) -> int:
    """Every bad webhook, well signed, forged and unsigned."""
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    for bad in BAD_WEBHOOKS:
        path = f"/webhooks/twilio/{bad.kind}/{call.id}"
        assert (await carrier.post(path, bad.fields)).status == bad.status, bad.name
        for signatures in ([], ["forged"]):
            status = (await carrier.post(path, bad.fields, signatures)).status
            assert status in {403, 413}, bad.name
    assert (await call.hang_up()).status == 200
    return 3 * len(BAD_WEBHOOKS)


async def pester(socket: ClientConnection, frames: Iterable[str | bytes]) -> int | None:
    """Send all of it, then read until the node closes; its close code."""
    async with asyncio.timeout(60):
        with contextlib.suppress(websockets.ConnectionClosed):
            for frame in frames:
                await socket.send(frame)
            async for _ in socket:
                pass
    return socket.close_code


async def attack_media(clients: Clients) -> int:
    """Media sockets with forged handshakes, wrong tokens, garbage and frames of a megabyte."""
    carrier = Carrier(clients)
    frames = ("{", "x" * 1_000_000, b"\x00" * 1000, started("x" * 43, "CA" + "0" * 32))
    for frame in frames:
        with pytest.raises(websockets.InvalidStatus):
            async with carrier.media("forged"):
                pass
        async with carrier.media() as socket:
            assert await pester(socket, [frame] * 20) in {1008, 1009}
    return len(frames)


async def attack_live(clients: Clients) -> int:
    """Live sockets that flood, shout, and flood without ever reading."""
    user = await clients.sign_up()
    hello = f'{{"op":"hello","token":"{user.token}"}}'
    commands = [f'{{"op":"cmd","id":"{number}","name":"call.dance"}}' for number in range(300)]
    resumes = ['{"op":"resume","topic":"me"}'] * 100
    for frames, code in (
        (commands, 4007),
        (resumes, 4007),
        (["{"] * 9, 4500),
        (["x" * 10**6], 1009),
    ):
        async with live_socket(clients.world, ping_interval=1, close_timeout=2) as socket:
            assert await pester(socket, [hello, *frames]) == code
    async with live_socket(clients.world, ping_interval=None, close_timeout=0.1) as socket:
        with contextlib.suppress(TimeoutError, websockets.ConnectionClosed):
            async with asyncio.timeout(5):
                await socket.send(hello)
                for frame in itertools.cycle(commands):
                    await socket.send(frame)
    return 5


async def test_a_conversation_goes_on_while_everything_else_is_tried(world: World) -> None:
    async with clients_of(world) as clients:
        number = await clients.sandbox.add(brief(lines=1))
        call, *counts = await asyncio.gather(
            whole_call(clients, number, TOPIC),
            attack_rest(clients),
            attack_webhooks(clients),
            attack_media(clients),
            attack_live(clients),
        )
    assert all(counts)
    assert call.call["status"] == "ended"
    assert share_heard(call.said_by("agent"), call.heard) > 0.85
    assert call.said_by("caller").lower().count("talk about that") == 1
    assert call.world["alerts"] == []
    assert world.node.running
    assert world.logged("request_failed") == []
    assert "Traceback" not in world.node_log.read_text("utf-8")
