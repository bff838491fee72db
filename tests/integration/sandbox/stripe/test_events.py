"""Events on their way: signed, in order, again after a failure, and under faults."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import stripe

from sandbox.core.clock import Clock, utc_now
from sandbox.core.settings import STRIPE_WEBHOOK_SECRET, Settings
from sandbox.stripe.core.params import Params
from sandbox.stripe.events.delivery import signature
from sandbox.stripe.sales import catalog
from sandbox.stripe.service import StripeService
from tests.integration.sandbox.stripe.harness import FIRST_OF_MONTH, harness


async def test_events_come_signed_in_order_and_as_the_sdk_reads_them(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        await m.leave_the_months_end()
        sub = await m.subscribe(billing_cycle_anchor_config=FIRST_OF_MONTH)
        await m.receiver.until("invoice_payment.paid")
        assert m.receiver.types() == [
            "customer.created",
            "payment_method.attached",
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
        ]
        event = await m.receiver.until("customer.subscription.created")
        assert event["api_version"] == stripe.api_version
        shown = await m.v1.subscriptions.retrieve_async(sub.id)
        assert event["data"]["object"] == json.loads(shown.last_response.body)
        read = await m.v1.events.retrieve_async(event["id"])
        assert (read.type, read.data.object["id"]) == (event["type"], sub.id)


def test_a_signature_is_the_sdks_own() -> None:
    body = '{"id": "evt_1"}'
    theirs = stripe.WebhookSignature.generate_signature_header(body, "whsec_x", 1_700_000_000)
    assert signature(body.encode(), "whsec_x", 1_700_000_000) == theirs


async def test_time_brings_a_renewal_and_the_product_hears_of_it(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        sub = await m.subscribe()
        ends = sub.items.data[0].current_period_end
        moment = datetime.fromtimestamp(ends, tz=UTC) + timedelta(hours=2)
        done = await m.clock(to=moment.isoformat(), stop=True)
        assert [one["deed"] for one in done["done"]] == ["tell_upcoming", "renew", "finalize"]
        assert done["stopped"] is True
        await m.receiver.until("invoice.paid", 2)
        updated = await m.receiver.until("customer.subscription.updated")
        assert updated["created"] == ends
        before = updated["data"]["previous_attributes"]["items"]["data"][0]
        assert before["current_period_end"] == ends
        world = await m.world("GET", "/world/stripe")
        assert [one["status"] for one in world["invoices"]] == ["paid", "paid"]
        assert len((await m.world("GET", "/world"))["charges"]) == 2
        assert world["clock"]["now"] == moment.isoformat(timespec="milliseconds").replace(
            "+00:00", "Z"
        )


async def test_the_clock_does_not_go_back(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        for wrong in ({"to": "2020-01-01T00:00:00Z"}, {"to": "2040-01-01T00:00:00"}):
            async with m.http.post(f"{m.base_url}/world/clock", json=wrong) as response:
                assert response.status == 400


async def test_what_is_due_in_real_time_happens_by_itself(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        sub = await m.subscribe(trial_end=int(utc_now().timestamp()) + 2)
        assert sub.status == "trialing"
        event = await m.receiver.until("customer.subscription.updated")
        assert event["data"]["object"]["status"] == "active"


async def test_a_product_that_fails_is_told_again(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        m.receiver.status = 500
        customer = await m.v1.customers.create_async()
        async with m.receiver.changed:
            await m.receiver.changed.wait_for(lambda: bool(m.receiver.refused))
        missed = await m.v1.events.list_async({"delivery_success": False})
        assert [one.data.object["id"] for one in missed.data] == [customer.id]
        assert missed.data[0].pending_webhooks == 1
        m.receiver.status = 200
        event = await m.receiver.until("customer.created")
        assert event["id"] == m.receiver.refused[0]


async def test_lost_events_are_only_found_by_asking(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        await m.faults(drop_events=1)
        await m.v1.customers.create_async()
        await m.faults()
        await m.v1.products.create_async({"name": "Other"})
        await m.receiver.until("product.created")
        assert "customer.created" not in m.receiver.types()
        missed = await m.v1.events.list_async({"delivery_success": False})
        assert [one.type for one in missed.data] == ["customer.created"]


async def test_events_can_come_twice_and_in_another_order(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        await m.faults(duplicate_events=1)
        await m.v1.customers.create_async()
        await m.receiver.until("customer.created", 2)
        first, second = (e for e in m.receiver.received if e["type"] == "customer.created")
        assert first["id"] == second["id"]
        await m.faults(reorder_events=0.5, seed=3)
        m.receiver.received.clear()
        await m.subscribe()
        await m.receiver.until("invoice_payment.paid")
        await m.receiver.until("customer.created")
        await m.receiver.until("customer.subscription.created")
        listed = await m.v1.events.list_async({"limit": 11})
        made = [one.id for one in listed.data][::-1]
        async with m.receiver.changed:
            await m.receiver.changed.wait_for(lambda: len(m.receiver.received) == 11)
        came = [event["id"] for event in m.receiver.received]
        assert sorted(came) == sorted(made)
        assert came != made


async def test_an_endpoint_gets_what_it_asked_for_until_it_is_disabled(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        (endpoint,) = (await m.v1.webhook_endpoints.list_async()).data
        assert "secret" not in endpoint
        await m.v1.webhook_endpoints.update_async(
            endpoint.id, {"enabled_events": ["customer.deleted"]}
        )
        customer = await m.v1.customers.create_async()
        await m.v1.customers.delete_async(customer.id)
        await m.receiver.until("customer.deleted")
        assert "customer.created" not in m.receiver.types()
        await m.v1.webhook_endpoints.update_async(endpoint.id, {"disabled": True})
        assert (await m.v1.webhook_endpoints.retrieve_async(endpoint.id)).status == "disabled"
        assert (await m.v1.webhook_endpoints.delete_async(endpoint.id)).deleted


async def test_objects_and_the_clock_outlive_the_process(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        sub = await m.subscribe()
        await m.clock(advance_seconds=10 * 86_400)
        before = (await m.world("GET", "/world/clock"))["ahead_seconds"]
    async with harness(tmp_path) as m:
        assert (await m.v1.subscriptions.retrieve_async(sub.id)).status == "active"
        after = (await m.world("GET", "/world/clock"))["ahead_seconds"]
        assert abs(after - before) < 1


async def test_a_product_named_from_the_start_hears_events_with_the_known_secret(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path / "harness") as m:
        (endpoint,) = (await m.v1.webhook_endpoints.list_async()).data
        settings = Settings(data=tmp_path / "other", stripe_webhook_url=endpoint.url)
        m.receiver.secret = STRIPE_WEBHOOK_SECRET
        other = StripeService(settings, Clock())
        async with asyncio.TaskGroup() as group:
            running = group.create_task(other.run())
            with other.account.transaction():
                catalog.create_product(other.account, Params({"name": "Early"}))
            event = await m.receiver.until("product.created")
            assert event["data"]["object"]["name"] == "Early"
            running.cancel()
        await other.close()
        later = StripeService(Settings(data=tmp_path / "other"), Clock())
        assert later.account.all("webhook_endpoint") == []
        await later.close()
