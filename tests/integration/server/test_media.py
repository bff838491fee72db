"""The media socket from outside: who may open one, and what becomes of nonsense on it."""

import base64
import time

import msgspec
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from tests.integration.server.carrier import STREAM, Carrier, RingingCall, sound, started
from tests.support.client import Clients, Json
from tests.support.patience import patience

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
GARBAGE = (
    "", "{", "[]", "null", '{"event":"dance"}', '{"event":"media"}', sound()[:-9], "\x00",
    '{"event":"media","streamSid":"x","media":{"payload":"%%%"}}', '{"event":"mark"}',
)  # fmt: skip


async def close_code(socket: ClientConnection) -> int | None:
    """The code the node closes with; what it sends before is dropped."""
    async with patience():
        try:
            async for _ in socket:
                pass
        except websockets.ConnectionClosed:
            pass
    return socket.close_code


async def first(socket: ClientConnection, event: str) -> Json:
    """The node's next message of this kind."""
    async with patience():
        async for frame in socket:
            message: Json = msgspec.json.decode(frame)
            if message["event"] == event:
                return message
    raise AssertionError("closed")


async def talking(carrier: Carrier, call: RingingCall, socket: ClientConnection) -> None:
    """Bring the call to where the agent's greeting is heard on the socket."""
    token = await carrier.answers(call)
    await socket.send(CONNECTED)
    await socket.send(started(token, call.sid))
    assert (await carrier.verdict(call)).status == 204
    await first(socket, "media")


async def test_a_handshake_without_the_carriers_signature_is_refused(clients: Clients) -> None:
    carrier = Carrier(clients)
    before = len(clients.world.logged("media_refused", reason="signature"))
    for signature in ("", "forged", carrier.sign("/media", {}), carrier.sign("/live", {})):
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with carrier.media(signature or ""):
                pass
        assert refused.value.response.status_code == 403
    assert len(clients.world.logged("media_refused", reason="signature")) == before + 4


@pytest.mark.parametrize("given", ["none", "garbage", "of-another-call", "used"])
async def test_only_the_calls_own_unused_token_opens_its_stream(
    clients: Clients, given: str
) -> None:
    carrier = Carrier(clients)
    call, other = await carrier.ringing_call(), await carrier.ringing_call()
    token = await carrier.answers(call)
    if given == "used":
        async with carrier.media() as socket:
            await socket.send(started(token, call.sid))
            assert (await carrier.verdict(call)).status == 204
            await first(socket, "media")
    tokens = {"none": "", "garbage": "x" * 43, "of-another-call": await carrier.answers(other)}
    before = len(clients.world.logged("media_refused", reason="forbidden"))
    async with carrier.media() as socket:
        await socket.send(started(tokens.get(given, token), call.sid))
        assert await close_code(socket) == 1008
    assert len(clients.world.logged("media_refused", reason="forbidden")) == before + 1
    assert (await call.hang_up()).status == (await other.hang_up()).status == 200


async def test_a_stream_that_does_not_start_is_closed_after_five_seconds(clients: Clients) -> None:
    begun = time.monotonic()
    async with Carrier(clients).media() as socket:
        await socket.send(CONNECTED)
        assert await close_code(socket) == 1008
    assert time.monotonic() - begun >= 4.5
    assert clients.world.logged("media_refused", reason="TimeoutError")


@pytest.mark.parametrize("frame", [*GARBAGE, sound(), b"\x00\x01"], ids=range(len(GARBAGE) + 2))
async def test_a_stream_that_starts_with_nonsense_is_closed(
    clients: Clients, frame: str | bytes
) -> None:
    async with Carrier(clients).media() as socket:
        await socket.send(frame)
        assert await close_code(socket) == 1008
    assert clients.world.logged("media_refused", reason="StreamProtocolError")


async def test_a_frame_of_a_megabyte_is_too_big(clients: Clients) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    async with carrier.media() as socket:
        await talking(carrier, call, socket)
        await socket.send("x" * 1_000_000)
        assert await close_code(socket) == 1009
    assert (await call.hang_up()).status == 200


async def test_a_little_nonsense_is_dropped_and_the_call_goes_on(clients: Clients) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    before = len(clients.world.logged("media_frame_dropped"))
    async with carrier.media() as socket:
        await talking(carrier, call, socket)
        for frame in GARBAGE[:9]:
            await socket.send(frame)
        await socket.send(b"\x00")
        await socket.send(sound())
        mark = await first(socket, "mark")
        await socket.send(f'{{"event":"mark","streamSid":"{STREAM}","mark":{{"name":"7:7"}}}}')
        assert mark["streamSid"] == STREAM
        assert (await first(socket, "media"))["media"]["payload"]
        assert (await call.now())["status"] == "talking"
    assert len(clients.world.logged("media_frame_dropped")) == before + 10
    assert (await call.hang_up()).status == 200


@pytest.mark.parametrize("frame", ["{", sound(stream="MZ" + "1" * 32), CONNECTED, b"\x00"])
async def test_much_nonsense_ends_the_stream(clients: Clients, frame: str | bytes) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    async with carrier.media() as socket:
        await talking(carrier, call, socket)
        for _ in range(11):
            await socket.send(frame)
        assert await close_code(socket) == 1008
    assert clients.world.logged("media_dropped", reason="StreamProtocolError")
    assert (await call.hang_up()).status == 200


async def test_sound_goes_out_in_whole_frames_and_with_marks(clients: Clients) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    async with carrier.media() as socket:
        await talking(carrier, call, socket)
        sizes = [
            len(base64.b64decode((await first(socket, "media"))["media"]["payload"]))
            for _ in range(10)
        ]
        assert all(size % 160 == 0 for size in sizes)
        assert (await first(socket, "mark"))["mark"]["name"]
    assert (await call.hang_up()).status == 200


async def test_a_stream_that_falls_silent_is_closed_long_before_half_a_minute(
    clients: Clients,
) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    async with carrier.media() as socket:
        await talking(carrier, call, socket)
        await socket.send(sound())
        assert await close_code(socket) == 1008
    assert clients.world.logged("media_dropped", reason="TimeoutError")
    assert (await call.hang_up()).status == 200


async def test_a_second_valid_stream_closes_the_first(clients: Clients) -> None:
    carrier = Carrier(clients)
    call = await carrier.ringing_call()
    async with carrier.media() as one, carrier.media() as other:
        await talking(carrier, call, one)
        token = await carrier.answers(call)
        await other.send(started(token, call.sid, "MZ" + "2" * 32))
        assert await close_code(one) == 1000
        assert (await first(other, "media"))["streamSid"] == "MZ" + "2" * 32
    assert (await call.hang_up()).status == 200
