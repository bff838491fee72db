"""REST for consents and wishes not to be contacted: put on record, withdrawn, lifted; parse, act,
reply."""

from typing import Annotated

import msgspec
from msgspec import Meta

from db.consent.contacts import Channel
from server.consent import actions, wordings
from server.core.identity.auth import Identity
from server.core.node import Node
from server.core.times import rfc3339
from server.core.validation import PhoneNumber, refuse_nul
from server.http.routing import Route


class GiveConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words in which the owner of the number agreed to be texted, or called."""

    phone_number: PhoneNumber
    wording: Annotated[str, Meta(min_length=1, max_length=500, examples=["Yes, text me."])]
    channel: Channel = "texts"


class WithdrawConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number that is not to be contacted for this user any more; without a channel, in no way."""

    phone_number: PhoneNumber
    channel: Channel | None = None


class ConsentOut(msgspec.Struct, frozen=True):
    """A consent on record; one that was withdrawn stays there. `wording_id`, version and language
    say which of our wordings its words are; "" and 0: none of them."""

    channel: str
    address: str
    wording: str
    source: str
    wording_id: str
    wording_version: int
    language: str
    given_at: str | None
    withdrawn_at: str | None


class Consents(msgspec.Struct, frozen=True):
    """All of the user's, newest first."""

    consents: list[ConsentOut]


class WordingOut(msgspec.Struct, frozen=True):
    """Words to ask somebody's consent with: sent back as they stand, they are known again."""

    id: str
    version: int
    language: str
    channel: str
    text: str


class Wordings(msgspec.Struct, frozen=True):
    """The newest version of each, by language."""

    wordings: list[WordingOut]


class WordingsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language only, as "en"."""

    language: Annotated[str, Meta(max_length=20)] | None = None


class OptOutOut(msgspec.Struct, frozen=True):
    """A wish in force that nothing goes to an address; `because_of` is whose wish it was: one of
    the user's own addresses, or "" if it was none of theirs."""

    address: str
    reason: str
    because_of: str
    at: str | None


class OptOuts(msgspec.Struct, frozen=True):
    """Those for the user's own addresses."""

    opt_outs: list[OptOutOut]


class LiftOptOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An own address that may be written to or called again: a number in E.164, or an e-mail
    address."""

    address: Annotated[str, Meta(min_length=1, max_length=320)]


async def _opt_outs(deps: Node, who: Identity) -> OptOuts:
    found = await actions.opt_outs(deps, who)
    return OptOuts([
        OptOutOut(one.address, one.reason, one.because_of, rfc3339(one.at)) for one in found
    ])  # fmt: skip


async def _lift(deps: Node, who: Identity, body: LiftOptOut) -> OptOuts:
    refuse_nul(body.address, "`address`")
    await actions.lift(deps, who, body.address.strip().lower())
    return await _opt_outs(deps, who)


async def _list(deps: Node, who: Identity) -> Consents:
    return Consents([
        ConsentOut(
            row.channel, row.address, row.wording, row.source,
            row.wording_id, row.wording_version, row.language,
            rfc3339(row.given_at), rfc3339(row.withdrawn_at),
        )
        for row in await actions.consents(deps, who)
    ])  # fmt: skip


async def _wordings(deps: Node, who: Identity, query: WordingsQuery) -> Wordings:  # noqa: ARG001
    return Wordings([
        WordingOut(one.id, one.version, one.language, one.channel, one.text)
        for one in wordings.shown(query.language)
    ])  # fmt: skip


async def _give(deps: Node, who: Identity, body: GiveConsent) -> Consents:
    await actions.give_consent(deps, who, body.phone_number, body.wording, body.channel)
    return await _list(deps, who)


async def _withdraw(deps: Node, who: Identity, body: WithdrawConsent) -> Consents:
    await actions.withdraw_consent(deps, who, body.phone_number, body.channel)
    return await _list(deps, who)


ROUTES = (
    Route("GET", "/v1/consents", _list, Consents, "Who agreed to be contacted"),
    Route("POST", "/v1/consents", _give, Consents, "Put a consent on record", GiveConsent,
          status=201),
    Route("GET", "/v1/consents/wordings", _wordings, Wordings, "Words to ask for consent with",
          query=WordingsQuery),
    Route("GET", "/v1/opt-outs", _opt_outs, OptOuts, "Wishes not to be contacted at own addresses"),
    Route("POST", "/v1/opt-outs/lift", _lift, OptOuts, "Take such a wish back", LiftOptOut),
    Route("POST", "/v1/consents/withdraw", _withdraw, Consents, "End a consent", WithdrawConsent),
)  # fmt: skip
