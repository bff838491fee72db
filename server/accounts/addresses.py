"""Which addresses a token proves to be the user's. Pure."""

from server.core.auth import Identity


def own_addresses(who: Identity) -> list[str]:
    """The addresses the token proves to be the user's."""
    return [address for address in (who.phone, who.email and who.email.lower()) if address]
