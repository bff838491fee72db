"""`talking plans sync` and `talking reconcile`, run as an operator runs them."""

import asyncpg
import msgspec
import pytest

from server.billing import checkout
from server.billing import events as billing_events
from server.billing.actions import PlanAsk
from server.cli.failures import FailedError
from server.cli.operations import billing
from server.core.config import Config
from server.core.settings.loading import Secret
from server.core.settings.privacy import Privacy
from server.vendors.stripe.client import StripeBilling
from tests.integration.server.billing.billing_node import PAYS, BillingNode
from tests.integration.server.billing.test_stories import subscribe
from tests.support.database import MASTER_KEY, Database


@pytest.fixture
def config(node: BillingNode, database: Database) -> Config:
    """The operator's configuration: the same Stripe and database, by their addresses."""
    found = msgspec.structs.replace(
        node.deps.config.database, url=database.owner_dsn, request_password=Secret("request"),
        worker_password=Secret("worker"),
    )  # fmt: skip
    return msgspec.structs.replace(
        node.deps.config, database=found, privacy=Privacy(master_key=Secret(MASTER_KEY))
    )


async def prices(owner: asyncpg.Connection) -> dict[str, str]:
    rows = await owner.fetch("select id, stripe_price_id_monthly from subscription_plans")
    return {row["id"]: row["stripe_price_id_monthly"] for row in rows}


async def test_prices_that_are_right_are_found_and_left_alone(
    config: Config, owner: asyncpg.Connection
) -> None:
    before = await prices(owner)
    await owner.execute("update subscription_plans set stripe_price_id_monthly = null")
    assert await billing.sync_plans(config) == 0
    assert await prices(owner) == before


async def test_another_amount_is_a_new_price_under_the_same_key(
    config: Config, owner: asyncpg.Connection, node: BillingNode
) -> None:
    before = await prices(owner)
    await owner.execute("update subscription_plans set price_monthly = 9.99 where id = 'pro'")
    await billing.put_up_prices(config)
    after = await prices(owner)
    assert after["pro"] != before["pro"]
    assert after["premium"] == before["premium"]
    stripe = node.deps.stripe
    assert isinstance(stripe, StripeBilling)
    assert await stripe.price("talking_pro_monthly") == (after["pro"], 999, "usd")


async def test_whoever_subscribed_before_keeps_the_plan_at_the_old_price(
    config: Config, owner: asyncpg.Connection, node: BillingNode
) -> None:
    who = await subscribe(node)
    await owner.execute("update subscription_plans set price_monthly = 9.99 where id = 'pro'")
    await billing.put_up_prices(config)
    assert await billing.reconcile(config) == 0
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    node.advance(days=32)
    await node.deliver()
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert node.events("invoice.paid")[-1]["data"]["object"]["amount_paid"] == 899


async def test_reconcile_mends_and_says_so_by_its_exit_code(
    config: Config, node: BillingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    assert await billing.reconcile(config) == 0
    assert "1 customers compared, 1 mended, 0 failed" in capsys.readouterr().out
    assert (await node.entitlement(who))[0] == "pro"
    strange = {
        **node.events("customer.subscription.created")[0],
        "api_version": "2020-08-27",
    }
    await billing_events.keep(node.deps, billing_events.read_event(strange))
    await billing_events.attend_all(node.deps)
    assert await billing.reconcile(config) == 1
    assert f"waits: {strange['id']} api_version" in capsys.readouterr().out


async def test_without_an_account_the_commands_say_what_is_missing(config: Config) -> None:
    bare = msgspec.structs.replace(
        config, stripe=msgspec.structs.replace(config.stripe, secret_key=Secret(""))
    )
    for command in (billing.sync_plans, billing.reconcile):
        with pytest.raises(FailedError, match="TALKING_STRIPE__SECRET_KEY"):
            await command(bare)
