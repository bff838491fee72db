"""The one writer of a call's sound stream: what playback has due goes to the carrier in time.

It also shows listeners what is sent, at no cost while there are none. It knows the stream's wire
and playback; nothing of turns, and of what became of the call when a write fails.
"""

import asyncio
from collections.abc import Callable

from media.audio import twilio_stream
from media.audio.audio_fanout import AudioFanout, Level
from media.audio.two_tracks import TwoTracks
from media.barge_in.gate import Gate
from media.coalescing import SLOT_SECONDS, slot_for
from media.events import Event
from media.playback.speaking import AskMark, Clear, Outgoing, Play, Speaking
from media.ports import Send


class PlaybackWriter:
    """The way out of one call; `told` takes levels, `lost` the stream that cannot be written.

    The `gate` learns what may come back as echo, `tracks` what was heard, for a recording.
    """

    def __init__(
        self,
        speaking: Speaking,
        fanout: AudioFanout,
        clock: Callable[[], float],
        post: Callable[[Event], None],
        on_level: Callable[[Level], None],
        lost: Callable[[str], None],
        gate: Gate,
        tracks: TwoTracks,
    ) -> None:
        self._speaking = speaking
        self._fanout = fanout
        self._clock = clock
        self._post = post
        self._on_level = on_level
        self._lost = lost
        self._gate = gate
        self._tracks = tracks
        self._wake = asyncio.Event()
        self._outbox: list[Outgoing] = []

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def first(self, out: list[Outgoing]) -> None:
        """Send this before anything else."""
        self._outbox += out
        self._wake.set()

    def forget(self) -> None:
        """The stream is gone, and what was meant for it."""
        self._outbox.clear()

    async def write(self, stream_sid: str, send: Send) -> None:
        """Write for ever, or until the socket takes no more; then the stream is lost."""
        while True:
            self._wake.clear()
            out, facts = self._speaking.pull(self._clock(), SLOT_SECONDS)
            for fact in facts:
                self._post(fact)
            out, self._outbox = [*self._outbox, *out], []
            for item in out:
                self._note(item)
            if out and self._fanout.active:
                self._show(out)
            try:
                if out:
                    await send([_encode(stream_sid, item) for item in out])
            except ConnectionError:
                self._lost(stream_sid)
                return
            now = self._clock()
            due = self._speaking.due(now)
            if self._outbox or (due is not None and due <= now):
                continue
            await self._due(None if due is None else due - now)

    def _note(self, item: Outgoing) -> None:
        match item:
            case Play(mulaw=mulaw, at=at):
                self._gate.sent(mulaw, at)
                self._tracks.sent(mulaw, at)
            case Clear():
                now = self._clock()
                self._gate.cleared(now)
                self._tracks.cleared(now)
            case AskMark():
                pass

    def _show(self, out: list[Outgoing]) -> None:
        """Before the carrier gets it, for a carrier that stalls must not delay listeners."""
        now = self._clock()
        for item in out:
            match item:
                case Play(mulaw=mulaw, at=at, by_operator=by_operator):
                    level = self._fanout.sent(mulaw, at, now, by_operator=by_operator)
                    if level is not None:
                        self._on_level(level)
                case Clear():
                    self._fanout.cleared()
                case AskMark():
                    pass

    async def _due(self, seconds: float | None) -> None:
        """Until there is something new to send, or so much time has passed, or a little less."""
        if seconds is None:
            await self._wake.wait()
            return
        # A timer that sets the event: a timeout would cancel and raise ten times a second.
        loop = asyncio.get_running_loop()
        now = loop.time()
        timer = loop.call_at(slot_for(now + seconds, now), self._wake.set)
        try:
            await self._wake.wait()
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
