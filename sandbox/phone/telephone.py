"""One telephone in a browser: whether it rings, who talks, and the sound in both directions.

Holds state and decides; the page is a function that takes messages, or None while it is away.
Sound reaches the loudspeaker late, so the page says when a mark was really played; a page that is
away or does not answer in time is not waited for, and a call whose page sends nothing ends. Knows
no websockets and no routes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from sandbox.core.audio import FRAME_MS, SILENCE
from sandbox.core.line import Heard, Line
from sandbox.people.script_runner import Handset
from sandbox.phone.jitter_buffer import JitterBuffer
from sandbox.phone.messages import encode, sound

Send = Callable[[str | bytes], None]
_MARK_TIMEOUT_FRAMES = 50  # after a second without the page's message a mark counts as played


class _Current(msgspec.Struct):
    sid: str
    caller: str  # or who is called
    state: Literal["ringing", "calling", "talking"]
    began: float  # on the monotonic clock: the ringing, then the talking


class _Mark(msgspec.Struct, frozen=True):
    id: int
    made_at_frame: int
    then: Heard


class Telephone:
    """A phone with a number; it lives as long as its page, and a little longer during a call."""

    def __init__(self, number: str, key: str, page_timeout_seconds: float) -> None:
        self.number, self.key = number, key
        self._page_timeout_frames = page_timeout_seconds * 1000 / FRAME_MS
        self._frames_since_page = 0
        self.microphone = JitterBuffer()
        self.send: Send | None = None
        self._call: _Current | None = None
        self._decision: asyncio.Future[bool] | None = None
        self._handset: Handset | None = None
        self._give_up: Callable[[], None] | None = None
        self._frames = self._last_loud = self._mark_id = 0
        self._marks: deque[_Mark] = deque()

    @property
    def busy(self) -> bool:
        """Whether it is ringing or in a call."""
        return self._call is not None

    def current(self) -> dict[str, Any] | None:
        """The call as a page that comes back has to know it."""
        call = self._call
        if call is None:
            return None
        for_ms = round((time.monotonic() - call.began) * 1000)
        return {"call": call.sid, "from": call.caller, "state": call.state, "for_ms": for_ms}

    async def ring(self, sid: str, caller: str) -> bool:
        """Ring until somebody decides: whether they answered. Cancelled, the call is missed."""
        call = self._call = _Current(sid, caller, "ringing", time.monotonic())
        self._decision = asyncio.get_running_loop().create_future()
        self._notify("ring", call=sid, **{"from": caller})
        answered = False
        try:
            answered = await self._decision
        finally:
            self._decision = None
            if not answered:
                self._end_call("missed")
        if answered:
            call.state, call.began = "talking", time.monotonic()
            self._notify("answered", call=sid)
        return answered

    def calls(self, sid: str, called: str, give_up: Callable[[], None]) -> None:
        """It makes a call, until `talk` or `over`; `give_up` ends it before."""
        self._call = _Current(sid, called, "calling", time.monotonic())
        self._give_up = give_up
        self._notify("calling", call=sid, **{"from": called})

    def over(self, sid: str) -> None:
        """The call that it made has ended, answered or not."""
        self._give_up = None
        if self._is(sid):
            self._end_call("over")

    async def talk(self, line: Line, handset: Handset) -> None:
        """Be the person's end of the line of the call just answered, until cancelled."""
        self.microphone = JitterBuffer()
        self._frames = self._last_loud = self._frames_since_page = 0
        self._handset, line.device = handset, self
        if self._call is not None and self._call.state == "calling":
            self._call.state, self._call.began = "talking", time.monotonic()
            self._notify("answered", call=self._call.sid)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._handset = line.device = None
            self._marks.clear()
            self._end_call("over")

    def answer(self, sid: str) -> None:
        """Pick up, if this call still rings."""
        if self._decision is not None and not self._decision.done() and self._is(sid):
            self._decision.set_result(True)

    def hang_up(self, sid: str = "") -> None:
        """End the call, or decline it while it rings; without `sid` whichever it is."""
        if sid and not self._is(sid):
            return
        if self._handset is not None:
            self._handset.hang_up()
        elif self._decision is not None and not self._decision.done():
            self._decision.set_result(False)
        elif self._give_up is not None:
            self._give_up()

    def press(self, digit: str) -> None:
        """A key; it has an effect in a call only."""
        if self._handset is not None:
            self._handset.press(digit)

    def say(self) -> bytes:
        """The next 20 ms of the microphone."""
        return self.microphone.pop()

    def hear(self, mulaw: bytes) -> None:
        """20 ms for the loudspeaker."""
        self._frames += 1
        self._frames_since_page += 1
        if self._frames_since_page > self._page_timeout_frames:
            self.hang_up()
        if mulaw != SILENCE:
            self._last_loud = self._frames
        if self.send is not None:
            self.send(sound(self._frames, mulaw))
        while self._marks and self._frames - self._marks[0].made_at_frame > _MARK_TIMEOUT_FRAMES:
            self._marks.popleft().then(True)

    def when_heard(self, then: Heard) -> None:
        """Ask the page to say when everything audible up to now was played."""
        if self.send is None:
            then(True)
            return
        self._mark_id += 1
        self._marks.append(_Mark(self._mark_id, self._frames, then))
        self._notify("mark", id=self._mark_id, after=self._last_loud)

    def played(self, mark_id: int) -> None:
        """The page played a mark, and thereby those before it."""
        while self._marks and self._marks[0].id <= mark_id:
            self._marks.popleft().then(True)

    def clear(self) -> None:
        """Stop playback at once; what was not heard yet never is."""
        self._notify("clear")
        self._resolve_marks(played=False)

    def page_is_active(self) -> None:
        """The page said something, be it sound or silence: it is there."""
        self._frames_since_page = 0

    def page_left(self) -> None:
        """Nobody is there to say when something was played."""
        self.send = None
        self._resolve_marks(played=True)

    def show_text(self, text: dict[str, Any]) -> None:
        """A text to or from this number."""
        self._notify("text", text=text)

    def _resolve_marks(self, *, played: bool) -> None:
        marks = list(self._marks)
        self._marks.clear()
        for mark in marks:
            mark.then(played)

    def _is(self, sid: str) -> bool:
        return self._call is not None and self._call.sid == sid

    def _end_call(self, how: str) -> None:
        if self._call is not None:
            self._notify("ended", call=self._call.sid, how=how)
        self._call = None

    def _notify(self, kind: str, **fields: Any) -> None:
        if self.send is not None:
            self.send(encode(kind, **fields))
