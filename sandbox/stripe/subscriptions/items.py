"""What a request says about a subscription's items, applied to the ones it has.

An entry with an item's id changes that item; one without adds a further item, which is how a
forgotten id doubles a bill at Stripe too.
"""

from sandbox.stripe.billing.proration import recurring_of
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import invalid, missing
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.billing import item
from sandbox.stripe.shapes.catalog import plan_of


def edit_items(
    account: Account, current: list[Object], params: Params, sub_id: str
) -> list[Object]:
    """The items after a request. Raises StripeError for prices that do not go together."""
    items = {one["id"]: one for one in current}
    for entry in params.each("items"):
        item_id, price_id = entry.text("id"), entry.text("price")
        quantity, deleted = entry.integer("quantity"), entry.flag("deleted")
        entry.ignore("clear_usage")
        if item_id and item_id not in items:
            raise missing("subscription_item", item_id, entry.path("id"))
        if not item_id:
            price = sold(account, price_id, entry.path("price"))
            new = item(account.new_id("si"), account.now(), sub_id, price)
            items[new["id"]] = {
                **new,
                "quantity": 1 if quantity is None else quantity,
                "metadata": entry.metadata(),
            }
        elif deleted:
            del items[item_id]
        else:
            old = items[item_id]
            price = sold(account, price_id, entry.path("price")) if price_id else old["price"]
            items[item_id] = {
                **old,
                "price": price,
                "plan": plan_of(price),
                "quantity": old["quantity"] if quantity is None else quantity,
                "metadata": entry.metadata(old["metadata"]),
            }
    after = list(items.values())
    _check_together(after)
    return after


def sold(account: Account, price_id: str, param: str) -> Object:
    """A recurring price that can still be subscribed to."""
    if not price_id:
        raise invalid(f"Missing required param: {param}.", param, "parameter_missing")
    price = account.get("price", price_id, param)
    if price["recurring"] is None:
        raise invalid(
            f"The price specified is set to `type=one_time` but this field only accepts prices "
            f"with `type=recurring`. Price: {price_id}",
            param,
        )
    if not price["active"]:
        raise invalid(
            "The price specified is inactive. This field only accepts active prices.", param
        )
    return price


def _check_together(items: list[Object]) -> None:
    prices = [one["price"]["id"] for one in items]
    if len(set(prices)) != len(prices):
        raise invalid(
            "Cannot add multiple subscription items with the same plan or price.", "items"
        )
    if len({one["price"]["currency"] for one in items}) > 1:
        raise invalid("All prices on a subscription must have the same `currency`.", "items")
    if items and len({recurring_of([one]) for one in items}) > 1:
        raise invalid(
            "The sandbox bills all items of a subscription at the same interval.", "items"
        )
