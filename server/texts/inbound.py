"""Texts that people send us: kept under the carrier's name for them, and what they mean for us.

Answered at once; the agent's answer is a job. Which conversation a text belongs to: of the open
ones with its number, the one we wrote in last. An opt-out comes before everything else; where it
is not sure whether one is meant, they are asked.
"""

import re
import uuid

import structlog

from db.cluster import inbox
from db.consent import contacts, pace
from db.core.rows import Connection
from db.texts import conversations, messages
from db.texts.messages import MessageRow, NewMessage
from media.wishes.reading import confirmed, wish_to_stop
from media.wishes.wish import Wish
from server.accounts.languages import language_of
from server.agents.store import writer
from server.consent.actions import opt_out
from server.consent.keywords import keyword
from server.consent.records import opt_in
from server.core.node import Node
from server.core.transaction import Transaction
from server.texts.segments import MOST_CHARACTERS
from server.texts.stopping import ask, end_all
from server.texts.store import REPLY, charge, emit
from server.texts.wire import TextReceived

log = structlog.get_logger(__name__)

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


async def receive(
    deps: Node, sid: str, sender: str, body: str, media: int, segments: int, opt_out_type: str
) -> str:
    """Keep a text; returns what the carrier is to answer in our name, usually nothing.

    `opt_out_type` is the carrier's own reading of it ("STOP", "START", "HELP"), if it gave one.
    """
    body = body[:MOST_CHARACTERS]
    meant = opt_out_type.lower() or keyword(body)
    is_asked = False
    opted_out: set[str] = set()
    async with deps.transaction() as tx:
        connection = tx.connection
        if not await inbox.record(connection, provider="twilio", key=sid, kind="sms", payload={}):
            log.info("webhook_repeated", kind="sms")
            return ""
        if not _NUMBER.fullmatch(sender):  # a short code or a name: a robot's, which reads nothing
            log.info("text_of_no_number")
            return ""
        was_asked = await contacts.answered(connection, [sender])
        if was_asked and body.strip().lower() == "yes":
            meant = ""  # the carrier's "start", but an answer to our question
        wish = _wish(meant or "", body, was_asked=was_asked)
        stops = wish == "yes"
        if stops:  # opt-outs are locked before conversations
            opted_out = await opt_out(tx, sender, "stop" if meant else "asked")
        elif meant == "start":
            await opt_in(tx, sender)
        message = await _keep(tx, sid, sender, body, media, segments)
        if message is not None:
            await charge(tx, deps.config, message)
        await end_all(tx, opted_out)
        if wish == "unsure":
            seconds = deps.config.sms.confirm_minutes * 60
            is_asked = await ask(tx, sender, seconds) is not None
        elif message is not None and not stops and meant != "help":
            tx.enqueue(REPLY, str(message.id), after_seconds=deps.config.sms.quiet_gap_seconds)
        answer, said = "", deps.config.sms_in(await _language(deps, connection, message, sender))
        if not meant and stops:
            answer = said.stopped
        elif is_asked:
            answer = said.confirm
        elif not meant and message is None:
            is_first = await pace.answer_stranger(connection, sender)
            answer = said.stranger if is_first else ""
    return answer  # the carrier answers its own keywords


async def _language(
    deps: Node, connection: Connection, message: MessageRow | None, sender: str
) -> str:
    """That of the agent they text with, or of themselves, where we know them."""
    row = None
    if message is not None:
        row = await conversations.get(connection, message.conversation_id)
    if row is None:
        whose = await contacts.whose(connection, sender)
        return await language_of(connection, whose, deps.config.language)
    return (await writer(connection, deps.config, row.agent_id, row.user_id, sender)).language


def _wish(meant: str, body: str, *, was_asked: bool) -> Wish:
    """Whether nothing more is wanted; an answer to our question that is neither is a yes."""
    if meant:
        return "yes" if meant == "stop" else "no"
    if was_asked:
        return "no" if confirmed(body) == "no" else "yes"
    return wish_to_stop(body, "text")


async def _keep(
    tx: Transaction, sid: str, sender: str, body: str, media: int, segments: int
) -> MessageRow | None:
    """Add the text to its conversation; None if there is none."""
    found = await conversations.of_number(tx.connection, sender)
    row = None if found is None else await conversations.lock(tx.connection, found)
    if row is None or row.status == "ended":
        return None
    new = NewMessage(
        id=uuid.uuid4(), conversation_id=row.id, user_id=row.user_id,
        phone_number=row.phone_number, direction="inbound", text=body, type="user",
        state="received", segments=segments, media=media, sid=sid,
    )  # fmt: skip
    message = await messages.add(tx.connection, new)
    row = await conversations.get(tx.connection, row.id) or row
    if message is not None:
        emit(tx, row, TextReceived, message=message)
    return message
