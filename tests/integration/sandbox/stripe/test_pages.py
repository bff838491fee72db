"""The pages a customer clicks through, and what the product hears of it."""

import re
from pathlib import Path
from typing import Any

from tests.integration.sandbox.stripe.harness import FIRST_OF_MONTH, StripeHarness, harness


async def checkout(m: StripeHarness, **more: Any) -> Any:
    customer = await m.v1.customers.create_async({"email": "ann@example.com"})
    return await m.v1.checkout.sessions.create_async(
        {
            "mode": "subscription",
            "customer": customer.id,
            "client_reference_id": "u1",
            "line_items": [{"price": m.basic, "quantity": 1}],
            "subscription_data": {
                "metadata": {"user_id": "u1"},
                "billing_cycle_anchor_config": FIRST_OF_MONTH,
            },
            "success_url": "http://product.test/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://product.test/plans",
            "allow_promotion_codes": False,
            **more,
        }
    )


async def page(m: StripeHarness, url: str | None) -> str:
    assert url is not None
    async with m.http.get(url) as response:
        assert response.status == 200
        return await response.text()


async def test_a_person_pays_and_the_subscription_begins(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        await m.leave_the_months_end()
        session = await checkout(m)
        assert (session.status, session.payment_status) == ("open", "unpaid")
        text = await page(m, session.url)
        assert "Visa that pays" in text
        assert "http://product.test/plans" in text
        assert session.url is not None
        status, leads, _ = await m.click(session.url, card="pm_card_visa")
        assert (status, leads) == (303, f"http://product.test/done?session={session.id}")
        await m.receiver.until("checkout.session.completed")
        told = m.receiver.types()
        begin = told.index("payment_method.attached")
        assert told[begin:] == [
            "payment_method.attached",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
            "checkout.session.completed",
        ]
        done = await m.v1.checkout.sessions.retrieve_async(
            session.id, {"expand": ["subscription", "invoice", "line_items"]}
        )
        assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
        assert done.subscription.metadata["user_id"] == "u1"
        assert done.subscription.default_payment_method is not None
        assert done.subscription.billing_cycle_anchor_config.day_of_month == 1
        assert done.invoice.total == done.amount_total
        assert done.line_items.data[0].price.id == m.basic
        status, _, text = await m.click(session.url, card="pm_card_visa")
        assert status == 400


async def test_a_declined_card_leaves_the_session_open_and_no_subscription(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path) as m:
        await m.leave_the_months_end()
        session = await checkout(m)
        assert session.url is not None
        status, _, text = await m.click(
            session.url, card="pm_card_visa_chargeDeclinedInsufficientFunds"
        )
        assert status == 200
        assert "insufficient funds" in text
        await m.receiver.until("payment_intent.payment_failed")
        assert (await m.v1.subscriptions.list_async({"status": "all"})).data == []
        assert (await m.v1.checkout.sessions.retrieve_async(session.id)).status == "open"
        status, _, _ = await m.click(session.url, card="pm_card_mastercard")
        assert status == 303


async def test_a_card_that_asks_its_owner_pays_only_when_they_agree(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        session = await checkout(m)
        assert session.url is not None
        card = "pm_card_authenticationRequired"
        _, _, text = await m.click(session.url, card=card)
        assert "Is this you?" in text
        _, _, text = await m.click(session.url, card=card, owner="no")
        assert "did not agree" in text
        status, _, _ = await m.click(session.url, card=card, owner="yes")
        assert status == 303
        await m.receiver.until("checkout.session.completed")


async def test_a_session_expires_by_request_or_by_time(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        first, second = await checkout(m), await checkout(m)
        expired = await m.v1.checkout.sessions.expire_async(first.id)
        assert (expired.status, expired.url) == ("expired", None)
        await m.receiver.until("checkout.session.expired")
        await m.clock(advance_seconds=86_400)
        await m.receiver.until("checkout.session.expired", 2)
        assert second.url is not None
        assert "This page is expired" in await page(m, second.url)
        status, _, _ = await m.click(second.url, card="pm_card_visa")
        assert status == 400


async def test_a_free_trial_begins_without_a_payment(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        session = await checkout(m, subscription_data={"trial_period_days": 7})
        assert session.url is not None
        await m.click(session.url, card="pm_card_visa")
        event = await m.receiver.until("checkout.session.completed")
        assert event["data"]["object"]["payment_status"] == "no_payment_required"
        created = await m.receiver.until("customer.subscription.created")
        assert created["data"]["object"]["status"] == "trialing"


async def portal(m: StripeHarness, customer: str, **more: Any) -> str:
    session = await m.v1.billing_portal.sessions.create_async(
        {"customer": customer, "return_url": "http://product.test/account", **more}
    )
    return str(session.url)


async def test_the_portal_cancels_by_a_time_and_takes_it_back(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        sub = await m.subscribe()
        url = await portal(m, str(sub.customer))
        assert "Renews on" in await page(m, url)
        await m.click(f"{url}/cancel")
        event = await m.receiver.until("customer.subscription.updated")
        after = event["data"]["object"]
        assert after["cancel_at"] == sub.items.data[0].current_period_end
        assert after["cancel_at_period_end"] is False
        assert "Ends on" in await page(m, url)
        status, _, _ = await m.click(f"{url}/cancel")
        assert status == 400
        await m.click(f"{url}/keep")
        event = await m.receiver.until("customer.subscription.updated", 2)
        assert event["data"]["object"]["cancel_at"] is None


async def test_a_new_card_in_the_portal_pays_what_is_open(tmp_path: Path) -> None:
    async with harness(tmp_path) as m:
        sub = await m.subscribe()
        await m.faults(decline_charges=True)
        await m.clock(advance_seconds=32 * 86_400)
        await m.receiver.until("invoice.payment_failed")
        late = await m.v1.subscriptions.retrieve_async(sub.id)
        assert late.status == "past_due"
        await m.faults()
        url = await portal(m, str(sub.customer), flow_data={"type": "payment_method_update"})
        status, _, text = await m.click(f"{url}/card", card="pm_card_visa_chargeDeclined")
        assert (status, "declined" in text) == (200, True)
        await m.click(f"{url}/card", card="pm_card_mastercard")
        await m.receiver.until("invoice.paid", 2)
        assert (await m.v1.subscriptions.retrieve_async(sub.id)).status == "active"
        customer = await m.v1.customers.retrieve_async(
            str(sub.customer), {"expand": ["invoice_settings.default_payment_method"]}
        )
        assert customer.invoice_settings.default_payment_method.card.brand == "mastercard"


async def test_the_portal_switches_up_at_once_and_down_at_the_periods_end(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path) as m:
        price = await m.v1.prices.retrieve_async(m.basic)
        setting = await m.v1.billing_portal.configurations.create_async(
            {
                "features": {
                    "subscription_cancel": {"enabled": True},
                    "payment_method_update": {"enabled": True},
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["price"],
                        "proration_behavior": "always_invoice",
                        "products": [{"product": str(price.product), "prices": [m.basic, m.pro]}],
                        "schedule_at_period_end": {
                            "conditions": [{"type": "decreasing_item_amount"}]
                        },
                    },
                }
            }
        )
        assert setting.is_default
        sub = await m.subscribe()
        url = await portal(
            m,
            str(sub.customer),
            configuration=setting.id,
            flow_data={
                "type": "subscription_update",
                "subscription_update": {"subscription": sub.id},
                "after_completion": {
                    "type": "redirect", "redirect": {"return_url": "http://product.test/back"},
                },
            },
        )  # fmt: skip
        assert re.search(r"Switch to Plus \(\$30.00 / month\)", await page(m, url))
        status, leads, _ = await m.click(f"{url}/switch", price=m.pro)
        assert (status, leads) == (303, "http://product.test/back")
        up = await m.v1.subscriptions.retrieve_async(sub.id)
        assert up.items.data[0].price.id == m.pro
        await m.click(f"{url}/switch", price=m.basic)
        event = await m.receiver.until("subscription_schedule.created")
        assert [phase["items"][0]["price"] for phase in event["data"]["object"]["phases"]] == [
            m.pro, m.basic,
        ]  # fmt: skip
        status, _, _ = await m.click(f"{url}/switch", price=m.yearly)
        assert status == 400


async def test_an_open_invoice_is_paid_on_its_page_after_the_owner_agreed(
    tmp_path: Path,
) -> None:
    async with harness(tmp_path) as m:
        sub = await m.subscribe("pm_card_authenticationRequired")
        assert sub.status == "incomplete"
        await m.receiver.until("invoice.payment_action_required")
        made = await m.v1.invoices.retrieve_async(str(sub.latest_invoice))
        assert "$10.00" in await page(m, made.hosted_invoice_url)
        assert made.hosted_invoice_url is not None
        status, leads, _ = await m.click(
            made.hosted_invoice_url, card="pm_card_authenticationRequired"
        )
        assert (status, leads.startswith("/authenticate/pi_")) == (303, True)
        await m.click(f"{m.base_url}{leads}", owner="no")
        await m.receiver.until("payment_intent.payment_failed")
        await m.click(made.hosted_invoice_url, card="pm_card_authenticationRequired")
        await m.click(f"{m.base_url}{leads}", owner="yes")
        await m.receiver.until("invoice.paid")
        event = await m.receiver.until("customer.subscription.updated")
        assert event["data"]["previous_attributes"]["status"] == "incomplete"
        assert event["data"]["object"]["status"] == "active"
