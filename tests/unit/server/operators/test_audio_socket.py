"""The writer of a listener's socket that takes nothing."""

import asyncio
import itertools

import pytest

from media.audio.audio_fanout import AGENT, AudioListener
from server.http.handshake import Close
from server.live.messages import SLOW
from server.operators import audio_socket as audio
from server.transport.websocket import WebSocket
from tests.support.websocket_peer import Peer


async def test_a_listener_that_takes_nothing_is_closed_as_too_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audio, "SEND_SECONDS", 0.3)

    more = asyncio.Event()
    tap = AudioListener(more.set, "1")
    peer = Peer()
    peer.socket.accept()
    peer.transport.is_full = True
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(_closed(peer.socket, tap, more))
        for at in itertools.count():
            if writing.done():
                break
            tap.offer(AGENT, bytes((AGENT,)) + at.to_bytes(4, "big") + b"\xff" * 160)
            await asyncio.sleep(0)
        assert await writing == SLOW
    assert tap.dropped > 0


async def _closed(socket: WebSocket, tap: AudioListener, more: asyncio.Event) -> int:
    try:
        await audio._write(socket, tap, more)
    except Close as close:
        return close.code
    raise AssertionError
