"""What time makes of a conversation: hints that it runs out, and silences that have lasted.

Deadlines are looked at when one of them has passed. Knows not what ends the call.
"""

from media import published
from media.dialogue import Hint
from media.effects import Publish
from media.phases.talking import recording
from media.phases.talking.standby import standby_ticked
from media.phases.talking.state import Draft, fill, say
from media.phases.talking.turn_state import CallerPaused, Quiet, Standby, Thinking
from media.phases.talking.turns import take_keys, take_turn


def budget_spent(draft: Draft) -> None:
    """What is left of the call's time is as long as wrapping up takes."""
    wrap_up = draft.settings.conversation.wrap_up_seconds
    draft.set(began_at=min(draft.talk.began_at, draft.now - wrap_up), limit="budget")
    remind(draft)


def remind(draft: Draft) -> bool:
    """Whether the time left was what the deadline was about."""
    talk, settings = draft.talk, draft.settings.conversation
    spent = draft.now - talk.began_at
    hint: Hint = "none"
    if spent >= settings.urgent_seconds:
        hint = "urgent"
    elif spent >= settings.wrap_up_seconds:
        hint = "wrap_up"
    if hint == talk.hint:
        return False
    draft.set(hint=hint)
    left = round(talk.began_at + settings.limit_seconds - draft.now)
    draft.emit(Publish(published.TimerHint(hint=hint, left_seconds=left), key="timer"))
    return True


def patience_is_over(draft: Draft, *, reminded: bool) -> None:
    """Nobody spoke for so long, or a silence has made a turn; `reminded` as `remind` says."""
    talk, now, settings = draft.talk, draft.now, draft.settings.conversation
    match talk.turn_state:
        case Quiet() if talk.hint == "urgent":
            say(draft, settings.time_goodbye, draft.talk.limit)
        case Quiet() if talk.keys:
            take_keys(draft)
        case Quiet(until=until) if now >= until and recording.unanswered(draft):
            pass
        case Quiet(until=until) if now >= until and talk.silences >= settings.silence_prompts:
            say(draft, settings.silence_goodbye, "silence")
        case Quiet(until=until) if now >= until:
            draft.set(silences=talk.silences + 1)
            say(draft, settings.silence_prompt)
        case CallerPaused(text=str(text), until=until) as turn_state if (
            now >= until or not reminded  # a journal's tick, by the rules of its time
        ):
            take_turn(draft, turn_state, text)
        case Thinking(filler_at=float() as filler_at) as turn_state if now >= filler_at:
            fill(draft, turn_state)
        case Standby() as turn_state:
            standby_ticked(draft, turn_state)
        case _:
            pass
