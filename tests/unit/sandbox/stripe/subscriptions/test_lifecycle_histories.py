"""Whatever is done to a subscription, in any order: money adds up and every change has an event."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sandbox.stripe.core.account import Object
from sandbox.stripe.core.cards import BY_TOKEN
from sandbox.stripe.core.errors import StripeError
from sandbox.stripe.core.params import Params
from sandbox.stripe.sales import portal
from tests.unit.sandbox.stripe.in_memory import FIRST_OF_MONTH, InMemoryStripe, period

HOUR = 3600
CARDS = st.sampled_from(
    ["pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"]
)
PRICES = st.sampled_from(["basic", "pro", "year"])
WAITS = st.one_of(st.integers(1, 48), st.integers(1, 40 * 24))


class Subscriber(RuleBasedStateMachine):
    """One customer, one subscription after another, and time."""

    @initialize(card=CARDS, price=PRICES, anchored=st.booleans(), trial=st.sampled_from([0, 0, 5]))
    def begin(self, card: str, price: str, anchored: bool, trial: int) -> None:
        self.api = InMemoryStripe("2026-12-05 10:30:00", retry_days=(1, 2))
        self.url = "billing_portal/configurations"
        feature = {
            "enabled": True,
            "proration_behavior": "always_invoice",
            "products": [{"product": "p", "prices": [self.api.basic, self.api.pro, self.api.year]}],
            "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
        }
        features = {"subscription_update": feature, "subscription_cancel": {"enabled": True}}
        self.api.post(self.url, features=features)
        more = {"billing_cycle_anchor_config": FIRST_OF_MONTH if anchored else None}
        if trial:
            more["trial_period_days"] = trial  # type: ignore[assignment] # a number among objects
        self.sub_id = self.api.subscribe(getattr(self.api, price), card, **more)["id"]

    @property
    def sub(self) -> Object:
        found: Object = self.api.get(f"subscriptions/{self.sub_id}")
        return found

    def alive(self) -> bool:
        return self.sub["status"] not in ("canceled", "incomplete_expired")

    def attempt(self, path: str, method: str = "POST", **params: object) -> None:
        """A request that may be refused, as Stripe would refuse it: never by a crash."""
        try:
            self.api.call(method, path, **params)
        except StripeError as error:
            assert error.status in (400, 402, 404)  # noqa: PT017 # not that it is raised

    @rule(hours=WAITS)
    def wait(self, hours: int) -> None:
        self.api.wait(hours * HOUR)

    @rule(
        price=PRICES,
        prorations=st.sampled_from(["create_prorations", "always_invoice", "none"]),
        behavior=st.sampled_from(
            ["allow_incomplete", "default_incomplete", "error_if_incomplete",
             "pending_if_incomplete"]
        ),
    )  # fmt: skip
    def switch(self, price: str, prorations: str, behavior: str) -> None:
        items = [{"id": self.sub["items"]["data"][0]["id"], "price": getattr(self.api, price)}]
        self.attempt(
            f"subscriptions/{self.sub_id}",
            items=items,
            proration_behavior=prorations,
            payment_behavior=behavior,
        )

    @rule(quantity=st.integers(1, 3))
    def change_quantity(self, quantity: int) -> None:
        items = [{"id": self.sub["items"]["data"][0]["id"], "quantity": quantity}]
        self.attempt(f"subscriptions/{self.sub_id}", items=items)

    @rule(at_end=st.booleans())
    def wish_to_cancel(self, at_end: bool) -> None:
        wish = {"cancel_at_period_end": True} if at_end else {"cancel_at": "max_period_end"}
        self.attempt(f"subscriptions/{self.sub_id}", **wish)

    @rule()
    def take_it_back(self) -> None:
        self.attempt(f"subscriptions/{self.sub_id}", cancel_at_period_end=False, cancel_at="")

    @rule(card=CARDS)
    def change_card(self, card: str) -> None:
        settings_ = {"default_payment_method": card}
        self.attempt(f"customers/{self.sub['customer']}", invoice_settings=settings_)

    @rule()
    def pay_what_is_open(self) -> None:
        for made in self.api.get("invoices", status="open")["data"]:
            self.attempt(f"invoices/{made['id']}/pay")

    @rule(price=PRICES)
    def schedule(self, price: str) -> None:
        schedule = self.sub["schedule"]
        if schedule is None:
            self.attempt("subscription_schedules", from_subscription=self.sub_id)
        if (schedule := self.sub["schedule"]) is not None:
            made = self.api.get(f"subscription_schedules/{schedule}")
            now = made["phases"][0]
            items = [{"price": one["price"], "quantity": one["quantity"]} for one in now["items"]]
            current = {"items": items, "end_date": now["end_date"]}
            then = {"items": [{"price": getattr(self.api, price)}], "proration_behavior": "none"}
            self.attempt(f"subscription_schedules/{schedule}", phases=[current, then])

    @rule()
    def release(self) -> None:
        if (schedule := self.sub["schedule"]) is not None:
            self.attempt(f"subscription_schedules/{schedule}/release")

    @rule(act=st.sampled_from(["cancel", "keep", "switch", "card"]), card=CARDS, price=PRICES)
    def use_the_portal(self, act: str, card: str, price: str) -> None:
        account = self.api.account
        try:
            with account.transaction():
                session = portal.create_session(account, Params({"customer": self.sub["customer"]}))
                sub = portal.subscription_of(account, session)
                if act == "card":
                    portal.change_card(account, session, BY_TOKEN[card])
                elif sub is not None and act == "switch":
                    wanted = account.get("price", getattr(self.api, price))
                    portal.switch_plan(account, session, sub, wanted)
                elif sub is not None:
                    ends = sub["cancel_at"] is not None or sub["cancel_at_period_end"]
                    if act == "cancel" and not ends:
                        portal.cancel(account, session, sub)
                    elif act == "keep" and ends:
                        portal.keep(account, sub)
        except StripeError as error:
            assert error.status in (400, 402)  # noqa: PT017

    @rule(prorate=st.booleans(), invoice_now=st.booleans())
    @precondition(lambda self: self.api.account.now() % 3 == 0)
    def cancel_now(self, prorate: bool, invoice_now: bool) -> None:
        path = f"subscriptions/{self.sub_id}"
        self.attempt(path, "DELETE", prorate=prorate, invoice_now=invoice_now)

    @rule(price=PRICES, card=CARDS)
    def begin_again(self, price: str, card: str) -> None:
        if not self.alive():
            self.sub_id = self.api.subscribe(getattr(self.api, price), card)["id"]

    @invariant()
    def charges_are_what_paid_invoices_asked_for(self) -> None:
        account = self.api.account
        taken = sum(one["amount"] for one in account.all("charge") if one["paid"])
        asked = sum(one["amount_paid"] for one in account.all("invoice"))
        assert taken == asked

    @invariant()
    def an_invoice_is_the_sum_of_its_lines(self) -> None:
        for made in self.api.account.all("invoice"):
            assert made["total"] == sum(line["amount"] for line in made["lines"]["data"])
            assert 0 <= made["amount_remaining"] <= made["amount_due"]

    @invariant()
    def what_invoices_left_over_is_on_the_balance(self) -> None:
        account = self.api.account
        for customer in account.all("customer"):
            left = sum(
                made["total"] - made["amount_due"]
                for made in account.all("invoice")
                if made["customer"] == customer["id"]
                and made["status"] in ("open", "paid", "uncollectible")
            )
            assert customer["balance"] == left

    @invariant()
    def now_is_in_the_period(self) -> None:
        sub = self.sub
        if sub["status"] in ("active", "past_due", "trialing", "unpaid"):
            start, end = period(sub)
            assert start <= self.api.account.now() < end

    @invariant()
    def the_last_event_of_a_thing_is_what_it_is(self) -> None:
        told: dict[str, Object] = {}
        for event in self.api.account.all("event"):
            value = event["data"]["object"]
            told[value.get("id", "")] = value
        account = self.api.account
        for kind in ("subscription", "subscription_schedule"):
            for one in account.all(kind):
                assert told[one["id"]] == one

    @invariant()
    def events_are_told_in_the_order_of_time(self) -> None:
        moments = [event["created"] for event in self.api.account.all("event")]
        assert moments == sorted(moments)


TestSubscriber = Subscriber.TestCase
TestSubscriber.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
