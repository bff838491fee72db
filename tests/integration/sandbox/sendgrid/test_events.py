"""Events of mail, as the product receives them."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.core.clock import utc_now
from tests.integration.sandbox.sendgrid.harness import harness, mail


async def test_an_event_names_its_mail_and_echoes_what_the_sender_gave(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        hostile = {"email_id": "e-1", "event": "mine"}
        sent = mail("ann@example.com", custom_args=hostile, categories=["summary"])
        message_id = await o.send(sent)
        event = await o.product.until("ann@example.com", "delivered")
        assert (event["email_id"], event["category"]) == ("e-1", "summary")
        assert event["sg_message_id"].split(".")[0] == message_id
        assert event["smtp-id"].startswith("<")
        assert abs(event["timestamp"] - utc_now().timestamp()) < 60
        ids = {one["sg_event_id"] for one in o.product.heard("ann@example.com")}
        assert len(ids) == 2
        assert max(map(len, ids)) <= 100
        await o.send(mail("bob@example.com", categories=["a", "b"]))
        assert (await o.product.until("bob@example.com", "processed"))["category"] == ["a", "b"]


async def test_one_post_can_tell_of_several_mails(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        to = [{"to": [{"email": f"{name}@example.com"}]} for name in ("ann", "bob")]
        await o.send(mail("x@example.com", personalizations=to))
        await o.product.until("bob@example.com", "processed")
        assert {one["email"] for one in o.product.batches[0]} == {
            "ann@example.com", "bob@example.com",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("recipient", "kinds", "fields"),
    [
        (
            "Bounce+1@example.com",
            ["processed", "bounce"],
            {"type": "bounce", "status": "5.1.1", "bounce_classification": "Invalid Address"},
        ),
        (
            "blocked@example.com",
            ["processed", "bounce"],
            {"type": "blocked", "status": "5.7.1", "bounce_classification": "Reputation"},
        ),
        ("dropped@example.com", ["processed", "dropped"], {"reason": "Spam Content"}),
        ("deferred@example.com", ["processed", "deferred", "delivered"], {}),
        ("slow@example.com", ["processed", "delivered"], {"response": "250 2.0.0 OK"}),
        ("bouncer@example.com", ["processed", "delivered"], {}),
    ],
)
async def test_an_address_tells_its_story(
    tmp_path: Path, recipient: str, kinds: list[str], fields: dict[str, str]
) -> None:
    async with harness(tmp_path) as o:
        await o.send(mail(recipient))
        last = await o.product.until(recipient, kinds[-1])
        assert o.product.kinds(recipient) == kinds
        assert fields.items() <= last.items()
        kept = await o.mail_to(recipient, kinds[-1])
        assert [one["event"] for one in kept["events"]] == kinds


async def test_who_bounced_or_complained_gets_no_more_mail(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        tracked = {"subscription_tracking": {"enable": True}}
        for who, action, reason in (
            ("Bounce@example.com", "", "Bounced Address"),
            ("Ann@example.com", "report-spam", "Spam Reporting Address"),
            ("Bob@example.com", "unsubscribe", "Unsubscribed Address"),
        ):
            message_id = await o.send(mail(who, tracking_settings=tracked))
            if action:
                await o.product.until(who, "delivered")
                assert (await o.press(message_id, action))[0] == 303
                await o.product.until(who, action.replace("report-spam", "spamreport"))
            else:
                await o.product.until(who, "bounce")
            await o.send(mail(who.upper()))
            assert (await o.product.until(who.upper(), "dropped"))["reason"] == reason
        bypass = {"bypass_list_management": {"enable": True}}
        await o.send(mail("ann@example.com", mail_settings=bypass))
        await o.product.until("ann@example.com", "delivered")


async def test_a_block_is_for_one_mail_only(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        for count in (1, 2):
            await o.send(mail("blocked@example.com"))
            await o.product.until("blocked@example.com", "bounce", count)


async def test_a_product_that_fails_is_told_again(tmp_path: Path) -> None:
    async with harness(tmp_path, sendgrid_retry_seconds=(0.02,) * 500) as o:
        o.product.status = 503
        await o.send(mail("ann@example.com"))
        await o.product.wait(lambda: len(o.product.refused) >= 3)
        o.product.status = 200
        await o.product.until("ann@example.com", "processed")
        missed = {one["sg_event_id"] for batch in o.product.refused for one in batch}
        assert o.product.heard("ann@example.com")[0]["sg_event_id"] in missed


async def test_a_product_that_goes_on_failing_is_given_up(tmp_path: Path) -> None:
    async with harness(tmp_path, sendgrid_retry_seconds=(0.01,)) as o:
        o.product.status = 500
        await o.send(mail("dropped@example.com"))
        await o.product.wait(lambda: sum(map(len, o.product.refused)) >= 4)
        o.product.status = 200
        await o.send(mail("ann@example.com"))
        await o.product.until("ann@example.com", "delivered")
        assert o.product.heard("dropped@example.com") == []
        kept = (await o.json("GET", "/world/mails"))[0]
        assert [[post["status"] for post in one["posts"]] for one in kept["events"]] == [
            [500, 500], [500, 500],
        ]  # fmt: skip


async def test_events_can_come_twice_late_or_never(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        await o.faults(duplicate_events=1)
        await o.send(mail("ann@example.com"))
        await o.product.until("ann@example.com", "delivered", 2)
        first, second = (
            one for one in o.product.heard("ann@example.com") if one["event"] == "delivered"
        )
        assert first == second
        await o.faults(reorder_events=0.5, seed=49)
        await o.send(mail("bob@example.com"))
        await o.product.wait(lambda: len(o.product.heard("bob@example.com")) == 2)
        assert o.product.kinds("bob@example.com") == ["delivered", "processed"]
        await o.faults(drop_events=1)
        await o.send(mail("cy@example.com"))
        unheard = await o.mail_to("cy@example.com", "delivered")
        await o.faults()
        await o.send(mail("dee@example.com"))
        await o.product.until("dee@example.com", "delivered")
        assert o.product.heard("cy@example.com") == []
        assert [(one["lost"], one["posts"]) for one in unheard["events"]] == [(True, [])] * 2


async def test_a_mail_can_be_sent_for_later(tmp_path: Path) -> None:
    async with harness(tmp_path) as o:
        moment = int((utc_now() + timedelta(hours=1)).timestamp())
        await o.send(mail("ann@example.com", send_at=moment))
        await o.send(mail("bob@example.com", send_at=moment - 7200))
        await o.product.until("bob@example.com", "delivered")
        later, _ = await o.json("GET", "/world/mails")
        assert later["status"] == {"ann@example.com": "accepted"}
