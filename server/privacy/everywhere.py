"""That somebody's account is closed, told to every node: what they remember of the person is
dropped, and their sockets end. A node that is not reached finds out for itself within a minute."""

from uuid import UUID

from server.live import messages
from server.privacy.deps import PrivacyDeps

CLOSED = "account.closed"  # on the bus; the body is the user's id


def tell(deps: PrivacyDeps, user_id: UUID) -> None:
    """Here and everywhere."""
    _forget(deps, user_id)
    deps.bus.tell(CLOSED, user_id.bytes)


def follow(deps: PrivacyDeps) -> None:
    """Hear of it from other nodes."""
    deps.bus.follow(CLOSED, lambda body: _forget(deps, UUID(bytes=body)))


def _forget(deps: PrivacyDeps, user_id: UUID) -> None:
    deps.admitted.forget(user_id)
    deps.pools.keyring.forget(user_id)
    deps.hub.end(user_id, messages.ACCOUNT_CLOSED)
