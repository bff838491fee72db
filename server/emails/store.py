"""What all who change an e-mail share: telling of it, counting it, giving it up.

Everything here is done inside the caller's transaction, which holds the e-mail's row lock.
"""

from db import emails
from db.emails import EmailRow
from server.core.config import Config
from server.core.events import Subject, of_email
from server.core.transaction import Transaction
from server.costs.store import Use, charge
from server.emails.wire import EmailData, EmailFailed, email_out
from server.usage import actions as usage

WRITE, SEND = "email_write", "email_send"  # jobs; their subject is the e-mail's id
SHOWN_CHARACTERS = 500  # of the content, in events and snapshots; GET shows all of it


def emit(tx: Transaction, row: EmailRow, kind: type[EmailData], cause: str | None = None) -> None:
    """Tell the user's dashboards of the e-mail as it now is."""
    tx.emit(kind(email_out(row, SHOWN_CHARACTERS)), subject(row, cause))


def subject(row: EmailRow, cause: str | None = None) -> Subject:
    """The e-mail as what events are about."""
    return of_email(row.user_id, row.id, row.rev, cause)


async def settle(tx: Transaction, row: EmailRow, *, is_used: bool) -> None:
    """Count the e-mail, or give it back; only the first time, whatever is said later."""
    await usage.settle(tx, "emails", row.id, subject(row), is_used=is_used)


async def charge_sending(tx: Transaction, config: Config, row: EmailRow) -> None:
    """The mail company took it: it is paid for, once, whoever tells of it first."""
    use = Use(f"email:{row.id}", row.user_id, "emails", {"sendgrid.email": 1})
    await charge(tx, config.costs, use, once=True)


async def give_up(tx: Transaction, row: EmailRow, state: emails.State, error: str) -> None:
    """It is not sent, or nobody will ever know; the plan's use is given back."""
    row = await emails.move(tx.connection, row.id, state, status="failed", error=error)
    emit(tx, row, EmailFailed)
    await settle(tx, row, is_used=False)
