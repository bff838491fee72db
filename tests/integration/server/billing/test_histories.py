"""Whole lives of subscribers, made up by Hypothesis, against what Stripe itself holds to be true.

Between any two steps some of Stripe's events arrive: shuffled, doubled, or never. In the end one
comparison must leave rows, changes and audit trail as if all had come once and in order. The
expectation is read from the sandbox's own books by a few lines here, not by the product's code.

TALKING_TEST_HISTORIES sets how many lives are lived.
"""

import asyncio
import datetime as dt
import os
import random
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.actions import billing, checkout, stripe_events
from server.actions.billing import PlanAsk
from server.auth import Identity
from server.errors import AppError
from server.plans import Interval
from tests.integration.server.billing.shop import ASKS, BEGIN, FAILS, PAYS, Shop, open_shop
from tests.support.database import create_database, drop_database, open_test_pools

HISTORIES = int(os.environ.get("TALKING_TEST_HISTORIES", "30"))
RANKS = {"free": 0, "pro": 1, "premium": 2}
Step: TypeAlias = tuple[str, Any, int]

PLANS = st.tuples(st.sampled_from(["pro", "premium"]), st.sampled_from(["monthly", "yearly"]))
STEPS = st.one_of(
    st.tuples(st.just("buy"), PLANS, st.integers(0, 999)),
    st.tuples(st.just("change"), PLANS, st.integers(0, 999)),
    st.tuples(st.just("cancel"), st.none(), st.integers(0, 999)),
    st.tuples(st.just("resume"), st.none(), st.integers(0, 999)),
    st.tuples(st.just("card"), st.sampled_from([PAYS, FAILS, ASKS]), st.integers(0, 999)),
    st.tuples(st.just("portal"), st.sampled_from(["cancel", "keep"]), st.integers(0, 999)),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 8, 25, 33, 370]), st.integers(0, 999)),
)


class Life:
    """One subscriber's history in a shop that is as good as new."""

    def __init__(self, shop: Shop, owner: asyncpg.Connection, who: Identity) -> None:
        self.shop = shop
        self.owner = owner
        self.who = who
        self.seen = 0

    async def live(self, steps: list[Step]) -> None:
        for name, argument, luck in steps:
            before = self.truth()
            try:
                await getattr(self, name)(argument)
            except AppError as error:
                if error.code not in {"wrong_state", "checkout_required"}:
                    raise
            if name in {"cancel", "resume", "portal"}:
                assert self.truth() == before, "nothing of this changes a plan at once"
            await self.some_events(random.Random(luck))

    async def buy(self, plan: tuple[str, Interval]) -> None:
        link = await checkout.checkout(self.shop.deps, self.who, PlanAsk(*plan))
        await self.shop.click(link.url, card=PAYS)

    async def change(self, plan: tuple[str, Interval]) -> None:
        before = self.truth()
        ask = PlanAsk(*plan)
        shown = await checkout.preview(self.shop.deps, self.who, ask)
        if shown.needs_checkout:
            return
        ask = PlanAsk(*plan, shown.quoted_at if shown.takes_effect == "now" else None)
        done = await billing.change(self.shop.deps, self.who, ask)
        if shown.takes_effect == "period_end":
            assert self.truth() == before, "what is paid for is kept"
        elif done.pay_url is not None:
            assert self.truth() == before, "unpaid is not granted"
        row = await self.shop.row(self.who)
        assert (row.plan, row.interval) == self.truth(), "the answer is already the truth"

    async def cancel(self, _: None) -> None:
        await billing.cancel(self.shop.deps, self.who)

    async def resume(self, _: None) -> None:
        await billing.resume(self.shop.deps, self.who)

    async def card(self, card: str) -> None:
        page = await checkout.portal(self.shop.deps, self.who)
        await self.shop.click(f"{page.url}/card", card=card)

    async def portal(self, act: str) -> None:
        page = await checkout.portal(self.shop.deps, self.who)
        await self.shop.click(f"{page.url}/{act}")

    async def wait(self, days: int) -> None:
        self.shop.advance(days=days, minutes=7)

    async def some_events(self, luck: random.Random) -> None:
        """A handful of what is new and of what is old, in any order and number."""
        events = self.shop.events()
        arriving = [event for event in events[self.seen :] if luck.random() < 0.6]
        arriving += luck.sample(events, min(3, len(events)))
        luck.shuffle(arriving)
        self.seen = len(events)
        await self.shop.deliver(arriving)

    def truth(self) -> tuple[str, str | None]:
        """Plan and interval by Stripe's own books and the rule of grace."""
        account, now = self.shop.service.account, self.shop.service.clock.now()
        for sub in account.all("subscription"):
            if sub["status"] not in {"active", "past_due"}:
                continue
            price = account.get("price", sub["items"]["data"][0]["price"]["id"])
            _, plan, interval = price["lookup_key"].split("_")
            begun = sub["items"]["data"][0]["current_period_start"]  # the renewal is what is owed
            owed = dt.datetime.fromtimestamp(begun, dt.UTC) + dt.timedelta(days=7)
            is_over = sub["status"] == "past_due" and now >= owed
            return ("free" if is_over else plan), interval
        return "free", None

    async def check(self) -> None:
        """After one comparison everything is as if every event had come, once and in order."""
        row = await self.shop.row(self.who)
        assert (row.plan, row.interval) == self.truth()
        rows = await self.owner.fetch(
            "select from_plan, to_plan from subscription_events"
            " where user_id = $1 and from_plan <> to_plan order by created_at", self.who.user_id,
        )  # fmt: skip
        path = ["free", *(move["to_plan"] for move in rows)]
        assert [move["from_plan"] for move in rows] == path[:-1]
        assert path[-1] == row.plan
        await self.check_audit()
        await self.check_changes()

    async def check_audit(self) -> None:
        """Each event that concerns the customer has exactly one line; nothing waits."""
        told = {e["id"] for e in self.shop.events() if _customer(e["data"]["object"])}
        lines = await self.owner.fetch(
            "select stripe_event_id from subscription_events"
            " where user_id = $1 and stripe_event_id is not null", self.who.user_id,
        )  # fmt: skip
        assert sorted(line[0] for line in lines) == sorted(told)
        waits = "select count(*) from app.stripe_events where processed_at is null"
        assert await self.owner.fetchval(waits) == 0

    async def check_changes(self) -> None:
        """A pending change is one that Stripe is going to make, or waits for a payment."""
        changes = await self.owner.fetch(
            "select c.to_plan_id, d.takes_effect, d.by_checkout from plan_changes c"
            " join app.plan_change_details d on d.plan_change_id = c.id"
            " where user_id = $1 and status = 'pending'", self.who.user_id,
        )  # fmt: skip
        assert len(changes) <= 1
        subs = self.shop.service.account.all("subscription")
        live = next((sub for sub in subs if sub["status"] in {"active", "past_due"}), None)
        ends = live is not None and (live["cancel_at_period_end"] or live["cancel_at"])
        scheduled = live is not None and live["schedule"]
        for change in changes:
            if change["by_checkout"]:
                continue
            assert live is not None
            if change["takes_effect"] == "now":
                assert live["pending_update"]
            else:
                assert ends if change["to_plan_id"] == "free" else scheduled
        if ends and not any(change["takes_effect"] == "now" for change in changes):
            assert [change["to_plan_id"] for change in changes] == ["free"]


def _customer(about: dict[str, Any]) -> Any:
    return about["id"] if about["object"] == "customer" else about.get("customer")


def test_a_life_ends_as_stripe_says_whatever_became_of_the_events(
    postgres: str, tmp_path: Path
) -> None:
    with asyncio.Runner() as runner:
        database = runner.run(create_database(postgres))
        stack = _World(database, tmp_path)
        runner.run(stack.open())

        @settings(
            max_examples=HISTORIES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(st.lists(STEPS, min_size=1, max_size=9))
        def lives(steps: list[Step]) -> None:
            runner.run(stack.live([("buy", ("pro", "monthly"), 1), *steps]))

        try:
            lives()
        finally:
            runner.run(stack.close())
            runner.run(drop_database(postgres, database))


class _World:
    """One shop for all lives; before each it is put back to how it opened."""

    def __init__(self, database: Any, data: Path) -> None:
        self._database = database
        self._data = data

    async def open(self) -> None:
        self._pools = await open_test_pools(self._database)
        self._owner = await asyncpg.connect(self._database.owner_dsn)
        self._opened = open_shop(self._pools, self._owner, self._data)
        self._shop = await self._opened.__aenter__()
        self._fresh = {k: dict(v) for k, v in self._shop.service.account._kinds.items()}

    async def live(self, steps: list[Step]) -> None:
        account = self._shop.service.account
        account._kinds = {kind: dict(rows) for kind, rows in self._fresh.items()}
        self._shop.service.clock._ahead = dt.timedelta(0)
        self._shop.service.clock._stopped_at = BEGIN
        await self._owner.execute("delete from app.stripe_events")
        await self._owner.execute("update users set stripe_customer_id = null")
        life = Life(self._shop, self._owner, await self._shop.sign_up())
        await life.live(steps)
        for event in self._shop.events():  # what Stripe would list as undelivered
            await stripe_events.keep(self._shop.deps, stripe_events.read_event(event))
        assert (await stripe_events.reconcile(self._shop.deps)).failed == 0
        await life.check()

    async def close(self) -> None:
        await self._opened.__aexit__(None, None, None)
        await self._owner.close()
        await self._pools.close()
