"""The end of a customer: deleted at Stripe, by which all that they pay for ends at once.

What Stripe tells of it later is of a former customer, so it is audited and changes nothing.
"""

import uuid

from db.billing import subscriptions
from server.billing.deps import BillingDeps
from server.billing.sync import Reading, offers_of, write
from server.billing.turns import BusyError
from server.core.errors import NotYetError


async def close(deps: BillingDeps, user_id: uuid.UUID) -> None:
    """End everything the user pays for, without money back. Doing it again changes nothing.

    Raises NotYetError where Stripe must be asked and cannot be, StripeAwayError and
    StripeRefusedError.
    """
    customer = await _customer(deps, user_id)
    if customer is None:
        return
    if deps.stripe is None:
        raise NotYetError("no payment account")
    async with deps.pools.as_service() as connection:
        offers = offers_of(
            await subscriptions.plans(connection), await subscriptions.prices(connection)
        )
    try:
        async with deps.turns.of(deps, customer, for_someone=False) as turn:
            if await _customer(deps, user_id) != customer:  # another node was here before
                return
            await deps.stripe.delete_customer(customer)
            gone = Reading(offers, [], None, is_deleted=True)
            async with turn.transaction(deps) as tx:
                await write(deps, tx, customer, gone)
    except BusyError as error:
        raise NotYetError(str(error)) from error


async def _customer(deps: BillingDeps, user_id: uuid.UUID) -> str | None:
    async with deps.pools.as_service() as connection:
        row = await subscriptions.read(connection, user_id)
    return None if row is None else row.stripe_customer_id
