"""A bidirectional media stream: the carrier as websocket client, from handshake to `stop`.

One reader, one writer, and `tick`, which the line's playback clock calls every 20 ms. Knows no
TwiML: it is given what to connect, and returns when the product has closed the socket.
"""

import asyncio
import secrets

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidURI,
)

from sandbox.core.audio import FRAME_BYTES, FRAME_MS
from sandbox.core.faults import Faults
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

_MAX_UNSENT_MESSAGES = 500  # ten seconds: beyond, sound is dropped as in Twilio 31930
_CLOSING_SECONDS = 2.0


class StreamError(Exception):
    """The stream could not be connected; `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


async def open_socket(url: str, signature: str) -> ClientConnection:
    """The signed handshake. Raises StreamError."""
    try:
        return await connect(
            url,
            additional_headers={"x-twilio-signature": signature},
            compression=None,
            open_timeout=10,
            close_timeout=_CLOSING_SECONDS,
            ping_interval=None,
            proxy=None,
            user_agent_header=None,
        )
    except InvalidURI as error:
        raise StreamError(31923, "Stream URL is malformed") from error
    except InvalidHandshake as error:
        raise StreamError(31920, f"WebSocket handshake failed: {error}") from error
    except TimeoutError as error:
        raise StreamError(31901, "WebSocket connection timed out") from error
    except ConnectionRefusedError as error:
        raise StreamError(31902, "WebSocket connection refused") from error
    except OSError as error:
        raise StreamError(31904, f"WebSocket host unreachable: {error}") from error


class MediaStream:
    """One connected stream of one call."""

    def __init__(self, call: Call, socket: ClientConnection, faults: Faults) -> None:
        self.sid = "MZ" + secrets.token_hex(16)
        self._call, self._socket, self._faults = call, socket, faults
        self._playback = Playback()
        self._messages = Outbound(call.account_sid, call.sid, self.sid)
        self._unsent: asyncio.Queue[str] = asyncio.Queue()
        self._ticks = 0

    async def run(self, parameters: dict[str, str]) -> None:
        """Stream until the product closes the socket; cancelled, say `stop` and close it."""
        self._unsent.put_nowait(self._messages.connected())
        self._unsent.put_nowait(self._messages.start(parameters))
        self._call.line.far_end = self.tick
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write())
                await self._read()
                writer.cancel()
        finally:
            self._call.line.far_end = None
            await self._finish()

    def tick(self, said: bytes) -> bytes:
        """Send 20 ms of the person's voice; play the next 20 ms of the agent's to them."""
        if self._unsent.qsize() < _MAX_UNSENT_MESSAGES:
            self._unsent.put_nowait(self._messages.media(said, self._ticks * FRAME_MS))
        else:
            self._call.alert(31930, "Congestion towards the product, audio dropped", self.sid)
        self._ticks += 1
        reset_ms = self._faults.reset_stream_after_ms
        is_due = reset_ms is not None and self._ticks * FRAME_MS >= reset_ms
        if is_due and not self._call.stream_was_reset:
            self._call.stream_was_reset = True
            self._call.timeline.add("stream_reset")
            self._socket.transport.abort()
        frame, due = self._playback.tick()
        for name in due:
            self._echo_when_heard(name)
        return frame.ljust(FRAME_BYTES, b"\xff")

    def press(self, digit: str) -> None:
        """The person pressed a key."""
        self._unsent.put_nowait(self._messages.dtmf(digit))

    async def _write(self) -> None:
        while True:
            try:
                await self._socket.send(await self._unsent.get())
            except ConnectionClosed:
                return  # the reader reports it

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._socket.recv())
        except ConnectionClosedOK:
            self._call.timeline.add("stream_closed_by_product")
        except ConnectionClosed as error:
            code = 31921 if error.rcvd else 31903
            self._call.alert(code, f"WebSocket closed: {error}")

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
        self._unsent.put_nowait(self._messages.mark(name))

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                if not self._faults.drop_stop:
                    await self._socket.send(self._messages.stop())
                await self._socket.close()
        except ConnectionClosed:
            return  # it went first
        except TimeoutError:
            self._socket.transport.abort()
