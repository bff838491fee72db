"""A number of one's own, proven by a code that is texted to it, or said in a call.

A code is good for ten minutes and five tries, each counted in the statement that compares it; how
many are sent is limited by user, number and block of numbers, whichever way they go. Kept is a
keyed hash of it.
"""

import secrets
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from db.consent import contacts, pace
from db.consent.pace import Pace
from db.privacy import numbers
from media.languages.language import sentence
from server.accounts.languages import language_of
from server.audit.acts import by
from server.audit.notes import note
from server.consent.actions import refuse_opted_out
from server.consent.reach import DAY, HOUR, block_of, count_call
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.phone_numbers import callable_number
from server.http.routing import Route
from server.texts.deps import TextDeps
from server.vendors.twilio import twiml
from server.vendors.twilio.calls import RefusedError, UnknownOutcomeError

SECONDS = 600
_TIMES_SAID = 3  # to whoever fetches a pencil
PER_HOUR, PER_DAY = 3, 10  # codes to one number, and for one user


class ProveNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number that is the user's own; a code is texted to it, or said in a call."""

    phone_number: Annotated[str, Meta(min_length=1, max_length=40)]
    by: Literal["text", "call"] = "text"


class Proof(msgspec.Struct, frozen=True):
    """A code is on its way."""

    phone_number: str
    expires_in_seconds: int


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that came."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]


class OwnAddresses(msgspec.Struct, frozen=True):
    """The user's verified numbers and addresses, the one last proved first."""

    addresses: list[str]


async def ask(deps: TextDeps, who: Identity, body: ProveNumber) -> Proof:
    """Text or say a new code, which voids an earlier one. Raises AppError: invalid_number,
    country_not_allowed, opted_out, too_many_messages, too_many_calls."""
    config = deps.config
    countries = (config.calls if body.by == "call" else config.sms).allowed_countries
    number = callable_number(body.phone_number, countries, config.calls.denied_prefixes)
    code = f"{secrets.randbelow(1_000_000):06d}"
    async with deps.transaction() as tx:
        await refuse_opted_out(tx.connection, [number])
        wait = await pace.pace(
            tx.connection, limits(who.user_id, number, config.sms.per_block_per_hour)
        )
        if wait is not None:
            raise AppError("too_many_messages", retry_after=wait)
        if body.by == "call":
            await count_call(tx.connection, config, who.user_id, number)
        await contacts.begin_proof(tx.connection, who.user_id, number, code, SECONDS)
        language = await language_of(tx.connection, who.user_id, config.language)
    send = _say if body.by == "call" else _text
    try:
        await send(deps, number, code, language)
    except RefusedError:
        how = "called" if body.by == "call" else "texted"
        raise AppError("invalid_number", f"This number cannot be {how}.") from None
    except UnknownOutcomeError:
        raise AppError("unavailable") from None
    return Proof(number, SECONDS)


def limits(user_id: uuid.UUID, number: str, per_block: int) -> list[Pace]:
    """How often codes are sent: to a number, for a user, and to numbers that differ in a few digits
    only, which somebody may earn with and ask for from many accounts."""
    return [
        Pace(f"proof:{block_of(number)}", per_block, HOUR),
        *(
            Pace(f"proof:{key}", most, seconds)
            for key in (number, f"user:{user_id}")
            for most, seconds in ((PER_HOUR, HOUR), (PER_DAY, DAY))
        ),
    ]


async def _text(deps: TextDeps, number: str, code: str, language: str) -> None:
    config = deps.config
    await deps.texts.send(
        to=number,
        sender=config.text_number,
        body=sentence(language, "proof", "text").format(code=code),
        callback=f"{config.server.public_url.rstrip('/')}/webhooks/twilio/sms-status",
    )


async def _say(deps: TextDeps, number: str, code: str, language: str) -> None:
    config = deps.config
    hello, told, again, end = (
        sentence(language, "proof", name) for name in ("hello", "told", "again", "end")
    )
    told = told.format(code=", ".join(code))
    await deps.twilio.create(
        to=number,
        from_=config.twilio.from_number,
        timeout=config.calls.ring_timeout_seconds,
        twiml=twiml.say(
            f"{hello} {told}",
            *[f"{again} {told}"] * (_TIMES_SAID - 1),
            end,
            language=language,
        ),
    )


async def verify(deps: TextDeps, who: Identity, body: Code) -> OwnAddresses:
    """The number is the user's own from now on. Raises AppError("wrong_code")."""
    async with deps.transaction() as tx:  # a wrong try is committed, too
        connection = tx.connection
        number = await contacts.try_proof(connection, who.user_id, body.code)
        if number is not None:
            await contacts.note_own(connection, who.user_id, [number])
            if await numbers.is_proof_preferred(connection, who.user_id):
                await numbers.prefer(connection, who.user_id, number)
            note(tx, "number.proved", by=by(who), user_id=who.user_id, address=number)
        own = await contacts.own_addresses(connection, who.user_id)
    if number is None:
        raise AppError("wrong_code")
    return OwnAddresses(own)


async def mine(deps: TextDeps, who: Identity) -> OwnAddresses:
    """What the user proved to be theirs."""
    async with deps.pools.as_service() as connection:
        return OwnAddresses(await contacts.own_addresses(connection, who.user_id))


ROUTES = (
    Route("GET", "/v1/me/numbers", mine, OwnAddresses, "The user's own verified addresses"),
    Route("POST", "/v1/me/numbers", ask, Proof, "Text or say a code to a number of one's own",
          ProveNumber, status=201),
    Route("POST", "/v1/me/numbers/verify", verify, OwnAddresses, "Prove it by the code", Code),
)  # fmt: skip
