"""A person on the phone: runs a script on a line.

Everything is timed by the line's playback clock, that is by what the person has really heard.
Knows no sockets and no carrier: keys and hanging up are given as functions.
"""

from collections.abc import Callable
from typing import assert_never

import msgspec

from sandbox.core.audio import beep
from sandbox.core.line import Line
from sandbox.people.person import (
    Beep,
    GreetingEnds,
    HangUp,
    Interrupt,
    Pause,
    Person,
    Play,
    Press,
    Say,
    Step,
    WaitForAgent,
)
from sandbox.people.text_to_speech import TextToSpeech

_KEY_MS = 250
_STILL_TALKING_MS = 300


class Handset(msgspec.Struct, frozen=True):
    """What a person can do besides talking, and what the carrier notices of a machine."""

    press: Callable[[str], None]
    hang_up: Callable[[], None]
    greeting_ends: Callable[[], None]


async def prepare(person: Person, text_to_speech: TextToSpeech) -> None:
    """Synthesise everything beforehand, so that nothing is late on the phone."""
    for step in person.script:
        if isinstance(step, Say):
            await text_to_speech.speak(step.text, person.spec.pitch)


async def run_script(
    person: Person, line: Line, text_to_speech: TextToSpeech, handset: Handset
) -> None:
    """Run the whole script; returns after its last step, on the line still."""
    turn = _Turn(line)
    for step in person.script:
        sound = await _sound(step, person, text_to_speech)
        if sound:
            await turn.say(sound)
        else:
            await _act(step, turn, handset)


class _Turn:
    """When this person's last line began and ended."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._began_ms = self._ended_ms = -1.0

    async def say(self, mulaw: bytes) -> None:
        await self.line.until(self._begin)
        await self.line.say(mulaw)
        await self.line.until(self._end)

    async def wait_for_answer(self, wait: WaitForAgent) -> None:
        agent = self.line.agent
        started: list[float] = []

        def answered(now_ms: float) -> bool:
            started[:] = started or [now_ms]
            since_began = agent.started_at_ms > self._began_ms >= 0
            went_on = agent.last_loud_ms > self._ended_ms + _STILL_TALKING_MS
            if since_began or went_on:
                return agent.quiet_ms(now_ms) >= wait.quiet_ms
            return now_ms - started[0] >= wait.patience_ms

        await self.line.until(answered)

    def _begin(self, now_ms: float) -> bool:
        self._began_ms = now_ms
        return True

    def _end(self, now_ms: float) -> bool:
        self._ended_ms = now_ms
        return True


async def _sound(step: Step, person: Person, text_to_speech: TextToSpeech) -> bytes:
    match step:
        case Say(text):
            return await text_to_speech.speak(text, person.spec.pitch)
        case Play(mulaw):
            return mulaw
        case Beep(milliseconds, hertz):
            return beep(milliseconds, hertz)
        case _:
            return b""


async def _act(step: Step, turn: _Turn, handset: Handset) -> None:
    match step:
        case Say() | Play() | Beep():
            pass  # an empty sound
        case Pause(milliseconds):
            await _pause(turn.line, milliseconds)
        case WaitForAgent():
            await turn.wait_for_answer(step)
        case Interrupt(after_ms):
            agent = turn.line.agent
            await turn.line.until(
                lambda now_ms: agent.speaking and now_ms - agent.started_at_ms >= after_ms
            )
        case Press(digits):
            for digit in digits:
                handset.press(digit)
                await _pause(turn.line, _KEY_MS)
        case GreetingEnds():
            handset.greeting_ends()
        case HangUp():
            handset.hang_up()
        case _:
            assert_never(step)


async def _pause(line: Line, milliseconds: int) -> None:
    start: list[float] = []

    def over(now_ms: float) -> bool:
        start[:] = start or [now_ms]
        return now_ms - start[0] >= milliseconds

    await line.until(over)
