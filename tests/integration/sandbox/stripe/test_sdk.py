"""The payment service driven by the official SDK, request by request."""

import base64
from pathlib import Path

import aiohttp
import pytest
import stripe

from sandbox.core.settings import STRIPE_KEY
from tests.integration.sandbox.stripe.harness import FIRST_OF_MONTH, harness, sdk
from tests.integration.sandbox.world import sandbox


async def test_a_subscribers_whole_life_by_the_sdk(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        await m.leave_the_months_end()
        v1 = m.v1
        sub = await m.subscribe(
            billing_cycle_anchor_config=FIRST_OF_MONTH,
            metadata={"user_id": "u1"},
            expand=["latest_invoice.payments"],
        )
        item = sub.items.data[0]
        assert (sub.status, item.price.id) == ("active", m.basic)
        assert sub.latest_invoice.payments.data[0].status == "paid"
        assert sub.latest_invoice.parent.subscription_details.metadata["user_id"] == "u1"
        change = [{"id": item.id, "price": m.pro}]
        preview = await v1.invoices.create_preview_async(
            {
                "customer": sub.customer,
                "subscription": sub.id,
                "subscription_details": {"items": change, "proration_behavior": "always_invoice"},
            }
        )
        assert all(line.parent.subscription_item_details.proration for line in preview.lines.data)
        sub = await v1.subscriptions.update_async(
            sub.id,
            {
                "items": change,
                "proration_behavior": "always_invoice",
                "payment_behavior": "pending_if_incomplete",
            },
        )
        assert (sub.items.data[0].price.id, sub.pending_update) == (m.pro, None)
        schedule = await v1.subscription_schedules.create_async({"from_subscription": sub.id})
        now = schedule.phases[0]
        schedule = await v1.subscription_schedules.update_async(
            schedule.id,
            {
                "phases": [
                    {
                        "items": [{"price": m.pro, "quantity": 1}],
                        "start_date": now.start_date,
                        "end_date": now.end_date,
                    },
                    {"items": [{"price": m.basic}], "proration_behavior": "none"},
                ],
                "end_behavior": "release",
            },
        )
        assert [phase.items[0].price for phase in schedule.phases] == [m.pro, m.basic]
        schedule = await v1.subscription_schedules.release_async(schedule.id)
        assert schedule.status == "released"
        sub = await v1.subscriptions.update_async(sub.id, {"cancel_at_period_end": True})
        assert sub.cancel_at_period_end
        sub = await v1.subscriptions.update_async(
            sub.id, {"cancel_at_period_end": False, "cancel_at": ""}
        )
        assert sub.canceled_at is None
        invoices = await v1.invoices.list_async({"subscription": sub.id})
        assert [one.billing_reason for one in invoices.data] == [
            "subscription_update", "subscription_create",
        ]  # fmt: skip
        lines = await v1.invoices.line_items.list_async(invoices.data[0].id)
        assert [line.amount < 0 for line in lines.data] == [True, False]
        (payment,) = (await v1.invoice_payments.list_async({"invoice": invoices.data[0].id})).data
        refund = await v1.refunds.create_async(
            {"payment_intent": payment.payment.payment_intent, "metadata": {"why": "test"}}
        )
        charge = await v1.charges.retrieve_async(refund.charge, {"expand": ["refunds"]})
        assert (charge.refunded, charge.refunds.data[0].id) == (True, refund.id)
        sub = await v1.subscriptions.cancel_async(sub.id, {"prorate": False})
        assert sub.status == "canceled"
        everything = await v1.subscriptions.list_async({"status": "all"})
        assert [one.id for one in everything.data] == [sub.id]
        assert (await v1.subscriptions.list_async()).data == []


async def test_prices_products_and_customers_by_the_sdk(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        v1 = m.v1
        found = await v1.prices.list_async({"lookup_keys": ["pro"], "expand": ["data.product"]})
        assert (found.data[0].id, found.data[0].product.name) == (m.pro, "Plus")
        assert str(found.data[0].unit_amount_decimal) == "3000"
        product = await v1.products.update_async(found.data[0].product.id, {"name": "More"})
        assert product.name == "More"
        customer = await v1.customers.create_async({"metadata": {"a": "1", "b": "2"}})
        customer = await v1.customers.update_async(
            customer.id, {"name": "Ann", "metadata": {"a": "", "c": "3"}}
        )
        assert customer.metadata.to_dict() == {"b": "2", "c": "3"}
        method = await v1.payment_methods.attach_async("pm_card_amex", {"customer": customer.id})
        assert method.card.brand == "amex"
        methods = await v1.customers.payment_methods.list_async(customer.id)
        assert [one.id for one in methods.data] == [method.id]
        setup = await v1.setup_intents.create_async(
            {"customer": customer.id, "usage": "off_session"}
        )
        setup = await v1.setup_intents.confirm_async(setup.id, {"payment_method": "pm_card_visa"})
        assert setup.status == "succeeded"
        await v1.payment_methods.detach_async(method.id)
        deleted = await v1.customers.delete_async(customer.id)
        assert deleted.deleted
        for n in range(12):
            await v1.customers.create_async({"email": f"{n}@example.com"})
        paged = await v1.customers.list_async({"limit": 5})
        emails = [one.email async for one in paged.auto_paging_iter()]
        assert emails == [f"{n}@example.com" for n in range(11, -1, -1)]


async def test_a_test_clock_moves_the_service_on_and_its_customers_with_it(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path) as m:
        v1 = m.v1
        start = int((await v1.products.list_async()).data[0].created) + 60
        clock = await v1.test_helpers.test_clocks.create_async({"frozen_time": start})
        customer = await v1.customers.create_async(
            {
                "test_clock": clock.id,
                "payment_method": "pm_card_visa",
                "invoice_settings": {"default_payment_method": "pm_card_visa"},
            }
        )
        sub = await v1.subscriptions.create_async(
            {"customer": customer.id, "items": [{"price": m.basic}]}
        )
        assert (sub.test_clock, sub.created) == (clock.id, start)
        ends = sub.items.data[0].current_period_end
        clock = await v1.test_helpers.test_clocks.advance_async(
            clock.id, {"frozen_time": ends + 3600}
        )
        assert clock.status == "advancing"
        clock = await v1.test_helpers.test_clocks.retrieve_async(clock.id)
        assert (clock.status, clock.frozen_time) == ("ready", ends + 3600)
        invoices = await v1.invoices.list_async({"customer": customer.id})
        assert [one.status for one in invoices.data] == ["paid", "paid"]
        await m.receiver.until("test_helpers.test_clock.ready")


@pytest.mark.parametrize("key", ["", "sk_test_1", "sk_live_0123456789abcdef", "nonsense-key"])
async def test_other_keys_are_refused(tmp_path: Path, key: str) -> None:
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with http.get(f"{base_url}/v1/customers", headers=headers) as response:
            assert response.status == 401
            assert "API" in (await response.json())["error"]["message"]
            assert response.headers["Request-Id"].startswith("req_")


async def test_a_key_may_come_by_basic_and_the_version_must_be_the_sandboxs(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession() as http:
        basic = base64.b64encode(f"{STRIPE_KEY}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        async with http.get(f"{base_url}/v1/customers", headers=headers) as response:
            assert response.status == 200
            assert response.headers["Stripe-Version"] == stripe.api_version
        headers["Stripe-Version"] = "2020-08-27"
        async with http.get(f"{base_url}/v1/customers", headers=headers) as response:
            assert response.status == 400


async def test_the_sdk_raises_its_own_errors(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        with pytest.raises(stripe.InvalidRequestError) as missing:
            await m.v1.subscriptions.retrieve_async("sub_none")
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
        with pytest.raises(stripe.InvalidRequestError) as unknown:
            await m.client.raw_request_async("post", "/v1/customers", colour="red")
        assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "colour")
        with pytest.raises(stripe.CardError) as declined:
            await m.subscribe("pm_card_chargeCustomerFail", payment_behavior="error_if_incomplete")
        assert (declined.value.code, declined.value.http_status) == ("card_declined", 402)
        assert declined.value.request_id is not None
        with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
            await m.client.raw_request_async("get", "/v1/nonsense")
    async with sandbox(tmp_path) as base_url, sdk(base_url, "sk_live_0123456789ab") as client:
        with pytest.raises(stripe.AuthenticationError):
            await client.v1.customers.list_async()


async def test_a_repeated_key_gives_the_first_answer_and_only_to_the_same_request(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path) as m:
        once: stripe.RequestOptions = {"idempotency_key": "planchange:1"}
        first = await m.v1.customers.create_async({"email": "a@example.com"}, once)
        again = await m.v1.customers.create_async({"email": "a@example.com"}, once)
        assert again.id == first.id
        assert again.last_response is not None
        assert again.last_response.headers["Idempotent-Replayed"] == "true"
        with pytest.raises(stripe.IdempotencyError, match="same parameters"):
            await m.v1.customers.create_async({"email": "b@example.com"}, once)
        with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
            await m.v1.products.create_async({"name": "x"}, once)
        created = await m.receiver.until("customer.created")
        assert created["request"]["idempotency_key"] == "planchange:1"
        wrong: stripe.RequestOptions = {"idempotency_key": "planchange:2"}
        with pytest.raises(stripe.InvalidRequestError):
            await m.v1.customers.create_async({"test_clock": "clock_none"}, wrong)
        await m.v1.customers.create_async({"email": "c@example.com"}, wrong)
        declined: stripe.RequestOptions = {"idempotency_key": "planchange:3"}
        customer = await m.v1.customers.create_async()
        replayed = []
        for _ in range(2):
            with pytest.raises(stripe.CardError) as error:
                await m.v1.payment_methods.attach_async(
                    "pm_card_visa_chargeDeclined", {"customer": customer.id}, declined
                )
            replayed.append("Idempotent-Replayed" in (error.value.headers or {}))
        assert replayed == [False, True]
        await m.clock(advance_seconds=86_400)
        fresh = await m.v1.customers.create_async({"email": "b@example.com"}, once)
        assert fresh.id != first.id


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("402", stripe.CardError),
        ("409", stripe.APIError),
        ("429", stripe.RateLimitError),
        ("500", stripe.APIError),
    ],
)
async def test_a_fault_strikes_as_often_as_told_and_does_nothing(
    tmp_path: Path, fault: str, error: type[stripe.StripeError]
) -> None:
    async with harness(tmp_path) as m:
        await m.faults(stripe_request=fault)
        with pytest.raises(error):
            await m.v1.customers.create_async()
        assert (await m.v1.customers.list_async()).data == []
        await m.v1.customers.create_async()
        await m.faults(stripe_request=fault, stripe_request_path="prices")
        await m.v1.customers.create_async()
        with pytest.raises(error):
            await m.v1.prices.list_async()


async def test_after_a_lost_reply_the_same_key_finds_what_was_done(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        key: stripe.RequestOptions = {"idempotency_key": "one"}
        await m.faults(stripe_request="timeout_after_commit", stripe_request_hold_ms=1)
        with pytest.raises(stripe.APIError):
            await m.v1.customers.create_async({"email": "a@example.com"}, key)
        found = await m.v1.customers.create_async({"email": "a@example.com"}, key)
        assert [one.id for one in (await m.v1.customers.list_async()).data] == [found.id]
        key = {"idempotency_key": "two"}
        await m.faults(stripe_request="500_after_commit")
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                await m.v1.customers.create_async({"email": "b@example.com"}, key)
        assert len((await m.v1.customers.list_async()).data) == 2
