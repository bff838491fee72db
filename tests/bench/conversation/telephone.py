"""The telephone at the other end, with its line: 20 ms of mu-law both ways on the call's clock.

It plays what the agent sends, returns marks as their sound was played, empties its buffer on
`clear`, and keeps all that was audible at the ear with its time. What the person says is given to
it; it knows nothing of what anybody means.
"""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable, Sequence

from media.runner import CallRunner
from sandbox.core.audio import FRAME_BYTES, FRAME_MS
from sandbox.core.channel.channel import Channel
from sandbox.core.speech_spans import SpeechSpans
from sandbox.twilio.voice.playback import Playback

FRAME_SECONDS = FRAME_MS / 1000


class Telephone:
    """One call's far end; `network_seconds` is the way of sound between it and the product."""

    def __init__(
        self, runner: CallRunner, channel: Channel, network_seconds: float = 0.0, sid: str = "MZ1"
    ) -> None:
        self.channel = channel
        self.ear = bytearray()  # all that was heard since `began`
        self.mouth = bytearray()  # all that was sent of the person, before the network
        self.began = 0.0
        self.cleared: list[float] = []
        self.agent, self.person = SpeechSpans(), SpeechSpans()
        self.agent_spans: list[list[float]] = []  # from, to: seconds; the last may be going on
        self._runner, self._sid = runner, sid
        self._network = network_seconds
        self._playback = Playback()
        self._on_its_way: deque[dict[str, dict[str, str]]] = deque()
        self._words = bytearray()
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self.is_replaced = False
        self._due: list[str] = []

    async def run(self) -> None:
        """Connect, then tick until cancelled."""
        loop = asyncio.get_running_loop()
        self.began, ticks = loop.time(), 0
        self._runner.attach(self._sid, self._send, self._replaced)
        while True:
            self._tick()
            ticks += 1
            await asyncio.sleep(self.began + ticks * FRAME_SECONDS - loop.time())
            self._after_tick()

    # What the person does

    async def say(self, mulaw: bytes) -> tuple[float, float]:
        """Speak after what is being said already; returns when it began and ended."""
        ahead = len(self._words)
        began = self.now + ahead / FRAME_BYTES * FRAME_SECONDS
        self._words += mulaw
        ended = began + len(mulaw) / FRAME_BYTES * FRAME_SECONDS
        await self.until(lambda: self.now >= ended - 1e-6)
        return began, ended

    def shut_up(self) -> None:
        """Say nothing of what was to be said yet."""
        self._words.clear()

    async def pause(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)

    async def until(self, happened: Callable[[], bool], patience: float = 60.0) -> bool:
        """Wait until something is so at the end of a frame, or for so long; whether it is."""
        future = asyncio.get_running_loop().create_future()
        self._waiters.append((happened, future))
        try:
            async with asyncio.timeout(patience):
                await future
        except TimeoutError:
            return False
        return True

    async def agent_speaks(self, patience: float = 60.0) -> bool:
        """Until the agent is heard; at once if it is now."""
        return await self.until(lambda: self.agent.speaking, patience)

    async def agent_finishes(self, quiet: float = 1.0, patience: float = 60.0) -> bool:
        """Until the agent has spoken and been silent for so long, which it may be already."""
        return await self.until(
            lambda: (
                self.agent.last_loud_ms >= 0
                and self.agent.quiet_ms(self.now * 1000) >= quiet * 1000
            ),
            patience,
        )

    async def agent_answers(self, after: float, quiet: float = 1.0, patience: float = 60.0) -> bool:
        """Until the agent has begun to speak after this time and fallen silent for so long."""
        return await self.until(
            lambda: (
                self.first_audible(after) is not None
                and self.agent.quiet_ms(self.now * 1000) >= quiet * 1000
            ),
            patience,
        )

    # What was heard

    @property
    def now(self) -> float:
        """The call's time."""
        return asyncio.get_running_loop().time()

    def first_audible(self, after: float) -> float | None:
        """When the agent's next span of speech began, from this time on; the one that was going on
        then does not count."""
        return next((began for began, _ in self.agent_spans if began >= after), None)

    def last_audible(self, since: float) -> float | None:
        """When the last loud frame ended of those that are heard without a pause from here."""
        for began, ended in self.agent_spans:
            if began <= since < ended:
                return ended
        return None

    def heard(self, since: float, until: float | None = None) -> bytes:
        """The ear's sound between two times."""
        end = None if until is None else self._byte(until)
        return bytes(self.ear[self._byte(since) : end])

    def _byte(self, at: float) -> int:
        return max(0, round((at - self.began) * 50)) * FRAME_BYTES

    # The line's clock

    def _tick(self) -> None:
        now_ms = self.now * 1000
        words = bytes(self._words[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\xff")
        del self._words[:FRAME_BYTES]
        said = self.channel.says(words)
        self.mouth += said
        for frame in self.channel.arrives(said):
            self._later(self._runner.frame, frame)
        frame, self._due = self._playback.tick()
        heard = self.channel.hears(frame.ljust(FRAME_BYTES, b"\xff"))
        self.ear += heard
        self.person.push(words, now_ms)
        self._note(heard, now_ms)

    def _note(self, heard: bytes, now_ms: float) -> None:
        """Spans at the ear begin with three loud frames and end after 400 ms without any."""
        for edge in self.agent.push(heard, now_ms):
            if edge.kind == "started":
                self.agent_spans.append([edge.at_ms / 1000, edge.at_ms / 1000])
        if self.agent.speaking:
            self.agent_spans[-1][1] = self.agent.last_loud_ms / 1000

    def _after_tick(self) -> None:
        for name in self._due:
            self._later(self._runner.mark, name)
        waiting = []
        for happened, future in self._waiters:
            if future.done():
                continue
            if happened():
                future.set_result(None)
            else:
                waiting.append((happened, future))
        self._waiters = waiting

    def _later(self, act: Callable[..., None], *args: object) -> None:
        loop = asyncio.get_running_loop()
        if self._network:
            loop.call_later(self._network, act, *args)
        else:
            act(*args)

    # The carrier's end of the socket

    async def _send(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._on_its_way.append(json.loads(text))
            self._later(self._take)  # timers of the same time have no order, messages have

    def _take(self) -> None:
        message = self._on_its_way.popleft()
        match str(message["event"]):
            case "media":
                assert self._playback.push_media(base64.b64decode(message["media"]["payload"]))
            case "mark":
                name = message["mark"]["name"]
                if self._playback.push_mark(name):
                    self._soon(self._runner.mark, name)
            case "clear":
                self.cleared.append(self.now)
                for name in self._playback.clear():
                    self._soon(self._runner.mark, name)
            case other:
                raise AssertionError(other)

    def _soon(self, act: Callable[..., None], *args: object) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self._network, act, *args)

    def _replaced(self) -> None:
        self.is_replaced = True
