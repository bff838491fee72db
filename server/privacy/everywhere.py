"""That somebody's account is closed, told to every node: what they remember of the person is
dropped, and their sockets end. A node that is not reached finds out for itself within a minute.

The event that tells the person goes with it: a node that has not read it from its row yet, and may
find that deleted, gives it to their dashboards before it ends them.
"""

from uuid import UUID

import msgspec

from db.cluster import event_streams
from server.live import messages
from server.live.hub import Hub
from server.live.messages import Event
from server.live.wire import event_out
from server.privacy.deps import PrivacyDeps
from server.privacy.wire import AccountErasing

CLOSED = "account.closed"  # on the bus


class Closed(msgspec.Struct, frozen=True):
    """Whose account is closed, and the event that tells it, as long as there is one."""

    user_id: UUID
    event: Event | None


async def tell(deps: PrivacyDeps, user_id: UUID) -> None:
    """Here and everywhere."""
    async with deps.pools.as_service() as connection:
        rows = await event_streams.newest(connection, user_id, AccountErasing.type, 1)
    closed = Closed(user_id, event_out(rows[0]) if rows else None)
    _forget(deps, closed)
    deps.bus.tell(CLOSED, msgspec.json.encode(closed))


def follow(deps: PrivacyDeps) -> None:
    """Hear of it from other nodes."""
    deps.bus.follow(CLOSED, lambda body: _forget(deps, msgspec.json.decode(body, type=Closed)))


def _forget(deps: PrivacyDeps, closed: Closed) -> None:
    deps.admitted.forget(closed.user_id)
    deps.pools.keyring.forget(closed.user_id)
    end_sockets(deps.hub, closed)


def end_sockets(hub: Hub, closed: Closed) -> None:
    """The person's here, after what tells them why."""
    if closed.event is not None:
        hub.publish(closed.event, sure=True)  # nothing before it is waited for any more
    hub.end(closed.user_id, messages.ACCOUNT_CLOSED)
