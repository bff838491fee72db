"""REST for consents: who agreed to be texted, put on record or withdrawn; parse, act, reply."""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.consent import actions
from server.core.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339
from server.core.validation import PhoneNumber
from server.http.routing import Route


class GiveConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words in which the owner of the number agreed to be texted."""

    phone_number: PhoneNumber
    wording: Annotated[str, Meta(min_length=1, max_length=500, examples=["Yes, text me."])]


class WithdrawConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number that is not to be texted for this user any more."""

    phone_number: PhoneNumber


class ConsentOut(msgspec.Struct, frozen=True):
    """A consent on record; one that was withdrawn stays there."""

    channel: str
    address: str
    wording: str
    source: str
    given_at: str | None
    withdrawn_at: str | None


class Consents(msgspec.Struct, frozen=True):
    """All of the user's, newest first."""

    consents: list[ConsentOut]


async def _list(deps: Node, who: Identity) -> Consents:
    return Consents([
        ConsentOut(
            row.channel, row.address, row.wording, row.source,
            rfc3339(row.given_at), rfc3339(row.withdrawn_at),
        )
        for row in await actions.consents(deps, who)
    ])  # fmt: skip


async def _give(deps: Node, who: Identity, body: GiveConsent) -> Consents:
    await actions.give_consent(deps, who, body.phone_number, body.wording)
    return await _list(deps, who)


async def _withdraw(deps: Node, who: Identity, body: WithdrawConsent) -> Consents:
    await actions.withdraw_consent(deps, who, body.phone_number)
    return await _list(deps, who)


ROUTES = (
    Route("GET", "/v1/consents", _list, Consents, "Who agreed to be texted"),
    Route("POST", "/v1/consents", _give, Consents, "Put a consent on record", GiveConsent,
          status=201),
    Route("POST", "/v1/consents/withdraw", _withdraw, Consents, "End a consent", WithdrawConsent),
)  # fmt: skip
