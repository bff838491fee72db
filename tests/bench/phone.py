"""One phone of the load benchmark: Twilio's Media Streams, and a clock for what is heard.

It says its piece, waits until the agent has answered, and talks again. Frames leave on an
absolute 20 ms deadline; playback is reckoned from arrival times, as "Media Streams - WebSocket
Messages" describes: sound plays in order of arrival, a mark is returned once what came before it
was played, and a clear returns all of them. Knows nothing of REST and webhooks.
"""

import asyncio
import base64
import secrets
from collections import deque
from collections.abc import Sequence

import msgspec
import numpy as np

from media.audio.mulaw import FRAME_BYTES, SILENCE, encode_float
from tests.bench.wire import Client

FRAME_SECONDS = 0.02
BYTES_PER_SECOND = 8000
LEAD_SECONDS = 0.3  # speech.lead_ms: how far ahead of playback the node means to be
OVER_SECONDS = 0.5  # so long without sound, and the agent has finished
PATIENCE_SECONDS = 6.0


def payloads(sound: bytes) -> list[str]:
    """Sound as the wire has it, a frame each; what is left over is dropped."""
    whole = range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES)
    return [base64.b64encode(sound[at : at + FRAME_BYTES]).decode() for at in whole]


def tone_bursts() -> bytes:
    """Three seconds of syllables, 225 ms of tone each: talk, to a detector of loudness."""
    burst = np.sin(2 * np.pi * 400 * np.arange(1800) / BYTES_PER_SECOND).astype(np.float32)
    return ((encode_float(0.3 * burst) + bytes([SILENCE]) * 600) * 10)[:-600]


_QUIET = payloads(bytes([SILENCE]) * FRAME_BYTES)[0]


class Window:
    """What all phones measure between two moments."""

    def __init__(self) -> None:
        self.jitter_ms: list[float] = []  # how far behind the lead a packet came; 0 is on time
        self.replies_ms: list[float] = []  # last loud frame sent to first sound of the answer
        self.dry: list[float] = []  # ms of silence inside a turn, one entry a late packet
        self.behind_ms: list[float] = []  # our own frames, past their deadline: is the client fit?
        self.frames = 0
        self.loud_frames = 0
        self.unanswered = 0
        self.lost = 0

    @property
    def talk_share(self) -> float:
        """How much of the time people spoke."""
        return self.loud_frames / max(1, self.frames)


class _Sound(msgspec.Struct, frozen=True):
    payload: bytes


class _Mark(msgspec.Struct, frozen=True):
    name: str


class _Message(msgspec.Struct, frozen=True):
    event: str
    media: _Sound | None = None
    mark: _Mark | None = None


_decoder = msgspec.json.Decoder(_Message)


class Phone(Client):
    """One call's sound, from `start` to `hang_up`; it pauses before it first says its piece."""

    def __init__(
        self,
        url: str,
        signature: str,
        call_sid: str,
        token: str,
        talk: Sequence[str],
        pause_seconds: float,
        window: Window,
        talk_share: float = 1.0,
    ) -> None:
        super().__init__(url, {"x-twilio-signature": signature})
        self.window = window
        self.heard_a_turn = False
        self._call_sid = call_sid
        self._stream_sid = "MZ" + secrets.token_hex(16)
        self._token = token
        self._talk = talk
        self._talk_share = talk_share
        self._loud_frames = 0
        self._first_loud_frame = 0
        self._pause_seconds = pause_seconds
        self._loop = asyncio.get_running_loop()
        self._frames = 0
        self._began_at = 0.0
        self._talk_left = 0
        self._quiet_since = 0.0
        self._turn_began_at: float | None = None
        self._turn_bytes = 0
        self._played_until = 0.0
        self._marks: deque[tuple[float, str]] = deque()
        self._hung_up = False

    def opened(self) -> None:
        """Say what Twilio says first, then send sound until the end."""
        self.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        start = {
            "accountSid": "AC" + "0" * 32, "callSid": self._call_sid, "streamSid": self._stream_sid,
            "tracks": ["inbound"], "customParameters": {"token": self._token},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }  # fmt: skip
        self._send("start", f'"start":{msgspec.json.encode(start).decode()}')
        self._began_at = self._quiet_since = self._loop.time()
        self._tick()

    def hang_up(self) -> None:
        """The person puts the phone down."""
        if not self._hung_up:
            self._hung_up = True
            ids = f'"accountSid":"AC{"0" * 32}","callSid":"{self._call_sid}"'
            self._send("stop", f'"stop":{{{ids}}}')
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """The node's doing, unless we hung up."""
        super().connection_lost(error)
        if not self._hung_up:
            self._hung_up = True
            self.window.lost += 1

    def _tick(self) -> None:
        """Every 20 ms: a frame out, and the marks that playback has reached."""
        if self._hung_up:
            return
        now = self._loop.time()
        deadline = self._began_at + self._frames * FRAME_SECONDS
        self.window.behind_ms.append((now - deadline) * 1000)
        self._take_turns(now)
        payload = _QUIET
        if self._talk_left:
            payload = self._talk[-self._talk_left]
            self._talk_left -= 1
            self._first_loud_frame = self._first_loud_frame or self._frames
            self._quiet_since = now
            self._loud_frames += 1
            self.window.loud_frames += 1
        self._frames += 1
        self.window.frames += 1
        at_ms = self._frames * 20
        self._send(
            "media",
            f'"media":{{"track":"inbound","chunk":"{self._frames}",'
            f'"timestamp":"{at_ms}","payload":"{payload}"}}',
        )
        while self._marks and self._marks[0][0] <= now:
            self._echo(self._marks.popleft()[1])
        self._loop.call_at(deadline + FRAME_SECONDS, self._tick)

    def _take_turns(self, now: float) -> None:
        frames = self._frames - self._first_loud_frame
        if self._talk_left or self._loud_frames > self._talk_share * frames:
            return
        if (
            self._turn_began_at is not None
            and now - self._played_until > OVER_SECONDS + self._pause_seconds
        ):
            self.heard_a_turn = True
            self._pause_seconds = 0.0
        elif now - max(self._quiet_since, self._played_until) > PATIENCE_SECONDS:
            self.window.unanswered += 1
        else:
            return
        self._talk_left = len(self._talk)
        self._turn_began_at = None

    def received(self, text: bytes) -> None:
        """Sound, a mark or a clear."""
        message = _decoder.decode(text)
        now = self._loop.time()
        if message.media is not None:
            self._hear(len(message.media.payload), now)
        elif message.mark is not None:
            if self._played_until <= now:
                self._echo(message.mark.name)
            else:
                self._marks.append((self._played_until, message.mark.name))
        elif message.event == "clear":
            self._played_until = now
            while self._marks:
                self._echo(self._marks.popleft()[1])

    def _hear(self, size: int, now: float) -> None:
        if self._turn_began_at is None and not self._talk_left:
            if self.heard_a_turn:
                self.window.replies_ms.append((now - self._quiet_since) * 1000)
            self._turn_began_at = self._played_until = now
            self._turn_bytes = 0
        elif now > self._played_until:  # the line went silent in the middle of what was said
            gap = now - self._played_until
            self.window.dry.append(gap * 1000)
            if self._turn_began_at is not None:
                self._turn_began_at += gap  # what follows is due that much later
        if self._turn_began_at is not None:
            ahead = self._turn_bytes / BYTES_PER_SECOND - LEAD_SECONDS
            due = self._turn_began_at + max(0.0, ahead)
            self.window.jitter_ms.append((now - due) * 1000)
        self._turn_bytes += size
        self._played_until = max(self._played_until, now) + size / BYTES_PER_SECOND

    def _echo(self, name: str) -> None:
        self._send("mark", f'"mark":{{"name":"{name}"}}')

    def _send(self, event: str, body: str) -> None:
        number = self._frames + 1
        self.send(
            f'{{"event":"{event}","sequenceNumber":"{number}","streamSid":"{self._stream_sid}",'
            f"{body}}}"
        )
