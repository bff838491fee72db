"""Who hears a live call, and the sound of the operator who speaks in the agent's place.

Plain calls from sockets, as for the caller's sound. It posts who comes and goes; what follows from
that is decided elsewhere. Knows no sockets.
"""

from collections.abc import Callable

import msgspec

from media.audio.audio_fanout import AudioFanout, AudioListener
from media.call import Call
from media.events import Event, ListenBegan, ListenEnded, OperatorJoined, OperatorLeft
from media.listening import Listening
from media.phases.talking.state import Talking
from media.playback.playback_writer import PlaybackWriter
from media.playback.speaking import Speaking


class OperatorAudio:
    """Everybody who listens to one call, and at most one who speaks."""

    def __init__(
        self,
        fanout: AudioFanout,
        listening: Listening,
        speaking: Speaking,
        playback_writer: PlaybackWriter,
        clock: Callable[[], float],
        post: Callable[[Event], None],
        heard: Callable[[float], None],
    ) -> None:
        """`listening` is for the operator's side, which `heard` learns of, with the time."""
        self._fanout = fanout
        self._listening = listening
        self._speaking = speaking
        self._playback_writer = playback_writer
        self._clock = clock
        self._post = post
        self._heard = heard
        self._speaker: AudioListener | None = None

    def listen(self, listener: AudioListener) -> None:
        """Somebody hears the call from now on; with `talk` they speak in the agent's place."""
        self._fanout.add(listener)
        if listener.talk:
            self._speaker = listener
            self._post(OperatorJoined())
        else:
            self._post(ListenBegan(listener.name))

    def unlisten(self, listener: AudioListener) -> None:
        """They hear no more; nothing happens the second time, or after the end."""
        if not self._fanout.remove(listener):
            return
        if not listener.talk:
            self._post(ListenEnded(listener.name))
        elif listener is self._speaker:
            self._speaker = None
            self._post(OperatorLeft())

    def is_talkable(self, call: Call, takeover: int) -> bool:
        """Whether the sound of this takeover's operator is wanted just now."""
        phase = call.phase
        return (
            isinstance(phase, Talking)
            and phase.operator_status in {"awaited", "away"}
            and phase.takeovers == takeover
            and self._speaker is None
        )

    def listeners(self) -> list[AudioListener]:
        """Everybody who listens."""
        return list(self._fanout.listeners)

    def want_levels(self) -> None:
        """Dashboards want to know how loud everybody is even while nobody listens."""
        self._fanout.levels_wanted = True

    def talk(self, listener: AudioListener, mulaw: bytes) -> None:
        """Sound from the operator; a plain call, as for the caller's."""
        if listener is not self._speaker:
            return
        now = self._clock()
        for fact in self._listening.push(mulaw, now):
            self._post(msgspec.structs.replace(fact, side="operator"))
        self._heard(now)
        self._speaking.pass_through(mulaw, now)
        self._playback_writer.wake()

    def let_go(self) -> None:
        """The operator's sound goes to the caller no more."""
        self._speaking.end_through()
        self._playback_writer.wake()
        if self._speaker is not None:
            self._fanout.remove(self._speaker)
            self._speaker.end("released")
            self._speaker = None
