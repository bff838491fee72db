"""Stripe's webhook over HTTP: who may send, what is kept, and what waits with an alert."""

import copy
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec
import pytest
import stripe
from pgqueuer.domain.errors import RetryRequested
from quart import Quart
from quart.typing import TestClientProtocol as Client
from structlog.testing import capture_logs

from db.billing import stripe_events as rows
from db.billing.stripe_events import FailedEvent
from db.cluster import jobs
from server.app import _handle_errors
from server.billing import checkout
from server.billing import events as stripe_events
from server.billing.actions import PlanAsk
from server.billing.webhook import PATH, routes
from server.billing_rules.plans import Offers
from server.core.identity.auth import Identity
from server.http.body_limits import request_class
from server.vendors.stripe.shapes import Subscription
from server.work import billing_work
from tests.integration.server.billing.billing_node import OLD_SECRET, PAYS, SECRET, BillingNode

EVENT = {
    "id": "evt_1", "object": "event", "type": "product.created", "created": 1_790_000_000,
    "api_version": "2026-10-28.endive", "data": {"object": {"object": "product", "id": "prod_1"}},
}  # fmt: skip


@pytest.fixture
def client(node: BillingNode) -> Client:
    app = Quart("test")
    app.config["MAX_CONTENT_LENGTH"] = node.deps.config.server.max_body_bytes
    app.request_class = request_class({PATH: node.deps.config.stripe.max_webhook_bytes})
    app.register_blueprint(routes(node.deps))
    _handle_errors(app)
    return app.test_client()


async def send(
    client: Client,
    event: Any,
    *,
    secret: str = SECRET,
    at: int | None = None,
    body: bytes | None = None,
) -> int:
    """Post it as Stripe does; the signature is the vendor's own."""
    raw = msgspec.json.encode(event) if body is None else body
    stamp = int(time.time()) if at is None else at  # noqa: TID251 - signatures are of real time
    header = stripe.WebhookSignature.generate_signature_header(
        raw.decode("utf-8", "surrogateescape"), secret, stamp
    )
    answer = await client.post("/webhooks/stripe", data=raw, headers={"Stripe-Signature": header})
    return answer.status_code


async def kept(owner: asyncpg.Connection) -> int:
    count: int = await owner.fetchval("select count(*) from app.stripe_events")
    return count


async def failed(node: BillingNode) -> list[FailedEvent]:
    async with node.pools.as_service() as connection:
        return await rows.failed(connection, 100)


async def test_a_signed_event_is_kept_once_however_often_it_comes(
    node: BillingNode, client: Client, owner: asyncpg.Connection
) -> None:
    assert [await send(client, EVENT) for _ in range(5)] == [200] * 5
    assert await kept(owner) == 1
    async with node.pools.as_service() as connection:
        assert await jobs.waiting(connection, stripe_events.JOB) == 1


async def test_the_previous_secret_counts_while_it_is_rolled(
    client: Client, owner: asyncpg.Connection
) -> None:
    assert await send(client, EVENT, secret=OLD_SECRET) == 200
    assert await kept(owner) == 1


@pytest.mark.parametrize("fault", ["secret", "old", "none", "changed", "bytes"])
async def test_what_is_not_signed_by_us_now_and_as_it_is_leaves_no_trace(
    client: Client, owner: asyncpg.Connection, fault: str
) -> None:
    if fault == "secret":
        status = await send(client, EVENT, secret="whsec_other")
    elif fault == "old":
        status = await send(client, EVENT, at=int(time.time()) - 301)  # noqa: TID251
    elif fault == "none":
        status = (await client.post("/webhooks/stripe", data=b"{}")).status_code
    else:
        raw = msgspec.json.encode(EVENT)
        header = stripe.WebhookSignature.generate_signature_header(
            raw.decode(),
            SECRET,
            int(time.time()),  # noqa: TID251
        )
        data = raw.replace(b"evt_1", b"evt_2") if fault == "changed" else b"\xff" + raw
        answer = await client.post(
            "/webhooks/stripe", data=data, headers={"Stripe-Signature": header}
        )
        status = answer.status_code
    assert (status, await kept(owner)) == (403, 0)


async def test_a_body_beyond_the_cap_is_refused_and_one_below_the_others_limit_is_not(
    client: Client, owner: asyncpg.Connection
) -> None:
    padded = {**EVENT, "padding": "x" * 200_000}
    assert await send(client, padded) == 200
    assert await send(client, {**EVENT, "id": "evt_2", "padding": "x" * 300_000}) == 413
    assert await kept(owner) == 1


@pytest.mark.parametrize("body", [b"[]", b"{}", b"nonsense", b'{"id": 1}'])
async def test_signed_nonsense_is_a_bad_request(
    client: Client, owner: asyncpg.Connection, body: bytes
) -> None:
    assert await send(client, None, body=body) == 400
    assert await kept(owner) == 0


async def bought(node: BillingNode) -> tuple[Identity, list[dict[str, Any]]]:
    """Somebody who paid for a plan, and what Stripe says about it, undelivered."""
    who = await node.sign_up()
    await node.click((await checkout.checkout(node.deps, who, PlanAsk("pro"))).url, card=PAYS)
    return who, node.events("customer.subscription.created")


@pytest.mark.parametrize("version", ["2020-08-27", "2026-03-25.dahlia", "2027-03-31.foxglove"])
async def test_another_api_version_grants_nothing_and_is_kept(
    node: BillingNode, version: str
) -> None:
    who, events = await bought(node)
    for event in events:
        kept_event = stripe_events.read_event({**event, "api_version": version})
        await stripe_events.keep(node.deps, kept_event)
    assert await stripe_events.attend_all(node.deps) == 1
    assert await node.entitlement(who) == ("free", "active", None)
    assert [(one.error, one.attempts) for one in await failed(node)] == [("api_version", 1)]


@pytest.mark.parametrize("version", [None, "2026-09-30.endive", "2026-12-16.endive"])
async def test_another_month_of_our_api_or_none_is_taken(
    node: BillingNode, version: str | None
) -> None:
    who, events = await bought(node)
    await node.deliver([{**event, "api_version": version} for event in events])
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert await failed(node) == []


async def test_an_unknown_price_grants_nothing_until_it_is_known(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who, events = await bought(node)
    price = await owner.fetchval(
        "update subscription_plans set stripe_price_id_monthly = null where id = 'pro'"
        " returning (select stripe_price_id_monthly from subscription_plans where id = 'pro')"
    )
    await owner.execute("delete from app.plan_prices where price_id = $1", price)
    await stripe_events.keep(node.deps, stripe_events.read_event(events[0]))
    assert await stripe_events.attend_all(node.deps) == 1
    assert (await node.entitlement(who))[0] == "free"
    assert [one.error for one in await failed(node)] == ["unknown_price"]
    await owner.execute(
        "update subscription_plans set stripe_price_id_monthly = $1 where id = 'pro'", price
    )
    await node.deliver([])
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert await failed(node) == []
    moves = "select count(*) from subscription_events where from_plan = 'free' and to_plan = 'pro'"
    assert await owner.fetchval(moves) == 1


async def test_a_customer_of_nobody_waits_until_somebody_has_it(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who, events = await bought(node)
    customer = await owner.fetchval(
        "update users set stripe_customer_id = null where id = $1 returning"
        " (select stripe_customer_id from users where id = $1)", who.user_id,
    )  # fmt: skip
    stranger = copy.deepcopy(events[0])
    found = node.service.account.all("subscription")[0]
    node.service.account.change(found, metadata={})
    stranger["data"]["object"]["metadata"] = {}
    await stripe_events.keep(node.deps, stripe_events.read_event(stranger))
    assert await stripe_events.attend_all(node.deps) == 1
    assert [one.error for one in await failed(node)] == ["unknown_user"]
    await owner.execute(
        "update users set stripe_customer_id = $1 where id = $2", customer, who.user_id
    )
    await node.deliver([])
    assert await node.entitlement(who) == ("pro", "active", "monthly")


async def foreign(node: BillingNode, count: int) -> list[str]:
    """Events of a customer of another product on the same account, kept and not worked on."""
    made = await node.admin.v1.customers.create_async({})
    (template,) = node.events("customer.created")
    ids = [f"evt_foreign_{number}" for number in range(count)]
    for name in ids:
        event = stripe_events.read_event({**template, "id": name})
        assert event.customer_id == made.id
        await stripe_events.keep(node.deps, event)
    return ids


async def test_events_of_a_strange_customer_are_looked_at_once_a_round_and_told_once(
    node: BillingNode,
) -> None:
    ids = await foreign(node, 33)
    handler = billing_work(node.deps).handlers[stripe_events.JOB]
    asked, pauses, lines = counted(node), [], []
    for _ in range(4):
        with capture_logs() as logs:
            for name in ids:
                with pytest.raises(RetryRequested) as again:
                    await handler(name, 0)
                pauses.append(again.value.delay.total_seconds())
        lines += [(line["event"], line["count"]) for line in logs]
        node.advance(seconds=pauses[-1] + 1)
    assert lines == [("stripe_events_wait", 33)]
    assert len(asked()) == 4
    assert pauses[::33] == [2, 4, 8, 16]
    with capture_logs() as logs:
        await stripe_events.attend_all(node.deps)
    assert (logs, len(asked())) == ([], 5)


def counted(node: BillingNode) -> Callable[[], list[str]]:
    """What Stripe is asked for from now on: the customers whose subscriptions are listed."""
    asked: list[str] = []
    ask = node.deps.stripe.subscriptions  # type: ignore[union-attr]

    async def count(customer: str, offers: Offers) -> list[Subscription]:
        asked.append(customer)
        return await ask(customer, offers)

    node.deps.stripe.subscriptions = count  # type: ignore[union-attr, method-assign]
    return lambda: asked


async def test_events_of_a_strange_customer_are_set_aside_after_days_and_shown(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    ids = await foreign(node, 3)
    await stripe_events.attend_all(node.deps)
    await owner.execute("update app.stripe_events set received_at = now() - interval '4 days'")
    node.advance(hours=2)
    handler = billing_work(node.deps).handlers[stripe_events.JOB]
    with capture_logs() as logs, pytest.raises(RetryRequested):
        await handler(ids[0], 9)
    assert [line["event"] for line in logs] == ["stripe_events_set_aside"]
    asked = counted(node)
    for name in ids:
        await handler(name, 9)  # and is done with
    await stripe_events.attend_all(node.deps)
    assert asked() == []
    shown = await failed(node)
    assert [one.error for one in shown] == ["unknown_user"] * 3
    assert all(one.set_aside_at for one in shown)
    who = await node.sign_up()
    await owner.execute(
        "update users set stripe_customer_id = $2 where id = $1", who.user_id, shown[0].customer_id
    )
    await stripe_events.attend_all(node.deps)
    assert await failed(node) == []


async def test_a_user_is_found_by_metadata_when_our_row_does_not_know_the_customer(
    node: BillingNode, owner: asyncpg.Connection
) -> None:
    who, events = await bought(node)
    await owner.execute("update users set stripe_customer_id = null")
    await node.deliver(events)
    assert await node.entitlement(who) == ("pro", "active", "monthly")
    assert (await node.row(who)).stripe_customer_id is not None


async def test_while_stripe_is_away_events_wait_and_are_not_lost(node: BillingNode) -> None:
    who, events = await bought(node)
    node.fail_requests("subscriptions", times=4)
    await stripe_events.keep(node.deps, stripe_events.read_event(events[0]))
    assert await stripe_events.attend_all(node.deps) == 1
    assert [one.error for one in await failed(node)] == ["StripeAwayError"]
    node.fail_requests("", times=1)
    await node.deliver([])
    assert await node.entitlement(who) == ("pro", "active", "monthly")
