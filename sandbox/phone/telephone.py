"""One telephone in a browser: whether it rings, who talks, and the sound in both directions.

Holds state and decides; the page is a function that takes messages, or None while it is away.
Sound has a way to go to the ear, so the page says when a mark was really played; a page that is
away or does not answer gets no say, and a call whose page says nothing at all ends. Knows no
websockets and no routes.
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
from sandbox.phone.messages import encode, sound
from sandbox.phone.mouth import Mouth

Send = Callable[[str | bytes], None]
_TRUSTED_FRAMES = 50  # after a second without the page's word a mark counts as played


class _Current(msgspec.Struct):
    sid: str
    caller: str
    state: Literal["ringing", "talking"]
    began: float  # on the monotonic clock: the ringing, then the talking


class _Mark(msgspec.Struct, frozen=True):
    id: int
    made_at_frame: int
    then: Heard


class Telephone:
    """A phone with a number; it lives as long as its page, and a little longer during a call."""

    def __init__(self, number: str, key: str, patience_seconds: float) -> None:
        self.number, self.key = number, key
        self._patience_frames = patience_seconds * 1000 / FRAME_MS
        self._frames_without_word = 0
        self.mouth = Mouth()
        self.send: Send | None = None
        self._call: _Current | None = None
        self._decision: asyncio.Future[bool] | None = None
        self._handset: Handset | None = None
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
        self._tell("ring", call=sid, **{"from": caller})
        answered = False
        try:
            answered = await self._decision
        finally:
            self._decision = None
            if not answered:
                self._over("missed")
        if answered:
            call.state, call.began = "talking", time.monotonic()
            self._tell("answered", call=sid)
        return answered

    async def talk(self, line: Line, handset: Handset) -> None:
        """Be the person's end of the line of the call just answered, until cancelled."""
        self.mouth = Mouth()
        self._frames = self._last_loud = self._frames_without_word = 0
        self._handset, line.device = handset, self
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._handset = line.device = None
            self._marks.clear()
            self._over("over")

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

    def press(self, digit: str) -> None:
        """A key; only a call hears it."""
        if self._handset is not None:
            self._handset.press(digit)

    def say(self) -> bytes:
        """The next 20 ms of the microphone."""
        return self.mouth.pop()

    def hear(self, mulaw: bytes) -> None:
        """20 ms for the ear."""
        self._frames += 1
        self._frames_without_word += 1
        if self._frames_without_word > self._patience_frames:
            self.hang_up()
        if mulaw != SILENCE:
            self._last_loud = self._frames
        if self.send is not None:
            self.send(sound(self._frames, mulaw))
        while self._marks and self._frames - self._marks[0].made_at_frame > _TRUSTED_FRAMES:
            self._marks.popleft().then(True)

    def when_heard(self, then: Heard) -> None:
        """Ask the page to say when everything audible up to now was played."""
        if self.send is None:
            then(True)
            return
        self._mark_id += 1
        self._marks.append(_Mark(self._mark_id, self._frames, then))
        self._tell("mark", id=self._mark_id, after=self._last_loud)

    def played(self, mark_id: int) -> None:
        """The page's word for a mark, and thereby for those before it."""
        while self._marks and self._marks[0].id <= mark_id:
            self._marks.popleft().then(True)

    def clear(self) -> None:
        """Silence the ear at once; what was still to be heard never is."""
        self._tell("clear")
        self._settle(played=False)

    def page_spoke(self) -> None:
        """The page said something, be it sound or silence: it is there."""
        self._frames_without_word = 0

    def page_left(self) -> None:
        """Nobody is there to say when something was played."""
        self.send = None
        self._settle(played=True)

    def show_text(self, text: dict[str, Any]) -> None:
        """A text to or from this number."""
        self._tell("text", text=text)

    def _settle(self, *, played: bool) -> None:
        marks = list(self._marks)
        self._marks.clear()
        for mark in marks:
            mark.then(played)

    def _is(self, sid: str) -> bool:
        return self._call is not None and self._call.sid == sid

    def _over(self, how: str) -> None:
        if self._call is not None:
            self._tell("ended", call=self._call.sid, how=how)
        self._call = None

    def _tell(self, kind: str, **fields: Any) -> None:
        if self.send is not None:
            self.send(encode(kind, **fields))
