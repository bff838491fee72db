"""What the mail company's events mean: how a delivery goes, and who wants no more.

Each event is kept under the company's own id and acted on once, in the same transaction, under the
e-mail's row lock. All events of one e-mail are one transaction, in the order they came; none leads
back to an earlier state, whatever the order.
"""

from collections.abc import Iterable

import structlog

from db import emails
from db.cluster import inbox
from db.consent import pace
from db.consent.contacts import Reason
from db.core.rows import Connection
from db.emails import EmailRow
from server.consent.records import opt_out
from server.core.config import Config
from server.core.node import Node
from server.core.transaction import Transaction
from server.emails.store import charge_sending, emit, settle
from server.emails.wire import (
    EmailBounced,
    EmailComplained,
    EmailData,
    EmailDelivered,
    EmailFailed,
    EmailSent,
)
from server.texts.stopping import opt_out_everywhere
from server.vendors.sendgrid.events import STATUS, MailEvent

log = structlog.get_logger(__name__)

PROVIDER = "sendgrid"
_EVENTS: dict[str, type[EmailData]] = {
    "delivered": EmailDelivered,
    "bounce": EmailBounced,
    "blocked": EmailBounced,
    "dropped": EmailFailed,
    "spamreport": EmailComplained,
}
_OPT_OUT_REASONS: dict[str, Reason] = {
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
_MATTERS = STATUS.keys() | _OPT_OUT_REASONS.keys()


async def apply(deps: Node, events: Iterable[MailEvent]) -> None:
    """Take a batch in. Received twice, an event changes nothing; it is committed on return."""
    groups: dict[str, list[MailEvent]] = {}
    for event in events:
        if event.kind in _MATTERS:
            about = event.email_id or event.message_id or event.address
            groups.setdefault(str(about), []).append(event)
    for group in groups.values():
        await _apply(deps, group)


async def _apply(deps: Node, group: list[MailEvent]) -> None:
    """Events that are about one e-mail."""
    async with deps.transaction() as tx:
        connection = tx.connection
        row = await _find(connection, group[0])
        email_id = None if row is None else row.id
        if row is None:
            log.warning("event_of_no_email", kind=group[0].kind)
        for event in group:
            payload = {"email_id": email_id, "event": event.kind}  # a reason may hold an address
            if await inbox.record(
                connection, provider=PROVIDER, key=event.id, kind=event.kind, payload=payload
            ):
                row = await _one(tx, deps.config, row, event)
            else:
                log.info("webhook_repeated", kind=event.kind)


async def _find(connection: Connection, event: MailEvent) -> EmailRow | None:
    """The e-mail that it is about, locked."""
    row = None if event.email_id is None else await emails.lock(connection, event.email_id)
    if row is None and event.message_id:
        found = await emails.by_message_id(connection, event.message_id)
        row = None if found is None else await emails.lock(connection, found)
    return row


async def _one(
    tx: Transaction, config: Config, row: EmailRow | None, event: MailEvent
) -> EmailRow | None:
    """Act on an event that is new; the row as it then is."""
    if row is not None and event.kind in STATUS:
        status = STATUS[event.kind]
        changed = await emails.record_delivery(
            tx.connection, row.id, event.kind, status, event.reason
        )
        if changed is not None:
            await settle(tx, changed, is_used=True)
            await charge_sending(tx, config, changed)
            kind = _EVENTS.get(event.kind, EmailSent if row.status == "pending" else None)
            if kind is not None:
                emit(tx, changed, kind)
            row = changed
    opt_out_reason = _OPT_OUT_REASONS.get(event.kind)
    if event.kind == "dropped":
        opt_out_reason = _DROPPED.get(event.reason)
    if opt_out_reason == "complaint" and row is not None:
        await pace.complain(tx.connection, row.user_id, row.id)
    address = row.recipient_email if row is not None else event.address
    if opt_out_reason == "bounce" and address:
        await opt_out(tx, address, "bounce")
    elif opt_out_reason is not None and address:
        await opt_out_everywhere(tx, address, opt_out_reason)
    return row
