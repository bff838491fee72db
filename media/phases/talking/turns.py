"""Turn taking: the caller starts, pauses, is understood, and the agent answers or goes on.

Silence ends a turn sooner after a finished sentence than in the middle of one; a cough or an
"mm-hmm" gives the turn back. Knows nothing of sound, only of what was detected in it.
"""

from msgspec.structs import replace

from media import published
from media.dialogue import Turn, is_backchannel, looks_finished, says_goodbye
from media.effects import Publish, Recognise, Say, StopPlayback, StopThinking, TakeUtterance
from media.events import Recognised, Sentence, SpeechBegan, SpeechPaused
from media.phases.facts import CallFacts, final, interim
from media.phases.talking.state import Draft, say, say_on, say_pending, think
from media.phases.talking.turn_state import (
    CallerPaused,
    CallerSpeaking,
    Quiet,
    Speaking,
    Thinking,
    TurnTimer,
)

GREETING_WORDS = 4  # fewer heard of us are no greeting
# reasons to end that no words take back
FINAL = ("time_limit", "engine_failure", "server_stopping", "media_lost")


def caller_began(draft: Draft, event: SpeechBegan) -> None:
    """The caller may interrupt anybody; the agent is silenced at once (barge-in)."""
    left = ""
    match draft.talk.turn_state:
        case Speaking(text=left):  # how much was heard is known with the TurnPlayed to come
            draft.emit(StopPlayback(), StopThinking())
        case Thinking():
            draft.emit(StopThinking())
        case CallerPaused(unspoken_text=left) | CallerSpeaking(unspoken_text=left):
            pass
        case _:
            pass
    draft.set(turn_state=CallerSpeaking(event.utterance, left), silences=0)
    draft.emit(Publish(published.AgentState(state="listening"), key="ai"))


def caller_paused(draft: Draft, event: SpeechPaused) -> None:
    """What was said so far is recognised."""
    speaking, now = draft.talk.turn_state, draft.now
    if not isinstance(speaking, CallerSpeaking):
        return
    turn_state = CallerPaused(
        utterance=event.utterance,
        revision=event.revision,
        ended_at=event.ended_at,
        until=event.ended_at + draft.settings.speech.unfinished_silence_ms / 1000,
        unspoken_text=speaking.unspoken_text,
    )
    timer = TurnTimer(
        draft.talk.turn, event.ended_at, paused_at=now, taken_at=now, recognised_at=now
    )
    draft.set(turn_state=turn_state, timer=timer)
    draft.emit(Recognise(event.utterance, event.revision))


def recognised(draft: Draft, event: Recognised) -> None:
    """The words are known; how long a silence makes them a turn depends on how they end."""
    turn_state = draft.talk.turn_state
    if not isinstance(turn_state, CallerPaused):
        return
    if (turn_state.utterance, turn_state.revision) != (event.utterance, event.revision):
        return
    _clock(draft, recognised_at=draft.now)
    if not event.text or (turn_state.unspoken_text and is_backchannel(event.text)):
        _noise(draft, turn_state)
        return
    until = turn_state.until
    if looks_finished(event.text):
        until = turn_state.ended_at + draft.settings.speech.finished_silence_ms / 1000
    turn_state = replace(turn_state, text=event.text, until=until)
    draft.set(turn_state=turn_state)
    if draft.now >= until:
        take_turn(draft, turn_state, event.text)
    else:
        draft.emit(interim("caller", event.text, event.utterance))


def _noise(draft: Draft, turn_state: CallerPaused) -> None:
    """A cough or a "mm-hmm": the agent goes on from the word where it was cut off."""
    draft.emit(TakeUtterance(turn_state.utterance))
    if turn_state.unspoken_text:
        say_on(draft, turn_state.unspoken_text)
    elif draft.last_speaker() == "caller":
        think(draft)
    elif draft.talk.pending:
        say_pending(draft)
    else:  # over the last word of a goodbye it changes nothing: the call ends now
        patience = draft.settings.conversation.silence_prompt_seconds
        draft.set(turn_state=Quiet(draft.now + (0 if draft.talk.closing else patience)), timer=None)


def take_turn(draft: Draft, turn_state: CallerPaused, text: str) -> None:
    """The caller's words are a turn; the agent answers it."""
    draft.add_turn(Turn("caller", text, text, draft.now))
    draft.emit(
        TakeUtterance(turn_state.utterance),
        final("caller", text, text, f"caller:{turn_state.utterance}"),
    )
    draft.set(closing=_closing(draft.talk.closing, text))
    if draft.talk.pending:
        say_pending(draft)
    elif turn_state.unspoken_text and not draft.talk.closing and not _greeted(draft.facts):
        say(draft, turn_state.unspoken_text)
    else:
        _clock(draft, taken_at=draft.now)
        think(draft, draft.talk.timer)


def _clock(draft: Draft, **times: float) -> None:
    if draft.talk.timer is not None:
        draft.set(timer=replace(draft.talk.timer, **times))


def _greeted(facts: CallFacts) -> bool:
    """Whether the caller knows that somebody is there, or said "hello" as the line opened."""
    heard = sum(len(turn.heard.split()) for turn in facts.turns if turn.speaker == "agent")
    return heard >= GREETING_WORDS


def _closing(closing: str, text: str) -> str:
    """Whoever speaks up after a goodbye wants to go on, unless time or an engine ends the call."""
    if says_goodbye(text):
        return "caller_goodbye"
    if closing in FINAL or is_backchannel(text):
        return closing
    return ""


def sentence(draft: Draft, event: Sentence) -> None:
    """The language model's next sentence is spoken."""
    text, before = event.text, ""
    if isinstance(draft.talk.turn_state, Speaking):
        before = draft.talk.turn_state.text
        text = f"{before} {text}"
    else:
        _clock(draft, thought_at=draft.now)
    draft.set(turn_state=Speaking(event.turn, text))
    if says_goodbye(text) and not draft.talk.closing:
        draft.set(closing="agent_goodbye")
    elif draft.talk.closing == "agent_goodbye" and says_goodbye(before) and not says_goodbye(text):
        draft.set(closing="")  # it went on after all
    draft.emit(Say(event.turn, event.text))
