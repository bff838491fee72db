"""A call that another node goes on with: what each phase must do again, because it died with a
process and not with the call.

What was decided stays decided: nothing that counts is repeated. The caller hears nothing until a
stream begins anew. It knows nothing of nodes.
"""

from typing import TypeAlias

from msgspec.structs import replace

from media.effects import Dial, Effect, HangUp, LookUp, Prepare, Reconnect
from media.events import Adopted
from media.phases.connecting import Connecting, connect
from media.phases.dialling import PATIENCE_SECONDS, UNKNOWN_SECONDS, Dialling
from media.phases.ending import PATIENCE_SECONDS as ENDING_SECONDS
from media.phases.ending import Ended, Ending
from media.phases.facts import CallFacts
from media.phases.talking.phase import adopt_talk
from media.phases.talking.recording import first_turn
from media.phases.talking.state import Talking
from media.phases.voicemail import Voicemail
from media.phases.waiting import Waiting
from media.settings import Settings

Adoptable: TypeAlias = Dialling | Connecting | Waiting | Talking | Voicemail | Ending
Move: TypeAlias = tuple[CallFacts, Adoptable | Ended, list[Effect]]


def adopt(
    facts: CallFacts, phase: Adoptable, event: Adopted, now: float, settings: Settings
) -> Move:
    """Take up what the call was in the middle of."""
    back: list[Effect] = [Reconnect()] if event.reconnect and facts.sid is not None else []
    patience = settings.amd.stream_patience_seconds
    match phase:
        case Dialling(unknown=False) if not event.dialled and facts.sid is None:
            return facts, Dialling(deadline=now + PATIENCE_SECONDS), [Dial()]
        case Dialling():
            looked = replace(phase, deadline=now + UNKNOWN_SECONDS, unknown=facts.sid is None)
            return facts, looked, [LookUp()]
        case Connecting():
            facts, connecting, effects = connect(facts, now, settings)
            return facts, connecting, [*effects, *back]
        case Waiting():
            decided = phase.assumed or facts.answered_by is not None
            deadline = now + patience if decided or phase.speaking else max(now, phase.until)
            waiting = replace(phase, soundless_since=now, deadline=deadline)
            first = first_turn(settings, facts)
            return facts, waiting, [*(Prepare(text) for text in first), *back]
        case Talking():
            facts, phase, effects = adopt_talk(facts, phase, event, now, settings)
            if phase.transfer_until is not None:  # whoever was handed on is to be left alone
                back = [LookUp()]
            return facts, phase, [*effects, *back]
        case Voicemail():
            soundless = replace(phase, soundless_until=now + patience, deadline=now + patience)
            return facts, soundless, back
        case Ending():
            again: list[Effect] = [HangUp()] if facts.sid is not None else []
            return facts, replace(phase, deadline=now + ENDING_SECONDS), [*again, LookUp()]
