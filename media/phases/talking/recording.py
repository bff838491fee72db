"""Asking whether the call may be recorded, reading the answer, and what a person wants of it.

The question is a turn of the agent's own, asked when nobody is interrupted and again until it was
heard; the caller's next words answer it. It decides; who may ask, and sound, are elsewhere.
"""

from msgspec.structs import replace

from media.dialogue import says_goodbye, split_sentences
from media.effects import RecordingState
from media.events import RecordingAnswered, RecordingAsked
from media.phases.facts import CallFacts
from media.phases.recording_consent import (
    asked_anew,
    changed,
    consented,
    may_record,
    refused,
)
from media.phases.talking.disclosure import greeting
from media.phases.talking.state import Draft, say, say_all, sentences, think_saying
from media.phases.talking.turn_state import Quiet
from media.settings import RecordingSettings, Settings
from media.wishes.agreement import agreement

MOST_ASKS = 2
SHORT_WORDS = 7  # an answer with more has something in it to be answered as well


def first_turn(settings: Settings, facts: CallFacts) -> tuple[str, ...]:
    """How a conversation opens: where it is to be recorded, its own question waits for the answer
    to ours."""
    said = greeting(settings.conversation, facts.topic)
    if not asks_first(settings, facts):
        return said
    return (*said[: len(said) - len(_open_question(said))], settings.recording.question)


def asks_first(settings: Settings, facts: CallFacts) -> bool:
    """Whether this conversation opens with the question."""
    return settings.recording.mode == "ask" and facts.recording is None


def begin(draft: Draft) -> None:
    """The question is being asked with the first turn."""
    _ask_soon(draft)
    _count(draft)


def was_asked(text: str, heard: str, settings: RecordingSettings) -> bool:
    """Whether the question was heard whole; `heard` is a beginning of `text`."""
    said, rest = split_sentences(settings.question)
    question = next((one for one in (*said, rest) if one.endswith("?")), settings.question)
    at = text.find(question)
    return at >= 0 and len(heard) >= at + len(question)


def heard_asked(facts: CallFacts, text: str, heard: str, settings: RecordingSettings) -> CallFacts:
    """The facts after so much of a turn was heard: a yes after something else is to that."""
    if facts.recording != "asking" or not heard:
        return facts
    if was_asked(text, heard, settings):
        return consented(facts, RecordingAsked())
    return facts if text.strip() in settings.question else asked_anew(facts)


def start(draft: Draft) -> None:
    """A person wants it recorded: at once if they said yes before, else they are asked."""
    if may_record(draft.facts):
        _become(draft, "on")
        return
    _ask_soon(draft)
    if isinstance(draft.talk.turn_state, Quiet):
        ask(draft)


def pause(draft: Draft) -> None:
    """A person wants nothing recorded for now."""
    _become(draft, "paused")


def stop(draft: Draft) -> None:
    """A person wants no recording, or no question for one."""
    _become(draft, "declined" if draft.facts.recording == "asking" else "stopped")


def is_due(draft: Draft) -> bool:
    """Whether the question is still to be asked, or heard."""
    return draft.facts.recording == "asking" and draft.facts.recording_consent != "asked"


def awaits_answer(draft: Draft) -> bool:
    """Whether they heard the question and said nothing to it yet."""
    return draft.facts.recording == "asking" and not is_due(draft)


def ask(draft: Draft) -> bool:
    """Ask; False when that was done often enough, and nobody is asked any more."""
    if draft.facts.recording_asks >= MOST_ASKS:
        _become(draft, "declined")
        return False
    _count(draft)
    say(draft, draft.settings.recording.question)
    return True


def unanswered(draft: Draft) -> bool:
    """They were quiet for so long: silence is no yes. False when nothing was asked."""
    if not awaits_answer(draft):
        return False
    _become(draft, "declined")
    _acknowledge(draft, draft.settings.recording.declined)
    return True


def drop(draft: Draft) -> None:
    """The agent must be silent: whoever wants to can have it ask again later."""
    if draft.facts.recording == "asking":
        _become(draft, "declined")


def answered(draft: Draft, said: str) -> bool:
    """The caller said this: whether it was about the recording, and is answered."""
    facts, words = draft.facts, draft.settings.recording
    if taken_back(draft, said):
        return _replied(draft, said, words.stopped)
    if not awaits_answer(draft):
        return False
    match agreement(said):
        case "yes":
            draft.facts = consented(facts, RecordingAnswered(agreed=True))
            _become(draft, "on", words.question)
            return _replied(draft, said, words.agreed)
        case "no":
            draft.facts = consented(facts, RecordingAnswered(agreed=False))
            _become(draft, "declined")
            return _replied(draft, said, words.declined)
        case _ if says_goodbye(said):
            _become(draft, "declined")
            return False
        case _:
            return ask(draft)


def taken_back(draft: Draft, said: str) -> bool:
    """The caller said this: whether it ends a recording they had agreed to."""
    is_over = draft.facts.recording in {"on", "paused"}
    return is_over and heed(draft, said)


def heed(draft: Draft, said: str) -> bool:
    """The caller said this, and perhaps nobody can reply: whether it ends a recording, or the wait
    for a yes."""
    draft.facts, records = refused(draft.facts, said)
    draft.emit(*records)
    return bool(records)


def _replied(draft: Draft, said: str, reply: str) -> bool:
    if draft.talk.closing:
        return False
    if len(said.split()) > SHORT_WORDS:
        think_saying(draft, reply)
    else:
        _acknowledge(draft, reply)
    return True


def _acknowledge(draft: Draft, reply: str) -> None:
    """Say so, and go on: with the question the conversation was to open with, if it did not yet."""
    settings = draft.settings
    left: tuple[str, ...] = (settings.recording.go_on,)
    if settings.recording.mode == "ask" and draft.talk.answer_turn == 0:
        left = _open_question(greeting(settings.conversation, draft.facts.topic)) or left
    say_all(draft, (*sentences(draft, reply), *left))


def _open_question(said: tuple[str, ...]) -> tuple[str, ...]:
    return said[-1:] if len(said) > 1 and said[-1].endswith("?") else ()


def _ask_soon(draft: Draft) -> None:
    draft.facts = replace(draft.facts, recording_consent="", recording_asks=0)
    _become(draft, "asking")


def _count(draft: Draft) -> None:
    """Asked once more; a yes to this question only counts."""
    asks = draft.facts.recording_asks + 1
    draft.facts = replace(draft.facts, recording_consent="", recording_asks=asks)


def _become(draft: Draft, state: RecordingState, agreed_to: str | None = None) -> None:
    draft.facts, records = changed(draft.facts, state, agreed_to)
    draft.emit(*records)
