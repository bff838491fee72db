"""What happened in one call, in order, and the reaction times that follow from it.

Every entry has milliseconds since the call was created (monotonic) and a wall time. Speech is
dated by when it was really played or sent, so an entry may be added after later ones. Knows
nothing of how things came to happen.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sandbox.core.clock import iso8601


class Entry(msgspec.Struct, frozen=True):
    """One thing that happened, with what is worth knowing about it."""

    at_ms: float
    at: str
    event: str
    fields: dict[str, Any] = {}


class Timeline:
    """One call's entries; its zero is the moment the call was created."""

    def __init__(self, created_at: datetime) -> None:
        self._created_at = created_at
        self._zero_seconds = time.monotonic()
        self._entries: list[Entry] = []

    def now_ms(self) -> float:
        """Milliseconds since the call was created."""
        return (time.monotonic() - self._zero_seconds) * 1000

    def add(self, event: str, at_ms: float | None = None, **fields: Any) -> float:
        """Note that `event` happened, now or at `at_ms`; returns its time."""
        when = self.now_ms() if at_ms is None else at_ms
        wall = iso8601(self._created_at + timedelta(milliseconds=when))
        self._entries.append(Entry(round(when, 1), wall, event, fields))
        return when

    def entries(self) -> list[Entry]:
        """Everything so far, by time."""
        return sorted(self._entries, key=lambda entry: entry.at_ms)


class Reaction(msgspec.Struct, frozen=True):
    """An agent's turn began at `at_ms`, this long after the person had stopped (None: they had
    not, the agent talked over them, or they had said nothing yet)."""

    at_ms: float
    after_person_stopped_ms: float | None


class Latencies(msgspec.Struct, frozen=True):
    """Reaction times of the far end, all as the person experienced them, in milliseconds."""

    reactions: list[Reaction]
    clears_after_person_started_ms: list[float]
    verdict_to_agent_ms: float | None
    answered_to_agent_ms: float | None


def latencies(entries: Sequence[Entry]) -> Latencies:
    """Read the reaction times out of entries ordered by time.

    A reaction is the agent's first sound since the person last started to speak. A clear counts
    when it arrives while the person has started to speak over an audible agent.
    """
    reactions: list[Reaction] = []
    clears: list[float] = []
    verdict = answered = to_agent = from_answer = None
    person_started = person_stopped = barged_in = None
    agent_speaking = answered_turn = False
    for entry in entries:
        match entry.event:
            case "answered":
                answered = entry.at_ms
            case "amd_verdict" if from_answer is None:  # else nobody waited for it
                verdict = entry.at_ms
            case "person_speech_started":
                person_started, person_stopped = entry.at_ms, None
                barged_in = entry.at_ms if agent_speaking else None
                answered_turn = False
            case "person_speech_stopped":
                person_stopped = entry.at_ms
            case "clear" if barged_in is not None:
                clears.append(round(entry.at_ms - barged_in, 1))
                barged_in = None
            case "agent_speech_stopped":
                agent_speaking = False
            case "agent_speech_started":
                agent_speaking = True
                if verdict is not None and to_agent is None:
                    to_agent = round(entry.at_ms - verdict, 1)
                if answered is not None and from_answer is None:
                    from_answer = round(entry.at_ms - answered, 1)
                if answered_turn:
                    continue
                answered_turn = person_started is not None
                gap = None if person_stopped is None else round(entry.at_ms - person_stopped, 1)
                reactions.append(Reaction(entry.at_ms, gap))
            case _:
                pass
    return Latencies(reactions, clears, to_agent, from_answer)
