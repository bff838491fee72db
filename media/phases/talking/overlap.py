"""What the caller was saying as an operator's typed words cut in, and says while these are heard.

It is one utterance still. Its words become a turn once the caller pauses; whoever goes on is
listened to again, and whatever ends the call waits for them. Knows nothing of sound.
"""

from msgspec.structs import replace

from media.effects import Recognise, TakeUtterance
from media.events import Recognised, SpeechPaused
from media.phases.talking import recording
from media.phases.talking.state import Draft
from media.phases.talking.turn_state import CallerPaused, CallerSpeaking, Utterance


def cut_in(draft: Draft) -> None:
    """Somebody is about to speak over the caller."""
    match draft.talk.turn_state:
        case CallerPaused(utterance=utterance, text=str(text)):
            _spoke(draft, utterance, text)
        case CallerPaused(utterance=utterance, revision=revision):
            draft.set(spoken_over=Utterance(utterance, revision))
        case CallerSpeaking(utterance=utterance):
            draft.set(spoken_over=Utterance(utterance))
        case _:
            pass


def paused(draft: Draft, event: SpeechPaused) -> None:
    """What they said while we spoke is recognised."""
    over = draft.talk.spoken_over
    if over is not None and over.utterance == event.utterance:
        draft.set(spoken_over=replace(over, revision=event.revision))
        draft.emit(Recognise(event.utterance, event.revision))


def recognised(draft: Draft, event: Recognised) -> None:
    """It is known."""
    if draft.talk.spoken_over == Utterance(event.utterance, event.revision):
        draft.set(spoken_over=None)
        _spoke(draft, event.utterance, event.text)


def goes_on(draft: Draft) -> bool:
    """Whether they still speak, now that we are silent: then it is their turn."""
    over = draft.talk.spoken_over
    if over is None or over.revision is not None:
        return False
    draft.set(turn_state=CallerSpeaking(over.utterance), spoken_over=None)
    return True


def _spoke(draft: Draft, utterance: int, text: str) -> None:
    draft.emit(TakeUtterance(utterance))
    if text:
        draft.emit(draft.spoke("caller", text, utterance))
        recording.heed(draft, text)
