"""Bringing our texts to the carrier, once each and in order, and what the carrier says of them.

A text is marked as being sent before the carrier is asked; whatever leaves the outcome open is
looked up before anything is sent again. Rights are asked for again just before: somebody who said
stop gets nothing that was queued. Knows no language model.
"""

import datetime as dt
import uuid
from typing import Literal

import structlog

from db.consent import contacts
from db.core.rows import Connection
from db.texts import conversations, messages
from db.texts.conversations import ConversationRow
from db.texts.messages import MessageRow
from server.consent.hours import opens
from server.core.errors import NotYetError
from server.texts.deps import TextDeps
from server.texts.stopping import drop, opt_out_everywhere
from server.texts.store import SEND, charge, emit, recently_texted, settle
from server.texts.wire import ConversationEnded, TextDelivered, TextFailed, TextSent
from server.vendors.twilio.calls import RefusedError, UnknownOutcomeError
from server.vendors.twilio.error_codes import OPTED_OUT

log = structlog.get_logger(__name__)

_SLACK = dt.timedelta(seconds=5)  # carrier times have whole seconds, clocks differ a little
# Said of us: too much was asked, or by a token that is being changed, or of an account on hold.
_NOT_OF_THE_TEXT = {401, 403, 429}
_SENDING_SECONDS = 15.0  # a sending that takes longer than any time limit is of a node that died
# How the map's three words become events; what is not here is no event.
_EVENTS = {"sent": TextSent, "delivered": TextDelivered, "failed": TextFailed}
_STATUS: dict[str, Literal["sent", "delivered", "failed"]] = {
    "queued": "sent", "accepted": "sent", "sending": "sent", "sent": "sent",
    "delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed",
}  # fmt: skip


async def send(deps: TextDeps, subject: str) -> None:
    """Send what is queued in this conversation, oldest first.

    Raises NotYetError while the carrier takes nothing or an outcome is not known yet.
    """
    conversation_id = uuid.UUID(subject)
    async with deps.locks.of(f"send:{conversation_id}"):
        while (message := await _next(deps, conversation_id)) is not None:
            await _send(deps, message)


async def _next(deps: TextDeps, conversation_id: uuid.UUID) -> MessageRow | None:
    """The text to send now, marked as being sent; None when there is nothing left to do.

    Raises NotYetError while it is not known what became of an earlier one.
    """
    while True:
        async with deps.transaction() as tx:
            row = await conversations.lock(tx.connection, conversation_id)
            message = (
                None if row is None else await messages.next_unsent(tx.connection, conversation_id)
            )
            if row is None or message is None:
                return None
            if message.state == "queued":
                if await contacts.opted_out(tx.connection, [row.phone_number]) is not None:
                    await drop(tx, row)
                    return None
                wait = await _held(deps, tx.connection, row, tx.now)
                if wait is None:
                    return await messages.set_state(tx.connection, message.id, "sending")
                tx.enqueue(SEND, str(row.id), after_seconds=wait)
                return None
        await _find(deps, message, tx.now)


async def _held(
    deps: TextDeps, connection: Connection, row: ConversationRow, now: dt.datetime
) -> float | None:
    """Seconds until it may be sent: nobody is woken by a text they did not just wait for."""
    if row.is_own or await recently_texted(deps.config, connection, row.id, now):
        return None
    at = await opens(connection, deps.config, row.phone_number, now)
    return None if at is None else (at - now).total_seconds()


async def _send(deps: TextDeps, message: MessageRow) -> None:
    origin = deps.config.server.public_url.rstrip("/")
    try:
        sid = await deps.texts.send(
            to=message.phone_number,
            sender=deps.config.text_number,
            body=message.message_text,
            callback=f"{origin}/webhooks/twilio/sms-status?message={message.id}#rc=3&rp=ct,rt,5xx",
        )
    except UnknownOutcomeError:
        log.warning("text_outcome_unknown", message_id=str(message.id))
        async with deps.pools.as_service() as connection:
            await messages.leave_at(connection, message, "unknown")
        raise NotYetError("outcome unknown") from None
    except RefusedError as refused:
        await _refused(deps, message, refused)
        return
    await _accepted(deps, message, sid)


async def _refused(deps: TextDeps, message: MessageRow, refused: RefusedError) -> None:
    log.warning("text_refused", message_id=str(message.id), code=refused.code)
    if refused.status in _NOT_OF_THE_TEXT:  # never taken, so it may be sent again
        async with deps.pools.as_service() as connection:
            await messages.leave_at(connection, message, "queued")
        raise NotYetError("not taken")
    async with deps.transaction() as tx:
        row = await conversations.lock(tx.connection, message.conversation_id)
        if row is None:
            return
        message = await messages.set_state(
            tx.connection, message.id, "refused", status="failed", code=refused.code
        )
        emit(tx, row, TextFailed, message=message)
        await settle(tx, row, is_used=False)  # given back if nothing went before
        if refused.code != OPTED_OUT and row.status != "ended":
            row = await conversations.change(
                tx.connection, row, status="ended", end_reason="undeliverable"
            )
            emit(tx, row, ConversationEnded)
    if refused.code == OPTED_OUT:
        await _opt_out(deps, row.phone_number)


async def _opt_out(deps: TextDeps, number: str) -> None:
    """The carrier says that the number opted out: so be it for every channel."""
    async with deps.transaction() as tx:
        await opt_out_everywhere(tx, number, "stop")


async def _accepted(deps: TextDeps, message: MessageRow, sid: str) -> None:
    async with deps.transaction() as tx:
        row = await conversations.lock(tx.connection, message.conversation_id)
        if row is None:
            return
        before = await messages.get(tx.connection, message.id)
        message = await messages.set_state(
            tx.connection, message.id, "accepted", sid=sid, status="sent"
        )
        await settle(tx, row, is_used=True)
        await charge(tx, deps.config, message)
        if before is not None and before.status is None:  # else a callback was quicker
            emit(tx, row, TextSent, message=message)


async def _find(deps: TextDeps, message: MessageRow, now: dt.datetime) -> None:
    """Learn what became of a sending. Raises NotYetError while that cannot be known."""
    age = (now - message.state_at).total_seconds()
    if message.state == "sending" and age < _SENDING_SECONDS:
        raise NotYetError("being sent")
    since = message.created_at - _SLACK
    try:
        found = await deps.texts.sent(
            to=message.phone_number, sender=deps.config.text_number, since=since
        )
    except UnknownOutcomeError:
        raise NotYetError("carrier away") from None
    alike = [text.sid for text in found if text.body == message.message_text]
    async with deps.pools.as_service() as connection:
        known = await messages.known_sids(connection, alike)
    free = [sid for sid in alike if sid not in known]
    if free:
        log.info("text_found", message_id=str(message.id))
        await _accepted(deps, message, free[-1])
        return
    if age < deps.config.sms.settle_seconds:
        raise NotYetError("outcome unknown")
    async with deps.pools.as_service() as connection:  # the carrier surely never took it
        await messages.leave_at(connection, message, "queued")


async def record_status(
    deps: TextDeps, message_id: uuid.UUID | None, sid: str, status: str, code: int | None
) -> None:
    """What the carrier says of a text of ours; what is older than what we know changes nothing."""
    word = _STATUS.get(status)
    if word is None:
        return
    async with deps.transaction() as tx:
        connection, found = tx.connection, None
        if message_id is not None:
            found = await messages.get(connection, message_id)
        found = found or await messages.by_sid(connection, sid)
        row = None if found is None else await conversations.lock(connection, found.conversation_id)
        if found is None or row is None:
            log.warning("webhook_of_no_text", status=status)
            return
        message = await messages.record_delivery(connection, found.id, sid, status, word, code)
        if message is None:
            return
        await settle(tx, row, is_used=True)
        await charge(tx, deps.config, message)
        if message.status != found.status:
            emit(tx, row, _EVENTS[word], message=message)
    if code == OPTED_OUT:
        await _opt_out(deps, row.phone_number)
