"""What the mail company's events mean: how a delivery goes, and who wants no more.

Each event is kept under the company's own id and acted on once, in the same transaction, under the
e-mail's row lock. All events of one e-mail are one transaction, in the order they came; none leads
back to an earlier state, whatever the order.
"""

from collections.abc import Iterable

import structlog

from db import contacts, emails, inbox
from db.contacts import Reason
from db.emails import EmailRow
from db.event_streams import EventRow
from db.rows import Connection
from server.core.node import Deps
from server.core.times import utc
from server.emails.store import settle, tell
from server.live.publish import publish
from server.texts.stopping import stop
from server.vendors.sendgrid.events import STATUS, MailEvent

log = structlog.get_logger(__name__)

PROVIDER = "sendgrid"
_TOLD = {
    "delivered": "email.delivered",
    "bounce": "email.bounced",
    "blocked": "email.bounced",
    "dropped": "email.failed",
    "spamreport": "email.complained",
}
_WISHES: dict[str, Reason] = {
    "bounce": "bounce",
    "spamreport": "complaint",
    "unsubscribe": "unsubscribe",
    "group_unsubscribe": "unsubscribe",
}
# Why the company itself sends nothing there any more: we may have missed the event that began it.
_DROPPED: dict[str | None, Reason] = {
    "Bounced Address": "bounce",
    "Spam Reporting Address": "complaint",
    "Unsubscribed Address": "unsubscribe",
}
_MATTERS = STATUS.keys() | _WISHES.keys()


async def apply(deps: Deps, events: Iterable[MailEvent]) -> None:
    """Take a batch in. Told twice, an event changes nothing; it is committed on return."""
    groups: dict[str, list[MailEvent]] = {}
    for event in events:
        if event.kind in _MATTERS:
            about = event.email_id or event.message_id or event.address
            groups.setdefault(str(about), []).append(event)
    for group in groups.values():
        await _apply(deps, group)


async def _apply(deps: Deps, group: list[MailEvent]) -> None:
    """Events that are about one e-mail."""
    told: list[EventRow] = []
    async with deps.pools.as_service() as connection:
        row = await _find(connection, group[0])
        email_id = None if row is None else row.id
        if row is None:
            log.warning("event_of_no_email", kind=group[0].kind)
        for event in group:
            payload = {"email_id": email_id, "event": event.kind, "reason": event.reason}
            if await inbox.record(
                connection, provider=PROVIDER, key=event.id, kind=event.kind, payload=payload
            ):
                row, news = await _one(deps, connection, row, event)
                told += news
            else:
                log.info("webhook_repeated", kind=event.kind)
    publish(deps.hub, told)


async def _find(connection: Connection, event: MailEvent) -> EmailRow | None:
    """The e-mail that it is about, locked."""
    row = None if event.email_id is None else await emails.lock(connection, event.email_id)
    if row is None and event.message_id:
        found = await emails.by_message_id(connection, event.message_id)
        row = None if found is None else await emails.lock(connection, found)
    return row


async def _one(
    deps: Deps, connection: Connection, row: EmailRow | None, event: MailEvent
) -> tuple[EmailRow | None, list[EventRow]]:
    """Act on an event that is new; the row as it then is, and what to tell."""
    now = utc(deps.clock())
    told: list[EventRow] = []
    if row is not None and event.kind in STATUS:
        status = STATUS[event.kind]
        news = await emails.told(connection, row.id, event.kind, status, event.reason)
        if news is not None:
            told += await settle(connection, news, now, is_used=True)
            kind = _TOLD.get(event.kind, "email.sent" if row.status == "pending" else None)
            if kind is not None:
                told.append(await tell(connection, news, kind, now))
            row = news
    wish = _WISHES.get(event.kind)
    if event.kind == "dropped":
        wish = _DROPPED.get(event.reason)
    address = row.recipient_email if row is not None else event.address
    if wish == "bounce" and address:
        await contacts.opt_out(connection, address, "bounce")
    elif wish is not None and address:
        told += await stop(connection, address, wish, now)
    return row, told
