"""Calls that nobody asks for just now: `[inbound]`, `[scheduled]`. Knows not how a call is run."""

from typing import Annotated, Literal

from msgspec import Meta

from server.core.settings.types import Count, Section, Sentence


class Inbound(Section, frozen=True):
    """Calls that people make to our number; what `stranger` and the three below it say is spoken
    in the carrier's own voice. `missed` is texted, at most once in `missed_hours`."""

    topic: Annotated[str, Meta(min_length=1, max_length=200)] = "whatever is on your mind today"
    agent: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$")] = ""
    per_number_per_hour: Count = 10
    stranger: Sentence = (
        "This is the Talking App assistant, a computer voice. I do not know your number, so I"
        " cannot talk with you. You can sign up in the app. Goodbye."
    )
    attestation: Literal["A", "B", "C", "none"] = "A"
    unproven: Sentence = (
        "This is the Talking App assistant, a computer voice. Your phone company does not confirm"
        " that this is your number, so I cannot talk with you. You can start a call in the app."
        " Goodbye."
    )
    over_plan: Sentence = (
        "This is the Talking App assistant, a computer voice. The calls of your plan are used up"
        " for this month. You can choose a larger plan in the app. Goodbye."
    )
    busy: Sentence = (
        "This is the Talking App assistant, a computer voice. I am sorry, I cannot take your call"
        " just now. Please call again in a few minutes. Goodbye."
    )
    missed: Annotated[str, Meta(max_length=300)] = (
        "This is Talking App, an automated assistant. Sorry, we missed your call. Please call"
        " again, or start one in the app. Reply STOP to end."
    )
    missed_hours: Annotated[int, Meta(ge=1, le=24)] = 6


class Scheduled(Section, frozen=True):
    """Calls placed later. One is tried `retries` times more when it was busy or nobody answered,
    and no later than `late_hours` after its time."""

    ahead_days: Annotated[int, Meta(ge=1, le=365)] = 30
    most_per_user: Count = 500
    per_user_per_day: Count = 500
    free_per_user_per_day: Count = 20
    retries: Annotated[int, Meta(ge=0, le=20)] = 2
    retry_minutes: Count = 15
    late_hours: Count = 24
