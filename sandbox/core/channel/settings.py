"""What one person's line is like, as written in their TOML or sent to POST /people under `line`.

Values only. Levels are decibels against a voice, as the words on each say.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

CodecName = Literal["", "gsm", "amr"]
EchoDecibels = Annotated[float, Meta(ge=-60, le=0)]
BelowVoiceDecibels = Annotated[float, Meta(ge=-10, le=60)]


class LineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A perfect line by default.

    `echo_db` is the level of the agent's voice in the person's microphone against that voice in
    their ear, `echo_delay_ms` later; `room_ms` is how long the room rings (60 dB down), as with a
    speakerphone. `noise_db`, `babble_db` and `talker_db` say how far below the person's own voice a
    steady noise, a crowd and one other talker are. The sound passes the `codec` of a mobile network
    both ways ("amr" at 12.2 kbit/s). Of what they say, `loss` of the frames never arrive and every
    frame is up to `jitter_ms` late, in order still.
    """

    echo_db: EchoDecibels | None = None
    echo_delay_ms: Annotated[int, Meta(ge=20, le=1000)] = 120
    room_ms: Annotated[int, Meta(ge=0, le=1000)] = 0
    codec: CodecName = ""
    noise_db: BelowVoiceDecibels | None = None
    babble_db: BelowVoiceDecibels | None = None
    talker_db: BelowVoiceDecibels | None = None
    loss: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    jitter_ms: Annotated[int, Meta(ge=0, le=2000)] = 0

    @property
    def needs_voices(self) -> bool:
        """Whether somebody else is heard, whose speech must be given."""
        return self.babble_db is not None or self.talker_db is not None

    @property
    def needs_level(self) -> bool:
        """Whether it matters how loud the person speaks."""
        return self.needs_voices or self.noise_db is not None


PERFECT = LineSettings()
