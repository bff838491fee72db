"""Whose turn it is in a conversation: exactly one of these holds at any moment.

Each value carries only what makes sense while it lasts, and at most one deadline of its own.
"""

from typing import TypeAlias

import msgspec


class Thinking(msgspec.Struct, frozen=True, tag="thinking"):
    """The language model is asked for `turn` and no sentence has come yet.

    At `filler_at` the caller hears that somebody is there.
    """

    turn: int
    filler_at: float | None = None


class Speaking(msgspec.Struct, frozen=True, tag="speaking"):
    """The agent's turn is being spoken; `text` is all of it so far, spoken already or not, and its
    first sound was sent at `began_at`."""

    turn: int
    text: str
    began_at: float | None = None


class CallerSpeaking(msgspec.Struct, frozen=True, tag="caller_speaking"):
    """The caller speaks; `unspoken_text` is what they cut off, in case it was a noise."""

    utterance: int
    unspoken_text: str = ""


class CallerPaused(msgspec.Struct, frozen=True, tag="caller_paused"):
    """The caller is quiet; once `text` is recognised, silence up to `until` makes it a turn."""

    utterance: int
    revision: int
    ended_at: float
    until: float
    text: str | None = None
    unspoken_text: str = ""


class Quiet(msgspec.Struct, frozen=True, tag="quiet"):
    """Nobody speaks; at `until` the agent asks whether anybody is there."""

    until: float


class Away(msgspec.Struct, frozen=True, tag="away"):
    """The sound is gone and the call is perhaps not; until `until` it may come back.

    `unspoken_text` is what the agent was cut off in.
    """

    until: float
    unspoken_text: str = ""


class Utterance(msgspec.Struct, frozen=True):
    """What one side is in the middle of saying while the agent is on standby.

    `revision` is None while they speak; once `text` is known, silence up to `until` makes a turn.
    """

    utterance: int
    revision: int | None = None
    ended_at: float = 0.0
    until: float = 0.0
    text: str | None = None


class Standby(msgspec.Struct, frozen=True, tag="aside"):
    """The agent is muted, or an operator speaks in its place; what is said is written down.

    `saying` is a turn of an operator's typed words, `unspoken_text` what the agent was cut off in,
    and `resume_at` when the agent goes on even if an operator's last words are not known.
    """

    caller: Utterance | None = None
    operator: Utterance | None = None
    saying: Speaking | None = None
    unspoken_text: str = ""
    resume_at: float | None = None


TurnState: TypeAlias = Thinking | Speaking | CallerSpeaking | CallerPaused | Quiet | Away | Standby


class TurnTimer(msgspec.Struct, frozen=True):
    """Stop-watch of one answer: the caller's last sound to the agent's first, epoch seconds."""

    turn: int
    ended_at: float
    paused_at: float
    taken_at: float
    recognised_at: float
    thought_at: float | None = None
