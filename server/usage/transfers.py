"""The use of a plan that a call's transfer counts as: reserved before the carrier is asked, settled
with the call's journal.

What no journal came to hold, as whoever asked died first or the call went elsewhere, is given back
by a job once the call is over. Knows no carrier.
"""

import uuid

from db import calls
from server.core.config import Config
from server.core.errors import NotYetError
from server.core.events import of_call
from server.core.node import Node
from server.core.transaction import Transaction
from server.usage import actions as usage

JOB = "transfer_use"
_AFTER_SECONDS = 60.0  # longer than a carrier takes to answer


async def reserve(
    tx: Transaction, config: Config, user_id: uuid.UUID, call_id: uuid.UUID, use: uuid.UUID,
    cause: str | None = None,
) -> None:  # fmt: skip
    """Reserve one more call, as this `use`. Raises AppError: plan_limit, account_closed."""
    about = of_call(user_id, call_id, cause=cause)
    await usage.reserve(tx, "calls", use, about, config.plans.warn_at_percent)
    tx.enqueue(JOB, f"{user_id}/{call_id}/{use}", after_seconds=_AFTER_SECONDS)


async def look(deps: Node, subject: str) -> None:
    """Give back what is still reserved of a call that is over: its journal has settled all that it
    knows of. Raises NotYetError while the call goes on."""
    user_id, call_id, use = map(uuid.UUID, subject.split("/"))
    async with deps.transaction() as tx:
        row = await calls.get_any(tx.connection, call_id)
        if row is not None and row.ended_time is None:
            raise NotYetError("the call goes on", _AFTER_SECONDS)
        await usage.settle(tx, "calls", use, of_call(user_id, call_id), is_used=False)
