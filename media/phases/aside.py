"""Standing aside: the agent is muted, taken over or being transferred, and holds its tongue.

What caller and operator say meanwhile is recognised and written down as turns, so that the agent
knows all of it when it goes on. Who may ask for it, and when it ends, is decided elsewhere; it
knows nothing of sound.
"""

import msgspec

from media import published
from media.dialogue import Turn, is_backchannel, looks_finished, says_goodbye, unheard
from media.effects import (
    Effect,
    Hush,
    Publish,
    Recognise,
    StopThinking,
    TakeUtterance,
)
from media.events import (
    EngineFailed,
    Event,
    Keyed,
    OperatorSaid,
    Recognised,
    Side,
    SpeechBegan,
    SpeechPaused,
    Spoken,
)
from media.phases.about import About, final, interim
from media.phases.conversation import Step, Talking, say_on, say_pending, think
from media.phases.floor import Aside, Away, CallerPaused, CallerSpeaking, Ear, Quiet, Speaking
from media.settings import Settings

LAST_WORDS_SECONDS = 3.0  # longer than a recogniser may take
CLOSING_SECONDS = 1.0  # a call that was about to end does so soon


def stands_aside(phase: Talking) -> bool:
    """Whether the agent must not speak."""
    return phase.muted or phase.operator != "" or phase.transfer_until is not None


def step_aside(phase: Talking) -> tuple[Talking, list[Effect]]:
    """Silence the agent at once. A line that is gone stays so, and opens to an agent aside."""
    match phase.floor:
        case Aside() | Away():
            return phase, []
        case Speaking(text=text):
            floor = Aside(left_unsaid=text)
        case CallerSpeaking(utterance=utterance, left_unsaid=left):
            floor = Aside(caller=Ear(utterance), left_unsaid=left)
        case CallerPaused(left_unsaid=left) as paused:
            ear = Ear(paused.utterance, paused.revision, paused.ended_at, paused.until, paused.text)
            floor = Aside(caller=ear, left_unsaid=left)
        case _:
            floor = Aside()
    phase = msgspec.structs.replace(phase, floor=floor, lap=None, silences=0)
    return phase, [StopThinking(), Hush()]


def come_back(about: About, phase: Talking, now: float, settings: Settings) -> Step:
    """Go on if nothing forbids it any more, once an operator's last words are known."""
    floor = phase.floor
    if stands_aside(phase) or not isinstance(floor, Aside):
        return about, phase, []
    effects: list[Effect] = []
    ear = floor.operator
    if ear is not None and ear.text:
        about, phase, floor, effects = _turn(about, phase, floor, "operator", ear, now)
    elif ear is not None and (floor.resume_at is None or now < floor.resume_at):
        if floor.resume_at is None:
            revision = ear.revision or 0
            ear = msgspec.structs.replace(ear, revision=revision)
            floor = msgspec.structs.replace(floor, operator=ear, resume_at=now + LAST_WORDS_SECONDS)
            effects = [Recognise(ear.utterance, revision, "operator")]
        return about, msgspec.structs.replace(phase, floor=floor), effects
    elif ear is not None:
        effects = [TakeUtterance(ear.utterance, "operator")]
    about, phase, more = _go_on(about, phase, floor, now, settings)
    return about, phase, effects + more


def _go_on(about: About, phase: Talking, floor: Aside, now: float, settings: Settings) -> Step:
    """The agent's next move follows from who is in the middle of what, then from the last turn."""
    ear, left = floor.caller, floor.left_unsaid
    effects: list[Effect] = []
    if ear is not None:
        if floor.saying is not None:
            effects, left = [Hush()], floor.saying.text
        back: CallerSpeaking | CallerPaused = CallerSpeaking(ear.utterance, left)
        if ear.revision is not None:
            back = CallerPaused(
                ear.utterance, ear.revision, ear.ended_at, ear.until, ear.text, left
            )
        return about, msgspec.structs.replace(phase, floor=back), effects
    if floor.saying is not None:
        return about, msgspec.structs.replace(phase, floor=floor.saying), effects
    if phase.pending:
        phase, effects = say_pending(phase)
        return about, phase, effects
    if left:
        phase, effects = say_on(phase, left)
        return about, phase, effects
    last = about.turns[-1] if about.turns else None
    if last is not None and last.speaker == "caller":
        if says_goodbye(last.text) and not phase.closing:
            phase = msgspec.structs.replace(phase, closing="caller_goodbye")
        phase, effects = think(about, phase, None)
        return about, phase, effects
    talk = settings.conversation
    quiet = Quiet(until=now + (CLOSING_SECONDS if phase.closing else talk.silence_prompt_seconds))
    listening = Publish(published.AgentState(state="listening"), key="ai")
    return about, msgspec.structs.replace(phase, floor=quiet), [listening]


def aside(
    about: About, phase: Talking, floor: Aside, event: Event, now: float, settings: Settings
) -> Step:
    """React to one fact while standing aside."""
    match event:
        case SpeechBegan(side=side):
            return about, _put(phase, floor, side, Ear(event.utterance)), []
        case SpeechPaused(side=side) if (
            ear := _ear(floor, side)
        ) is not None and ear.utterance == event.utterance:
            until = event.ended_at + settings.speech.unfinished_silence_ms / 1000
            paused = Ear(event.utterance, event.revision, event.ended_at, until)
            recognise = Recognise(event.utterance, event.revision, side)
            return about, _put(phase, floor, side, paused), [recognise]
        case Recognised():
            return _recognised(about, phase, floor, event, now, settings)
        case EngineFailed(engine="recogniser", side=side) if (
            ear := _ear(floor, side)
        ) is not None and ear.utterance == event.ref:
            taken = TakeUtterance(event.ref, side)
            phase = _put(phase, floor, side, None)
            about, phase, more = come_back(about, phase, now, settings)
            return (
                about,
                phase,
                [taken, Publish(published.EngineFailed(engine="recogniser")), *more],
            )
        case EngineFailed(engine="voice") if floor.saying and floor.saying.turn == event.ref:
            phase = _with(phase, floor, saying=None)
            about, phase, more = say_next(about, phase)
            return about, phase, [Hush(), Publish(published.EngineFailed(engine="voice")), *more]
        case Keyed():
            return about, phase, [Publish(published.DigitPressed(digit=event.digit))]
        case _:
            return about, phase, []


def ticked(about: About, phase: Talking, floor: Aside, now: float, settings: Settings) -> Step:
    """Silence makes turns of what is recognised."""
    effects: list[Effect] = []
    sides: tuple[Side, Side] = ("caller", "operator")
    for side in sides:
        ear = _ear(floor, side)
        if ear is not None and ear.text and now >= ear.until:
            about, phase, floor, more = _turn(about, phase, floor, side, ear, now)
            effects += more
    about, phase, more = come_back(about, phase, now, settings)
    return about, phase, effects + more


def operator_said(about: About, phase: Talking, floor: Aside, event: OperatorSaid) -> Step:
    """Words now among those that wait are spoken also while the agent is silent, in turn."""
    effects: list[Effect] = []
    if event.interrupt and floor.saying is not None:
        phase, effects = _with(phase, floor, saying=None), [Hush()]
    about, phase, more = say_next(about, phase)
    return about, phase, effects + more


def spoken(about: About, phase: Talking, floor: Aside, event: Spoken) -> Step:
    """Typed words were played, or the agent's own were cut off as it stepped aside."""
    if floor.saying is not None and event.turn == floor.saying.turn:
        return say_next(about, _with(phase, floor, saying=None))
    if event.cut and event.turn == phase.turn and floor.left_unsaid:
        left = unheard(floor.left_unsaid, event.heard)
        return about, _with(phase, floor, left_unsaid=left), []
    return about, phase, []


def say_next(about: About, phase: Talking) -> Step:
    """Speak the next typed words, unless some are being spoken."""
    floor = phase.floor
    if not isinstance(floor, Aside) or floor.saying is not None or not phase.pending:
        return about, phase, []
    phase, effects = say_pending(phase)
    saying = phase.floor if isinstance(phase.floor, Speaking) else None
    return about, _with(phase, floor, saying=saying, left_unsaid=""), effects


def _recognised(
    about: About, phase: Talking, floor: Aside, event: Recognised, now: float, settings: Settings
) -> Step:
    side = event.side
    ear = _ear(floor, side)
    if ear is None or (ear.utterance, ear.revision) != (event.utterance, event.revision):
        return about, phase, []
    if not event.text or (floor.left_unsaid and is_backchannel(event.text)):
        phase = _put(phase, floor, side, None)
        about, phase, more = come_back(about, phase, now, settings)
        return about, phase, [TakeUtterance(event.utterance, side), *more]
    until = ear.until
    if looks_finished(event.text):
        until = ear.ended_at + settings.speech.finished_silence_ms / 1000
    ear = msgspec.structs.replace(ear, text=event.text, until=until)
    phase = _put(phase, floor, side, ear)
    if now < until and floor.resume_at is None:
        return about, phase, [interim(side, event.text, event.utterance)]
    assert isinstance(phase.floor, Aside)  # noqa: S101 - put there just now
    about, phase, _, effects = _turn(about, phase, phase.floor, side, ear, now)
    about, phase, more = come_back(about, phase, now, settings)
    return about, phase, effects + more


def _turn(
    about: About, phase: Talking, floor: Aside, side: Side, ear: Ear, now: float
) -> tuple[About, Talking, Aside, list[Effect]]:
    text = ear.text or ""
    about = msgspec.structs.replace(about, turns=(*about.turns, Turn(side, text, text, now)))
    if side == "caller":
        floor = msgspec.structs.replace(floor, caller=None, left_unsaid="")
    else:
        floor = msgspec.structs.replace(floor, operator=None, left_unsaid="")
    phase = msgspec.structs.replace(phase, floor=floor)
    taken = TakeUtterance(ear.utterance, side)
    return about, phase, floor, [taken, final(side, text, text, f"{side}:{ear.utterance}")]


def _ear(floor: Aside, side: Side) -> Ear | None:
    return floor.caller if side == "caller" else floor.operator


def _put(phase: Talking, floor: Aside, side: Side, ear: Ear | None) -> Talking:
    if side == "caller":
        return _with(phase, floor, caller=ear)
    return _with(phase, floor, operator=ear)


def _with(phase: Talking, floor: Aside, **changes: Ear | Speaking | str | None) -> Talking:
    floor = msgspec.structs.replace(floor, **changes)
    return msgspec.structs.replace(phase, floor=floor)
