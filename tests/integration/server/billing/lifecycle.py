"""The life of one subscription at a billing node as good as new, and what it entitles to.

What a step must have led to is predicted here where everything is paid, and read from the
sandbox's own books where it is not; neither asks the product's code.
"""

import datetime as dt
import random
from fractions import Fraction
from typing import Any, TypeAlias

import asyncpg

from db.core.pool import Pools
from sandbox.stripe.billing.invoices import subscription_of
from sandbox.stripe.billing.proration import period_from
from server.billing import actions as billing
from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.billing_rules.plans import Interval
from server.core.errors import AppError
from server.core.identity.auth import Identity
from tests.integration.server.billing.billing_node import PAYS, BillingNode, open_billing_node, paid
from tests.support.database import Database, open_test_pools

Plan: TypeAlias = tuple[str, Interval]
Held: TypeAlias = tuple[str, str | None]

FREE: Held = ("free", None)
LIVE = {"active", "past_due"}
GRACE = dt.timedelta(days=7)


class World:
    """One billing node for all lifecycles; before each it is put back to how it opened."""

    def __init__(self, database: Database, data: Any) -> None:
        self._database = database
        self._data = data

    async def open(self) -> None:
        self._pools: Pools = await open_test_pools(self._database)
        self.owner = await asyncpg.connect(self._database.owner_dsn)
        self._opened = open_billing_node(self._pools, self.owner, self._data)
        self.node = await self._opened.__aenter__()
        self._fresh = {k: dict(v) for k, v in self.node.service.account._kinds.items()}

    async def begin(self, at: dt.datetime) -> "Lifecycle":
        """Somebody signs up at this moment."""
        account, clock = self.node.service.account, self.node.service.clock
        account._kinds = {kind: dict(rows) for kind, rows in self._fresh.items()}
        clock._stopped_at = at
        await self.owner.execute("truncate app.stripe_events, app.pgqueuer, app.pgqueuer_log")
        await self.owner.execute(
            "update users set stripe_customer_id = null where stripe_customer_id is not null"
        )
        return Lifecycle(self.node, self.owner, await self.node.sign_up())

    async def close(self) -> None:
        await self._opened.__aexit__(None, None, None)
        await self.owner.close()
        await self._pools.close()


class Lifecycle:
    """What the subscriber does, and what comes of it.

    `held` is what they are entitled to, `coming` what they are to have at the period's end,
    `waiting` what they get once they pay for it.
    """

    def __init__(self, node: BillingNode, owner: asyncpg.Connection, who: Identity) -> None:
        self.node = node
        self.owner = owner
        self.who = who
        self.held: Held = FREE
        self.coming: Held | None = None
        self.waiting: Held | None = None
        self.turns_at = node.service.clock.now()
        self.card_pays = True
        self.pages: list[str] = []
        self.seen = 0
        self.arrived: set[str] = set()

    async def buy(self, plan: Plan, card: str | None) -> None:
        """Go to a payment page, and pay there unless the card fails or there is none."""
        live = self.live()
        link = await self.tried(checkout.checkout(self.node.deps, self.who, PlanAsk(*plan)))
        assert (link is None) == (live is not None), "who has nothing may buy, and nobody else"
        if link is None:
            return
        self.pages.append(link.url)
        if card is not None:
            status = await self.node.click(link.url, card=card)
            assert (status == 303) == (card == PAYS)
            self._bought(plan if status == 303 else None)

    async def buy_late(self, which: int) -> None:
        """Pay on a payment page that was opened earlier: only the last one may still work."""
        if not self.pages:
            return
        was_live = self.live() is not None
        url = self.pages[which % len(self.pages)]
        if await self.node.click(url, card=PAYS) == 303:
            assert not was_live
            assert url == self.pages[-1], "older pages are closed"
            self._bought(self.truth())

    def _bought(self, plan: Held | None) -> None:
        assert self.truth() == (plan or self.held)
        if plan is not None:
            self.held, self.coming, self.card_pays = plan, None, True

    async def change(self, plan: Plan) -> None:
        """See what it costs, and do it."""
        shown = await self.tried(checkout.preview(self.node.deps, self.who, PlanAsk(*plan)))
        if shown is None or shown.needs_checkout:
            return
        is_now = shown.takes_effect == "now"
        is_paid, before = self.is_paid_up(), self._money()
        ask = PlanAsk(*plan, shown.quoted_at if is_now else None)
        done = await self.tried(billing.change(self.node.deps, self.who, ask))
        if done is None:
            return
        self.coming = None
        self.waiting = plan if done.pay_url is not None else None
        if not is_now:
            self._turn_to(plan)
        elif is_paid:
            assert done.pay_url is None
            assert self._money() - before == shown.amount_due_minor, "the preview's price"
            self.held = plan
        elif done.pay_url is None:
            self.held = self.truth()
        assert self.truth() == self.held, "unpaid is not granted, what is paid for is kept"
        row = await self.node.row(self.who)
        assert (row.plan, row.interval) == self.held, "the answer is already the truth"

    async def become_monthly(self) -> None:
        """A year ends in mid-month, and the same plan goes on monthly."""
        plan: Plan = ("premium" if self.held[0] == "premium" else "pro", "monthly")
        await self.change(plan)
        await self.wait_for_turn(dt.timedelta(hours=1, minutes=1))
        assert self.held == plan

    async def cancel(self) -> None:
        if await self.tried(billing.cancel(self.node.deps, self.who)) is not None:
            self.waiting = None
            self._turn_to(FREE)

    async def resume(self) -> None:
        if await self.tried(billing.resume(self.node.deps, self.who)) is not None:
            self.coming = None

    async def card(self, card: str) -> None:
        """Give another card; what is open is tried with it."""
        page = await checkout.portal(self.node.deps, self.who)
        was_paid, before = self.is_paid_up(), self.bought()
        await self.node.click(f"{page.url}/card", card=card)
        self.card_pays = card == PAYS
        assert self.bought() in (before, self.waiting), "what is not wished is not bought"
        if was_paid:
            assert self.truth() == self.held, "a card alone changes nothing"
        self.held = self.truth()

    async def portal(self, act: str) -> None:
        page = await checkout.portal(self.node.deps, self.who)
        if await self.node.click(f"{page.url}/{act}") == 303:
            self.coming = None
            if act == "cancel":
                self._turn_to(FREE)

    async def be_deleted(self) -> None:
        """The account's owner deletes the customer; the rest of what is told of it comes later."""
        customer = (await self.node.row(self.who)).stripe_customer_id
        if customer is None:
            return
        await self.node.admin.v1.customers.delete_async(customer)
        await self._arrive(self.node.events("customer.deleted")[-1:])
        self.held, self.coming, self.card_pays = FREE, None, True
        self.pages.clear()
        row = await self.node.row(self.who)
        assert (row.plan, row.stripe_customer_id) == ("free", None), "they may buy at once"

    async def tried(self, request: Any) -> Any:
        """The answer, or None where the state does not allow it."""
        try:
            return await request
        except AppError as error:
            if error.code not in {"wrong_state", "checkout_required"}:
                raise
            return None

    def _turn_to(self, plan: Held) -> None:
        live = self.live()
        assert live is not None
        self.coming = plan
        self.turns_at = self.proration_date(live["items"]["data"][0]["current_period_end"])

    async def wait(self, by: dt.timedelta) -> None:
        """Time passes; who pays gets and keeps what was agreed."""
        is_paid = self.is_paid_up()
        self.node.advance(seconds=by.total_seconds())
        if is_paid:
            if self.coming is not None and self.now() >= self.turns_at:
                self.held, self.coming = self.coming, None
            assert self.truth() == self.held
        elif self.live() is None or self.now() >= self.turns_at:
            self.coming = None
        self.held = self.truth()

    async def wait_for_turn(self, after: dt.timedelta) -> None:
        """Wait until so long after the period's end, or before it."""
        live = self.live()
        if live is not None:
            end = self.proration_date(live["items"]["data"][0]["current_period_end"])
            await self.wait(max(end + after - self.now(), dt.timedelta(0)))

    async def events(self, luck: random.Random) -> None:
        """A handful of what is new and of what is old, in any order and number."""
        events = self.node.events()
        arriving = [event for event in events[self.seen :] if luck.random() < 0.6]
        arriving += luck.sample(events, min(3, len(events)))
        luck.shuffle(arriving)
        self.seen = len(events)
        await self._arrive(arriving)

    async def look(self) -> None:
        """The daily comparison, which fetches what never arrived. Then all must be right."""
        for event in self._never_arrived():
            self.arrived.add(event["id"])
            await billing_events.keep(self.node.deps, billing_events.read_event(event))
        assert (await billing_events.reconcile(self.node.deps)).failed == 0
        await self._arrive(self._never_arrived())  # what the comparison itself brought about
        self.seen = len(self.node.events())
        await self.check()

    async def _arrive(self, events: list[dict[str, Any]]) -> None:
        self.arrived |= {event["id"] for event in events}
        await self.node.deliver(events)

    def _never_arrived(self) -> list[dict[str, Any]]:
        return [event for event in self.node.events() if event["id"] not in self.arrived]

    def now(self) -> dt.datetime:
        return self.node.service.clock.now()

    def proration_date(self, seconds: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)

    def live(self) -> dict[str, Any] | None:
        """The subscription that runs, by Stripe's books; never are there two."""
        subs = self.node.service.account.all("subscription")
        running = [sub for sub in subs if sub["status"] not in {"canceled", "incomplete_expired"}]
        assert len(running) <= 1
        return running[0] if running else None

    def is_paid_up(self) -> bool:
        """Whether nothing is owed or waits for a payment and the card will go on paying."""
        live = self.live()
        if live is None:
            return self.card_pays
        waits = live["pending_update"] or live["status"] != "active" or self._open(live)
        return self.card_pays and not waits

    def _open(self, sub: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            made
            for made in self.node.service.account.all("invoice")
            if made["status"] == "open" and subscription_of(made) == sub["id"]
        ]

    def bought(self) -> Held:
        """Plan and interval by Stripe's own books, paid or not."""
        sub, account = self.live(), self.node.service.account
        if sub is None:
            return FREE
        price = account.get("price", sub["items"]["data"][0]["price"]["id"])
        _, plan, interval = price["lookup_key"].split("_")
        return plan, interval

    def truth(self) -> Held:
        """What is bought, by the rule of grace."""
        sub, account = self.live(), self.node.service.account
        if sub is None or sub["status"] not in LIVE:
            return FREE
        plan, interval = self.bought()
        owed = [made["created"] for made in self._open(sub) if not _waits(account, sub, made)]
        begun = sub["items"]["data"][0]["current_period_start"]
        since = self.proration_date(min(owed, default=begun))
        is_over = sub["status"] == "past_due" and self.now() >= since + GRACE
        return ("free" if is_over else plan), interval

    def _money(self) -> int:
        return paid(self.node)

    async def check(self) -> None:
        """After one comparison everything is as if every event had come, once and in order."""
        row = await self.node.row(self.who)
        assert (row.plan, row.interval) == self.truth() == self.held
        rows = await self.owner.fetch(
            "select from_plan, to_plan from subscription_events"
            " where user_id = $1 and from_plan <> to_plan order by created_at", self.who.user_id,
        )  # fmt: skip
        path = ["free", *(move["to_plan"] for move in rows)]
        assert [move["from_plan"] for move in rows] == path[:-1]
        assert path[-1] == row.plan
        await self._check_audit()
        await self._check_changes()
        self._check_money()
        self._check_day()

    async def _check_audit(self) -> None:
        """Each event that concerns the customer has exactly one line; nothing waits."""
        told = {e["id"] for e in self.node.events() if _customer(e["data"]["object"])}
        lines = await self.owner.fetch(
            "select stripe_event_id from subscription_events"
            " where user_id = $1 and stripe_event_id is not null", self.who.user_id,
        )  # fmt: skip
        assert sorted(line[0] for line in lines) == sorted(told)
        waits = "select count(*) from app.stripe_events where processed_at is null"
        assert await self.owner.fetchval(waits) == 0

    async def _check_changes(self) -> None:
        """A pending change is one that Stripe is going to make, or waits for a payment."""
        changes = await self.owner.fetch(
            "select c.to_plan_id, d.to_interval, d.takes_effect, d.by_checkout from plan_changes c"
            " join app.plan_change_details d on d.plan_change_id = c.id"
            " where user_id = $1 and status = 'pending'", self.who.user_id,
        )  # fmt: skip
        assert len(changes) <= 1
        live = self.live()
        waits = live is not None and live["pending_update"] is not None
        for change in changes:
            if change["takes_effect"] == "now":
                assert waits or (change["by_checkout"] and live is None)
            else:
                assert (change["to_plan_id"], change["to_interval"]) == self.coming
        if self.coming is not None and not waits:
            assert [change["takes_effect"] for change in changes] == ["period_end"]

    def _check_money(self) -> None:
        """This moment is asked for once, at the price of what is held: debits less credits."""
        live, account = self.live(), self.node.service.account
        if live is None:
            return
        now, asked, rounded = account.now(), Fraction(0), Fraction(0)
        for made in account.all("invoice"):
            if made["status"] == "void" or _waits(account, live, made):
                continue
            for line in made["lines"]["data"]:
                start, end = line["period"]["start"], line["period"]["end"]
                about = line["parent"]["subscription_item_details"]["subscription"]
                if about == live["id"] and start <= now < end:
                    asked += Fraction(line["amount"], end - start)
                    rounded += Fraction(1, end - start)
        (item,) = live["items"]["data"]
        end = item["current_period_end"]
        start = period_from(live, [item], end - 1)[0]
        price = Fraction(item["price"]["unit_amount"], end - start)
        assert abs(asked - price) <= rounded, "no more than the rounding of cents"

    def _check_day(self) -> None:
        """What is paid monthly turns on the 1st, or is on its way there or to its end."""
        live = self.live()
        if live is None or live["status"] != "active" or self.truth()[1] != "monthly":
            return
        end = self.proration_date(live["items"]["data"][0]["current_period_end"])
        if live["pending_update"] or live["cancel_at_period_end"] or live["cancel_at"]:
            return
        schedule = self.node.service.account.find("subscription_schedule", live["schedule"])
        phases = [] if schedule is None else schedule["phases"]
        assert (
            end == end.replace(day=1, hour=0, minute=0)
            or any(phase["billing_cycle_anchor"] == "phase_start" for phase in phases)
            or self.coming is not None
        )


def _waits(account: Any, live: dict[str, Any], made: dict[str, Any]) -> bool:
    return live["pending_update"] is not None and (
        account.facts(live["id"]).get("pending_invoice") == made["id"]
    )


def _customer(about: dict[str, Any]) -> Any:
    return about["id"] if about["object"] == "customer" else about.get("customer")
