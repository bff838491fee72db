"""Who may be written to: consents, opt-outs, a person's own addresses.

An address is a number in E.164 or an e-mail address in lower case. It is found by its hash; where
somebody has to see it again it is sealed, too, elsewhere the hash stands in its place, so that a
wish to stop outlives whoever had it. Rows from before hold it in clear and are found as well. Knows
rows; what counts as a wish to stop is decided elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID, uuid4

import msgspec

from db.core.clear import Clear
from db.core.hashed import ADDRESS, forms, hashed
from db.core.rows import Connection
from db.core.sealed import Sealed, open_all

Channel: TypeAlias = Literal["texts", "calls"]
Reason: TypeAlias = Literal["stop", "asked", "unsubscribe", "complaint", "bounce"]

OWN_ADDRESSES = Sealed("app.own_addresses", ("user_id", "address_hash"), text=("address",))
CONSENTS = Sealed("app.consents", text=("address", "wording"))
QUESTIONS = Sealed("app.stop_questions", text=("address",))
PROOFS = Sealed("app.number_proofs", ("user_id",), text=("number",))

_HASH = {"address_hash": "address"}
CLEAR = (
    Clear(OWN_ADDRESSES, hashes=_HASH),
    Clear(CONSENTS, hashes=_HASH),
    Clear(QUESTIONS, owner="null::uuid", hashes=_HASH),
    Clear(PROOFS),
    Clear(
        Sealed("app.opt_outs", ()), "null::uuid", hashed={"address": ADDRESS, "because_of": ADDRESS}
    ),
)

_OWN = """
insert into app.own_addresses (user_id, address, address_hash)
select $1, * from unnest($2::text[], $3::bytea[])
on conflict (user_id, address_hash) do update set seen_at = now()
"""
_IS_OWN = """
select exists (select from app.own_addresses
    where user_id = $1 and (address_hash = $2 or address = $3))
"""
_WHOSE = """
select user_id from app.own_addresses where address_hash = $1 or address = $2
order by is_preferred desc, seen_at desc limit 1
"""
_OWN_ADDRESSES = """
select user_id, address, address_hash, seen_at from app.own_addresses where user_id = $1
"""
# Everything that the people behind this address proved to be theirs.
_OF_PEOPLE = """
select other.user_id, other.address, other.address_hash from app.own_addresses mine
join app.own_addresses other on other.user_id = mine.user_id
where mine.address_hash = $1 or mine.address = $2
"""
_STATED_ZONES = """
select distinct p.time_zone from app.own_addresses o join app.profiles p on p.user_id = o.user_id
where (o.address_hash = $1 or o.address = $2) and p.time_zone is not null
"""

_OPT_OUT = """
insert into app.opt_outs (address, reason, because_of)
select hash, $3, $4 from unnest($1::text[], $2::text[]) as person (hash, address)
where not exists (select from app.opt_outs o where o.address = person.address)
order by hash  -- so that two wishes at once take turns
on conflict (address) do nothing
returning address
"""
_DOTLESS = ("gmail.com", "googlemail.com")
_OPT_IN = "select app.opt_in($1::text[]) as address"
_OPT_OUTS = "select address, reason, because_of, at from app.opt_outs where address = any($1)"

_ASK = """
insert into app.stop_questions (id, address, address_hash) select $1, $2, $3
where not exists (select from app.stop_questions where address = $4 and answered_at is null)
on conflict (address_hash) where answered_at is null do nothing returning id
"""
_ANSWERED = """
update app.stop_questions set answered_at = now()
where (address_hash = any($1) or address = any($2)) and answered_at is null returning true
"""
_UNANSWERED = """
update app.stop_questions set answered_at = now()
where id = $1 and answered_at is null returning id, address
"""
_IS_ASKED = """
select exists (select from app.stop_questions
    where (address_hash = any($1) or address = any($2)) and answered_at is null)
"""

_CONSENT = """
insert into app.consents (id, address_hash, address, wording, user_id, channel, source, wording_id,
    wording_version, language, request_id)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
where not exists (select from app.consents
    where user_id = $5 and channel = $6 and address = $12 and withdrawn_at is null)
on conflict (user_id, channel, address_hash) where withdrawn_at is null do nothing returning true
"""
_WITHDRAWN = """
select distinct user_id, channel from app.consents
where (address_hash = $1 or address = $2) and withdrawn_at is not null order by user_id, channel
"""
_HAS_CONSENT = """
select exists (select from app.consents
    where user_id = $1 and channel = $2 and (address_hash = $3 or address = $4)
        and withdrawn_at is null)
"""
_WITHDRAW = """
update app.consents set withdrawn_at = now()
where (address_hash = $1 or address = $2) and withdrawn_at is null
    and ($3::uuid is null or user_id = $3) and ($4::text is null or channel = $4)
returning user_id
"""
_CONSENTS = """
select id, channel, address, wording, source, wording_id, wording_version, language, given_at,
    withdrawn_at
from app.consents
where user_id = $1 order by given_at desc
"""

_BEGIN_PROOF = """
insert into app.number_proofs (user_id, number, code_hash, expires_at)
values ($1, $2, $3, now() + make_interval(secs => $4))
on conflict (user_id) do update set number = excluded.number, code_hash = excluded.code_hash,
    tries = 0, expires_at = excluded.expires_at, is_preferred = false
"""
_TRY_PROOF = """
update app.number_proofs set tries = tries + 1,
    expires_at = case when code_hash = $2 then now() else expires_at end
where user_id = $1 and tries < 5 and expires_at > now()
returning user_id, case when code_hash = $2 then number end as number
"""


class OptOut(msgspec.Struct, frozen=True):
    """A wish not to be written to; `because_of` is the address it came from, "" if that is not
    among those asked about."""

    address: str
    reason: Reason
    because_of: str
    at: datetime


class NewConsent(msgspec.Struct, frozen=True):
    """In which words somebody agreed, how we know, and by which request."""

    user_id: UUID
    channel: Channel
    address: str
    wording: str
    source: str
    wording_id: str = ""
    wording_version: int = 0
    language: str = ""
    request_id: str = ""


class Consent(msgspec.Struct, frozen=True):
    """A row of app.consents."""

    channel: str
    address: str
    wording: str
    source: str
    wording_id: str
    wording_version: int
    language: str
    given_at: datetime
    withdrawn_at: datetime | None


async def note_own(connection: Connection, user_id: UUID, addresses: Sequence[str]) -> None:
    """These addresses are the user's, by their verified token."""
    key = await connection.keyring.of(user_id)
    hashes = [_hash(connection, address) for address in addresses]
    sealed = [
        OWN_ADDRESSES.seal_by(connection.keyring, key, (user_id, hash_), address=address)[0]
        for address, hash_ in zip(addresses, hashes, strict=True)
    ]
    await connection.execute(_OWN, user_id, sealed, hashes)


async def is_own(connection: Connection, user_id: UUID, address: str) -> bool:
    """Whether the user ever proved the address to be theirs."""
    own: bool = await connection.fetchval(_IS_OWN, user_id, _hash(connection, address), address)
    return own


async def whose(connection: Connection, address: str) -> UUID | None:
    """Who proved the address to be theirs: of several, who wants to be called there, or was last
    seen with it."""
    found: UUID | None = await connection.fetchval(_WHOSE, _hash(connection, address), address)
    return found


async def own_addresses(connection: Connection, user_id: UUID) -> list[str]:
    """The user's own addresses, the one last proved first."""
    rows = await open_all(
        connection, await connection.fetch(_OWN_ADDRESSES, user_id), OWN_ADDRESSES
    )
    rows.sort(key=lambda row: (-row["seen_at"].timestamp(), row["address"]))
    return list(dict.fromkeys(row["address"] for row in rows if row["address"]))


async def begin_proof(
    connection: Connection, user_id: UUID, number: str, code: str, seconds: float
) -> None:
    """Whoever has the code proves the number to be theirs, for so long."""
    sealed = await PROOFS.seal(connection, user_id, user_id, number=number)
    await connection.execute(
        _BEGIN_PROOF, user_id, *sealed, _hash_of_code(connection, user_id, code), seconds
    )


async def try_proof(connection: Connection, user_id: UUID, code: str) -> str | None:
    """The number that this code proves, once; a wrong one is counted."""
    row = await connection.fetchrow(_TRY_PROOF, user_id, _hash_of_code(connection, user_id, code))
    if row is None:
        return None
    number: str | None = (await open_all(connection, [row], PROOFS))[0]["number"]
    return number


async def stated_zones(connection: Connection, address: str) -> list[str]:
    """The zones stated by those who proved the address to be theirs."""
    rows = await connection.fetch(_STATED_ZONES, _hash(connection, address), address)
    return [row["time_zone"] for row in rows]


async def opt_out(connection: Connection, address: str, reason: Reason) -> list[str]:
    """Write nothing to the address any more, nor, unless it only bounced, to its person's others.

    Returns the addresses this is news for.
    """
    person = {address} if reason == "bounce" else await _person(connection, address)
    by_hash = {hashed(connection, ADDRESS, one): one for one in person}
    news = await connection.fetch(
        _OPT_OUT, list(by_hash), list(by_hash.values()), reason,
        hashed(connection, ADDRESS, address),
    )  # fmt: skip
    return [by_hash[row["address"]] for row in news]


async def opt_in(connection: Connection, address: str) -> list[str]:
    """Take back what the address asked for; returns the addresses that may be written to again, as
    far as it or its person's others are among them."""
    person = await _person(connection, address)
    known = {form: one for one in person for form in forms(connection, ADDRESS, one)}
    rows = await connection.fetch(_OPT_IN, forms(connection, ADDRESS, address))
    return [known[row["address"]] for row in rows if row["address"] in known]


async def opted_out(connection: Connection, addresses: Sequence[str]) -> OptOut | None:
    """The first wish to stop found for these addresses, or the mailboxes that they lead to."""
    meant = dict.fromkeys([*addresses, *map(mailbox, addresses)])
    return next(iter(await opt_outs(connection, list(meant))), None)


async def opt_outs(connection: Connection, addresses: Sequence[str]) -> list[OptOut]:
    """Everything that was asked for these addresses."""
    known = {form: one for one in addresses for form in forms(connection, ADDRESS, one)}
    return [
        OptOut(known[row["address"]], row["reason"], known.get(row["because_of"], ""), row["at"])
        for row in await connection.fetch(_OPT_OUTS, list(known))
    ]


async def ask_whether_to_stop(connection: Connection, address: str) -> UUID | None:
    """Note that the address is being asked; None when it was, and has not answered yet."""
    question = uuid4()
    sealed = await QUESTIONS.seal(connection, None, question, address=address)
    asked: UUID | None = await connection.fetchval(
        _ASK, question, *sealed, _hash(connection, address), address
    )
    return asked


async def is_asked_whether_to_stop(connection: Connection, addresses: Sequence[str]) -> bool:
    """Whether one of them has a question to answer."""
    hashes = [_hash(connection, address) for address in addresses]
    asked: bool = await connection.fetchval(_IS_ASKED, hashes, addresses)
    return asked


async def answered(connection: Connection, addresses: Sequence[str]) -> bool:
    """They answered, whatever it was; False when nothing was asked."""
    hashes = [_hash(connection, address) for address in addresses]
    return bool(await connection.fetch(_ANSWERED, hashes, addresses))


async def unanswered(connection: Connection, question: UUID) -> str | None:
    """Close a question that nobody answered: its address; None when somebody did."""
    row = await connection.fetchrow(_UNANSWERED, question)
    if row is None:
        return None
    address: str = (await open_all(connection, [row], QUESTIONS))[0]["address"]
    return address


async def give_consent(connection: Connection, new: NewConsent) -> bool:
    """Put it on record; False when there is one in force."""
    consent = uuid4()
    sealed = await CONSENTS.seal(
        connection, new.user_id, consent, address=new.address, wording=new.wording
    )
    given = await connection.fetchval(
        _CONSENT, consent, _hash(connection, new.address), *sealed, new.user_id, new.channel,
        new.source, new.wording_id, new.wording_version, new.language, new.request_id, new.address,
    )  # fmt: skip
    return given is True


async def consent_again(connection: Connection, address: str) -> list[UUID]:
    """What was withdrawn for the address is in force again, by its own word: towards whom."""
    rows = await connection.fetch(_WITHDRAWN, _hash(connection, address), address)
    return [
        row["user_id"]
        for row in rows
        if await give_consent(
            connection,
            NewConsent(row["user_id"], row["channel"], address, "texted START", "start"),
        )
    ]


async def has_consent(
    connection: Connection, user_id: UUID, address: str, channel: Channel = "texts"
) -> bool:
    """Whether there is one in force."""
    given: bool = await connection.fetchval(
        _HAS_CONSENT, user_id, channel, _hash(connection, address), address
    )
    return given


async def withdraw(
    connection: Connection, address: str, user_id: UUID | None = None,
    channel: Channel | None = None,
) -> list[UUID]:  # fmt: skip
    """End what is in force for the address, for one user or for all, in one way or any: towards
    whom there was something."""
    rows = await connection.fetch(_WITHDRAW, _hash(connection, address), address, user_id, channel)
    return sorted({row["user_id"] for row in rows})


async def consents(connection: Connection, user_id: UUID) -> list[Consent]:
    """Everything on record for the user, newest first."""
    return await CONSENTS.many(connection, await connection.fetch(_CONSENTS, user_id), Consent)


async def _person(connection: Connection, address: str) -> set[str]:
    """The address and its mailbox, and all else that the people behind them proved to be theirs."""
    found = {address, mailbox(address)}
    for one in tuple(found):
        rows = await connection.fetch(_OF_PEOPLE, _hash(connection, one), one)
        opened = await open_all(connection, rows, OWN_ADDRESSES)
        found |= {row["address"] for row in opened if row["address"]}
    return found


def mailbox(address: str) -> str:
    """The one address of a mailbox that has many: without what stands behind a plus sign, and at
    Gmail without dots. A number, or an address that is the only one, is itself."""
    name, at, domain = address.lower().rpartition("@")
    if not at:
        return address
    bare = name.partition("+")[0] or name
    if domain in _DOTLESS:
        bare, domain = bare.replace(".", ""), _DOTLESS[0]
    return f"{bare}@{domain}"


def _hash(connection: Connection, address: str) -> bytes:
    digest: bytes = connection.keyring.hash_address(address)
    return digest


def _hash_of_code(connection: Connection, user_id: UUID, code: str) -> bytes:
    digest: bytes = connection.keyring.hash("code", f"{user_id}:{code}")
    return digest
