"""Calls that nobody asks for just now: `[inbound]`, `[scheduled]`. Knows not how a call is run."""

from typing import Annotated, Literal

from msgspec import Meta

from media.languages.language import sentence
from server.core.settings.types import Count, Section, Sentence


class Inbound(Section, frozen=True):
    """Calls that people make to our number; what `stranger` and the three below it say is spoken
    in the carrier's own voice. `missed` is texted, at most once in `missed_hours`."""

    topic: Annotated[str, Meta(min_length=1, max_length=200)] = sentence("en", "inbound", "topic")
    agent: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$")] = ""
    per_number_per_hour: Count = 10
    stranger: Sentence = sentence("en", "inbound", "stranger")
    attestation: Literal["A", "B", "C", "none"] = "A"
    unproven: Sentence = sentence("en", "inbound", "unproven")
    over_plan: Sentence = sentence("en", "inbound", "over_plan")
    busy: Sentence = sentence("en", "inbound", "busy")
    missed: Annotated[str, Meta(max_length=300)] = sentence("en", "inbound", "missed")
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
