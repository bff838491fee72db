"""Whole lives of subscribers, made up by Hypothesis, against what Stripe itself holds to be true.

Between the steps some of Stripe's events arrive: shuffled, doubled, or never. In the end one
comparison must leave rows, changes and audit trail as if all had come once and in order.

TALKING_TEST_HISTORIES sets how many lives are lived; `--hypothesis-seed` which.
"""

import asyncio
import datetime as dt
import os
import random
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.integration.server.billing.billing_node import ASKS, FAILS, PAYS
from tests.integration.server.billing.lifecycle import Lifecycle, Plan, World
from tests.support.database import create_database, drop_database

HISTORIES = int(os.environ.get("TALKING_TEST_HISTORIES", "8"))

PLANS = st.tuples(st.sampled_from(["pro", "premium"]), st.sampled_from(["monthly", "yearly"]))
LUCK = st.integers(0, 999).map(random.Random)
BEGINS = [
    dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC),
    dt.datetime(2027, 1, 31, 23, 30, tzinfo=dt.UTC),
    dt.datetime(2027, 12, 31, 12, tzinfo=dt.UTC),
    dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC),
    dt.datetime(2027, 2, 1, tzinfo=dt.UTC),
]
WAITS = [dt.timedelta(minutes=30), *(dt.timedelta(days=d, minutes=7) for d in (1, 3, 8, 25, 370))]
EDGES = [dt.timedelta(minutes=minutes) for minutes in (-1, 0, 1, 61, 5 * 24 * 60)]


class Subscriber(RuleBasedStateMachine):
    """The rules of a life; what each must lead to is in `Lifecycle`."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        super().__init__()
        self.runner = runner
        self.world = world
        self.lifecycle: Lifecycle | None = None

    def step(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do it; a lifecycle in which a step went wrong is not looked back on."""
        lifecycle, self.lifecycle = self.lifecycle, None
        self.runner.run(doing)
        self.lifecycle = lifecycle

    @property
    def living(self) -> Lifecycle:
        assert self.lifecycle is not None
        return self.lifecycle

    @initialize(at=st.sampled_from(BEGINS), plan=PLANS, is_old=st.booleans())
    def is_born(self, at: dt.datetime, plan: Plan, is_old: bool) -> None:
        self.lifecycle = self.runner.run(self.world.begin(at))
        self.step(self.living.buy(plan, PAYS))
        if is_old and plan[1] == "yearly":
            self.step(self.living.become_monthly())

    @rule(plan=PLANS, card=st.sampled_from([PAYS, FAILS, None]))
    def buys(self, plan: Plan, card: str | None) -> None:
        self.step(self.living.buy(plan, card))

    @rule(which=st.integers(0, 3))
    def pays_on_an_old_page(self, which: int) -> None:
        self.step(self.living.buy_late(which))

    @rule(plan=PLANS)
    def changes(self, plan: Plan) -> None:
        self.step(self.living.change(plan))

    @rule()
    def cancels(self) -> None:
        self.step(self.living.cancel())

    @rule()
    def resumes(self) -> None:
        self.step(self.living.resume())

    @rule(card=st.sampled_from([PAYS, FAILS, ASKS]))
    def has_another_card(self, card: str) -> None:
        self.step(self.living.card(card))

    @rule(act=st.sampled_from(["cancel", "keep"]))
    def uses_the_portal(self, act: str) -> None:
        self.step(self.living.portal(act))

    @rule()
    def is_deleted_at_stripe(self) -> None:
        self.step(self.living.be_deleted())

    @rule(by=st.sampled_from(WAITS))
    def waits(self, by: dt.timedelta) -> None:
        self.step(self.living.wait(by))

    @rule(after=st.sampled_from(EDGES))
    def waits_for_the_turn(self, after: dt.timedelta) -> None:
        self.step(self.living.wait_for_turn(after))

    @rule(luck=LUCK)
    def events_arrive(self, luck: random.Random) -> None:
        self.step(self.living.events(luck))

    @rule()
    def a_day_begins(self) -> None:
        self.step(self.living.look())

    @invariant()
    def what_is_agreed_is_held(self) -> None:
        if self.lifecycle is not None:
            assert self.lifecycle.truth() == self.lifecycle.held

    def teardown(self) -> None:
        if self.lifecycle is not None:
            self.runner.run(self.lifecycle.look())


@pytest.mark.timeout(60 + HISTORIES)
def test_a_life_ends_as_stripe_says_whatever_became_of_the_events(
    postgres: str, tmp_path: Path
) -> None:
    with asyncio.Runner() as runner:
        database = runner.run(create_database(postgres))
        world = World(database, tmp_path)
        runner.run(world.open())
        chosen = settings(
            max_examples=HISTORIES,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate, Phase.shrink],
        )
        lifecycles: Any = lambda: Subscriber(runner, world)  # noqa: E731
        try:
            run_state_machine_as_test(lifecycles, settings=chosen)
        finally:
            runner.run(world.close())
            runner.run(drop_database(postgres, database))
