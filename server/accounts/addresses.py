"""Which addresses a token proves to be the user's. Pure."""

from server.core.identity.auth import Identity


def own_addresses(who: Identity) -> list[str]:
    """The addresses the token proves to be the user's."""
    phone = who.phone if who.phone_is_verified else None
    email = who.email.lower() if who.email and who.email_is_verified else None
    return [address for address in (phone, email) if address]
