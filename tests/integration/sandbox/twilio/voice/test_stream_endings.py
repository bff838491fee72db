"""How media streams end, and that nothing of a call waits for a product that is dead or frozen."""

import asyncio
import signal
import subprocess
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.core.faults import Faults
from sandbox.core.settings import ACCOUNT_SID, NUMBERS
from sandbox.twilio.call import Call, CallRequest, Inline
from sandbox.twilio.voice import stream_socket
from sandbox.twilio.voice.stream import MediaStream
from sandbox.twilio.voice.stream_socket import open_socket
from tests.integration.sandbox.world import (
    PERSON,
    SDK_WARNINGS,
    Stream,
    World,
    accepts,
    loud,
    twilio,
    world,
)
from tests.support.processes import free_port, start

pytestmark = SDK_WARNINGS

# Plays half a second of sound. Its caller's keys: 1 closes and freezes it, 2 kills it.
PEER = """
import asyncio, base64, json, os, signal, sys
from websockets.asyncio.server import serve
SOUND = base64.b64encode(bytes([0, 128]) * 2000).decode()
async def talk(socket):
    async for message in socket:
        data = json.loads(message)
        match data["event"], data.get("dtmf", {}).get("digit"):
            case "start", _:
                media = {"event": "media", "streamSid": data["streamSid"]}
                await socket.send(json.dumps({**media, "media": {"payload": SOUND}}))
            case "dtmf", "1":
                socket.protocol.send_close(1000)
                socket.send_data()
                os.kill(os.getpid(), signal.SIGSTOP)
            case "dtmf", "2":
                os.kill(os.getpid(), signal.SIGKILL)
async def main():
    async with serve(talk, "127.0.0.1", int(sys.argv[1]), compression=None):
        await asyncio.Future()
asyncio.run(main())
"""
GOODBYE = "<Response><Hangup/></Response>"
STAY = [{"after_ms": 60_000}]


@pytest.fixture(autouse=True)
def _endless_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a peer to close waits longer than any test."""
    monkeypatch.setattr(stream_socket, "_CLOSING_SECONDS", 3600.0)


class Peer:
    """The product's media socket in a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[str] = start(["-c", PEER, str(self.port)])

    def twiml(self, action: str = "") -> str:
        connect = f'<Connect action="{action}">' if action else "<Connect>"
        noun = f'<Stream url="ws://127.0.0.1:{self.port}/media"/>'
        return f"<Response>{connect}{noun}</Connect></Response>"


@pytest.fixture
def peer() -> Iterator[Peer]:
    started = Peer()
    yield started
    started.process.kill()
    started.process.wait()


def named(call: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [entry for entry in call["timeline"] if entry["event"] == name]


def endings(call: dict[str, Any]) -> list[str]:
    return [entry["fields"]["how"] for entry in named(call, "stream_stopped")]


async def seen(w: World, sid: str, name: str, count: int = 1) -> dict[str, Any]:
    """The call as soon as something has happened in it so often."""
    while True:
        call: dict[str, Any] = await w.get(f"/world/calls/{sid}")
        if len(named(call, name)) >= count:
            return call
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(("key", "how"), [("1", "closed_by_product"), ("2", "reset")])
async def test_after_a_close_frame_and_after_a_kill_the_action_is_asked_at_once(
    tmp_path: Path, peer: Peer, key: str, how: str
) -> None:
    await accepts(peer.port)
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = peer.twiml(action="/after")
        w.product.documents["/after"] = GOODBYE
        await w.add_person(steps=[{"after_ms": 300}, {"press": key}, *STAY])
        call = await w.over(await w.place(client))
    assert endings(call) == [how]
    assert len(w.product.got("/after")) == 1
    assert [alert["fields"]["code"] for alert in call["alerts"]] == [31903] * (how == "reset")
    (began,), (sound,), (ended,) = (
        named(call, name) for name in ("stream_started", "first_sound", "stream_stopped")
    )
    assert began["fields"]["stream_sid"] == sound["fields"]["stream_sid"]
    assert began["at_ms"] <= sound["at_ms"] <= ended["at_ms"]


async def test_without_any_answer_to_the_action_the_call_ends_with_an_apology(
    tmp_path: Path, peer: Peer
) -> None:
    await accepts(peer.port)
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        dead = f"http://127.0.0.1:{free_port()}/after"  # a dying process resets before it refuses
        w.product.documents["/voice"] = peer.twiml(action=f"{dead}#rc=2&amp;rp=ct")
        await w.add_person(steps=[{"after_ms": 300}, {"press": "2"}, *STAY])
        call = await w.over(await w.place(client))
    (asked,) = [each["fields"] for each in named(call, "webhook") if each["fields"]["url"] == dead]
    assert (asked["status"], asked["attempts"]) == (0, 3)
    assert [alert["fields"]["code"] for alert in call["alerts"]] == [31903, 11205]
    assert named(call, "hang_up")[0]["fields"]["reason"] == "application error"


async def test_a_frozen_product_keeps_its_call_until_that_is_redirected(
    tmp_path: Path, peer: Peer
) -> None:
    async def play(stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(loud(500))
        await stream.drain()

    await accepts(peer.port)
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = peer.twiml(action="/after")
        w.product.media = play
        await w.add_person(steps=STAY)
        sid = await w.place(client)
        await seen(w, sid, "first_sound")
        peer.process.send_signal(signal.SIGSTOP)
        call = await seen(w, sid, "agent_speech_stopped")
        assert (call["status"], endings(call)) == ("in-progress", [])
        await client.calls(sid).update_async(twiml=w.product.stream_twiml)
        await seen(w, sid, "first_sound", 2)
        await client.calls(sid).update_async(status="completed")
        call = await w.over(sid)
    assert endings(call) == ["replaced", "call_ended"]
    assert w.product.got("/after") == []
    order = [e["event"] for e in call["timeline"] if e["event"].startswith(("stream_", "first_"))]
    assert order == ["stream_started", "first_sound", "stream_stopped"] * 2


async def test_of_two_redirects_in_quick_succession_the_last_counts(
    tmp_path: Path, peer: Peer
) -> None:
    await accepts(peer.port)
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = peer.twiml()
        w.product.documents["/last"] = GOODBYE
        await w.add_person(steps=STAY)
        sid = await w.place(client)
        await seen(w, sid, "first_sound")
        peer.process.send_signal(signal.SIGSTOP)
        await client.calls(sid).update_async(twiml=w.product.stream_twiml)
        await client.calls(sid).update_async(url=f"{w.product.origin}/last", method="POST")
        call = await w.over(sid)
        assert len(w.product.got("/last")) == 1
        with pytest.raises(TwilioRestException) as refused:
            await client.calls(sid).update_async(twiml=GOODBYE)
    assert (refused.value.status, refused.value.code) == (400, 21220)
    assert len(named(call, "redirected_by_rest")) == 2
    assert set(endings(call)) == {"replaced"}


async def test_a_stream_ends_though_all_buffers_to_its_frozen_peer_are_full(peer: Peer) -> None:
    await accepts(peer.port)
    call = Call(ACCOUNT_SID, CallRequest(to=PERSON, from_=NUMBERS[0], source=Inline("")), None)
    socket = await open_socket(f"ws://127.0.0.1:{peer.port}/media", "")
    peer.process.send_signal(signal.SIGSTOP)
    finishing: list[Coroutine[Any, Any, None]] = []
    stream = MediaStream(call, socket, Faults())
    async with asyncio.TaskGroup() as group:
        running = group.create_task(stream.run({"big": "x" * 20_000_000}, finishing.append))
        while not socket.transport.get_write_buffer_size():  # noqa: ASYNC110 # the kernel's buffers
            await asyncio.sleep(0.01)
        running.cancel()
    assert stream.ending == "replaced"
    assert socket.transport.get_write_buffer_size() > 0
    assert not socket.transport.is_closing()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_socket, "_CLOSING_SECONDS", 0.1)
        await finishing.pop()
    assert socket.transport.is_closing()
    await socket.wait_closed()


def again(w: World) -> str:
    """A document that connects a stream again and again, as long as the call lasts."""
    return w.product.stream_twiml.replace("<Connect>", '<Connect action="/voice">')


async def test_the_carrier_can_close_a_stream_politely_without_a_stop_once_a_call(
    tmp_path: Path,
) -> None:
    last: list[tuple[str, int | None]] = []

    async def listen(stream: Stream) -> None:
        await stream.drain()
        last.append((stream.messages[-1]["event"], stream.socket.close_code))

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = again(w)
        w.product.media = listen
        await w.add_person(steps=[{"after_ms": 1500}, {"hang_up": True}])
        await w.set_faults(close_stream_after_ms=100)
        call = await w.over(await w.place(client))
    assert last == [("media", 1000), ("stop", 1000)]
    assert endings(call) == ["closed_by_carrier", "call_ended"]
    assert len(named(call, "stream_closed_by_carrier")) == 1


async def test_the_carrier_can_fall_silent_on_an_open_socket_once_a_call(tmp_path: Path) -> None:
    streams: list[Stream] = []
    flows_again = asyncio.Event()

    async def listen(stream: Stream) -> None:
        streams.append(stream)
        if len(streams) > 1:
            await stream.until("media")
            flows_again.set()
            await stream.drain()
            return
        sid = (await stream.until("start"))["start"]["callSid"]
        stream.sid = stream.messages[-1]["streamSid"]
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.drain())
            await seen(w, sid, "stream_silenced")
            await stream.play(loud(200))
            await stream.mark("unheard of")
            await seen(w, sid, "mark_played")  # the person hears on, and the product does not
            await stream.socket.close()

    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = again(w)
        w.product.media = listen
        await w.add_person(steps=STAY)
        await w.set_faults(silence_stream_after_ms=200)
        sid = await w.place(client)
        await flows_again.wait()
        await client.calls(sid).update_async(status="completed")
        call = await w.over(sid)
    kinds = [message["event"] for message in streams[0].messages]
    assert kinds == ["connected", "start"] + ["media"] * 10
    assert endings(call) == ["closed_by_product", "call_ended"]
    assert len(named(call, "stream_silenced")) == 1
