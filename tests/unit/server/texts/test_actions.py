"""Texts and e-mails are searched beside the loop, on which calls run: there may be many."""

import uuid
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from db.emails import EmailRow
from db.texts.conversations import ConversationRow
from db.texts.messages import MessageRow
from server.emails import actions as emails
from server.texts import actions as texts
from tests.support.beside import Beside

ID, NOON = uuid.uuid4(), datetime(2026, 11, 23, 12, tzinfo=UTC)
THREAD = ConversationRow(
    ID, ID, "+12025550123", "bread", 1, 1, "ended", NOON, NOON, False, None, 1, NOON
)
TEXT = MessageRow(
    ID, ID, ID, "+12025550123", "SM1", "inbound", "Crème fraîche?", "user", None, NOON, 1,
    "received", NOON, None, None, None, 1, 0, 0,
)  # fmt: skip
MAIL = EmailRow(
    ID, ID, "ann@example.org", "us@example.org", "Bread", "Feed it.", "custom", None, "sent", None,
    NOON, NOON, "accepted", NOON, None, None, None, None, None, None, None, 0, 1,
)  # fmt: skip


async def test_texts_are_searched_in_a_thread() -> None:
    async def fetch(*_: object) -> list[dict[str, Any]]:
        return [{name: getattr(TEXT, name) for name in TEXT.__struct_fields__}]

    beside = Beside()
    connection = SimpleNamespace(fetch=fetch)
    deps: Any = SimpleNamespace(pools=SimpleNamespace(as_service=lambda: nullcontext(connection)))
    assert await texts.mentioning(deps, [THREAD], "CRÈME") == [THREAD]
    assert await texts.mentioning(deps, [THREAD], "butter") == []
    assert [one.__name__ for one in beside.done] == ["_mentions"] * 2


async def test_emails_are_searched_in_a_thread() -> None:
    beside = Beside()
    assert await emails.mentioning([MAIL], "feed") == [MAIL]
    assert await emails.mentioning([MAIL], "butter") == []
    assert [one.__name__ for one in beside.done] == ["_having"] * 2
