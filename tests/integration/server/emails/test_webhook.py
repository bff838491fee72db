"""The event webhook as strangers, and the mail company on a bad day, use it."""

import asyncio
import time
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.server.emails.post import Post, event, sign
from tests.support.client import Json


async def test_only_the_mail_company_is_believed(post: Post) -> None:
    user = await post.user()
    email = await post.until(user, await post.send(user), "delivered")
    lie = [event(email, "bounce", type="bounce", reason="a lie")]
    body = msgspec.json.encode(lie)
    now = time.time()  # noqa: TID251 - signed by the world's clock
    forged: list[Any] = [
        await post.events(lie, key=ec.generate_private_key(ec.SECP256R1())),
        await post.events(lie, signature=sign(body + b" ", str(int(now)))),
        await post.events(lie, signature="not base64!"),
        await post.events(lie, signature="AAAA"),
        await post.events(lie, signature="é"),
        await post.events(lie, at=now - 27 * 3600),
        await post.events(lie, at=now + 3600),
        await post.raw("/webhooks/sendgrid", body, {}),
        await post.raw(
            "/webhooks/sendgrid", body,
            {"X-Twilio-Email-Event-Webhook-Signature": sign(body, "1e9"),
             "X-Twilio-Email-Event-Webhook-Timestamp": "1e9"},
        ),
    ]  # fmt: skip
    assert [one.status for one in forged] == [403] * len(forged)
    assert all(b"bad_signature" in one.body for one in forged)
    assert (await user.get(f"/v1/emails/{email['id']}"))["status"] == "sent"
    assert (await post.events(lie, at=now - 20 * 3600)).status == 204
    assert (await user.get(f"/v1/emails/{email['id']}"))["error"] == "a lie"


async def test_what_is_no_array_is_refused_and_what_is_too_large(post: Post) -> None:
    for body in (b"", b"{", b"{}", b'"x"', b"[" * 100_000, b"\xff\xfe", b"null"):
        assert (await post.events(body)).status == 400, body[:10]
    assert (await post.events(b"[" + b" " * 400_000 + b"]")).status == 413
    assert (await post.events([])).status == 204


async def test_a_bad_event_spoils_no_other(post: Post) -> None:
    user = await post.user()
    email = await post.until(user, await post.send(user), "delivered")
    good = event(email, "spamreport", reason="a\x00b")
    odd: list[Any] = [
        None, 1, "x", [], {}, {"event": "bounce"}, {"event": 1, "sg_event_id": "a"},
        {**good, "sg_event_id": "x" * 300}, {**good, "sg_event_id": None},
        {**event(email, "bounce"), "email": 5},
        {"event": "account_status_change", "sg_event_id": "acs", "type": "compliance_suspend"},
        event(email, "open"), event(email, "made_up"),
        {**event(email, "deferred"), "email_id": "not-an-id", "sg_message_id": "nobody.x"},
        {**event(email, "deferred"), "email_id": {"a": 1}, "category": ["a", 1]},
    ]  # fmt: skip
    body = msgspec.json.encode([*odd, good])[:-1] + b',{"event":"\\ud800","sg_event_id":"\\ud800"}]'
    before = len(post.world.logged("events_unreadable"))
    assert (await post.events(body)).status == 204
    now = await user.get(f"/v1/emails/{email['id']}")
    assert (now["delivery"], now["status"]) == ("spamreport", "sent")
    assert post.world.logged("events_unreadable")[before]["count"] == 7
    log = post.world.node_log.read_text()
    assert email["recipient_email"] not in log


async def test_events_without_our_id_are_found_by_the_companys(post: Post) -> None:
    user = await post.user()
    email = await post.until(user, await post.send(user), "delivered")
    late = {
        **event(email, "bounce", type="blocked"), "email_id": None,
        "sg_message_id": f"{email['sendgrid_message_id']}.recvd-x-0.0",
    }  # fmt: skip
    assert (await post.events([late])).status == 204
    assert (await user.get(f"/v1/emails/{email['id']}"))["delivery"] == "blocked"


async def test_wishes_by_event_hold_for_all_that_follows(post: Post) -> None:
    user = await post.user("pro")

    async def may_mail(to: str) -> bool:
        body: Json = {"topic": "x", "type": "custom", "content": "y", "recipient_email": to}
        answer = await user.ask("POST", "/v1/emails", body)
        assert answer.body.get("code") in {None, "opted_out"}
        return answer.status == 201

    async def wishes(kind: str, fields: Json) -> None:
        to = f"{kind}x+{user.id.hex}@example.com"
        email = await post.send(user, recipient_email=to)
        await post.until(user, email, "delivered")
        assert await may_mail(to)
        assert (await post.events([event(email, kind, **fields)])).status == 204
        assert not await may_mail(to)
        assert not await may_mail(to.upper())

    await asyncio.gather(
        wishes("spamreport", {}), wishes("unsubscribe", {}), wishes("group_unsubscribe", {}),
        wishes("bounce", {"type": "bounce"}),
    )  # fmt: skip
    unnamed = event({"recipient_email": "no-id@example.org", "id": None}, "unsubscribe")
    del unnamed["sg_event_id"]
    for _ in range(2):
        assert (await post.events([unnamed])).status == 204
    assert not await may_mail("no-id@example.org")
    stranger = event({"recipient_email": "Who@Example.org", "id": None}, "spamreport")
    assert (await post.events([stranger])).status == 204
    assert not await may_mail("who@example.org")
