"""Turn taking: the caller starts, pauses, is understood, and the agent answers or goes on.

How long silence must last for a turn depends on its words (`media.turn_taking`); a cough or an
"mm-hmm" gives the turn back. Knows nothing of sound, only of what was detected in it.
"""

from msgspec.structs import replace

from media import published
from media.barge_in.own_words import without_own_words
from media.dialogue import is_backchannel, says_goodbye
from media.effects import Publish, Recognise, Say, StopPlayback, StopThinking, TakeUtterance
from media.events import Recognised, Sentence, SpeechBegan, SpeechPaused
from media.phases.facts import CallFacts, interim
from media.phases.last_words import audible
from media.phases.talking import overlap, recording
from media.phases.talking.state import (
    Draft,
    awaits_tools,
    metrics,
    rest_comes,
    say,
    say_on,
    say_pending,
    sentences,
    think,
    think_ahead,
    typed,
)
from media.phases.talking.turn_state import (
    CallerPaused,
    CallerSpeaking,
    Quiet,
    Speaking,
    Thinking,
    TurnTimer,
)
from media.turn_taking.dictation import joined
from media.turn_taking.interruption import is_sign_to_go_on
from media.turn_taking.silence import silence_ms

GREETING_WORDS = 4  # fewer heard of us are no greeting
CUT_IN_SECONDS = 2.0  # speech so soon after a turn goes on with it
KEYS_SECONDS = 2.0  # after a key the next one of a number has come, or none will
MOST_KEYS = 40
# reasons to end that no words take back
FINAL = ("time_limit", "budget", "engine_failure", "server_stopping", "media_lost")


def caller_began(draft: Draft, event: SpeechBegan) -> None:
    """The caller may interrupt anybody; the agent is silenced at once (barge-in)."""
    _learn_pause(draft)
    left = ""
    match draft.talk.turn_state:
        case Speaking(text=left):  # how much was heard is known with the TurnPlayed to come
            draft.emit(StopPlayback())  # it may have been a noise: the answer is still thought of
        case Thinking():
            draft.emit(StopThinking(), *([StopPlayback()] if draft.talk.filler else []))
        case CallerPaused(unspoken_text=left):
            draft.emit(StopThinking())
        case CallerSpeaking(unspoken_text=left):
            pass
        case _:
            pass
    draft.set(turn_state=CallerSpeaking(event.utterance, left), silences=0, spoken_over=None)
    draft.emit(Publish(published.AgentState(state="listening"), key="ai"))


def _learn_pause(draft: Draft) -> None:
    """Whoever goes on after a pause, perhaps though the agent cut in, shows how long theirs are."""
    speech, timer = draft.settings.speech, draft.talk.timer
    match draft.talk.turn_state:
        case CallerPaused(ended_at=ended_at):
            pass
        case Thinking() | Speaking() if timer is not None:
            ended_at = timer.ended_at
        case Speaking() if draft.last_speaker() == "caller":
            ended_at = draft.facts.turns[-1].at - speech.finished_silence_ms / 1000
        case _:
            return
    seconds = draft.now - speech.start_ms / 1000 - ended_at
    if 0 < seconds < CUT_IN_SECONDS:
        draft.set(pauses=draft.talk.pauses.paused(seconds * 1000))


def caller_paused(draft: Draft, event: SpeechPaused) -> None:
    """What was said so far is recognised."""
    speaking, now = draft.talk.turn_state, draft.now
    if not isinstance(speaking, CallerSpeaking):
        overlap.paused(draft, event)
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
        overlap.recognised(draft, event)
        return
    if (turn_state.utterance, turn_state.revision) != (event.utterance, event.revision):
        return
    _clock(draft, recognised_at=draft.now)
    event = replace(event, text=_theirs(draft, turn_state, event.text))
    over = "" if recording.awaits_answer(draft) else turn_state.unspoken_text
    if not event.text or is_sign_to_go_on(event.text, over):
        _noise(draft, turn_state)
        return
    asked = draft.asked() or turn_state.unspoken_text
    text = joined(event.text, asked, draft.settings.language)
    silence = silence_ms(
        text, asked, draft.talk.pauses, event.sounds_complete, draft.settings.speech,
        draft.settings.language,
    )  # fmt: skip
    until = turn_state.ended_at + silence / 1000
    turn_state = replace(turn_state, text=text, until=until)
    draft.set(turn_state=turn_state)
    if draft.now >= until:
        take_turn(draft, turn_state, text)
    else:
        draft.emit(interim("caller", text, event.utterance))
        if draft.settings.speech.think_ahead and not draft.talk.pending:
            think_ahead(draft, text)


def _theirs(draft: Draft, turn_state: CallerPaused, text: str) -> str:
    """Their words without ours, if ours were audible as they began."""
    return without_own_words(text, audible(draft.facts, turn_state.unspoken_text))


def _noise(draft: Draft, turn_state: CallerPaused) -> None:
    """A cough or a "mm-hmm": the agent goes on from the word where it was cut off."""
    draft.emit(TakeUtterance(turn_state.utterance))
    more = rest_comes(draft)
    if awaits_tools(draft):
        think(draft)
    elif turn_state.unspoken_text or more:
        if not more:
            draft.emit(StopThinking())
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
    said = draft.spoke("caller", text, turn_state.utterance)
    draft.emit(TakeUtterance(turn_state.utterance), said)
    draft.set(closing=_closing(draft.talk.closing, text), pauses=draft.talk.pauses.turn_taken())
    if recording.answered(draft, text):
        pass
    elif draft.talk.pending:
        say_pending(draft)
    elif turn_state.unspoken_text and not draft.talk.closing and not _greeted(draft.facts):
        say(draft, turn_state.unspoken_text)
    else:
        _clock(draft, taken_at=draft.now)
        think(draft, draft.talk.timer)


def keyed(draft: Draft, digit: str) -> None:
    """The caller pressed a key: those in a row are what they say, once nobody speaks."""
    draft.emit(Publish(published.DigitPressed(digit=digit)))
    if not draft.talk.closing:
        keys = (draft.talk.keys + digit)[-MOST_KEYS:]
        seconds = 0.0 if digit == "#" else KEYS_SECONDS
        draft.set(keys=keys, keys_until=draft.now + seconds)


def take_keys(draft: Draft) -> None:
    """The agent answers the keys, if no other one followed for a while."""
    if draft.now < draft.talk.keys_until:
        return
    draft.set(silences=0)
    if not recording.answered(draft, typed(draft)):
        think(draft)


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


def unspoken_sentence(draft: Draft, event: Sentence) -> None:
    """One more of an answer that the caller speaks over; it is said if that was a noise."""
    match draft.talk.turn_state:
        case CallerSpeaking(unspoken_text=str(left)) | CallerPaused(unspoken_text=str(left)) if (
            left or rest_comes(draft)
        ):
            left = f"{left} {event.text}".lstrip()
            turn_state = replace(draft.talk.turn_state, unspoken_text=left)
            draft.set(turn_state=turn_state)
        case _:
            pass


def sentence(draft: Draft, event: Sentence) -> None:
    """The language model's next sentence is spoken."""
    talk = draft.talk
    before, texts = "", [event.text]
    if isinstance(talk.turn_state, Speaking):
        before = talk.turn_state.text
    else:
        before, texts = talk.filler, list(sentences(draft, event.text))
        _clock(draft, thought_at=draft.now)
        if talk.filler and draft.talk.timer:  # nothing tells any more when the answer is heard
            draft.emit(metrics(draft.talk.timer, draft.now))
            draft.set(timer=None)
    text = " ".join((before, *texts)).lstrip()
    draft.set(turn_state=Speaking(event.turn, text))
    if says_goodbye(text) and not draft.talk.closing:
        draft.set(closing="agent_goodbye")
    elif draft.talk.closing == "agent_goodbye" and says_goodbye(before) and not says_goodbye(text):
        draft.set(closing="")  # it went on after all
    draft.emit(*(Say(event.turn, text) for text in texts))
