"""The caller's own pauses within their turns, learnt while the call lasts. Pure.

An exponential average, in which also counts when the agent cut in and the caller went on.
"""

import msgspec

_USUAL_MS = 450.0  # of anybody
_SHORTEST_MS = 300.0  # a shorter one is between words, not between thoughts or groups of digits
_WEIGHT = 0.3  # of the newest pause
_LONGER = 1.3  # than the usual pause, so that it is none
_LONGER_IN_DICTATION = 1.8
_SHORTEST_IN_DICTATION_MS = 1050


class Pauses(msgspec.Struct, frozen=True):
    """What is known of one caller: their average, and the longest of the turn that goes on."""

    average_ms: float = _USUAL_MS
    in_turn_ms: float = 0.0

    def paused(self, milliseconds: float) -> "Pauses":
        """They went on after a pause within their turn."""
        if milliseconds < _SHORTEST_MS:
            return self
        average = self.average_ms + _WEIGHT * (milliseconds - self.average_ms)
        return Pauses(average, max(self.in_turn_ms, milliseconds))

    def turn_taken(self) -> "Pauses":
        """The next pause is in another turn."""
        return Pauses(self.average_ms)

    def stretched(self, silence_ms: int, most_ms: int) -> int:
        """This silence, or a longer one for somebody who makes long pauses."""
        return round(max(silence_ms, min(_LONGER * self.average_ms, most_ms)))

    def between_groups(self, silence_ms: int, most_ms: int) -> int:
        """This silence in a dictation, until its own pauses tell a better one."""
        if not self.in_turn_ms:
            return silence_ms
        usual = max(_SHORTEST_IN_DICTATION_MS, _LONGER_IN_DICTATION * self.in_turn_ms)
        return round(min(usual, most_ms))
