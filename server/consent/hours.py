"""Quiet hours: when a number may be written to unasked, by its own time zone.

Who states a zone is believed. Else it follows from the number's area code, and where that leaves
several, an hour must be right in all of them; so it is with numbers that were ported or roam, of
which nobody can know more. The default hours satisfy the strictest state laws of the United States
on weekdays and Sundays alike. `now` is an argument.
"""

import datetime as dt
import math
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import phonenumbers
from phonenumbers import timezone

from db.consent import contacts
from db.core.rows import Connection
from server.core.config import Config
from server.core.errors import AppError
from server.core.phone_numbers import area_code
from server.core.places import area_codes, time_zones
from server.core.times import rfc3339

_STEP = dt.timedelta(minutes=15)
_MOST_STEPS = 8 * 24 * 4  # a week and a day
_MIDWINTER = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)


class Hours(msgspec.Struct, frozen=True):
    """Whole hours, local: from `first` until `last`, on Sundays from `sunday_first`."""

    first: int = 9
    last: int = 20
    sunday_first: int = 12


def hours(config: Config) -> Hours:
    """When people may be called and texted unasked."""
    chosen = config.sms
    return Hours(chosen.first_hour, chosen.last_hour, chosen.sunday_first_hour)


async def opens(
    connection: Connection, config: Config, number: str, now: dt.datetime
) -> dt.datetime | None:
    """When the number may be called and texted, by its owner's stated zone or its area code;
    None: now."""
    stated = [time_zones.zone(name) for name in await contacts.stated_zones(connection, number)]
    return opens_at(number, now, hours(config), stated)


async def refuse_quiet(
    connection: Connection, config: Config, number: str, now: dt.datetime
) -> None:
    """Raises AppError("quiet_hours") while nobody is to be called or texted there."""
    at = await opens(connection, config, number, now)
    if at is not None:
        wait = math.ceil((at - now).total_seconds())
        raise AppError("quiet_hours", opens_at=rfc3339(at), retry_after=max(1, wait))


def zones(number: str) -> list[ZoneInfo]:
    """The time zones a number may be in; UTC if nothing is known."""
    names = area_codes.ZONES.get(area_code(number)) or _by_country(phonenumbers.parse(number))
    found = []
    for name in names:
        try:
            found.append(time_zones.zone(name))
        except ZoneInfoNotFoundError:
            continue  # the library's word for unknown is no zone
    return found or [ZoneInfo("UTC")]


def _by_country(number: phonenumbers.PhoneNumber) -> Sequence[str]:
    """Names of the zones of the number's country where the library has it, else all of them.

    The library also has every zone of "+1" for a mobile of Barbados, and a zone of another country
    where both once agreed, as Spain's for Morocco: of several here those that agree with it.
    """
    named = timezone.time_zones_for_number(number)
    here = time_zones.of_countries().get(phonenumbers.region_code_for_number(number) or "", ())
    if not here:
        return named
    meant = {_winter(name) for name in named}
    return (
        [name for name in named if name in here]
        or [name for name in here if _winter(name) in meant]
        or list(here)
    )


def _winter(name: str) -> dt.timedelta | None:
    """Its offset before clocks change; None for what is no zone."""
    try:
        return _MIDWINTER.astimezone(time_zones.zone(name)).utcoffset()
    except ZoneInfoNotFoundError:
        return None


def opens_at(
    number: str, now: dt.datetime, hours: Hours, stated: Sequence[ZoneInfo] = ()
) -> dt.datetime | None:
    """When the number may be called or written to; None: now. `stated`: by its owner."""
    where = stated or zones(number)
    if _open(where, now, hours):
        return None
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    for step in range(1, _MOST_STEPS):
        at = quarter + step * _STEP
        if _open(where, at, hours):
            return at
    return now + dt.timedelta(days=1)  # zones that never agree: look again tomorrow


def _open(where: Sequence[ZoneInfo], at: dt.datetime, hours: Hours) -> bool:
    for zone in where:
        local = at.astimezone(zone)
        first = hours.sunday_first if local.isoweekday() == 7 else hours.first
        if not first <= local.hour < hours.last:
            return False
    return True
