"""At which of their own numbers somebody wants to be called and texted, and the one that becomes
it once its code has come. Knows rows; how a number is proven is decided elsewhere."""

from uuid import UUID

from db.consent.contacts import OWN_ADDRESSES, PROOFS
from db.core.rows import Connection
from db.core.sealed import open_all

_PREFERRED = """
select user_id, address, address_hash from app.own_addresses where user_id = $1 and is_preferred
"""
_PREFER = """
update app.own_addresses
set is_preferred = (address_hash is not distinct from $2 or address = $3)
where user_id = $1 and is_preferred <> (address_hash is not distinct from $2 or address = $3)
"""
_PREFER_PROVEN = "update app.number_proofs set is_preferred = true where user_id = $1"
_PENDING = """
select user_id, number from app.number_proofs
where user_id = $1 and is_preferred and tries < 5 and expires_at > now()
"""
_IS_PROOF_PREFERRED = "select is_preferred from app.number_proofs where user_id = $1"


async def preferred(connection: Connection, user_id: UUID) -> str | None:
    """The number of their own that the user wants to be called and texted at, if they said so."""
    rows = await connection.fetch(_PREFERRED, user_id)
    found = await open_all(connection, rows, OWN_ADDRESSES)
    return next((row["address"] for row in found if row["address"]), None)


async def prefer(connection: Connection, user_id: UUID, number: str) -> None:
    """The user wants to be called and texted at this number of their own."""
    digest = connection.keyring.hash_address(number)
    await connection.execute(_PREFER, user_id, digest, number)


async def prefer_proven(connection: Connection, user_id: UUID) -> None:
    """The number that is being proved is to be the preferred one once it is proven."""
    await connection.execute(_PREFER_PROVEN, user_id)


async def pending(connection: Connection, user_id: UUID) -> str | None:
    """The number that becomes the preferred one with its code."""
    rows = await open_all(connection, await connection.fetch(_PENDING, user_id), PROOFS)
    return next((row["number"] for row in rows if row["number"]), None)


async def is_proof_preferred(connection: Connection, user_id: UUID) -> bool:
    """Whether the number of the last proof is to be the preferred one."""
    return await connection.fetchval(_IS_PROOF_PREFERRED, user_id) is True
