"""Talking: a human (or somebody taken for one) and the agent hold a conversation.

Turn taking, barge-in, hints about time, silence and failing engines are decided here, from facts
alone. It knows nothing of sound, vendors or rows; a late answer carries an old turn number and
falls through.
"""

from typing import TypeAlias

import msgspec

from media.dialogue import Hint, Turn, is_backchannel, looks_finished, says_goodbye, unheard
from media.effects import (
    Effect,
    EndTurn,
    Hush,
    Json,
    OpenMic,
    Publish,
    Recognise,
    Record,
    Say,
    Settle,
    StopThinking,
    TakeUtterance,
    Think,
)
from media.events import (
    AmdVerdict,
    EngineFailed,
    Event,
    Keyed,
    OperatorSaid,
    Recognised,
    Sentence,
    SoundBegan,
    SpeechBegan,
    SpeechPaused,
    Spoken,
    StreamStopped,
    Thought,
    Tick,
)
from media.phases import voicemail
from media.phases.about import MACHINES, About, prompt
from media.phases.ending import Ended, Ending, end
from media.phases.floor import CallerPaused, CallerSpeaking, Floor, Lap, Quiet, Speaking, Thinking
from media.settings import ConversationSettings, Settings


class Talking(msgspec.Struct, frozen=True, tag="talking"):
    """`closing` is why the call ends once the current turn was heard; "" while it goes on."""

    began_at: float
    assumed: bool
    floor: Floor
    deadline: float
    turn: int = 0
    hint: Hint = "none"
    closing: str = ""
    silences: int = 0
    failures: int = 0
    pending: tuple[OperatorSaid, ...] = ()
    lap: Lap | None = None


Step: TypeAlias = tuple[About, Talking, list[Effect]]
Move: TypeAlias = tuple[About, Talking | voicemail.Voicemail | Ending | Ended, list[Effect]]


def enter(about: About, now: float, settings: ConversationSettings, *, assumed: bool) -> Step:
    """Open the conversation with the prepared greeting; from here on the call counts."""
    phase = Talking(began_at=now, assumed=assumed, floor=Quiet(until=now), deadline=now)
    effects: list[Effect] = [
        OpenMic(),
        Record(type="call.talking", status="talking", waiting_room="completed"),
    ]
    if not about.counted:
        about = msgspec.structs.replace(about, counted=True)
        effects.append(Settle(commit=True))
    greeting = settings.greeting.format(topic=about.topic)
    phase, saying = _say(phase, greeting)
    return about, _arm(phase, settings), [*saying, *effects]


def talking(about: About, phase: Talking, event: Event, now: float, settings: Settings) -> Move:
    """React to one fact."""
    talk = settings.conversation
    match event:
        case StreamStopped():
            return end(about, "stream_ended", now)
        case AmdVerdict() if phase.assumed and event.answered_by in MACHINES:
            if any(turn.speaker == "caller" for turn in about.turns):
                return about, phase, []
            about, machine, effects = voicemail.enter(about, settings.amd, now)
            return about, machine, [StopThinking(), Hush(), *effects]
        case Spoken():
            return _spoken(about, phase, event, now, talk)
        case Tick() if now >= phase.began_at + talk.limit_seconds:
            return end(about, phase.closing or "time_limit", now, StopThinking(), Hush())
        case EngineFailed() if phase.closing and phase.failures > talk.failures_allowed:
            return end(about, "engine_failure", now)
        case _:
            about, phase, effects = _react(about, phase, event, now, settings)
            return about, _arm(phase, talk), effects


def _react(about: About, phase: Talking, event: Event, now: float, settings: Settings) -> Step:
    talk = settings.conversation
    match event:
        case SpeechBegan():
            return _caller_began(about, phase, event)
        case SpeechPaused():
            return _caller_paused(about, phase, event, now, settings)
        case Recognised():
            return _recognised(about, phase, event, now, talk)
        case Sentence() if event.turn == phase.turn and isinstance(
            phase.floor, Thinking | Speaking
        ):
            return _sentence(about, phase, event, now)
        case Thought() if event.turn == phase.turn:
            if isinstance(phase.floor, Thinking):  # a mind that says nothing has failed
                return _failed(about, phase, EngineFailed("thinker", event.turn), talk)
            return about, phase, [EndTurn(event.turn)]
        case SoundBegan() if phase.lap is not None and event.turn == phase.lap.turn:
            return about, msgspec.structs.replace(phase, lap=None), [_metrics(phase.lap, now)]
        case EngineFailed():
            return _failed(about, phase, event, talk)
        case OperatorSaid():
            return _operator(about, phase, event)
        case Keyed():
            return about, phase, [Publish("call.dtmf", {"digit": event.digit})]
        case Tick():
            return _tick(about, phase, now, talk)
        case _:
            return about, phase, []


def _say(phase: Talking, text: str, closing: str = "") -> tuple[Talking, list[Effect]]:
    """Speak a whole turn of our own words."""
    turn = phase.turn + 1
    phase = msgspec.structs.replace(
        phase, turn=turn, floor=Speaking(turn), closing=closing or phase.closing, lap=None
    )
    return phase, [Say(turn, text), EndTurn(turn)]


def _think(about: About, phase: Talking, lap: Lap | None) -> tuple[Talking, list[Effect]]:
    turn = phase.turn + 1
    if lap is not None:
        lap = msgspec.structs.replace(lap, turn=turn)
    phase = msgspec.structs.replace(phase, turn=turn, floor=Thinking(turn), lap=lap)
    state = Publish("ai.state", {"state": "thinking"}, key="ai")
    return phase, [Think(turn, prompt(about, phase.hint)), state]


def _caller_began(about: About, phase: Talking, event: SpeechBegan) -> Step:
    """The caller takes the floor from anybody; the agent is silenced at once (barge-in)."""
    floor = CallerSpeaking(event.utterance)
    effects: list[Effect] = []
    match phase.floor:
        case Speaking():  # what was cut off becomes known with the Spoken that Hush brings
            effects = [Hush(), StopThinking()]
        case Thinking():
            effects = [StopThinking()]
        case CallerPaused(left_unsaid=left) | CallerSpeaking(left_unsaid=left):
            floor = CallerSpeaking(event.utterance, left)
        case Quiet():
            pass
    effects.append(Publish("ai.state", {"state": "listening"}, key="ai"))
    return about, msgspec.structs.replace(phase, floor=floor, silences=0), effects


def _caller_paused(
    about: About, phase: Talking, event: SpeechPaused, now: float, settings: Settings
) -> Step:
    if not isinstance(phase.floor, CallerSpeaking):
        return about, phase, []
    floor = CallerPaused(
        utterance=event.utterance,
        revision=event.revision,
        ended_at=event.ended_at,
        until=event.ended_at + settings.speech.long_silence_ms / 1000,
        left_unsaid=phase.floor.left_unsaid,
    )
    lap = Lap(phase.turn, event.ended_at, paused_at=now, taken_at=now, recognised_at=now)
    recognise = Recognise(event.utterance, event.revision)
    return about, msgspec.structs.replace(phase, floor=floor, lap=lap), [recognise]


def _recognised(
    about: About, phase: Talking, event: Recognised, now: float, talk: ConversationSettings
) -> Step:
    floor = phase.floor
    if not isinstance(floor, CallerPaused) or (floor.utterance, floor.revision) != (
        event.utterance,
        event.revision,
    ):
        return about, phase, []
    if phase.lap is not None:
        lap = msgspec.structs.replace(phase.lap, recognised_at=now)
        phase = msgspec.structs.replace(phase, lap=lap)
    if not event.text or (floor.left_unsaid and is_backchannel(event.text)):
        return _noise(about, phase, floor, now, talk)
    floor = msgspec.structs.replace(floor, text=event.text)
    phase = msgspec.structs.replace(phase, floor=floor)
    if looks_finished(event.text) or now >= floor.until:
        return _take_turn(about, phase, floor, event.text, now)
    return about, phase, []


def _noise(
    about: About, phase: Talking, floor: CallerPaused, now: float, talk: ConversationSettings
) -> Step:
    """A cough or a "mm-hmm": the agent goes on from the word where it was cut off."""
    drop: list[Effect] = [TakeUtterance(floor.utterance)]
    if floor.left_unsaid:
        phase, effects = _say(phase, floor.left_unsaid)
        return about, phase, drop + effects
    if about.turns and about.turns[-1].speaker == "caller":
        phase, effects = _think(about, phase, None)
        return about, phase, drop + effects
    quiet = Quiet(until=now + talk.silence_prompt_seconds)
    return about, msgspec.structs.replace(phase, floor=quiet, lap=None), drop


def _take_turn(about: About, phase: Talking, floor: CallerPaused, text: str, now: float) -> Step:
    about = msgspec.structs.replace(about, turns=(*about.turns, Turn("caller", text, text)))
    effects: list[Effect] = [
        TakeUtterance(floor.utterance),
        Publish("transcript.final", {"speaker": "caller", "text": text, "heard": text}),
    ]
    if says_goodbye(text):
        phase = msgspec.structs.replace(phase, closing="caller_goodbye")
    if phase.pending:
        phase, more = _say_pending(phase)
    else:
        lap = phase.lap and msgspec.structs.replace(phase.lap, taken_at=now)
        phase, more = _think(about, phase, lap)
    return about, phase, effects + more


def _sentence(about: About, phase: Talking, event: Sentence, now: float) -> Step:
    if isinstance(phase.floor, Thinking) and phase.lap is not None:
        lap = msgspec.structs.replace(phase.lap, thought_at=now)
        phase = msgspec.structs.replace(phase, lap=lap)
    phase = msgspec.structs.replace(phase, floor=Speaking(event.turn))
    if says_goodbye(event.text) and not phase.closing:
        phase = msgspec.structs.replace(phase, closing="agent_goodbye")
    return about, phase, [Say(event.turn, event.text)]


def _spoken(
    about: About, phase: Talking, event: Spoken, now: float, talk: ConversationSettings
) -> Move:
    """A turn was played or cut off; who has the floor next?"""
    if event.cut:
        left = unheard(event.text, event.heard)
        if isinstance(phase.floor, CallerSpeaking | CallerPaused):
            floor: Floor = msgspec.structs.replace(phase.floor, left_unsaid=left)
            phase = msgspec.structs.replace(phase, floor=floor)
        return about, _arm(phase, talk), []
    if event.turn != phase.turn or not isinstance(phase.floor, Speaking):
        return about, phase, []
    if phase.closing:
        return end(about, phase.closing, now)
    if phase.pending:
        phase, more = _say_pending(phase)
    elif phase.hint == "urgent":
        phase, more = _say(phase, talk.time_goodbye, "time_limit")
    else:
        quiet = Quiet(until=now + talk.silence_prompt_seconds)
        phase, more = msgspec.structs.replace(phase, floor=quiet), []
        more.append(Publish("ai.state", {"state": "listening"}, key="ai"))
    return about, _arm(phase, talk), more


def _say_pending(phase: Talking) -> tuple[Talking, list[Effect]]:
    first, *rest = phase.pending
    phase, effects = _say(msgspec.structs.replace(phase, pending=tuple(rest)), first.text)
    said = Publish("operator.said", {"text": first.text, "turn": phase.turn}, cause=first.cause)
    return phase, [*effects, said]


def _operator(about: About, phase: Talking, event: OperatorSaid) -> Step:
    phase = msgspec.structs.replace(phase, pending=(*phase.pending, event))
    if isinstance(phase.floor, Quiet):
        phase, effects = _say_pending(phase)
        return about, phase, effects
    if not event.interrupt:
        return about, phase, []
    phase, effects = _say_pending(phase)
    return about, phase, [StopThinking(), Hush(), *effects]


def _failed(about: About, phase: Talking, event: EngineFailed, talk: ConversationSettings) -> Step:
    """An engine failed the current turn: the caller hears a short sentence, never silence."""
    floor = phase.floor
    effects: list[Effect]
    match floor:
        case CallerPaused(utterance=ref) if event.engine == "recogniser" and event.ref == ref:
            effects = [TakeUtterance(ref)]
        case Thinking(turn=ref) | Speaking(turn=ref) if (
            event.engine != "recogniser" and event.ref == ref
        ):
            effects = [StopThinking(), Hush()]
        case _:
            return about, phase, []
    phase = msgspec.structs.replace(phase, failures=phase.failures + 1)
    if phase.failures > talk.failures_allowed:
        phase, saying = _say(phase, talk.sorry_goodbye, "engine_failure")
    else:
        phase, saying = _say(phase, talk.sorry_again)
    failed = Publish("engine.failed", {"engine": event.engine})
    return about, phase, [*effects, failed, *saying]


def _tick(about: About, phase: Talking, now: float, talk: ConversationSettings) -> Step:
    effects: list[Effect] = []
    hint = _hint(phase, now, talk)
    if hint != phase.hint:
        phase = msgspec.structs.replace(phase, hint=hint)
        left = round(phase.began_at + talk.limit_seconds - now)
        effects.append(Publish("timer.hint", {"hint": hint, "left_seconds": left}, key="timer"))
    match phase.floor:
        case Quiet() if hint == "urgent":
            phase, more = _say(phase, talk.time_goodbye, "time_limit")
        case Quiet(until=until) if now >= until and phase.silences >= talk.silence_prompts:
            phase, more = _say(phase, talk.silence_goodbye, "silence")
        case Quiet(until=until) if now >= until:
            phase = msgspec.structs.replace(phase, silences=phase.silences + 1)
            phase, more = _say(phase, talk.silence_prompt)
        case CallerPaused(text=str(text), until=until) as floor if now >= until:
            about, phase, more = _take_turn(about, phase, floor, text, now)
        case _:
            more = []
    return about, phase, effects + more


def _hint(phase: Talking, now: float, talk: ConversationSettings) -> Hint:
    spent = now - phase.began_at
    if spent >= talk.urgent_seconds:
        return "urgent"
    return "wrap_up" if spent >= talk.wrap_up_seconds else "none"


def _arm(phase: Talking, talk: ConversationSettings) -> Talking:
    """The one deadline: the next hint, the hard stop, or the floor's own patience."""
    at = phase.began_at + {
        "none": talk.wrap_up_seconds, "wrap_up": talk.urgent_seconds, "urgent": talk.limit_seconds,
    }[phase.hint]  # fmt: skip
    match phase.floor:
        case Quiet(until=until) | CallerPaused(until=until, text=str()):
            at = min(at, until)
        case _:
            pass
    return msgspec.structs.replace(phase, deadline=at)


def _metrics(lap: Lap, now: float) -> Publish:
    """Where the time went between the caller's last sound and the agent's first, in ms."""
    thought = lap.thought_at if lap.thought_at is not None else lap.taken_at

    def ms(since: float, until: float) -> int:
        return round((until - since) * 1000)

    decided = max(lap.taken_at, lap.recognised_at)
    data: dict[str, Json] = {
        "turn": lap.turn,
        "endpointing_ms": ms(lap.ended_at, lap.paused_at) + ms(lap.recognised_at, decided),
        "recognising_ms": ms(lap.paused_at, lap.recognised_at),
        "thinking_ms": ms(decided, thought),
        "speaking_ms": ms(thought, now),
        "total_ms": ms(lap.ended_at, now),
    }
    return Publish("turn.metrics", data)
