"""CallRunner: one live call, and the only place in `media` that touches asyncio.

It feeds events to `step`, performs the effects and carries sound between socket and sound lane.
Its loop never awaits I/O: slow effects run as tasks that post a fact back. It knows the carrier
and the event log only as the protocols of `media.ports`.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import get_args

import structlog

from media import published
from media.audio.audio_fanout import AudioFanout, Level
from media.audio.call_tones import ToneDetector
from media.audio.tones import dtmf
from media.audio.two_tracks import TwoTracks
from media.barge_in.gate import Gate
from media.call import Call, Refusal, hears_tones, is_movable, refusal, step, wants_sound
from media.effects import (
    Close,
    Dial,
    Effect,
    EndTurn,
    HangUp,
    LetGoOperator,
    LookUp,
    OpenMic,
    Prepare,
    PressKeys,
    Publish,
    Recognise,
    Reconnect,
    Record,
    Say,
    SayOn,
    Settle,
    SoundEffect,
    StopPlayback,
    StopThinking,
    TakeUtterance,
    Think,
    ThinkAhead,
    Transfer,
    UseTool,
    lasts,
)
from media.engines import guard
from media.engines.base import Engines
from media.events import (
    Broken,
    Event,
    Keyed,
    Side,
    StreamStarted,
    StreamStopped,
    Tick,
    ToneHeard,
)
from media.jobs import Jobs, insist
from media.listening import Listening, has_begun
from media.operator_audio import OperatorAudio
from media.phases.ending import Ended
from media.phases.recording_consent import is_recorded
from media.playback.playback_writer import PlaybackWriter
from media.playback.speaking import Speaking
from media.playback.speech_queue import SpeechQueue
from media.ports import Carrier, Emitted, EventLog, Send, Tools
from media.recognition.recognition import Recognition
from media.speech_to_speech.sessions import Sessions
from media.thinking.thoughts import Thoughts

log = structlog.get_logger(__name__)
_LEAST_SECONDS = 0.005  # between two ticks: a phase whose deadline stood still would fill the disk


class CallRunner:
    """Owns one call from dialling to its end; `run` returns when the call is over."""

    def __init__(  # noqa: PLR0913 - one caller, which has it all
        self,
        call: Call,
        engines: Engines,
        carrier: Carrier,
        event_log: EventLog,
        clock: Callable[[], float],
        phrases: Mapping[str, bytes],
        seq: int = 0,
        utterances: Mapping[Side, int] | None = None,
        tools: Tools | None = None,
    ) -> None:
        """For a call with a past, `seq` is its journal's last, `utterances` each side's last."""
        self.call, self._tools, self._voice_in = call, tools, engines.voice_in
        self._carrier = carrier
        self._event_log = event_log
        self._clock = clock
        self._seq = seq
        self.rev = seq  # of the last thing that dashboards were told
        self._inbox: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._jobs = Jobs()
        self._job, self._stop = self._jobs.start, self._jobs.stop
        speech, past = call.settings.speech, utterances or {}
        gate = Gate()
        self._listening: dict[Side, Listening] = {
            side: Listening(
                guard.detector(engines.new_detector), speech, past.get(side, 0),
                gate if side == "caller" else None,
            )
            for side in get_args(Side)
        }  # fmt: skip
        self._recognition: dict[Side, Recognition] = {
            side: Recognition(
                side, ears, engines, speech, self.post, self._publish_ephemeral, self._job
            )
            for side, ears in self._listening.items()
        }  # fmt: skip
        self.running = asyncio.Event()  # from now on it takes a stream
        self._movable: asyncio.Event | None = None  # while somebody waits for it
        self.is_leaving = False
        self._speaking = Speaking(speech)
        self._fanout = AudioFanout()
        self._tracks = TwoTracks(event_log.keep)
        self._playback_writer = PlaybackWriter(
            self._speaking, self._fanout, clock, self.post, self._level, self.detach, gate,
            self._tracks,
        )  # fmt: skip
        self._speech_queue = SpeechQueue(
            engines.text_to_speech, self._speaking, phrases, speech.speak_timeout_seconds,
            self.post, self._playback_writer.wake,
        )  # fmt: skip
        self.operators = OperatorAudio(
            self._fanout, self._listening["operator"], self._speaking, self._playback_writer,
            clock, self.post, self._operator_heard,
        )  # fmt: skip
        self._tones: ToneDetector | None = None
        self._sessions = Sessions(
            engines.speech_to_speech, self._listening["caller"], clock, self._job, self._stop
        )
        self._thoughts = Thoughts(
            engines.llm, speech, self._sessions.asked, self.post, self._job, self._stop,
            self._speak_ahead, self._speech_queue.answer_with,
        )  # fmt: skip
        self._stream_sid: str | None = None
        self._end_stream: Callable[[], None] | None = None

    async def run(self, first: Sequence[Effect]) -> None:
        """Perform `first`, then live through the call. An exception ends this call, no other."""
        try:
            async with asyncio.TaskGroup() as group:
                self._jobs.begin(group)
                self._job("voice", self._speech_queue.run())
                self._perform(first)
                self.running.set()
                while not self._is_over() and not self.is_leaving:
                    await self._wait()
                    while self._inbox:
                        self._take(self._inbox.popleft())
                if self._is_over():
                    await self._jobs.done("speech_to_text-caller", "transfer")  # hung up in between
                self._jobs.stop_all_but("hang_up")
            if self._is_over():
                self._finish()
        except* Exception as errors:
            log.error("call_failed", sid=self.call.facts.sid, exc_info=errors)
            await self._give_up()
        finally:
            self._tracks.switch(self._clock(), on=False)
            self._fanout.end("over" if self._is_over() else "moved")

    async def until_movable(self, seconds: float) -> None:
        """Until another node could go on without interrupting anybody, or so long; the call may be
        over then."""
        self._movable = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (is_movable(self.call) and not self._inbox) and not self._is_over():
                    self._movable.clear()
                    await self._movable.wait()
        self._movable = None

    def leave(self) -> None:
        """Stop here, because another node goes on: what was heard so far is journalled, the sound
        ends, and `run` returns without ending the call."""
        if self._stream_sid is not None:
            self.detach(self._stream_sid)
        self.is_leaving = True
        self._wake.set()

    def _is_over(self) -> bool:
        return isinstance(self.call.phase, Ended)

    def _finish(self) -> None:
        """What was heard up to the end belongs to the transcript, whoever ended the call."""
        _, heard = self._speaking.stop_playback(self._clock())
        for event in (*self._inbox, *heard):
            self._take(event)
        self._inbox.clear()

    async def _give_up(self) -> None:
        """Record the call as lost before anything else can fail."""
        self._take(Broken())
        try:
            await self._carrier.hang_up(self.call)
        except Exception:
            log.exception("hang_up_failed", sid=self.call.facts.sid)

    async def _wait(self) -> None:
        """Until something happened or the phase's deadline passed, which is an event too."""
        deadline = self.call.phase.deadline
        if self._inbox or deadline is None:
            return
        try:
            async with asyncio.timeout(max(_LEAST_SECONDS, deadline - self._clock())):
                await self._wake.wait()
        except TimeoutError:
            self._inbox.append(Tick())
        self._wake.clear()

    def post(self, event: Event) -> None:
        """Something happened; it is dealt with in order."""
        self._inbox.append(event)
        self._wake.set()

    def ask(self, event: Event) -> Refusal | None:
        """A person asks for something: None and it will happen, or why it is refused."""
        refused = self.refuses(event)
        if refused is None:
            self.post(event)
        return refused

    def refuses(self, event: Event) -> Refusal | None:
        """Why the call would refuse this event, after all that is posted already."""
        call, now = self.call, self._clock()
        for waiting in self._inbox:
            call, _ = step(call, waiting, now)
        return refusal(call, event)

    def _take(self, event: Event) -> None:
        now = self._clock()
        self.call, effects = step(self.call, event, now)
        self._speech_queue.go_on_in(self.call.settings.language, self._voice_in)
        if is_recorded(self.call.facts) != self._tracks.on:
            self._tracks.switch(now, on=not self._tracks.on)
        if hears_tones(self.call, now) != (self._tones is not None):
            self._tones = None if self._tones is not None else ToneDetector()
        emitted = [effect for effect in effects if isinstance(effect, Emitted)]
        self._seq += 1
        if any(lasts(effect) for effect in emitted):
            self.rev = self._seq
        self._event_log.append(self._seq, now, event, emitted)
        self._perform(effects)
        self._sessions.follow(self.call)
        if self._movable is not None:
            self._movable.set()

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SoundEffect):
                self._sound(effect)
                continue
            match effect:
                case Dial():
                    self._job("dial", self._ask(self._carrier.dial, self.call))
                case LookUp():
                    self._job("look_up", self._ask(self._carrier.look_up, self.call))
                case Reconnect():
                    ask = partial(self._ask, self._carrier.reconnect, self.call)
                    self._job("reconnect", insist(ask, self._lacks_sound))
                case HangUp():
                    self._job("hang_up", self._carrier.hang_up(self.call))
                case Transfer():
                    self._job("transfer", self._ask(self._carrier.transfer, self.call, effect))
                case Prepare(text=text):
                    self._job(f"prepare {text}", self._speech_queue.prepare(text))
                case Think():
                    self._thoughts.think(effect)
                case ThinkAhead(prompt=prompt):
                    self._thoughts.think_ahead(prompt)
                case StopThinking():
                    self._thoughts.stop()
                case UseTool(number=number) if self._tools is not None:
                    self._job(f"tool {number}", self._ask(self._tools.answer, self.call, effect))
                case UseTool() | Record() | Settle() | Publish() | Close():
                    pass  # the event log has them; the loop ends by the phase

    def _sound(self, effect: SoundEffect) -> None:
        match effect:
            case OpenMic(side=side):
                if not has_begun(self._inbox, side):  # who has just begun is heard from there on
                    self._listening[side].restart()
            case Recognise(side=side):
                self._sessions.catch_up(self.call)
                self._stop(f"interim-{side}")
                self._job(f"speech_to_text-{side}", self._recognition[side].recognise(effect))
            case TakeUtterance(utterance=utterance, side=side):
                self._listening[side].take(utterance)
            case Say() | SayOn() | EndTurn():
                self._speech_queue.add(effect)
            case StopPlayback():
                self._stop_playback()
            case PressKeys(digits=digits):
                self._speaking.insert(dtmf(digits))
                self._playback_writer.wake()
            case LetGoOperator():
                self.operators.let_go()

    # Jobs, each of which posts a fact

    async def _ask(self, ask: Callable[..., Awaitable[Event | None]], *of: object) -> None:
        fact = await ask(*of)
        if fact is not None:
            self.post(fact)

    def _speak_ahead(self, text: str | None) -> None:
        if text is not None:
            self._job("voice ahead", self._speech_queue.prepare_ahead(text))
        else:
            self._stop("voice ahead")
            self._speech_queue.drop_ahead()

    # The sound lane's ends

    def attach(self, stream_sid: str, send: Send, end: Callable[[], None]) -> None:
        """Sound flows: `send` takes text frames for the caller's side of the socket. A second
        stream takes the place of the first, which `end` closes; a call that is over takes none."""
        if isinstance(self.call.phase, Ended):
            return
        before, self._end_stream = self._end_stream, end
        if before is not None:
            before()
        self._stream_sid = stream_sid
        self._listening["caller"].restart()  # now: its first frames are here before it is stepped
        self._fanout.stream_began(self._clock())
        self._job("sound", self._playback_writer.write(stream_sid, send))
        self.post(StreamStarted(stream_sid))

    def _lacks_sound(self) -> bool:
        return self._stream_sid is None and wants_sound(self.call)

    def frame(self, mulaw: bytes) -> None:
        """Sound from the caller. A plain call: no await, no queue, mostly no consequence."""
        now = self._clock()
        self._tracks.caller(mulaw, now)
        for fact in self._listening["caller"].push(mulaw, now):
            self.post(fact)
        if self._tones is not None and (tone := self._tones.push(mulaw)) is not None:
            self.post(ToneHeard(tone.kind, tone.hz, tone.ms, now - tone.ended_ms / 1000))
        self._sessions.heard(self.call)
        is_watched = self._fanout.active
        self._recognition["caller"].heard(now, self.call, is_watched=is_watched)
        if is_watched and (level := self._fanout.caller(mulaw, now)) is not None:
            self._level(level)

    def mark(self, name: str) -> None:
        """The carrier returned a mark."""
        for fact in self._speaking.on_mark(name):
            self.post(fact)
            self._playback_writer.wake()  # an operator's voice may have waited for the turn's end

    def key(self, digit: str) -> None:
        """The caller pressed a key."""
        self.post(Keyed(digit))

    def detach(self, stream_sid: str) -> None:
        """The socket is gone; what was on its way to the caller counts only as far as heard."""
        if stream_sid != self._stream_sid:
            return
        self._stream_sid = self._end_stream = None
        self._stop("sound")
        self._playback_writer.forget()
        self._tracks.cleared(self._clock())
        self._speech_queue.clear()
        _, facts = self._speaking.stop_playback(self._clock())
        for fact in (*facts, StreamStopped(stream_sid)):
            self.post(fact)

    def _stop_playback(self) -> None:
        self._speech_queue.clear()
        self._job("voice", self._speech_queue.run())
        out, facts = self._speaking.stop_playback(self._clock())
        if self._stream_sid is not None:
            self._playback_writer.first(list(out))
        for fact in facts:
            self.post(fact)

    def _level(self, level: Level) -> None:
        side, loud = level
        told = published.AudioLevel(side=side, level=loud)
        self._publish_ephemeral(Publish(told, key=f"level:{side}"))

    def _publish_ephemeral(self, event: Publish) -> None:
        self._event_log.publish_ephemeral(self._clock(), event)

    def _operator_heard(self, now: float) -> None:
        self._recognition["operator"].heard(now, self.call, is_watched=False)  # no interims
