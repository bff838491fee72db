"""Rows of e-mails: kept once by key, moved on and never back, found by what mails carry."""

import itertools
import uuid
from typing import Any

from db import emails
from db.core.pool import Pools
from db.core.rows import Connection
from db.emails import RANKS, EmailRow, NewEmail
from tests.integration.db.arrange import make_user


def new_email(user_id: uuid.UUID, **changes: Any) -> NewEmail:
    """An e-mail ready to be sent."""
    usual: dict[str, Any] = {
        "id": uuid.uuid4(), "user_id": user_id, "recipient_email": "ann@example.org",
        "from_email": "talking@example.com", "subject": "Tea", "content": "Green.",
        "type": "custom", "topic": "tea", "state": "queued", "html": "<p>Green.</p>",
    }  # fmt: skip
    return NewEmail(**{**usual, **changes})


async def kept(connection: Connection, user_id: uuid.UUID, **changes: Any) -> EmailRow:
    return await emails.insert(connection, new_email(user_id, **changes))


async def test_a_key_keeps_one_email_for_its_user(pools: Pools) -> None:
    ann, bob = await make_user(pools), await make_user(pools)
    async with pools.as_service() as connection:
        first = await kept(connection, ann, idempotency_key="k", variables={"a": ["b"]})
        again = await kept(connection, ann, idempotency_key="k", content="other")
        other = await kept(connection, bob, idempotency_key="k")
        assert first == again
        assert other.id != first.id
        assert (await kept(connection, ann)).id != (await kept(connection, ann)).id
        assert len(await emails.of_user(connection, ann, 10)) == 3
        assert (
            await emails.of_user(connection, ann, 1)
            == (await emails.of_user(connection, ann, 9))[:1]
        )


async def test_an_email_is_found_by_what_its_mail_carries(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        row = await kept(connection, user_id, has_unsubscribe_token=True, has_reply_token=True)
        unsubscribe, reply = str(row.unsubscribe_token), str(row.reply_token)
        assert unsubscribe != reply
        moved = await emails.move(connection, row.id, "accepted", status="sent", message_id="m")
        assert await emails.by_unsubscribe_token(connection, unsubscribe) == moved
        assert await emails.by_reply_token(connection, reply) == moved
        assert await emails.by_message_id(connection, "m") == row.id
        answer = await kept(connection, user_id, state="received", in_reply_to=row.id)
        assert (answer.status, answer.in_reply_to) == ("sent", row.id)
        stored = await connection.fetchrow(
            "select unsubscribe_token, reply_token from app.email_details where email_id = $1",
            row.id,
        )
        for token in ("", "x", *stored):  # who reads the table has no token
            assert await emails.by_unsubscribe_token(connection, token) is None
            assert await emails.by_reply_token(connection, token) is None


async def test_no_order_of_tellings_leads_to_a_lower_rank(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        for first, second in itertools.product(RANKS, RANKS):
            row = await kept(connection, user_id)
            assert await emails.record_delivery(connection, row.id, first, "sent", None) is not None
            news = await emails.record_delivery(connection, row.id, second, "sent", None)
            assert (news is not None) is (RANKS[second] > RANKS[first])
            now = await emails.get(connection, row.id)
            assert now is not None
            assert RANKS[str(now.delivery)] == max(RANKS[first], RANKS[second])
            assert now.state == "accepted"


async def test_an_answer_that_comes_after_the_news_changes_no_status(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        row = await kept(connection, user_id)
        await emails.record_delivery(connection, row.id, "bounce", "failed", "no such mailbox")
        late = await emails.move(connection, row.id, "accepted", status="sent", message_id="m2")
        assert (late.status, late.error, late.sendgrid_message_id) == (
            "failed", "no such mailbox", "m2",
        )  # fmt: skip
        again = await emails.move(connection, row.id, "accepted", message_id="m3")
        assert again.sendgrid_message_id == "m2"


async def test_of_an_answer_nothing_is_told(pools: Pools) -> None:
    user_id = await make_user(pools)
    async with pools.as_service() as connection:
        row = await kept(connection, user_id, state="received")
        assert await emails.record_delivery(connection, row.id, "delivered", "sent", None) is None
