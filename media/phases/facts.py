"""What is true of a call whatever its phase: who was called, when, who answered, what was said.

Facts reach us in any order, some twice and some never, so times are kept as they were told and
read through functions that give the same answer for the same set of facts.
"""

from typing import Literal, TypeAlias

import msgspec

from media import published
from media.agent import Agent, instructions, offered
from media.answering.evidence import Evidence
from media.dialogue import Hint, Prompt, Speaker, Turn
from media.effects import Publish, Record, RecordingState
from media.events import AnsweredBy, CarrierState, CarrierStatus, Side
from media.tools import ToolUse

TERMINAL: frozenset[CarrierState] = frozenset(
    {"completed", "busy", "no-answer", "failed", "canceled"}
)
MACHINES: frozenset[AnsweredBy] = frozenset(
    {"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"}
)


RecordingConsent: TypeAlias = Literal["", "asked", "yes", "no"]
MOST_STREAMS = 6  # of which five came back


class LastWords(msgspec.Struct, frozen=True):
    """What the caller was saying as the sound ended; `audible` are words of ours near it."""

    utterance: int
    revision: int
    audible: str = ""


class SummaryWish(msgspec.Struct, frozen=True):
    """A summary that the caller asked the agent for: by what, and the caller's words."""

    by: Literal["text", "email"]
    words: str


class OtherLanguage(msgspec.Struct, frozen=True):
    """A few words in another language than the call's, and the utterance they first were in."""

    language: str
    utterance: int


class CallFacts(msgspec.Struct, frozen=True):
    """All times are epoch seconds; `told_*` are the carrier's own, which win over what we saw.

    `orphaned` once the node that had the sound was lost, until there is sound again. `streams` are
    when the last few streams began. `answering` is what tells who picked up. `disclosed` once they
    heard that a machine speaks. `keys` reach an extension. `recording_consent` is how they stand to
    being recorded (`recording_consent.py` says what follows); `recording` is whether it is, None:
    nobody wanted it, and `recording_asks` how often they were asked. `agent` is who talks, if not
    the settings'. `last_words` are waited for. `is_inbound` where they called us: a person, then.
    `tool_uses` are the last calls of tools, of `tools_used` in all. `summary` is what the language
    model understood to be asked for. `transfer_use` names what a transfer under way counts as.
    `other_language` is what the caller may go on in.
    """

    topic: str
    begun_at: float
    sid: str | None = None
    streaming: bool = False
    answered_by: AnsweredBy | None = None
    told_ringing_at: float | None = None
    told_answered_at: float | None = None
    seen_answered_at: float | None = None
    counted: bool = False
    waited: bool = False
    turns: tuple[Turn, ...] = ()
    earlier: tuple[Turn, ...] = ()
    orphaned: bool = False
    streams: tuple[float, ...] = ()
    answering: Evidence = Evidence()
    disclosed: bool = False
    keys: str = ""
    recording_consent: RecordingConsent = ""
    recording: RecordingState | None = None
    recording_asks: int = 0
    agent: Agent | None = None
    last_words: LastWords | None = None
    is_inbound: bool = False
    tool_uses: tuple[ToolUse, ...] = ()
    tools_used: int = 0
    summary: SummaryWish | None = None
    transfer_use: str = ""
    other_language: OtherLanguage | None = None


CallFactsChange: TypeAlias = tuple[CallFacts, list[Record]]


def ringing_at(facts: CallFacts) -> float | None:
    """When it rang; never before the call began (carrier times have whole seconds only)."""
    return None if facts.told_ringing_at is None else max(facts.told_ringing_at, facts.begun_at)


def answered_at(facts: CallFacts) -> float | None:
    """When it was answered; the carrier's word if it gave one."""
    told = facts.told_answered_at
    at = facts.seen_answered_at if told is None else told
    return None if at is None else max(at, ringing_at(facts) or facts.begun_at)


def learn(facts: CallFacts, status: CarrierStatus) -> CallFacts:
    """Take what a carrier status says about sid and times; the first word on each stays."""
    if facts.sid is None:
        facts = msgspec.structs.replace(facts, sid=status.sid)
    if status.status == "ringing" and facts.told_ringing_at is None:
        facts = msgspec.structs.replace(facts, told_ringing_at=status.at)
    if status.status == "in-progress" and facts.told_answered_at is None:
        facts = msgspec.structs.replace(facts, told_answered_at=status.at)
    return facts


def times(facts: CallFacts) -> Record:
    """The row's times as far as they are known."""
    return Record(sid=facts.sid, ringing_at=ringing_at(facts), answered_at=answered_at(facts))


def prompt(facts: CallFacts, hint: Hint, language: str) -> Prompt:
    """For the language model: the topic, what was really heard, how much time is left, and in which
    language."""
    agent = facts.agent
    told = instructions(agent.instructions, language if agent.languages else None) if agent else ""
    return Prompt(
        topic=facts.topic, turns=facts.turns, hint=hint, earlier=facts.earlier,
        instructions=told, tools=offered(facts.agent), used_before=facts.tool_uses,
        language=language,
    )  # fmt: skip


def final(speaker: Speaker, text: str, heard: str, segment: str, *, cut: bool = False) -> Publish:
    """A turn's words as they stay; `segment` names the utterance or turn they are of."""
    return Publish(published.TranscriptFinal(speaker, text, heard, cut, segment))


def spoke(
    facts: CallFacts, side: Side, text: str, utterance: int, now: float
) -> tuple[CallFacts, Publish]:
    """The words of an utterance enter the history; with what is told of it."""
    facts = msgspec.structs.replace(facts, turns=(*facts.turns, Turn(side, text, text, now)))
    return facts, final(side, text, text, f"{side}:{utterance}")


def interim(speaker: Speaker, text: str, utterance: int) -> Publish:
    """Words of an utterance that may go on; the final ones carry the same segment."""
    return Publish(
        published.TranscriptInterim(speaker=speaker, text=text, segment=f"{speaker}:{utterance}"),
        key=f"interim:{speaker}",
    )
