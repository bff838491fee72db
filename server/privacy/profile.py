"""The signed-in user: who they are to us, and what they say of themselves.

A number becomes theirs by its code (`server/texts/own_numbers.py`); one that was proven already is
taken at once. Only what a request names is changed.
"""

import uuid
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfoNotFoundError

import msgspec
from msgspec import UNSET, Meta, UnsetType

from db.accounts import users
from db.accounts.users import Profile
from db.consent import contacts
from db.privacy import numbers
from server.accounts import actions as accounts
from server.audit.acts import by
from server.audit.notes import note
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number
from server.core.places import time_zones
from server.core.times import rfc3339
from server.core.validation import one_line
from server.http.routing import Route
from server.privacy.deps import PrivacyDeps
from server.texts import own_numbers
from server.texts.own_numbers import ProveNumber

MOST_NAME = 100
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MOST_NAME, examples=["Ann"])]
Language: TypeAlias = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$", max_length=11)
]
ZoneName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]


class Me(msgspec.Struct, frozen=True):
    """The signed-in user. `phone` is where they are called and texted; `pending_phone` becomes it
    with the code that was texted there (POST /v1/me/numbers/verify)."""

    id: uuid.UUID
    email: str | None
    phone: str | None
    plan: str
    subscription_status: str
    role: str
    name: str | None
    language: str | None
    time_zone: str | None
    pending_phone: str | None
    created_at: str | None


class ChangeMe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays; null takes back what was said. `time_zone` is a name such as
    "America/Denver", by which quiet hours go, `language` one such as "en" or "pt-BR", for
    clients to show, and in which codes and the page for getting nothing more are, if we have words
    of it. A `phone` that is not proven yet gets a code."""

    name: Name | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    time_zone: ZoneName | UnsetType | None = UNSET
    phone: Annotated[str, Meta(min_length=1, max_length=40)] | UnsetType = UNSET


async def me(deps: PrivacyDeps, who: Identity) -> Me:
    """The asker. Raises AppError("not_found")."""
    row = await accounts.me(deps, who)
    async with deps.pools.as_service() as connection:
        said = await users.profile(connection, who.user_id)
        number = await numbers.preferred(connection, who.user_id)
        pending = await numbers.pending(connection, who.user_id)
    return Me(
        id=row.id,
        email=row.email,
        phone=number or who.phone,
        plan=row.subscription_plan_id,
        subscription_status=row.subscription_status,
        role="operator" if who.operator else "admin" if who.admin else "user",
        name=said.name,
        language=said.language,
        time_zone=said.time_zone,
        pending_phone=pending,
        created_at=rfc3339(row.created_at),
    )


async def change(deps: PrivacyDeps, who: Identity, body: ChangeMe) -> Me:
    """State anew what the request names. Raises AppError: bad_request, and for a number as
    `own_numbers.ask`; then nothing is changed."""
    said = stated(body)
    if not isinstance(body.phone, UnsetType):
        await _prefer(deps, who, body.phone)
    if said:
        async with deps.transaction() as tx:
            before = await users.profile(tx.connection, who.user_id)
            after: Profile = msgspec.structs.replace(before, **said)
            await users.state(tx.connection, who.user_id, after)
            changed = {"changed": sorted(said)}
            note(tx, "profile.changed", by=by(who), user_id=who.user_id, data=changed)
    return await me(deps, who)


def stated(body: ChangeMe) -> dict[str, str | None]:
    """What the request says of the user, by the names of a profile. Raises
    AppError("bad_request")."""
    given = {name: getattr(body, name) for name in ("name", "language", "time_zone")}
    said = {name: value for name, value in given.items() if not isinstance(value, UnsetType)}
    if said.get("name"):
        said["name"] = one_line(said["name"], "name", MOST_NAME)
    try:
        if said.get("time_zone"):
            time_zones.zone(said["time_zone"])
    except ZoneInfoNotFoundError:
        raise AppError("bad_request", "`time_zone` is no zone of the tz database.") from None
    return said


async def _prefer(deps: PrivacyDeps, who: Identity, typed: str) -> None:
    config = deps.config
    number = callable_number(typed, config.sms.allowed_countries, config.calls.denied_prefixes)
    async with deps.pools.as_service() as connection:
        is_own = await contacts.is_own(connection, who.user_id, number)
        if is_own:
            await numbers.prefer(connection, who.user_id, number)
    if not is_own:
        await own_numbers.ask(deps, who, ProveNumber(number))
        async with deps.pools.as_service() as connection:
            await numbers.prefer_proven(connection, who.user_id)


ROUTES = (
    Route("GET", "/v1/me", me, Me, "The signed-in user"),
    Route("PATCH", "/v1/me", change, Me, "Say a name, a language, a time zone, a number", ChangeMe),
)
