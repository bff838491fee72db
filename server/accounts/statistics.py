"""What somebody did by day, how their calls ended, how soon they were answered: a read model.

Days are those of the zone that the user states, else UTC. How long answers took is known as long
as events are kept, and tells since when. Counts rows; shows nothing of what they hold.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from db.accounts import users
from db.billing import usage
from db.cluster import event_streams
from media.published import TurnMetrics
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.places.time_zones import zone
from server.core.times import rfc3339, utc
from server.http.routing import Route

MOST_TURNS = 2000
_STEPS = {
    "endpointing": "endpointing_ms", "recognising": "recognising_ms", "thinking": "thinking_ms",
    "first_sound": "speaking_ms", "total": "total_ms",
}  # fmt: skip


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many days, with today as the last one."""

    days: Annotated[int, Meta(ge=1, le=92)] = 30


class Day(msgspec.Struct, frozen=True):
    """A day; texts and e-mails are counted both ways, `seconds` are those of calls."""

    day: str
    calls: int
    answered: int
    seconds: int
    texts: int
    emails: int


class Outcome(msgspec.Struct, frozen=True):
    """How many calls have a status."""

    status: str
    calls: int


class Step(msgspec.Struct, frozen=True):
    """A part of the time between the caller's last sound and the agent's first."""

    step: str
    p50_ms: int
    p95_ms: int


class Latency(msgspec.Struct, frozen=True):
    """Over so many turns, the earliest of which was at `since`; no steps without turns."""

    turns: int
    since: str | None
    steps: list[Step]


class Statistics(msgspec.Struct, frozen=True):
    """What the user did in these days."""

    first_day: str
    last_day: str
    time_zone: str
    days: list[Day]
    outcomes: list[Outcome]
    latency: Latency


async def read(deps: Node, who: Identity, query: Span) -> Statistics:
    """The asker's own, whatever else they may see."""
    async with deps.pools.as_service() as connection:
        name = (await users.profile(connection, who.user_id)).time_zone or "UTC"
        turns = await event_streams.newest(connection, who.user_id, TurnMetrics.type, MOST_TURNS)
    days = days_until(utc(deps.clock()).astimezone(zone(name)), query.days)
    async with deps.pools.as_user(who.claims) as connection:
        done = await usage.by_day(connection, who.user_id, days)
        outcomes = await usage.outcomes(connection, who.user_id, days[0])
    names = [day.date().isoformat() for day in days]
    return Statistics(
        names[0],
        names[-1],
        name,
        [
            Day(day, one.calls, one.answered, one.seconds, one.texts, one.emails)
            for day, one in zip(names, done, strict=True)
        ],
        [Outcome(one.status, one.calls) for one in outcomes],
        Latency(
            len(turns),
            rfc3339(turns[-1].ts) if turns else None,
            steps([turn.data for turn in turns]),
        ),
    )


def days_until(now: dt.datetime, count: int) -> list[dt.datetime]:
    """When each of the last days began in the zone of this time, today's last; pure."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight - dt.timedelta(days=back) for back in reversed(range(count))]


def steps(turns: Sequence[dict[str, Any]]) -> list[Step]:
    """Each step's median and 95th percentile; pure."""
    if not turns:
        return []
    sorted_ms = {step: sorted(turn[field] for turn in turns) for step, field in _STEPS.items()}
    return [Step(step, at_rank(ms, 50), at_rank(ms, 95)) for step, ms in sorted_ms.items()]


def at_rank(values: Sequence[int], percent: int) -> int:
    """The smallest of these sorted values that so many percent do not exceed (nearest rank)."""
    return values[max(0, -(-len(values) * percent // 100) - 1)]


ROUTES = (
    Route("GET", "/v1/me/statistics", read, Statistics, "What the user did, day by day",
          query=Span),
)  # fmt: skip
