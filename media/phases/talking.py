"""Talking: a human (or somebody taken for one) and the agent hold a conversation.

Turn taking, barge-in, hints about time, silence and failing engines are decided here, from facts
alone. It knows nothing of sound, vendors or rows; a late answer carries an old turn number and
falls through.
"""

from typing import TypeAlias

import msgspec

from media import published
from media.dialogue import Hint, unheard
from media.effects import (
    Effect,
    EndTurn,
    Hush,
    OpenMic,
    Publish,
    Record,
    Settle,
    StopThinking,
    TakeUtterance,
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
    StreamStarted,
    StreamStopped,
    Thought,
    Tick,
)
from media.phases import aside, voicemail
from media.phases.about import MACHINES, About
from media.phases.aside import stands_aside
from media.phases.controls import Control, control_due, control_tick, controls
from media.phases.conversation import Step, Talking, arm, metrics, say, say_pending
from media.phases.ending import Ended, Ending, end
from media.phases.floor import (
    Aside,
    Away,
    CallerPaused,
    CallerSpeaking,
    Floor,
    Quiet,
    Speaking,
    Thinking,
)
from media.phases.turns import caller_began, caller_paused, recognised, sentence, take_turn
from media.settings import ConversationSettings, Settings

Move: TypeAlias = tuple[About, Talking | voicemail.Voicemail | Ending | Ended, list[Effect]]


def enter(about: About, now: float, settings: ConversationSettings, *, assumed: bool) -> Step:
    """Open the conversation with the prepared greeting; from here on the call counts."""
    phase = Talking(began_at=now, assumed=assumed, floor=Quiet(until=now), deadline=now)
    effects: list[Effect] = [
        OpenMic(),
        Record(type="call.talking", status="talking", waiting_room="completed"),
        Settle(commit=True),
    ]
    about = msgspec.structs.replace(about, counted=True)
    greeting = settings.greeting.format(topic=about.topic)
    phase, saying = say(phase, greeting)
    return about, arm(phase, settings), [*saying, *effects]


def talking(about: About, phase: Talking, event: Event, now: float, settings: Settings) -> Move:
    """React to one fact."""
    talk = settings.conversation
    match event:
        case StreamStopped():
            away = Away(until=now + talk.line_patience_seconds)
            phase = msgspec.structs.replace(phase, floor=away, lap=None)
            return about, arm(phase, talk), [StopThinking(), Hush()]
        case Tick() if phase.transfer_until is None and _gone(phase, now):
            return end(about, "media_lost", now)
        case Tick() if control_due(phase, now):
            about, left, effects = control_tick(about, phase, now, settings)
            if not isinstance(left, Talking):
                return about, left, effects
            about, moved, more = talking(about, left, event, now, settings)
            return about, moved, effects + more
        case Tick() if phase.transfer_until is not None:
            about, phase, effects = _react(about, phase, event, now, settings)
            return about, arm(phase, talk), effects
        case Tick() if phase.closing and isinstance(phase.floor, Quiet):
            return end(about, phase.closing, now)
        case AmdVerdict() if phase.assumed:
            return _late_verdict(about, phase, now, settings)
        case _ if isinstance(event, Control):
            return controls(about, phase, event, now, settings)
        case Spoken():
            return _spoken(about, phase, event, now, talk)
        case Tick() if now >= phase.began_at + talk.limit_seconds:
            return end(about, phase.closing or "time_limit", now, StopThinking(), Hush())
        case EngineFailed(engine="voice", ref=ref) if (
            phase.closing and isinstance(phase.floor, Speaking) and phase.floor.turn == ref
        ):  # the last words cannot be said
            return end(about, phase.closing, now)
        case _:
            about, phase, effects = _react(about, phase, event, now, settings)
            return about, arm(phase, talk), effects


def _react(about: About, phase: Talking, event: Event, now: float, settings: Settings) -> Step:
    talk = settings.conversation
    match event:
        case StreamStarted() if stands_aside(phase):
            phase = msgspec.structs.replace(phase, floor=Aside())
            about, phase, waiting = aside.say_next(about, phase)
            return about, phase, [StopThinking(), Hush(), OpenMic(), *waiting]
        case StreamStarted():
            phase, effects = say(phase, talk.line_back)
            return about, phase, [StopThinking(), Hush(), OpenMic(), *effects]
        case OperatorSaid():
            return _operator(about, phase, event)
        case _ if isinstance(phase.floor, Away) and not isinstance(event, Tick):
            return about, phase, []
        case _ if isinstance(phase.floor, Aside) and not isinstance(event, Tick):
            return aside.aside(about, phase, phase.floor, event, now, settings)
        case Keyed():
            return about, phase, [Publish(published.DigitPressed(digit=event.digit))]
        case Tick():
            return _tick(about, phase, now, settings)
        case _ if getattr(event, "side", "caller") == "operator":  # too late
            return about, phase, []
        case _:
            return _converse(about, phase, event, now, settings)


def _converse(about: About, phase: Talking, event: Event, now: float, settings: Settings) -> Step:
    """Caller and agent take turns."""
    match event:
        case SpeechBegan():
            return caller_began(about, phase, event)
        case SpeechPaused():
            return caller_paused(about, phase, event, now, settings)
        case Recognised():
            return recognised(about, phase, event, now, settings)
        case Sentence() if event.turn == phase.turn and isinstance(
            phase.floor, Thinking | Speaking
        ):
            return sentence(about, phase, event, now)
        case Thought() if event.turn == phase.turn:
            if isinstance(phase.floor, Thinking):  # a mind that says nothing has failed
                return _failed(
                    about, phase, EngineFailed("thinker", event.turn), settings.conversation
                )
            done = isinstance(phase.floor, Speaking)
            return about, phase, [EndTurn(event.turn)] if done else []
        case SoundBegan(turn=turn) if (lap := phase.lap) and lap.thought_at and turn == lap.turn:
            return about, msgspec.structs.replace(phase, lap=None), [metrics(lap, now)]
        case EngineFailed():
            return _failed(about, phase, event, settings.conversation)
        case _:
            return about, phase, []


def _late_verdict(about: About, phase: Talking, now: float, settings: Settings) -> Move:
    """Somebody taken for a human is none, unless words of theirs prove it; first verdict wins."""
    if stands_aside(phase) or any(turn.speaker == "caller" for turn in about.turns):
        return about, msgspec.structs.replace(phase, assumed=False), []
    if about.answered_by == "fax":
        return end(about, "fax", now, StopThinking(), Hush())
    if about.answered_by in MACHINES:
        about, machine, effects = voicemail.enter(about, settings.amd, now)
        return about, machine, [StopThinking(), Hush(), *effects]
    return about, msgspec.structs.replace(phase, assumed=False), []


def _spoken(
    about: About, phase: Talking, event: Spoken, now: float, talk: ConversationSettings
) -> Move:
    """A turn was played or cut off; who has the floor next?"""
    if isinstance(phase.floor, Aside):
        about, phase, said = aside.spoken(about, phase, phase.floor, event)
        return about, arm(phase, talk), said
    if event.cut:
        floor = phase.floor
        if event.turn == phase.turn and isinstance(floor, CallerSpeaking | CallerPaused):
            left = unheard(floor.left_unsaid, event.heard)
            rest: Floor = msgspec.structs.replace(floor, left_unsaid=left)
            phase = msgspec.structs.replace(phase, floor=rest)
        return about, arm(phase, talk), []
    if event.turn != phase.turn or not isinstance(phase.floor, Speaking):
        return about, phase, []
    if phase.closing:
        return end(about, phase.closing, now)
    if phase.pending:
        phase, more = say_pending(phase)
    elif phase.hint == "urgent":
        phase, more = say(phase, talk.time_goodbye, "time_limit")
    else:
        quiet = Quiet(until=now + talk.silence_prompt_seconds)
        phase, more = msgspec.structs.replace(phase, floor=quiet), []
        more.append(Publish(published.AgentState(state="listening"), key="ai"))
    return about, arm(phase, talk), more


def _operator(about: About, phase: Talking, event: OperatorSaid) -> Step:
    pending = (event, *phase.pending) if event.interrupt else (*phase.pending, event)
    phase = msgspec.structs.replace(phase, pending=pending)
    if isinstance(phase.floor, Aside):
        return aside.operator_said(about, phase, phase.floor, event)
    if isinstance(phase.floor, Quiet):
        phase, effects = say_pending(phase)
        return about, phase, effects
    if not event.interrupt or isinstance(phase.floor, Away):
        return about, phase, []
    phase, effects = say_pending(phase)
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
    if phase.closing or phase.failures > talk.failures_allowed:
        phase, saying = say(phase, talk.sorry_goodbye, phase.closing or "engine_failure")
    else:
        phase, saying = say(phase, talk.sorry_again)
    failed = Publish(published.EngineFailed(engine=event.engine))
    return about, phase, [*effects, failed, *saying]


def _tick(about: About, phase: Talking, now: float, settings: Settings) -> Step:
    talk = settings.conversation
    effects: list[Effect] = []
    hint = _hint(phase, now, talk)
    if hint != phase.hint:
        phase = msgspec.structs.replace(phase, hint=hint)
        left = round(phase.began_at + talk.limit_seconds - now)
        effects.append(Publish(published.TimerHint(hint=hint, left_seconds=left), key="timer"))
    match phase.floor:
        case Quiet() if hint == "urgent":
            phase, more = say(phase, talk.time_goodbye, "time_limit")
        case Quiet(until=until) if now >= until and phase.silences >= talk.silence_prompts:
            phase, more = say(phase, talk.silence_goodbye, "silence")
        case Quiet(until=until) if now >= until:
            phase = msgspec.structs.replace(phase, silences=phase.silences + 1)
            phase, more = say(phase, talk.silence_prompt)
        case CallerPaused(text=str(text), until=until) as floor if now >= until:
            about, phase, more = take_turn(about, phase, floor, text, now)
        case Aside() as floor:
            about, phase, more = aside.ticked(about, phase, floor, now, settings)
        case _:
            more = []
    return about, phase, effects + more


def _gone(phase: Talking, now: float) -> bool:
    return isinstance(phase.floor, Away) and now >= phase.floor.until


def _hint(phase: Talking, now: float, talk: ConversationSettings) -> Hint:
    spent = now - phase.began_at
    if spent >= talk.urgent_seconds:
        return "urgent"
    return "wrap_up" if spent >= talk.wrap_up_seconds else "none"
