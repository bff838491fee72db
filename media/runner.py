"""CallRunner: one live call, and the only place in `media` that touches asyncio.

It feeds events to `step`, performs the effects and carries sound between socket and sound lane.
Its loop never awaits I/O: slow effects run as tasks that post a fact back. It knows the carrier
and the record keeper only as the two protocols below.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Protocol, TypeAlias

import structlog

from media import twilio_stream
from media.call import Call, step
from media.dialogue import split_sentences
from media.effects import (
    Close,
    Dial,
    Effect,
    EndTurn,
    HangUp,
    Hush,
    LookUp,
    OpenMic,
    Prepare,
    Publish,
    Recognise,
    Record,
    Say,
    Settle,
    StopThinking,
    TakeUtterance,
    Think,
)
from media.engines.base import EngineError, Engines
from media.events import (
    Broken,
    CarrierSilent,
    CarrierStatus,
    Dialled,
    DialRefused,
    DialUnknown,
    EngineFailed,
    Event,
    Keyed,
    Recognised,
    Sentence,
    StreamStarted,
    StreamStopped,
    Thought,
    Tick,
)
from media.listening import Listening
from media.phases.ending import Ended
from media.speaking import AskMark, Clear, Outgoing, Play, Speaking

log = structlog.get_logger(__name__)

SEND_TIMEOUT_SECONDS = 5.0

Send: TypeAlias = Callable[[str], Awaitable[None]]
Told: TypeAlias = Record | Settle | Publish


class Carrier(Protocol):
    """The phone company, for one call."""

    async def dial(self) -> Dialled | DialRefused | DialUnknown:
        """Place the call, at most once; an unclear outcome is DialUnknown, never an exception."""

    async def look_up(self, call: Call) -> CarrierStatus | Dialled | CarrierSilent:
        """What the carrier knows of the call."""

    async def hang_up(self, call: Call) -> None:
        """End the call; one that has ended is success, one that cannot be reached is silence."""


class Clerk(Protocol):
    """Who writes things down. Both calls return at once; the writing happens elsewhere."""

    def note(self, seq: int, at: float, event: Event, told: Sequence[Told]) -> None:
        """Journal one event with what rows and dashboards learn from it."""


class CallRunner:
    """Owns one call from dialling to its end; `run` returns when the call is over."""

    def __init__(
        self,
        call: Call,
        engines: Engines,
        carrier: Carrier,
        clerk: Clerk,
        clock: Callable[[], float],
        phrases: dict[str, bytes],
        seq: int = 0,
    ) -> None:
        self.call = call
        self._engines = engines
        self._carrier = carrier
        self._clerk = clerk
        self._clock = clock
        self._phrases = dict(phrases)
        self._seq = seq
        self._inbox: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._listening = Listening(engines.new_detector(), call.settings.speech)
        self._speaking = Speaking(call.settings.speech)
        self._sound_wake = asyncio.Event()
        self._outbox: list[Outgoing] = []
        self._to_say: deque[Say | EndTurn] = deque()
        self._say_wake = asyncio.Event()
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._stream_sid: str | None = None

    # The shell's loop

    async def run(self, first: Sequence[Effect]) -> None:
        """Perform `first`, then live through the call. An exception ends this call, no other."""
        try:
            async with asyncio.TaskGroup() as self._group:
                self._job("voice", self._voice())
                self._perform(first)
                while not isinstance(self.call.phase, Ended):
                    await self._wait()
                    while self._inbox:
                        self._take(self._inbox.popleft())
                self._cancel_jobs()
            self._finish()
        except* Exception as group:
            log.error("call_failed", sid=self.call.about.sid, exc_info=group)
            await self._give_up()

    def _finish(self) -> None:
        """What was heard up to the end belongs to the transcript, whoever ended the call."""
        _, heard = self._speaking.hush(self._clock())
        for event in (*self._inbox, *heard):
            self._take(event)
        self._inbox.clear()

    async def _give_up(self) -> None:
        """Record the call as lost before anything else can fail."""
        self._take(Broken())
        try:
            await self._carrier.hang_up(self.call)
        except Exception:
            log.exception("hang_up_failed", sid=self.call.about.sid)

    async def _wait(self) -> None:
        """Until something happened or the phase's deadline passed, which is an event too."""
        deadline = self.call.phase.deadline
        if self._inbox or deadline is None:
            return
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock())):
                await self._wake.wait()
        except TimeoutError:
            self._inbox.append(Tick())
        self._wake.clear()

    def post(self, event: Event) -> None:
        """Something happened; it is dealt with in order."""
        self._inbox.append(event)
        self._wake.set()

    def _take(self, event: Event) -> None:
        now = self._clock()
        self.call, effects = step(self.call, event, now)
        told = [effect for effect in effects if isinstance(effect, Record | Settle | Publish)]
        self._seq += 1
        self._clerk.note(self._seq, now, event, told)
        self._perform(effects)

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Dial():
                    self._job("dial", self._dial())
                case LookUp():
                    self._job("look_up", self._look_up())
                case HangUp():
                    self._job("hang_up", self._carrier.hang_up(self.call))
                case Prepare(text=text):
                    self._job("prepare", self._prepare(text))
                case OpenMic():
                    self._listening.restart()
                case Recognise():
                    self._job("ears", self._recognise(effect))
                case TakeUtterance(utterance=utterance):
                    self._listening.take(utterance)
                case Think():
                    self._job("mind", self._think(effect))
                case StopThinking():
                    self._stop("mind")
                case Say() | EndTurn():
                    self._to_say.append(effect)
                    self._say_wake.set()
                case Hush():
                    self._hush()
                case Record() | Settle() | Publish() | Close():
                    pass  # the clerk has them; the loop ends by the phase

    # Tasks: one at a time by name, each posts a fact

    def _job(self, name: str, work: Coroutine[None, None, None]) -> None:
        assert self._group is not None, "runs only inside run()"  # noqa: S101
        self._stop(name)
        self._jobs[name] = self._group.create_task(work, name=name)

    def _stop(self, name: str) -> None:
        task = self._jobs.pop(name, None)
        if task is not None:
            task.cancel()

    def _cancel_jobs(self) -> None:
        for name in [name for name in self._jobs if name != "hang_up"]:
            self._stop(name)

    async def _dial(self) -> None:
        self.post(await self._carrier.dial())

    async def _look_up(self) -> None:
        self.post(await self._carrier.look_up(self.call))

    async def _recognise(self, effect: Recognise) -> None:
        sound = self._listening.sound(effect.utterance)
        try:
            async with asyncio.timeout(self.call.settings.speech.recognise_timeout_seconds):
                text = await self._engines.recogniser.recognise(sound)
        except (EngineError, TimeoutError) as error:
            log.warning("engine_failed", engine="recogniser", error=type(error).__name__)
            self.post(EngineFailed("recogniser", effect.utterance))
        else:
            self.post(Recognised(effect.utterance, effect.revision, text.strip()))

    async def _think(self, effect: Think) -> None:
        buffer = ""
        patience = self.call.settings.speech.think_timeout_seconds
        try:
            async with asyncio.timeout(patience) as timeout:
                async for piece in self._engines.thinker.think(effect.prompt):
                    buffer += piece
                    sentences, buffer = split_sentences(buffer)
                    for sentence in sentences:
                        self.post(Sentence(effect.turn, sentence))
                    timeout.reschedule(asyncio.get_running_loop().time() + patience)
        except (EngineError, TimeoutError) as error:
            log.warning("engine_failed", engine="thinker", error=type(error).__name__)
            self.post(EngineFailed("thinker", effect.turn))
            return
        if buffer.strip():
            self.post(Sentence(effect.turn, buffer.strip()))
        self.post(Thought(effect.turn))

    async def _prepare(self, text: str) -> None:
        if text in self._phrases:
            return
        try:
            self._phrases[text] = b"".join(
                [chunk async for chunk in self._engines.voice.speak(text)]
            )
        except EngineError as error:  # it is asked again, under a time limit, when it is said
            log.warning("engine_failed", engine="voice", error=type(error).__name__)

    async def _voice(self) -> None:
        while True:
            await self._say_wake.wait()
            self._say_wake.clear()
            while self._to_say:
                item = self._to_say.popleft()
                if isinstance(item, EndTurn):
                    self._speaking.end_turn(item.turn)
                else:
                    await self._say(item)
                self._sound_wake.set()

    async def _say(self, item: Say) -> None:
        self._speaking.begin_sentence(item.turn, item.text)
        ready = self._phrases.get(item.text)
        if ready is not None:
            self._speaking.push(ready)
            self._speaking.end_sentence()
            return
        patience = self.call.settings.speech.speak_timeout_seconds
        try:
            async with asyncio.timeout(patience) as timeout:
                async for chunk in self._engines.voice.speak(item.text):
                    self._speaking.push(chunk)
                    self._sound_wake.set()
                    timeout.reschedule(asyncio.get_running_loop().time() + patience)
        except (EngineError, TimeoutError) as error:
            log.warning("engine_failed", engine="voice", error=type(error).__name__)
            self.post(EngineFailed("voice", item.turn))
        self._speaking.end_sentence()

    # The sound lane's ends

    def attach(self, stream_sid: str, send: Send) -> None:
        """Sound flows: `send` takes one text frame for the caller's side of the socket.

        A second stream takes the place of the first; a call that is over takes none.
        """
        if isinstance(self.call.phase, Ended):
            return
        self._stream_sid = stream_sid
        self._job("sound", self._send_sound(stream_sid, send))
        self.post(StreamStarted(stream_sid))

    def frame(self, mulaw: bytes) -> None:
        """Sound from the caller. A plain call: no await, no queue, mostly no consequence."""
        for fact in self._listening.push(mulaw, self._clock()):
            self.post(fact)

    def mark(self, name: str) -> None:
        """The carrier returned a mark."""
        for fact in self._speaking.on_mark(name):
            self.post(fact)

    def key(self, digit: str) -> None:
        """The caller pressed a key."""
        self.post(Keyed(digit))

    def detach(self, stream_sid: str) -> None:
        """The socket is gone; what was on its way to the caller counts only as far as heard."""
        if stream_sid != self._stream_sid:
            return
        self._stream_sid = None
        self._stop("sound")
        self._outbox.clear()
        self._to_say.clear()
        _, facts = self._speaking.hush(self._clock())
        for fact in (*facts, StreamStopped(stream_sid)):
            self.post(fact)

    def _hush(self) -> None:
        self._to_say.clear()
        self._job("voice", self._voice())
        out, facts = self._speaking.hush(self._clock())
        if self._stream_sid is not None:
            self._outbox += out
            self._sound_wake.set()
        for fact in facts:
            self.post(fact)

    async def _send_sound(self, stream_sid: str, send: Send) -> None:
        """The one writer of the socket."""
        while True:
            self._sound_wake.clear()
            out, facts = self._speaking.pull(self._clock())
            for fact in facts:
                self.post(fact)
            out, self._outbox = [*self._outbox, *out], []
            try:
                if out:
                    async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                        for item in out:
                            await send(_encode(stream_sid, item))
            except (TimeoutError, ConnectionError):
                self.detach(stream_sid)
                return
            now = self._clock()
            due = self._speaking.due(now)
            if self._outbox or (due is not None and due <= now):
                continue
            await self._sound_due(None if due is None else due - now)

    async def _sound_due(self, seconds: float | None) -> None:
        """Until there is something new to send, or so much time has passed."""
        if seconds is None:
            await self._sound_wake.wait()
            return
        # A timer that sets the event: a timeout would cancel and raise ten times a second.
        timer = asyncio.get_running_loop().call_later(seconds, self._sound_wake.set)
        try:
            await self._sound_wake.wait()
        finally:
            timer.cancel()


def _encode(stream_sid: str, item: Outgoing) -> str:
    match item:
        case Play(mulaw=mulaw):
            return twilio_stream.encode_media(stream_sid, mulaw)
        case AskMark(name=name):
            return twilio_stream.encode_mark(stream_sid, name)
        case Clear():
            return twilio_stream.encode_clear(stream_sid)
