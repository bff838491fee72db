"""A bidirectional media stream: what the carrier says and hears on its websocket until it ends.

One reader, one writer, and `tick`, which the line's playback clock calls every 20 ms. Knows no
TwiML: it is given an open socket, and returns as soon as that has ended, whatever its peer does.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from websockets.exceptions import ConnectionClosed

from sandbox.core.audio import FRAME_BYTES, FRAME_MS
from sandbox.core.faults import Faults
from sandbox.core.speech_spans import is_loud
from sandbox.twilio.call import Call
from sandbox.twilio.voice.playback import Playback
from sandbox.twilio.voice.stream_messages import (
    ClearIn,
    InvalidMessageError,
    MarkIn,
    MediaIn,
    Outbound,
    decode,
)
from sandbox.twilio.voice.stream_socket import StreamSocket

_MAX_UNSENT_MESSAGES = 500  # ten seconds: beyond, sound is dropped as in Twilio 31930

Ending = Literal["closed_by_product", "closed_by_carrier", "reset", "replaced", "call_ended"]
Background = Callable[[Coroutine[Any, Any, None]], None]


class MediaStream:
    """One connected stream of one call."""

    def __init__(self, call: Call, socket: StreamSocket, faults: Faults) -> None:
        self.sid = "MZ" + secrets.token_hex(16)
        self.ending: Ending = "replaced"
        self._call, self._socket, self._faults = call, socket, faults
        self._playback = Playback()
        self._messages = Outbound(call.account_sid, call.sid, self.sid)
        self._unsent: asyncio.Queue[str] = asyncio.Queue()
        self._ticks = self._sent_frames = 0
        self._has_sounded = self._is_silenced = False

    async def run(self, parameters: dict[str, str], background: Background) -> None:
        """Stream until the socket is over or this is cancelled; `ending` then says which.

        What is left to say, and closing, is done in the `background`: nothing that follows in the
        call waits for the product.
        """
        self._send(self._messages.connected())
        self._send(self._messages.start(parameters))
        self._call.line.far_end = self.tick
        last_words = ""
        try:
            async with asyncio.TaskGroup() as group:
                talking = [group.create_task(self._write()), group.create_task(self._read())]
                await self._socket.over.wait()
                for task in talking:
                    task.cancel()
            self._tell_ending()
        except asyncio.CancelledError:
            self.ending = "call_ended" if self._call.ending.is_set() else "replaced"
            if not (self._faults.drop_stop or self._is_silenced):
                last_words = self._messages.stop()
            raise
        finally:
            self._call.line.far_end = None
            background(self._socket.finish(last_words))

    def _tell_ending(self) -> None:
        if self.ending == "closed_by_carrier":
            return
        closed = self._socket.protocol.close_rcvd
        if closed is None:
            self.ending = "reset"
            self._call.alert(31903, "WebSocket closed: no close frame received")
            return
        self.ending = "closed_by_product"
        if closed.code in (1000, 1001):
            self._call.timeline.add("stream_closed_by_product")
        else:
            self._call.alert(31921, f"WebSocket closed: {closed}")

    def tick(self, said: bytes) -> bytes:
        """Send what has come of the person's voice, mostly 20 ms, and play as much."""
        if self._unsent.qsize() < _MAX_UNSENT_MESSAGES:
            for frame in self._call.line.channel.arrives(said):
                self._send(self._messages.media(frame, self._sent_frames * FRAME_MS))
                self._sent_frames += 1
        else:
            self._call.alert(31930, "Congestion towards the product, audio dropped", self.sid)
        if self._has_sounded or not self._faults.from_first_sound:
            self._ticks += 1
        self._break()
        frame, due = self._playback.tick()
        if not self._has_sounded and is_loud(frame):
            self._has_sounded = True
            self._call.timeline.add("first_sound", stream_sid=self.sid)
        for name in due:
            self._echo_when_heard(name)
        return frame.ljust(FRAME_BYTES, b"\xff")

    def _break(self) -> None:
        """Let the faults happen that are due; each of them once a call."""
        if self._is_due("stream_silenced", self._faults.silence_stream_after_ms):
            self._is_silenced = True
        if self._is_due("stream_closed_by_carrier", self._faults.close_stream_after_ms):
            self.ending = "closed_by_carrier"
            self._socket.over.set()
        if self._is_due("stream_reset", self._faults.reset_stream_after_ms):
            self._socket.transport.abort()

    def _is_due(self, fault: str, after_ms: int | None) -> bool:
        if after_ms is None or self._ticks * FRAME_MS < after_ms or fault in self._call.broken:
            return False
        self._call.broken.add(fault)
        self._call.timeline.add(fault, stream_sid=self.sid)
        return True

    def press(self, digit: str) -> None:
        """The person pressed a key."""
        self._send(self._messages.dtmf(digit))

    def _send(self, message: str) -> None:
        if not self._is_silenced:
            self._unsent.put_nowait(message)

    async def _write(self) -> None:
        try:
            while True:
                await self._socket.send(await self._unsent.get())
        except ConnectionClosed:
            return  # the socket is over

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._socket.recv())
        except ConnectionClosed:
            return  # the socket is over

    def _take(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self._call.alert(31950, "Binary message dropped", f"31950 {self.sid}")
            return
        try:
            message = decode(data, self.sid)
        except InvalidMessageError as error:
            self._call.alert(31951, f"Invalid message dropped: {error}", f"31951 {self.sid}")
            return
        match message:
            case MediaIn(media=media):
                if not self._playback.push_media(media.payload):
                    self._call.alert(31931, "Over ten minutes queued", f"31931 {self.sid}")
            case MarkIn(mark=mark):
                if self._playback.push_mark(mark.name):
                    self._echo_when_heard(mark.name)
            case ClearIn():
                dropped_ms = self._playback.queued_bytes * FRAME_MS // FRAME_BYTES
                self._call.timeline.add("clear", dropped_ms=dropped_ms)
                self._call.line.clear()
                for name in self._playback.clear():
                    self._echo("mark_cleared", name)

    def _echo_when_heard(self, name: str) -> None:
        self._call.line.when_heard(
            lambda played: self._echo("mark_played" if played else "mark_cleared", name)
        )

    def _echo(self, event: str, name: str) -> None:
        self._call.timeline.add(event, name=name)
        self._send(self._messages.mark(name))
