"""Who may be written to: consents, opt-outs, a person's own addresses, what went where lately.

An address is a number in E.164 or an e-mail address in lower case. Knows rows; what counts as a
wish to stop is decided elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from db.core.rows import Connection, many, one

Channel: TypeAlias = Literal["texts", "calls"]
Reason: TypeAlias = Literal["stop", "asked", "unsubscribe", "complaint", "bounce"]

_OWN = """
insert into app.own_addresses (user_id, address) select $1, unnest($2::text[])
on conflict (user_id, address) do update set seen_at = now()
"""
_IS_OWN = "select exists (select from app.own_addresses where user_id = $1 and address = $2)"
_OWN_ADDRESSES = """
select address from app.own_addresses where user_id = $1 order by seen_at desc, address
"""

_STATED_ZONES = """
select distinct p.time_zone from app.own_addresses o join app.profiles p on p.user_id = o.user_id
where o.address = $1 and p.time_zone is not null
"""

# Everything else that the people behind this address proved to be theirs.
_OPT_OUT = """
with person as (
    select $1::text as address
    union
    select other.address from app.own_addresses mine
    join app.own_addresses other on other.user_id = mine.user_id
    where mine.address = $1 and $3
)
insert into app.opt_outs (address, reason, because_of)
select address, $2, $1 from person order by address  -- so that two wishes at once take turns
on conflict (address) do nothing
returning address
"""
_OPT_IN = "select app.opt_in($1) as address"
_OPT_OUTS = "select address, reason, because_of, at from app.opt_outs where address = any($1)"

_ASK = """
insert into app.stop_questions (address) values ($1)
on conflict (address) where answered_at is null do nothing returning id
"""
_ANSWERED = """
update app.stop_questions set answered_at = now()
where address = any($1) and answered_at is null returning true
"""
_UNANSWERED = """
update app.stop_questions set answered_at = now()
where id = $1 and answered_at is null returning address
"""
_IS_ASKED = """
select exists (select from app.stop_questions where address = any($1) and answered_at is null)
"""
_FORGET_QUESTIONS = "delete from app.stop_questions where asked_at < now() - interval '30 days'"

_CONSENT = """
insert into app.consents (user_id, channel, address, wording, source)
values ($1, $5, $2, $3, $4)
on conflict (user_id, channel, address) where withdrawn_at is null do nothing
"""
_CONSENT_AGAIN = """
insert into app.consents (user_id, channel, address, wording, source)
select distinct user_id, channel, address, 'texted START', 'start' from app.consents
where address = $1 and withdrawn_at is not null
on conflict (user_id, channel, address) where withdrawn_at is null do nothing
"""
_HAS_CONSENT = """
select exists (select from app.consents
    where user_id = $1 and channel = $3 and address = $2 and withdrawn_at is null)
"""
_WITHDRAW = """
update app.consents set withdrawn_at = now()
where address = $1 and withdrawn_at is null and ($2::uuid is null or user_id = $2)
"""
_CONSENTS = """
select channel, address, wording, source, given_at, withdrawn_at from app.consents
where user_id = $1 order by given_at desc
"""

_PACE = "select app.pace($1, $2, $3)"
_FORGET_VELOCITY = "delete from app.velocity where at < now() - interval '1 day'"

_COMPLAIN = """
insert into app.complaints (user_id, email_id) values ($1, $2) on conflict do nothing
"""
_COMPLAINTS = """
select count(*) from app.complaints where user_id = $1 and at > now() - make_interval(days => $2)
"""

_BEGIN_PROOF = """
insert into app.number_proofs (user_id, number, code_hash, expires_at)
values ($1, $2, $3, now() + make_interval(secs => $4))
on conflict (user_id) do update set number = excluded.number, code_hash = excluded.code_hash,
    tries = 0, expires_at = excluded.expires_at
"""
_TRY_PROOF = """
update app.number_proofs set tries = tries + 1,
    expires_at = case when code_hash = $2 then now() else expires_at end
where user_id = $1 and tries < 5 and expires_at > now()
returning case when code_hash = $2 then number end
"""

_STRANGER = """
insert into app.strangers as s (phone_number) values ($1)
on conflict (phone_number) do update set answered_at = now()
where s.answered_at < now() - interval '1 day' returning true
"""


class Pace(msgspec.Struct, frozen=True):
    """At most so many under this key within so many seconds, a day at most."""

    key: str
    most: int
    seconds: int


class OptOut(msgspec.Struct, frozen=True):
    """A wish not to be written to; `because_of` is the address it came from."""

    address: str
    reason: Reason
    because_of: str
    at: datetime


class Consent(msgspec.Struct, frozen=True):
    """A row of app.consents."""

    channel: str
    address: str
    wording: str
    source: str
    given_at: datetime
    withdrawn_at: datetime | None


async def note_own(connection: Connection, user_id: UUID, addresses: Sequence[str]) -> None:
    """These addresses are the user's, by their verified token."""
    await connection.execute(_OWN, user_id, addresses)


async def is_own(connection: Connection, user_id: UUID, address: str) -> bool:
    """Whether the user ever proved the address to be theirs."""
    own: bool = await connection.fetchval(_IS_OWN, user_id, address)
    return own


async def own_addresses(connection: Connection, user_id: UUID) -> list[str]:
    """The user's own addresses, the one last proved first."""
    return [row["address"] for row in await connection.fetch(_OWN_ADDRESSES, user_id)]


async def begin_proof(
    connection: Connection, user_id: UUID, number: str, code_hash: bytes, seconds: float
) -> None:
    """Whoever has the code proves the number to be theirs, for so long."""
    await connection.execute(_BEGIN_PROOF, user_id, number, code_hash, seconds)


async def try_proof(connection: Connection, user_id: UUID, code_hash: bytes) -> str | None:
    """The number that this code proves, once; a wrong one is counted."""
    number: str | None = await connection.fetchval(_TRY_PROOF, user_id, code_hash)
    return number


async def stated_zones(connection: Connection, address: str) -> list[str]:
    """The zones stated by those who proved the address to be theirs."""
    return [row["time_zone"] for row in await connection.fetch(_STATED_ZONES, address)]


async def opt_out(connection: Connection, address: str, reason: Reason) -> list[str]:
    """Write nothing to the address any more, nor, unless it only bounced, to its person's others.

    Returns the addresses this is news for.
    """
    rows = await connection.fetch(_OPT_OUT, address, reason, reason != "bounce")
    return [row["address"] for row in rows]


async def opt_in(connection: Connection, address: str) -> list[str]:
    """Take back what the address asked for; returns the addresses that may be written to again."""
    return [row["address"] for row in await connection.fetch(_OPT_IN, address)]


async def opted_out(connection: Connection, addresses: Sequence[str]) -> OptOut | None:
    """The first wish to stop found for these addresses."""
    return one(await connection.fetchrow(_OPT_OUTS, addresses), OptOut)


async def opt_outs(connection: Connection, addresses: Sequence[str]) -> list[OptOut]:
    """Everything that was asked for these addresses."""
    return many(await connection.fetch(_OPT_OUTS, addresses), OptOut)


async def ask_whether_to_stop(connection: Connection, address: str) -> UUID | None:
    """Note that the address is being asked; None when it was, and has not answered yet."""
    asked: UUID | None = await connection.fetchval(_ASK, address)
    return asked


async def is_asked_whether_to_stop(connection: Connection, addresses: Sequence[str]) -> bool:
    """Whether one of them has a question to answer."""
    asked: bool = await connection.fetchval(_IS_ASKED, addresses)
    return asked


async def answered(connection: Connection, addresses: Sequence[str]) -> bool:
    """They answered, whatever it was; False when nothing was asked."""
    return bool(await connection.fetch(_ANSWERED, addresses))


async def unanswered(connection: Connection, question: UUID) -> str | None:
    """Close a question that nobody answered: its address; None when somebody did."""
    address: str | None = await connection.fetchval(_UNANSWERED, question)
    return address


async def give_consent(
    connection: Connection, user_id: UUID, address: str, wording: str, source: str,
    channel: Channel = "texts",
) -> None:  # fmt: skip
    """Put it on record, once while it is in force."""
    await connection.execute(_CONSENT, user_id, address, wording, source, channel)


async def consent_again(connection: Connection, address: str) -> None:
    """What was withdrawn for the address is in force again, by its own word."""
    await connection.execute(_CONSENT_AGAIN, address)


async def has_consent(
    connection: Connection, user_id: UUID, address: str, channel: Channel = "texts"
) -> bool:
    """Whether there is one in force."""
    given: bool = await connection.fetchval(_HAS_CONSENT, user_id, address, channel)
    return given


async def withdraw(connection: Connection, address: str, user_id: UUID | None = None) -> None:
    """End what is in force for the address, for one user or for all."""
    await connection.execute(_WITHDRAW, address, user_id)


async def consents(connection: Connection, user_id: UUID) -> list[Consent]:
    """Everything on record for the user, newest first."""
    return many(await connection.fetch(_CONSENTS, user_id), Consent)


async def pace(connection: Connection, limits: Sequence[Pace]) -> int | None:
    """Note one more under each key; if one of them has had its number lately, nothing is noted and
    the seconds to wait are returned. The keys are locked until the transaction ends."""
    wait: int | None = await connection.fetchval(
        _PACE,
        [limit.key for limit in limits],
        [limit.most for limit in limits],
        [limit.seconds for limit in limits],
    )
    return wait


async def forget_pace(connection: Connection) -> None:
    """Drop what no limit looks at any more, and questions of long ago."""
    await connection.execute(_FORGET_VELOCITY)
    await connection.execute(_FORGET_QUESTIONS)


async def complain(connection: Connection, user_id: UUID, email_id: UUID) -> None:
    """Somebody calls this e-mail of the user's spam; the same e-mail counts once."""
    await connection.execute(_COMPLAIN, user_id, email_id)


async def complaints(connection: Connection, user_id: UUID, days: int) -> int:
    """How many of the user's e-mails were called spam in the last days."""
    count: int = await connection.fetchval(_COMPLAINTS, user_id, days)
    return count


async def answer_stranger(connection: Connection, phone_number: str) -> bool:
    """True once a day for a number."""
    return await connection.fetchval(_STRANGER, phone_number) is True
