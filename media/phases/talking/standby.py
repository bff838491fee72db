"""Standby: the agent is muted, taken over or being transferred, and must be silent.

What caller and operator say meanwhile is recognised and written down as turns, so that the agent
knows all of it when it goes on. Who may ask for it, and when it ends, is decided elsewhere; it
knows nothing of sound.
"""

from typing import Any

from msgspec.structs import replace

from media import published
from media.dialogue import says_goodbye, unheard
from media.effects import Publish, Recognise, StopPlayback, StopThinking, TakeUtterance
from media.events import (
    EngineFailed,
    Event,
    Keyed,
    OperatorSaid,
    Recognised,
    Side,
    SpeechBegan,
    SpeechPaused,
    TurnPlayed,
)
from media.phases.facts import interim
from media.phases.talking import recording
from media.phases.talking.state import (
    Draft,
    Talking,
    is_told,
    listen,
    say,
    say_on,
    say_pending,
    think,
)
from media.phases.talking.turn_state import (
    Away,
    CallerPaused,
    CallerSpeaking,
    Speaking,
    Standby,
    Utterance,
)
from media.turn_taking.interruption import is_sign_to_go_on
from media.turn_taking.pauses import Pauses
from media.turn_taking.silence import silence_ms

LAST_WORDS_SECONDS = 3.0  # longer than a recogniser may take
CLOSING_SECONDS = 1.0  # a call that was about to end does so soon
SIDES: tuple[Side, Side] = ("caller", "operator")


def is_on_standby(talk: Talking) -> bool:
    """Whether the agent must not speak."""
    return talk.muted or talk.operator is not None or talk.transfer_until is not None


def go_on_standby(draft: Draft) -> None:
    """Silence the agent at once. A line that is gone stays so, and opens to one on standby."""
    match draft.talk.turn_state:
        case Standby(resume_at=float()) as turn_state:  # it was about to go on
            draft.set(turn_state=replace(turn_state, resume_at=None))
            return
        case Standby() | Away():
            return
        case Speaking(text=text):
            turn_state = Standby(unspoken_text=text)
        case CallerSpeaking(utterance=utterance, unspoken_text=left):
            turn_state = Standby(caller=Utterance(utterance), unspoken_text=left)
        case CallerPaused(unspoken_text=left) as paused:
            speech = Utterance(
                paused.utterance, paused.revision, paused.ended_at, paused.until, paused.text
            )
            turn_state = Standby(caller=speech, unspoken_text=left)
        case _:
            turn_state = Standby()
    disclosing = isinstance(draft.talk.turn_state, Speaking) and not is_told(draft)
    draft.emit(StopThinking(), StopPlayback())
    if draft.talk.spoken_over is not None:
        turn_state = replace(turn_state, caller=draft.talk.spoken_over)
    if disclosing:  # the one thing that nobody may cut is said first, and whole
        say(draft, draft.settings.conversation.disclosure)
        turn_state = replace(turn_state, saying=draft.talk.turn_state)
    draft.set(turn_state=turn_state, timer=None, silences=0, spoken_over=None)
    recording.drop(draft)


def come_back(draft: Draft) -> None:
    """Go on if nothing forbids it any more, once an operator's last words are known."""
    turn_state = draft.talk.turn_state
    if is_on_standby(draft.talk) or not isinstance(turn_state, Standby):
        return
    speech = turn_state.operator
    if speech is not None and speech.text:
        turn_state = _take_turn(draft, turn_state, "operator", speech)
    elif speech is not None and turn_state.resume_at is None:
        speech = replace(speech, revision=speech.revision or 0)
        _change(draft, turn_state, operator=speech, resume_at=draft.now + LAST_WORDS_SECONDS)
        draft.emit(Recognise(speech.utterance, speech.revision or 0, "operator"))
        return
    elif speech is not None and draft.now < (turn_state.resume_at or 0):
        return
    elif speech is not None:
        draft.emit(TakeUtterance(speech.utterance, "operator"))
    _go_on(draft, turn_state)


def _go_on(draft: Draft, turn_state: Standby) -> None:
    """The agent's next move follows from who is in the middle of what, then from the last turn."""
    talk, settings = draft.talk, draft.settings.conversation
    if turn_state.caller is not None:
        _leave_to_caller(draft, turn_state, turn_state.caller)
    elif turn_state.saying is not None:
        draft.set(turn_state=turn_state.saying)
    elif talk.pending:
        say_pending(draft)
    elif turn_state.unspoken_text:
        say_on(draft, turn_state.unspoken_text)
    elif draft.last_speaker() == "caller":
        if says_goodbye(draft.facts.turns[-1].text) and not talk.closing:
            draft.set(closing="caller_goodbye")
        think(draft)
    else:
        patience = CLOSING_SECONDS if talk.closing else settings.silence_prompt_seconds
        listen(draft, draft.now + patience)


def _leave_to_caller(draft: Draft, turn_state: Standby, speech: Utterance) -> None:
    left = turn_state.unspoken_text
    if turn_state.saying is not None:
        left = turn_state.saying.text
        draft.emit(StopPlayback())
    if speech.revision is None:
        draft.set(turn_state=CallerSpeaking(speech.utterance, left))
        return
    paused = CallerPaused(
        speech.utterance,
        speech.revision,
        speech.ended_at,
        speech.until,
        speech.text,
        left,
    )
    draft.set(turn_state=paused)


def while_on_standby(draft: Draft, turn_state: Standby, event: Event) -> None:
    """React to one fact while on standby."""
    match event:
        case SpeechBegan(side=side):
            _put(draft, turn_state, side, Utterance(event.utterance))
        case SpeechPaused(side=side) if _hears(turn_state, side, event.utterance):
            until = event.ended_at + draft.settings.speech.unfinished_silence_ms / 1000
            _put(
                draft,
                turn_state,
                side,
                Utterance(event.utterance, event.revision, event.ended_at, until),
            )
            draft.emit(Recognise(event.utterance, event.revision, side))
        case Recognised():
            _recognised(draft, turn_state, event)
        case EngineFailed(engine="recogniser", side=side) if _hears(turn_state, side, event.ref):
            draft.emit(
                TakeUtterance(event.ref, side), Publish(published.EngineFailed(engine="recogniser"))
            )
            _put(draft, turn_state, side, None)
            come_back(draft)
        case EngineFailed(engine="voice") if (
            turn_state.saying and turn_state.saying.turn == event.ref
        ):
            draft.emit(StopPlayback(), Publish(published.EngineFailed(engine="voice")))
            _change(draft, turn_state, saying=None)
            say_next(draft)
        case Keyed():
            draft.emit(Publish(published.DigitPressed(digit=event.digit)))
        case _:
            pass


def standby_ticked(draft: Draft, turn_state: Standby) -> None:
    """Silence makes turns of what is recognised."""
    for side in SIDES:
        speech = _utterance(turn_state, side)
        if speech is not None and speech.text and draft.now >= speech.until:
            turn_state = _take_turn(draft, turn_state, side, speech)
    come_back(draft)


def standby_operator_said(draft: Draft, turn_state: Standby, event: OperatorSaid) -> None:
    """Words now among those that wait are spoken also while the agent is silent, in turn."""
    if event.interrupt and turn_state.saying is not None:
        _change(draft, turn_state, saying=None)
        draft.emit(StopPlayback())
    say_next(draft)


def standby_turn_played(draft: Draft, turn_state: Standby, event: TurnPlayed) -> None:
    """Typed words were played, or the agent's own were cut off as standby began."""
    if turn_state.saying is not None and event.turn == turn_state.saying.turn:
        _change(draft, turn_state, saying=None)
        say_next(draft)
    elif event.cut and turn_state.unspoken_text:
        _change(draft, turn_state, unspoken_text=unheard(turn_state.unspoken_text, event.heard))


def say_next(draft: Draft) -> None:
    """Speak the next typed words, unless some are being spoken."""
    turn_state = draft.talk.turn_state
    if (
        not isinstance(turn_state, Standby)
        or turn_state.saying is not None
        or not draft.talk.pending
    ):
        return
    say_pending(draft)
    _change(draft, turn_state, saying=draft.talk.turn_state, unspoken_text="")


def _recognised(draft: Draft, turn_state: Standby, event: Recognised) -> None:
    side = event.side
    speech = _utterance(turn_state, side)
    if speech is None or (speech.utterance, speech.revision) != (
        event.utterance,
        event.revision,
    ):
        return
    if not event.text or is_sign_to_go_on(event.text, turn_state.unspoken_text):
        draft.emit(TakeUtterance(event.utterance, side))
        _put(draft, turn_state, side, None)
        come_back(draft)
        return
    silence = silence_ms(
        event.text,
        draft.asked(),
        Pauses(),
        event.sounds_complete,
        draft.settings.speech,
        draft.settings.language,
    )
    until = speech.ended_at + silence / 1000
    speech = replace(speech, text=event.text, until=until)
    if draft.now < until and turn_state.resume_at is None:
        _put(draft, turn_state, side, speech)
        draft.emit(interim(side, event.text, event.utterance))
        return
    _take_turn(draft, turn_state, side, speech)
    come_back(draft)


def _take_turn(draft: Draft, turn_state: Standby, side: Side, speech: Utterance) -> Standby:
    text = speech.text or ""
    said = draft.spoke(side, text, speech.utterance)
    if side == "caller":
        recording.taken_back(draft, text)
    draft.emit(TakeUtterance(speech.utterance, side), said)
    return _change(draft, turn_state, **{side: None}, unspoken_text="")


def _utterance(turn_state: Standby, side: Side) -> Utterance | None:
    return turn_state.caller if side == "caller" else turn_state.operator


def _hears(turn_state: Standby, side: Side, utterance: int) -> bool:
    speech = _utterance(turn_state, side)
    return speech is not None and speech.utterance == utterance


def _put(draft: Draft, turn_state: Standby, side: Side, speech: Utterance | None) -> None:
    _change(draft, turn_state, **{side: speech})


def _change(draft: Draft, turn_state: Standby, **changes: Any) -> Standby:
    turn_state = replace(turn_state, **changes)
    draft.set(turn_state=turn_state)
    return turn_state
