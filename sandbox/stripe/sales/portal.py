"""The customer portal: its configurations, its sessions, and what a person does there.

Endpoints, and the acts behind the page's buttons. Whatever happens here reaches the product by
events only.
"""

from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.payments import attach, new_method
from sandbox.stripe.billing.proration import period_of
from sandbox.stripe.billing.settlement import end, pay
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.cards import Card
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.catalog import plan_of
from sandbox.stripe.shapes.sessions import portal_configuration, portal_flow, portal_session
from sandbox.stripe.subscriptions.lifecycle import PRORATIONS
from sandbox.stripe.subscriptions.schedules import attach_to, detach, schedule_change
from sandbox.stripe.subscriptions.updates import Switch, switch

SESSION = "billing_portal.session"
CONFIGURATION = "billing_portal.configuration"
_FLOWS = (
    "payment_method_update", "subscription_cancel", "subscription_update",
    "subscription_update_confirm",
)  # fmt: skip


def create_session(account: Account, params: Params) -> Object:
    """POST /v1/billing_portal/sessions."""
    customer = account.get("customer", params.need("customer"), "customer")
    chosen = params.text("configuration")
    setting = account.get(CONFIGURATION, chosen, "configuration") if chosen else default(account)
    return_url = params.text_or("return_url", setting["default_return_url"])
    params.ignore("locale")
    session_id = account.new_id("bps")
    session = portal_session(
        session_id,
        account.now(),
        configuration=setting["id"],
        customer=customer["id"],
        flow=_flow(account, params),
        return_url=return_url,
        url=f"{account.rules.base_url}/portal/{session_id}",
    )
    account.emit("billing_portal.session.created", session)
    return account.put(session)


def create_configuration(account: Account, params: Params) -> Object:
    """POST /v1/billing_portal/configurations."""
    first = not account.all(CONFIGURATION)
    made = portal_configuration(account.new_id("bpc"), account.now(), is_default=first)
    made = account.put(_configured(params, made, fresh=True))
    account.emit("billing_portal.configuration.created", made)
    return made


def update_configuration(account: Account, params: Params, configuration_id: str) -> Object:
    """POST /v1/billing_portal/configurations/{id}."""
    before = account.get(CONFIGURATION, configuration_id)
    made = account.put({**_configured(params, before, fresh=False), "updated": account.now()})
    account.emit("billing_portal.configuration.updated", made, before)
    return made


def default(account: Account) -> Object:
    """The configuration used when none is named; made when first needed."""
    for one in account.all(CONFIGURATION):
        if one["is_default"]:
            return one
    made = portal_configuration(account.new_id("bpc"), account.now(), is_default=True)
    return account.put(made)


def subscription_of(account: Account, session: Object) -> Object | None:
    """The customer's running subscription, the newest if there are several."""
    running = [
        sub
        for sub in account.all("subscription")
        if sub["customer"] == session["customer"]
        and sub["status"] not in ("canceled", "incomplete_expired", "incomplete")
    ]
    return running[-1] if running else None


def change_card(account: Account, session: Object, card: Card) -> None:
    """A new card becomes the default of the customer and of their subscriptions, and open
    invoices are tried with it."""
    customer = account.get("customer", session["customer"])
    method = attach(account, new_method(account, card), customer)
    settings = {**customer["invoice_settings"], "default_payment_method": method["id"]}
    account.emit("customer.updated", account.change(customer, invoice_settings=settings), customer)
    sub = subscription_of(account, session)
    if sub is not None and sub["default_payment_method"] is not None:
        after = account.change(sub, default_payment_method=method["id"])
        account.emit("customer.subscription.updated", after, sub)
    for made in account.all("invoice"):
        if made["customer"] == customer["id"] and made["status"] == "open":
            pay(account, made, method)


def cancel(account: Account, session: Object, sub: Object) -> None:
    """Cancel as the configuration says. At the period's end, "flexible" billing sets a time and
    leaves the flag false, unlike the API (Stripe, "Compare billing modes")."""
    feature = features(account, session)["subscription_cancel"]
    if sub["schedule"]:
        detach(account, account.get("subscription_schedule", sub["schedule"]))
        sub = account.get("subscription", sub["id"])
    if feature["mode"] == "immediately":
        end(account, sub, "cancellation_requested")
        return
    classic = sub["billing_mode"]["type"] == "classic"
    after = account.change(
        sub,
        cancel_at_period_end=classic,
        cancel_at=None if classic else period_of(sub)[1],
        canceled_at=account.now(),
        cancellation_details={**sub["cancellation_details"], "reason": "cancellation_requested"},
    )
    account.emit("customer.subscription.updated", after, sub)


def keep(account: Account, sub: Object) -> None:
    """Take a cancellation back."""
    after = account.change(
        sub,
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        cancellation_details={**sub["cancellation_details"], "reason": None},
    )
    account.emit("customer.subscription.updated", after, sub)


def choices(account: Account, session: Object, sub: Object) -> list[Object]:
    """The prices a subscription may be switched to."""
    feature = features(account, session)["subscription_update"]
    if not feature["enabled"]:
        return []
    current = sub["items"]["data"][0]["price"]["id"]
    offered = [price for product in feature["products"] for price in product["prices"]]
    return [account.get("price", price) for price in offered if price != current]


def switch_plan(account: Account, session: Object, sub: Object, price: Object) -> None:
    """Switch now, or at the end of the period where the configuration says so of cheaper or
    shorter ones."""
    if price not in choices(account, session, sub):
        raise invalid("This price cannot be chosen here.", "price")
    feature = features(account, session)["subscription_update"]
    item = sub["items"]["data"][0]
    items = [{**item, "price": price, "plan": plan_of(price)}]
    conditions = {one["type"] for one in feature["schedule_at_period_end"]["conditions"]}
    if conditions & _traits(item["price"], price):
        if sub["schedule"]:
            detach(account, account.get("subscription_schedule", sub["schedule"]))
            sub = account.get("subscription", sub["id"])
        schedule_change(account, attach_to(account, sub), sub, price)
        return
    how = Switch(
        at=account.now(),
        behavior="pending_if_incomplete",
        prorations=feature["proration_behavior"],
    )
    switch(account, sub, items, how, sub)


def features(account: Account, session: Object) -> Object:
    """What the session's configuration allows."""
    allowed: Object = account.get(CONFIGURATION, session["configuration"])["features"]
    return allowed


def open_invoices(account: Account, customer_id: str) -> list[Object]:
    """What the customer still has to pay."""
    return [
        made
        for made in account.all("invoice")
        if made["customer"] == customer_id
        and made["status"] == "open"
        and invoices.subscription_of(made)
    ]


def _traits(old: Object, new: Object) -> set[str]:
    days = {"day": 1, "week": 7, "month": 30, "year": 365}
    lengths = [
        days[one["recurring"]["interval"]] * one["recurring"]["interval_count"]
        for one in (old, new)
    ]
    found = {"shortening_interval"} if lengths[1] < lengths[0] else set()
    return found | (
        {"decreasing_item_amount"} if new["unit_amount"] < old["unit_amount"] else set()
    )


def _flow(account: Account, params: Params) -> Object | None:
    given = params.below("flow_data")
    if given is None:
        return None
    given.need("type")
    kind = given.choice("type", *_FLOWS)
    completion = given.below("after_completion")
    redirect = completion and completion.below("redirect")
    if completion is not None:
        completion.ignore("type", "hosted_confirmation")
    about = None
    if (details := given.below(kind)) is not None:
        sub = account.get(
            "subscription", details.need("subscription"), details.path("subscription")
        )
        about = {"subscription": sub["id"]}
        if kind == "subscription_cancel":
            about["retention"] = None
        if kind == "subscription_update_confirm":
            about["discounts"] = None
            about["items"] = [
                {
                    "id": entry.need("id"),
                    "price": account.get("price", entry.need("price"), entry.path("price"))["id"],
                    "quantity": entry.integer("quantity") or 1,
                }
                for entry in details.each("items")
            ]
    elif kind != "payment_method_update":
        raise invalid(f"Missing required param: {given.path(kind)}.", given.path(kind))
    return portal_flow(kind, about, redirect.text("return_url") if redirect else None)


def _configured(params: Params, made: Object, *, fresh: bool) -> Object:
    given = params.below("features")
    if given is None and fresh:
        raise invalid("Missing required param: features.", "features", "parameter_missing")
    profile = params.below("business_profile")
    after = {
        **made,
        "default_return_url": params.text_or("default_return_url", made["default_return_url"]),
        "metadata": params.metadata(made["metadata"]),
        "name": params.text_or("name", made["name"]),
    }
    active = params.flag("active")
    if active is not None:
        after["active"] = active
    if profile is not None:
        after["business_profile"] = {
            name: profile.text_or(name, old) for name, old in made["business_profile"].items()
        }
    if given is not None:
        after["features"] = {
            **made["features"],
            **{
                name: _feature(below, name, made["features"][name])
                for name in made["features"]
                if (below := given.below(name)) is not None
            },
        }
    return after


def _feature(given: Params, name: str, made: Object) -> Object:
    enabled = given.flag("enabled")
    after = {**made, "enabled": made["enabled"] if enabled is None else enabled}
    if name == "customer_update" and "allowed_updates" in given:
        after["allowed_updates"] = given.texts("allowed_updates")
    if name == "subscription_cancel":
        after["mode"] = given.choice("mode", made["mode"], "at_period_end", "immediately")
        after["proration_behavior"] = given.choice(
            "proration_behavior", made["proration_behavior"], "create_prorations", *PRORATIONS
        )
        given.ignore("cancellation_reason")
    if name == "subscription_update":
        after["proration_behavior"] = given.choice(
            "proration_behavior", made["proration_behavior"], "create_prorations", *PRORATIONS
        )
        if "default_allowed_updates" in given:
            after["default_allowed_updates"] = given.texts("default_allowed_updates")
        if "products" in given:
            after["products"] = [
                {
                    "adjustable_quantity": {"enabled": False, "maximum": None, "minimum": 1},
                    "prices": one.texts("prices"),
                    "product": one.need("product"),
                }
                for one in given.each("products")
            ]
        if (later := given.below("schedule_at_period_end")) is not None:
            conditions = [{"type": one.need("type")} for one in later.each("conditions")]
            after["schedule_at_period_end"] = {"conditions": conditions}
    return after
