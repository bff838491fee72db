"""Stripe through its own SDK: customers, subscriptions, payment pages. Thin; decides nothing.

Every write carries an idempotency key made of a row of ours, so a write of unknown outcome is
simply repeated (docs.stripe.com/api/idempotent_requests). The API version is pinned: shapes change
between versions. Answers become values of `server.billing_rules.plans` before anybody sees them.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any, TypeVar

import msgspec
import stripe
from stripe.params import SubscriptionScheduleUpdateParamsPhase as Phase
from stripe.params import SubscriptionScheduleUpdateParamsPhaseDuration as Duration
from stripe.params import SubscriptionScheduleUpdateParamsPhaseItem as Item

from server.billing_rules.plans import Interval, Offers, is_month_start, month_start_after
from server.core.measures import vendor_request
from server.core.settings.vendors import Stripe
from server.vendors.stripe.shapes import (
    Charge,
    Listed,
    Made,
    Page,
    Preview,
    Rows,
    StripeAwayError,
    Subscription,
    is_proration,
    read_subscription,
    shaped,
)

API_VERSION = "2026-10-28.endive"
PAGE = 100
_MAX_PAGES = 100
# All four parts: left to itself the clock part would be the moment of the purchase.
_FIRST_OF_MONTH = {"day_of_month": 1, "hour": 0, "minute": 0, "second": 0}
_NO_WORD = {408, 409, 425, 429}  # of Stripe's on what was asked: to be asked again
_MONTH: Duration = {"interval": "month", "interval_count": 1}

Answer = TypeVar("Answer")


class StripeRefusedError(Exception):
    """Stripe understood and said no; `code` is its own word, or the HTTP status."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Quote(msgspec.Struct, frozen=True):
    """What a change costs now, in minor units; `at` is the moment it was computed for."""

    amount_minor: int
    currency: str
    at: int


class StripeBilling:
    """One account; build it inside a running loop and close it at the end."""

    def __init__(self, settings: Stripe) -> None:
        self._http = stripe.AIOHTTPClient(timeout=settings.timeout_seconds)
        self._client = stripe.StripeClient(
            settings.secret_key.reveal(),
            http_client=self._http,
            stripe_version=API_VERSION,
            base_addresses={"api": settings.base_url.rstrip("/")},
            max_network_retries=settings.max_retries,
        )
        self._api = self._client.v1

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def create_customer(self, user_id: str, email: str | None, key: str) -> str:
        """The user's customer; asked twice with the same key it is the same one."""
        params: dict[str, Any] = {"metadata": {"user_id": user_id}}
        if email is not None:
            params["email"] = email
        made = await _asked(
            self._api.customers.create_async(params, _key(key))  # type: ignore[arg-type]
        )
        return shaped(made, Made).id

    async def delete_customer(self, customer: str) -> None:
        """End all of the customer's subscriptions at once and forget their name and cards; one that
        is gone stays so. What was invoiced stays at Stripe."""
        try:
            await _asked(self._api.customers.delete_async(customer))
        except StripeRefusedError as refused:
            if refused.code != "resource_missing":
                raise

    async def subscriptions(self, customer: str, offers: Offers) -> list[Subscription]:
        """All of a customer's subscriptions, over or not, as they are at this moment; `offers` tell
        which item is a plan."""
        found = []
        asked = {
            "customer": customer,
            "status": "all",
            "expand": ["data.schedule", "data.latest_invoice"],
        }
        async for raw in self._pages("subscriptions", asked):
            listed = shaped(raw, Listed)
            open_ones = {"subscription": listed.id, "status": "open"}
            owes = listed.status == "past_due"
            owed = [one async for one in self._pages("invoices", open_ones)] if owes else []
            if listed.items.get("has_more"):  # a subscription carries only its first ten
                mine = {"subscription": listed.id}
                raw["items"]["data"] = [
                    one async for one in self._pages("subscription_items", mine)
                ]
            found.append(read_subscription(raw, offers, owed))
        return [one for one in found if one is not None]

    async def quote(
        self, customer: str, current: Subscription, price: str, at: int, *, is_same_interval: bool
    ) -> Quote:
        """What changing the held subscription to the price at `at` costs now.

        Due now is the invoice of the change. Only where Stripe shows the next renewal on it, too,
        it is the prorations alone (docs.stripe.com/billing/subscriptions/prorations).
        """
        details = {
            "items": [{"id": current.item, "price": price}],
            "proration_behavior": "always_invoice",
            "proration_date": at,
        }
        params = {"customer": customer, "subscription": current.seen.id}
        seen = await self._preview({**params, "subscription_details": details})
        prorations = [line.amount for line in seen.lines.data if is_proration(line)]
        shows_more = is_same_interval and len(prorations) < len(seen.lines.data)
        due = max(0, sum(prorations)) if shows_more else seen.amount_due
        return Quote(due, seen.currency, at)

    async def quote_new(
        self, customer: str, price: str, interval: Interval, anchor: int, at: int
    ) -> Quote:
        """What a first subscription to the price costs now; monthly ones turn at `anchor`."""
        details: dict[str, Any] = {"items": [{"price": price}]}
        if interval == "monthly":
            details["billing_cycle_anchor"] = {"type": "timestamp", "timestamp": anchor}
        seen = await self._preview({"customer": customer, "subscription_details": details})
        return Quote(seen.amount_due, seen.currency, at)

    async def _preview(self, params: dict[str, Any]) -> Preview:
        made = await _asked(self._api.invoices.create_preview_async(params))  # type: ignore[arg-type]
        return shaped(made, Preview)

    async def change_price(self, current: Subscription, price: str, at: int, key: str) -> None:
        """Change now, in force once it is paid; unpaid it stays a pending update."""
        await _asked(
            self._api.subscriptions.update_async(
                current.seen.id,
                {
                    "items": [{"id": current.item, "price": price}],
                    "proration_behavior": "always_invoice",
                    "payment_behavior": "pending_if_incomplete",
                    "proration_date": at,
                },
                _key(key),
            )
        )

    async def change_price_later(
        self, current: Subscription, price: str, interval: Interval, key: str
    ) -> None:
        """Change at the period's end, by a schedule that then lets go of the subscription.

        A monthly price that begins within a month moves to the 1st with the next one, which
        credits what is left of the period it cuts short.
        """
        end = current.seen.period_end
        then: Phase = {**_held(current, price), "proration_behavior": "none"}
        phases: list[Phase] = [
            {**_held(current, current.seen.price), "end_date": _seconds(end)},
            {**then, "duration": _MONTH},
        ]
        phases[0]["trial"] = current.seen.status == "trialing"
        if interval == "monthly" and not is_month_start(end):
            phases[1:] = [
                {**then, "end_date": _seconds(month_start_after(end))},
                _from_the_first(_held(current, price)),
            ]
        await self._schedule(current, phases, key)

    async def move_to_first(self, current: Subscription, at: dt.datetime, key: str) -> None:
        """Let a monthly subscription that turns on another day turn on the 1st from `at` on."""
        held = _held(current, current.seen.price)
        phases: list[Phase] = [{**held, "end_date": _seconds(at)}, _from_the_first(held)]
        await self._schedule(current, phases, key)

    async def _schedule(self, current: Subscription, phases: list[Phase], key: str) -> None:
        """The two calls cannot be one: `from_subscription` allows no other parameter. A schedule
        left over from a failure between them changes nothing and is used again."""
        schedule = current.seen.schedule
        if schedule is None:
            made = await _asked(
                self._api.subscription_schedules.create_async(
                    {"from_subscription": current.seen.id}, _key(f"{key}:schedule")
                )
            )
            schedule = shaped(made, Made).id
        phases[0]["start_date"] = _seconds(current.seen.period_start)
        await _asked(
            self._api.subscription_schedules.update_async(
                schedule, {"end_behavior": "release", "phases": phases}, _key(f"{key}:phases")
            )
        )

    async def release(self, schedule: str, key: str) -> None:
        """Let go of the subscription: while a schedule owns it, it cannot be changed otherwise."""
        with contextlib.suppress(StripeRefusedError):  # it is over already; the next read shows it
            await _asked(
                self._api.subscription_schedules.release_async(schedule, {}, _key(f"{key}:release"))
            )

    async def give_up(self, invoice: str, key: str) -> None:
        """Take back a change that waits for this invoice to be paid."""
        with contextlib.suppress(StripeRefusedError):  # just paid or over; the next read shows it
            await _asked(self._api.invoices.void_invoice_async(invoice, {}, _key(f"{key}:void")))

    async def end_later(self, subscription: str, key: str) -> None:
        """Let it end with its period."""
        await _asked(
            self._api.subscriptions.update_async(
                subscription, {"cancel_at_period_end": True}, _key(key)
            )
        )

    async def keep(self, subscription: str, key: str) -> None:
        """Let it go on. The portal ends by `cancel_at`, we by the flag: both are taken back."""
        await _asked(
            self._api.subscriptions.update_async(
                subscription, {"cancel_at_period_end": False, "cancel_at": ""}, _key(key)
            )
        )

    async def checkout(
        self, customer: str, user_id: str, price: str, interval: Interval, back: str, key: str
    ) -> Page:
        """A page on which the customer pays for a first subscription."""
        data: dict[str, Any] = {"metadata": {"user_id": user_id}}
        if interval == "monthly":
            data["billing_cycle_anchor_config"] = _FIRST_OF_MONTH
        params: Any = {
            "mode": "subscription",
            "customer": customer,
            "client_reference_id": user_id,
            "line_items": [{"price": price, "quantity": 1}],
            "subscription_data": data,
            "success_url": f"{back}/?checkout={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{back}/",
        }
        made = await _asked(self._api.checkout.sessions.create_async(params, _key(key)))
        return shaped(made, Page)

    async def expire_checkout(self, session: str) -> None:
        """Close a payment page nobody is to use any more; one that is closed stays so."""
        with contextlib.suppress(StripeRefusedError):
            await _asked(self._api.checkout.sessions.expire_async(session))

    async def portal(self, customer: str, back: str) -> str:
        """Where the customer changes their card and sees their invoices."""
        made = await _asked(
            self._api.billing_portal.sessions.create_async(
                {"customer": customer, "return_url": f"{back}/"}
            )
        )
        return shaped(made, Page).url

    async def customer_of_charge(self, charge: str) -> str | None:
        """Whose charge a refund or a dispute is about."""
        return shaped(await _asked(self._api.charges.retrieve_async(charge)), Charge).customer

    async def undelivered(self) -> AsyncIterator[dict[str, Any]]:
        """Events of which Stripe does not know that we have them, newest first."""
        async for raw in self._pages("events", {"delivery_success": False}):
            yield raw

    async def endpoints(self) -> list[dict[str, Any]]:
        """Where the account has its events sent to, as Stripe has it."""
        return [raw async for raw in self._pages("webhook_endpoints", {})]

    async def price(self, lookup_key: str) -> tuple[str, int, str] | None:
        """The price id, minor units and currency this key stands for."""
        found = await _asked(self._api.prices.list_async({"lookup_keys": [lookup_key]}))
        for raw in shaped(found, Rows).data:
            return raw["id"], raw["unit_amount"], raw["currency"]
        return None

    async def create_price(
        self, plan: str, name: str, interval: Interval, amount_minor: int, currency: str
    ) -> str:
        """A new price under the plan's key, taken over from an older price if there is one."""
        product = f"talking_{plan}"
        try:
            await _asked(self._api.products.retrieve_async(product))
        except StripeRefusedError:
            await _asked(
                self._api.products.create_async(
                    {"id": product, "name": name}, _key(f"product:{product}")
                )
            )
        key = lookup_key(plan, interval)
        made = await _asked(
            self._api.prices.create_async(
                {
                    "product": product,
                    "currency": currency,
                    "unit_amount": amount_minor,
                    "recurring": {"interval": "month" if interval == "monthly" else "year"},
                    "lookup_key": key,
                    "transfer_lookup_key": True,
                },
                _key(f"price:{key}:{amount_minor}:{currency}"),
            )
        )
        return made.id

    async def _pages(self, name: str, params: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """A list as plain JSON: making the SDK's objects of it only to read them takes 4 ms."""
        asked = {**params, "limit": PAGE}
        for _ in range(_MAX_PAGES):
            answer: Any = await _asked(
                self._client.raw_request_async("get", f"/v1/{name}", **asked)
            )
            page = shaped(answer.data, Rows)
            for raw in page.data:
                yield raw
            if not page.has_more or not page.data:
                return
            asked["starting_after"] = shaped(page.data[-1], Made).id


def lookup_key(plan: str, interval: Interval) -> str:
    """The name under which a plan's price is found at Stripe."""
    return f"talking_{plan}_{interval}"


def _held(current: Subscription, price: str) -> Phase:
    """A phase with this price for the plan, and with what is beside it as it is: a phase has none
    of the subscription's discounts but those that it names."""
    held: Phase = {"items": _with_others(current, price)}
    if current.discounts:
        held["discounts"] = [{"discount": one} for one in current.discounts]
    return held


def _with_others(current: Subscription, price: str) -> list[Item]:
    items: list[Item] = [{"price": price, "quantity": current.quantity}]
    for other in current.others:
        if other.price != price:
            more: Item = {"price": other.price}
            if other.quantity is not None:
                more["quantity"] = other.quantity
            items.append(more)
    return items


def _from_the_first(held: Phase) -> Phase:
    """A phase that begins on a 1st and makes it the day of all that follow."""
    return {
        **held,
        "billing_cycle_anchor": "phase_start",
        "proration_behavior": "create_prorations",
        "duration": _MONTH,
    }


def _key(key: str) -> stripe.RequestOptions:
    return {"idempotency_key": key}


def _seconds(at: dt.datetime) -> int:
    return int(at.timestamp())


async def _asked(request: Awaitable[Answer]) -> Answer:
    with _translated(), vendor_request("stripe"):
        return await request


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        status = error.http_status or 0
        if not 400 <= status < 500 or status in _NO_WORD:  # also a success that cannot be read
            raise StripeAwayError(type(error).__name__) from error
        raise StripeRefusedError(error.code or str(status)) from error
    except (AttributeError, TypeError, ValueError, RecursionError) as error:  # of the SDK's reading
        raise StripeAwayError(type(error).__name__) from error
