"""Costs as they are written down, in the transaction that makes them true, and counted.

Knows rows and prices, and no channel's own rules.
"""

import uuid
from collections.abc import Iterable, Sequence

import msgspec

from db import costs
from db.costs import Channel, NewCost
from media.consumption import Consumed
from server.core.measures import COSTS
from server.core.settings.costs import Costs
from server.core.transaction import Transaction


class Use(msgspec.Struct, frozen=True):
    """What a call, a text conversation, a text or an e-mail has consumed (more)."""

    subject: str
    user_id: uuid.UUID
    channel: Channel
    consumed: Consumed


async def charge(tx: Transaction, prices: Costs, use: Use, *, once: bool = False) -> None:
    """The same of one; `once`: what is written of it already stays as it is."""
    await charge_all(tx, prices, [use], once=once)


async def charge_all(
    tx: Transaction, prices: Costs, uses: Sequence[Use], *, once: bool = False
) -> None:
    """Add what was consumed to what is written of it, at today's prices. One statement, or none."""
    new = list(_priced(prices, uses))
    if not new:
        return
    # Counted before the commit: one that fails is rare, and costs are read from the rows.
    written = await costs.add(tx.connection, tx.now, prices.currency, new, once=once)
    for one in new:
        if one.amount and (one.subject, one.what) in written:
            COSTS.labels(one.channel, one.what).inc(float(one.amount))


def _priced(prices: Costs, uses: Iterable[Use]) -> Iterable[NewCost]:
    """A row for each thing that each consumed, in order of their locks."""
    sums: dict[tuple[str, str], NewCost] = {}
    for use in uses:
        for what, count in use.consumed.items():
            made = prices.charge(what, count)
            amount, quantity = made.amount, made.quantity
            if (before := sums.get((use.subject, what))) is not None:
                quantity += before.quantity
                amount = None if amount is None else amount + (before.amount or 0)
            sums[use.subject, what] = NewCost(
                use.subject, use.user_id, use.channel, what, made.unit, quantity, amount
            )
    return (sums[key] for key in sorted(sums))
