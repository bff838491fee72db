"""What people may not ask of a call just now, and why: one answer for who asks and who decides.

`step` lets a refused event change nothing, and whoever wants to ask learns the reason here before.
It knows nothing of what an allowed wish leads to, and no facts: those are never refused.
"""

from typing import TypeAlias, TypeGuard, get_args

from media.events import AmdVerdict, Event, HangUpAsked
from media.phases.connecting import Connecting
from media.phases.dialling import Dialling
from media.phases.ending import Ended, Ending
from media.phases.facts import CallFacts
from media.phases.talking.refusals import Asked, Refusal, refused_while_talking
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting

__all__ = ["Phase", "Refusal", "refusal"]

Phase: TypeAlias = Dialling | Connecting | Waiting | Talking | Voicemail | Ending | Ended
_ASKED = frozenset(get_args(Asked))


def refusal(facts: CallFacts, phase: Phase, event: Event) -> Refusal | None:
    """Why this event is refused, None when it is not. Only what people ask for ever is."""
    if isinstance(event, AmdVerdict) and event.by == "operator":
        undecided = isinstance(phase, Waiting) and facts.answered_by is None
        return None if undecided else "not_waiting"
    if not _is_asked(event):
        return None
    if not isinstance(phase, Talking):
        return None if isinstance(event, HangUpAsked) else "not_talking"
    return refused_while_talking(facts, phase, event)


def _is_asked(event: Event) -> TypeGuard[Asked]:
    return type(event) in _ASKED
