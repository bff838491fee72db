"""Turn taking: the caller starts, pauses, is understood, and the agent gets or keeps the floor.

Silence ends a turn sooner after a finished sentence than in the middle of one; a cough or an
"mm-hmm" gives the floor back. Knows nothing of sound, only of what was detected in it.
"""

import msgspec

from media import published
from media.dialogue import Turn, is_backchannel, looks_finished, says_goodbye
from media.effects import Effect, Hush, Publish, Recognise, Say, StopThinking, TakeUtterance
from media.events import Recognised, Sentence, SpeechBegan, SpeechPaused
from media.phases.about import About, final, interim
from media.phases.conversation import Step, Talking, say, say_on, say_pending, think
from media.phases.floor import (
    Aside,
    Away,
    CallerPaused,
    CallerSpeaking,
    Lap,
    Quiet,
    Speaking,
    Thinking,
)
from media.settings import ConversationSettings, Settings

GREETING_WORDS = 4  # fewer heard of us are no greeting
FINAL = ("time_limit", "engine_failure")  # reasons to end that no words take back


def caller_began(about: About, phase: Talking, event: SpeechBegan) -> Step:
    """The caller takes the floor from anybody; the agent is silenced at once (barge-in)."""
    floor = CallerSpeaking(event.utterance)
    effects: list[Effect] = []
    match phase.floor:
        case Speaking(text=text):  # how much was heard is known with the Spoken that Hush brings
            floor = CallerSpeaking(event.utterance, left_unsaid=text)
            effects = [Hush(), StopThinking()]
        case Thinking():
            effects = [StopThinking()]
        case CallerPaused(left_unsaid=left) | CallerSpeaking(left_unsaid=left):
            floor = CallerSpeaking(event.utterance, left)
        case Quiet() | Away() | Aside():
            pass
    effects.append(Publish(published.AgentState(state="listening"), key="ai"))
    return about, msgspec.structs.replace(phase, floor=floor, silences=0), effects


def caller_paused(
    about: About, phase: Talking, event: SpeechPaused, now: float, settings: Settings
) -> Step:
    if not isinstance(phase.floor, CallerSpeaking):
        return about, phase, []
    floor = CallerPaused(
        utterance=event.utterance,
        revision=event.revision,
        ended_at=event.ended_at,
        until=event.ended_at + settings.speech.unfinished_silence_ms / 1000,
        left_unsaid=phase.floor.left_unsaid,
    )
    lap = Lap(phase.turn, event.ended_at, paused_at=now, taken_at=now, recognised_at=now)
    recognise = Recognise(event.utterance, event.revision)
    return about, msgspec.structs.replace(phase, floor=floor, lap=lap), [recognise]


def recognised(
    about: About, phase: Talking, event: Recognised, now: float, settings: Settings
) -> Step:
    """The words are known; how long a silence makes them a turn depends on how they end."""
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
        return _noise(about, phase, floor, now, settings.conversation)
    until = floor.until
    if looks_finished(event.text):
        until = floor.ended_at + settings.speech.finished_silence_ms / 1000
    floor = msgspec.structs.replace(floor, text=event.text, until=until)
    phase = msgspec.structs.replace(phase, floor=floor)
    if now >= until:
        return take_turn(about, phase, floor, event.text, now)
    return about, phase, [interim("caller", event.text, event.utterance)]


def _noise(
    about: About, phase: Talking, floor: CallerPaused, now: float, talk: ConversationSettings
) -> Step:
    """A cough or a "mm-hmm": the agent goes on from the word where it was cut off."""
    drop: list[Effect] = [TakeUtterance(floor.utterance)]
    if floor.left_unsaid:
        phase, effects = say_on(phase, floor.left_unsaid)
        return about, phase, drop + effects
    if about.turns and about.turns[-1].speaker == "caller":
        phase, effects = think(about, phase, None)
        return about, phase, drop + effects
    if phase.pending:
        phase, effects = say_pending(phase)
        return about, phase, drop + effects
    # a noise over the last word of a goodbye changes nothing: the call ends now
    quiet = Quiet(until=now if phase.closing else now + talk.silence_prompt_seconds)
    return about, msgspec.structs.replace(phase, floor=quiet, lap=None), drop


def take_turn(about: About, phase: Talking, floor: CallerPaused, text: str, now: float) -> Step:
    about = msgspec.structs.replace(about, turns=(*about.turns, Turn("caller", text, text, now)))
    effects: list[Effect] = [
        TakeUtterance(floor.utterance),
        final("caller", text, text, f"caller:{floor.utterance}"),
    ]
    phase = msgspec.structs.replace(phase, closing=_closing(phase.closing, text))
    if phase.pending:
        phase, more = say_pending(phase)
    elif floor.left_unsaid and not phase.closing and not _greeted(about):
        phase, more = say(phase, floor.left_unsaid)
    else:
        lap = phase.lap and msgspec.structs.replace(phase.lap, taken_at=now)
        phase, more = think(about, phase, lap)
    return about, phase, effects + more


def _greeted(about: About) -> bool:
    """Whether the caller knows that somebody is there, or said "hello" as the line opened."""
    heard = sum(len(turn.heard.split()) for turn in about.turns if turn.speaker == "agent")
    return heard >= GREETING_WORDS


def _closing(closing: str, text: str) -> str:
    """Whoever speaks up after a goodbye wants to go on, unless time or an engine ends the call."""
    if says_goodbye(text):
        return "caller_goodbye"
    if closing in FINAL or is_backchannel(text):
        return closing
    return ""


def sentence(about: About, phase: Talking, event: Sentence, now: float) -> Step:
    text = event.text
    if isinstance(phase.floor, Speaking):
        text = f"{phase.floor.text} {text}"
    elif phase.lap is not None:
        lap = msgspec.structs.replace(phase.lap, thought_at=now)
        phase = msgspec.structs.replace(phase, lap=lap)
    phase = msgspec.structs.replace(phase, floor=Speaking(event.turn, text))
    if says_goodbye(event.text) and not phase.closing:
        phase = msgspec.structs.replace(phase, closing="agent_goodbye")
    return about, phase, [Say(event.turn, event.text)]
