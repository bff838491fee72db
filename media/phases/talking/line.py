"""The line to the caller is gone, and comes back: on another stream, perhaps at another node.

What the agent was cut off in, or what the caller had said last, is taken up again after a short
sentence, so that nobody has to say anything twice. Knows nothing of streams and nodes.
"""

from msgspec.structs import replace

from media.dialogue import unheard
from media.effects import SO_FAR, OpenMic, Recognise, Say, StopPlayback, StopThinking
from media.events import Adopted
from media.phases.facts import MOST_STREAMS, LastWords
from media.phases.last_words import audible
from media.phases.recording_consent import asked_anew
from media.phases.talking import recording
from media.phases.talking.controls import OPERATOR_SECONDS, TRANSFER_SECONDS
from media.phases.talking.standby import is_on_standby, say_next
from media.phases.talking.state import (
    Awaited,
    Draft,
    Gone,
    Present,
    awaits_tools,
    heard_until,
    listen,
    say,
    say_on,
    think_saying,
    typed,
)
from media.phases.talking.turn_state import (
    Away,
    CallerPaused,
    CallerSpeaking,
    Speaking,
    Standby,
    Utterance,
)

UNSTEADY_SECONDS = 60.0


def line_lost(draft: Draft, *, is_here: bool = True) -> None:
    """No sound either way for now; the caller's last words become a turn once they are known, if
    their sound is here."""
    match draft.talk.turn_state:
        case CallerPaused(text=str()):
            left = ""
        case (
            Speaking(text=left) | CallerSpeaking(unspoken_text=left) | Away(unspoken_text=left)
            | CallerPaused(unspoken_text=left)
        ):  # fmt: skip
            pass
        case _:
            left = ""
    keep_last_words(draft, is_here=is_here)
    draft.facts = asked_anew(draft.facts)
    patience = draft.settings.conversation.line_patience_seconds
    draft.set(turn_state=Away(until=draft.now + patience, unspoken_text=left), timer=None)
    draft.emit(StopThinking(), StopPlayback())


def keep_last_words(draft: Draft, *, is_here: bool = True) -> None:
    """What the caller was saying becomes a turn, though nobody is left to answer it."""
    if draft.talk.keys:
        typed(draft)
    match draft.talk.turn_state:
        case (
            CallerPaused(utterance=utterance, text=str(text))
            | Standby(caller=Utterance(utterance=utterance, text=str(text)))
        ):  # fmt: skip
            said = draft.spoke("caller", text, utterance)
            recording.heed(draft, text)
            draft.emit(said)
        case CallerPaused(utterance=utterance, revision=revision) if is_here:
            _await_words(draft, utterance, revision)
        case Standby(caller=Utterance(utterance=utterance, revision=int(revision))) if is_here:
            _await_words(draft, utterance, revision)
        case (
            CallerSpeaking(utterance=utterance) | Standby(caller=Utterance(utterance=utterance))
        ) if is_here:  # fmt: skip
            _await_words(draft, utterance, SO_FAR)
            draft.emit(Recognise(utterance, SO_FAR))
        case _ if draft.talk.spoken_over is not None and is_here:
            _await_words(draft, draft.talk.spoken_over.utterance, SO_FAR)
            draft.emit(Recognise(draft.talk.spoken_over.utterance, SO_FAR))
        case _:
            pass
    draft.set(spoken_over=None)


def _await_words(draft: Draft, utterance: int, revision: int) -> None:
    near = audible(draft.facts, getattr(draft.talk.turn_state, "unspoken_text", ""))
    draft.facts = replace(draft.facts, last_words=LastWords(utterance, revision, near))


def adopted(draft: Draft, event: Adopted) -> None:
    """The line is lost with the node that had it, and an operator's with it."""
    cut = heard_until(draft.talk.turn_state, event.until)
    if cut is not None and isinstance(speaking := draft.talk.turn_state, Speaking):
        draft.set(turn_state=replace(speaking, text=unheard(cut.text, cut.heard)))
    line_lost(draft, is_here=False)
    if draft.talk.transfer_until is not None:
        draft.set(transfer_until=draft.now + TRANSFER_SECONDS)
    if isinstance(draft.talk.operator, Awaited | Present | Gone):
        draft.set(operator=Gone(until=draft.now + OPERATOR_SECONDS))


def line_is_back(draft: Draft) -> None:
    """Sound flows again: go on where the conversation was."""
    settings, away = draft.settings.conversation, draft.talk.turn_state
    left = away.unspoken_text if isinstance(away, Away) else ""
    draft.emit(StopThinking(), StopPlayback(), OpenMic())
    if is_on_standby(draft.talk):
        draft.set(turn_state=Standby())
        say_next(draft)
    elif _is_unsteady(draft):
        say(draft, settings.sorry_goodbye, draft.talk.closing or "media_lost")
    elif left and not awaits_tools(draft):
        _resume(draft, settings.line_resumed, left)
    elif draft.last_speaker() == "caller" or awaits_tools(draft):
        think_saying(draft, settings.line_resumed)
    elif draft.talk.closing:  # all is said
        listen(draft, draft.now)
    else:
        say(draft, settings.line_back)


def _is_unsteady(draft: Draft) -> bool:
    """Whether the line came back so often in a minute that this is no conversation."""
    streams = draft.facts.streams
    return len(streams) == MOST_STREAMS and draft.now - streams[0] < UNSTEADY_SECONDS


def _resume(draft: Draft, first: str, left: str) -> None:
    """Go on with what was cut off, after a sentence of its own, which is spoken in advance."""
    draft.emit(Say(draft.talk.turn + 1, first))
    say_on(draft, left)
    turn_state = draft.talk.turn_state
    if isinstance(turn_state, Speaking):
        draft.set(turn_state=replace(turn_state, text=f"{first} {turn_state.text}"))
