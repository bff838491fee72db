"""What becomes of an e-mail on its way, and that no misfortune makes two of it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.integration.server.emails.post import Post, event, until
from tests.support.client import Json, User

STORIES = {
    "ann": ("delivered", "sent"),
    "bounce": ("bounce", "failed"),
    "blocked": ("blocked", "failed"),
    "dropped": ("dropped", "failed"),
    "deferred": ("delivered", "sent"),
}
TOLD = {
    "ann": "email.delivered", "bounce": "email.bounced", "blocked": "email.bounced",
    "dropped": "email.failed", "deferred": "email.delivered",
}  # fmt: skip


def happened(subject: str, kind: str) -> Callable[[Json], bool]:
    """Whether a message tells of this."""
    return lambda message: (message.get("subject"), message.get("type")) == (subject, kind)


async def test_every_story_of_a_delivery_ends_as_it_should(post: Post) -> None:
    user = await post.user("pro")

    async def one(name: str) -> Json:
        to = f"{name}+{user.id.hex}@example.com"
        email = await post.send(user, recipient_email=to)
        return await post.until(user, email, STORIES[name][0])

    async with user.live() as dashboard:
        found = dict(zip(STORIES, await asyncio.gather(*map(one, STORIES)), strict=True))
        for name, email in found.items():
            assert email["status"] == STORIES[name][1]
            assert (email["error"] is None) is (email["status"] == "sent")
            subject, last = f"email:{email['id']}", TOLD[name]
            await dashboard.until(happened(subject, last))
            assert [e["type"] for e in dashboard.events("email.queued", subject)] == [
                "email.queued"
            ]
    assert "does not exist" in found["bounce"]["error"]
    again = {"topic": "x", "type": "custom", "content": "y"}
    for name, code in (("bounce", "opted_out"), ("blocked", None)):
        body = {**again, "recipient_email": found[name]["recipient_email"]}
        answer = await user.ask("POST", "/v1/emails", body)
        assert answer.body.get("code") == code
    assert (await user.get("/v1/usage"))["emails"]["used"] >= len(STORIES)


async def _under_fault(post: Post, fault: str, **more: Any) -> tuple[User, Json]:
    """An e-mail whose sending meets a fault, once it has arrived."""
    user = await post.user()
    await post.faults(mail_send=fault, **more)
    try:
        email = await post.until(user, await post.send(user), "delivered")
    finally:
        await post.faults()
    return user, email


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("500_after_commit", {}),
        ("timeout_after_commit", {"mail_send_hold_ms": 3000}),
        ("429", {"mail_send_times": 2}),
    ],
)
async def test_a_lost_or_late_answer_makes_no_second_mail(
    post: Post, fault: str, more: dict[str, Any]
) -> None:
    user, email = await _under_fault(post, fault, **more)
    assert (email["status"], len(await post.sent(email))) == ("sent", 1)
    assert (await user.get("/v1/usage"))["emails"]["used"] == 1


async def test_a_node_killed_in_the_middle_of_sending_sends_nothing_twice(post: Post) -> None:
    user = await post.user()
    await post.faults(mail_send="timeout_after_commit", mail_send_hold_ms=5000)
    email = await post.send(user)
    await until(lambda: post.sent(email), bool)
    post.world.node.kill()
    await post.faults()
    await asyncio.to_thread(post.world.node.start)
    await asyncio.to_thread(post.world.until_ready)
    assert (await post.events([event(email, "processed")])).status == 204
    now = await post.until(user, email, "processed", "delivered")
    assert (now["status"], now["sendgrid_message_id"]) == ("sent", None)
    assert len(await post.sent(email)) == 1
    assert (await user.get("/v1/usage"))["emails"] == {
        "used": 1, "reserved": 0, "limit": 1, "left": 0,
    }  # fmt: skip


def _all_are_posted(mails: list[Json]) -> bool:
    (mail,) = mails
    posted = {one["event"] for one in mail["events"] if one["posts"]}
    return "processed" in posted and len(posted) == len({one["event"] for one in mail["events"]})


async def test_events_in_any_order_and_twice_end_the_same(post: Post) -> None:
    user = await post.user("pro")
    await post.faults(duplicate_events=1.0, reorder_events=0.5, event_delay_ms=[0, 100], seed=7)
    try:
        sent = [
            await post.send(user, recipient_email=f"{name}+{user.id.hex}@example.com")
            for name in ("ann", "bob", "bounce", "cat")
        ]
        for email in sent:
            await post.until(user, email, "delivered", "bounce")
            await until(partial(post.sent, email), _all_are_posted)  # the late ones, too
    finally:
        await post.faults()
    shuffled = [event(sent[0], kind) for kind in ("delivered", "processed", "deferred")]
    assert (await post.events([*shuffled, *shuffled])).status == 204
    assert (await user.get(f"/v1/emails/{sent[0]['id']}"))["delivery"] == "delivered"
    assert (
        await post.events([event(sent[0], "bounce", type="blocked", reason="later")])
    ).status == 204
    late = await user.get(f"/v1/emails/{sent[0]['id']}")
    assert (late["delivery"], late["status"], late["error"]) == ("blocked", "failed", "later")
