"""The sound of one answered call: a person at one end, the carrier at the other, 20 ms at a time.

One loop on absolute deadlines is the call's playback clock: each tick takes a frame from the
person, hands it to whatever the carrier has connected and lets the person hear what comes
back. What the two ends' sound passes on its way is the channel's. A person may have a device, which
decides when something is heard. Keeps both recordings. Knows no sockets, no TwiML and no scripts.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from sandbox.core.audio import FRAME_BYTES, FRAME_MS, SILENCE
from sandbox.core.channel.channel import Channel
from sandbox.core.speech_spans import SpeechSpans
from sandbox.core.timeline import Timeline

Heard = Callable[[bool], None]


class Device(Protocol):
    """A real telephone at the person's end of a line, which plays sound with a delay."""

    def say(self) -> bytes:
        """The next 20 ms of mu-law from its microphone."""

    def hear(self, mulaw: bytes) -> None:
        """Take 20 ms of mu-law to play."""

    def when_heard(self, then: Heard) -> None:
        """Say True as soon as everything before this was heard, or False when it was cleared."""

    def clear(self) -> None:
        """Forget everything that was not heard yet."""


class Line:
    """Both directions of one call from answer to end; `far_end` takes what the person says and
    returns what they hear (20 ms of mu-law each), and is None while nothing is connected."""

    def __init__(self, timeline: Timeline) -> None:
        self.far_end: Callable[[bytes], bytes] | None = None
        self.device: Device | None = None
        self.channel = Channel()
        self.heard = bytearray()
        self.said = bytearray()
        self.agent = SpeechSpans()
        self.person = SpeechSpans()
        self._timeline = timeline
        self._outgoing = bytearray()
        self._after_this_frame: list[Heard] | None = None
        self._waiters: list[tuple[Callable[[float], bool], asyncio.Future[None]]] = []

    async def run(self) -> None:
        """Tick every 20 ms until cancelled; a late tick is followed by early ones, never lost."""
        loop = asyncio.get_running_loop()
        start, ticks = loop.time(), 0
        while True:
            ticks += 1
            await asyncio.sleep(max(0.0, start + ticks * FRAME_MS / 1000 - loop.time()))
            self._tick(self._timeline.now_ms())

    async def say(self, mulaw: bytes) -> None:
        """Speak; returns when the last of it has been sent."""
        self._outgoing += mulaw
        await self.until(lambda _: not self._outgoing)

    def when_heard(self, then: Heard) -> None:
        """Call `then` when the person has heard everything up to now: True, or False if cleared."""
        if self.device is None:
            then(True)
        elif self._after_this_frame is not None:
            self._after_this_frame.append(then)
        else:
            self.device.when_heard(then)

    def clear(self) -> None:
        """Drop what the person has not heard yet."""
        if self.device is not None:
            self.device.clear()

    async def until(self, condition: Callable[[float], bool]) -> None:
        """Wait until `condition(now_ms)` holds at a tick of the playback clock."""
        future = asyncio.get_running_loop().create_future()
        self._waiters.append((condition, future))
        await future

    def _tick(self, now_ms: float) -> None:
        voice = self.device.say() if self.device else self._speak()
        said = self.channel.says(voice)
        after: list[Heard] = []
        self._after_this_frame = after
        heard = self.channel.hears(self.far_end(said) if self.far_end else SILENCE)
        self._after_this_frame = None
        self.said += said
        self.heard += heard
        if self.device:
            self.device.hear(heard)
        for then in after:
            self.when_heard(then)
        for edge in self.person.push(voice, now_ms):
            connected = self.far_end is not None
            self._timeline.add(f"person_speech_{edge.kind}", edge.at_ms, connected=connected)
        for edge in self.agent.push(heard, now_ms):
            self._timeline.add(f"agent_speech_{edge.kind}", edge.at_ms)
        self._wake(now_ms)

    def _speak(self) -> bytes:
        said = bytes(self._outgoing[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\xff")
        del self._outgoing[:FRAME_BYTES]
        return said

    def _wake(self, now_ms: float) -> None:
        waiting = []
        for condition, future in self._waiters:
            if future.done():
                continue
            if condition(now_ms):
                future.set_result(None)
            else:
                waiting.append((condition, future))
        self._waiters = waiting
