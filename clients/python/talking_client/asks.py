"""Every request this client can make, as a value: what is asked, and what comes back.

Both clients send these, so that they cannot differ. Knows no connection.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec

from talking_client import models, sent
from talking_client.errors import TalkingError

Reply = TypeVar("Reply")
Row = TypeVar("Row")
Id: TypeAlias = uuid.UUID | str


class Ask(msgspec.Struct, Generic[Reply], frozen=True):
    """One request; whatever is not a GET writes."""

    method: str
    path: str
    reply: type[Reply]
    query: dict[str, str] = {}
    body: msgspec.Struct | None = None


class Nothing(msgspec.Struct, frozen=True):
    """A body without members."""


class Listing(msgspec.Struct, Generic[Reply, Row], frozen=True):
    """A list: how its first page is asked for, what a page holds, and where the next begins."""

    first: Ask[Reply]
    rows: Callable[[Reply], Sequence[Row]]
    cursor: Callable[[Reply], str | None]

    def after(self, page: Reply) -> Ask[Reply] | None:
        """The request for the page after this one, if there is one."""
        cursor = self.cursor(page)
        if cursor is None:
            return None
        return msgspec.structs.replace(self.first, query={**self.first.query, "cursor": cursor})


def _query(filters: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in filters.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise TalkingError("a time needs a zone")
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _part(name: Id) -> str:
    """A part of a path, which leads nowhere else whatever is in it. Raises TalkingError."""
    if str(name) in {".", ".."}:  # clients and proxies would resolve them, in any encoding
        raise TalkingError(f"`{name}` cannot be part of an address")
    return quote(str(name), safe="")


def _post(path: str, reply: type[Reply], body: msgspec.Struct | None = None) -> Ask[Reply]:
    return Ask("POST", path, reply, body=body or Nothing())


def place_call(
    topic: str, to: str | None, consent: str | None, agent: str | None
) -> Ask[models.CallOut]:
    body = sent.StartCall(topic=topic, to=to, consent=consent, agent=agent)
    return _post("/v1/calls", models.CallOut, body)


def call(call_id: Id, expand: str | None) -> Ask[models.CallExpanded]:
    return Ask(
        "GET", f"/v1/calls/{_part(call_id)}", models.CallExpanded, _query({"expand": expand})
    )


def calls(filters: Mapping[str, Any]) -> Listing[models.CallPage, models.CallExpanded]:
    first = Ask("GET", "/v1/calls", models.CallPage, _query(filters))
    return Listing(first, lambda page: page.calls, lambda page: page.cursor)


def schedule_call(call: sent.ScheduleCall) -> Ask[models.ScheduledCallOut]:
    return _post("/v1/scheduled-calls", models.ScheduledCallOut, call)


def schedule_calls(calls: Sequence[sent.ScheduleCall]) -> Ask[models.ScheduledBatch]:
    body = sent.ScheduleBatch(calls=list(calls))
    return _post("/v1/scheduled-calls/batch", models.ScheduledBatch, body)


def scheduled_calls(
    filters: Mapping[str, Any],
) -> Listing[models.ScheduledCallPage, models.ScheduledCallOut]:
    first = Ask("GET", "/v1/scheduled-calls", models.ScheduledCallPage, _query(filters))
    return Listing(first, lambda page: page.scheduled_calls, lambda page: page.cursor)


def cancel_scheduled_call(scheduled_id: Id) -> Ask[models.ScheduledCallOut]:
    return _post(f"/v1/scheduled-calls/{_part(scheduled_id)}/cancel", models.ScheduledCallOut)


def scheduled(
    topic: str, to: str | None, start_at: dt.datetime | None, consent: str | None,
    agent: str | None,
) -> sent.ScheduleCall:  # fmt: skip
    at = None if start_at is None else _text(start_at)
    return sent.ScheduleCall(topic=topic, to=to, start_at=at, consent=consent, agent=agent)


def hang_up(call_id: Id) -> Ask[models.Done]:
    return _post(f"/v1/calls/{_part(call_id)}/hangup", models.Done)


def say_in_call(call_id: Id, text: str, interrupt: bool) -> Ask[models.Done]:
    body = sent.Say(text=text, interrupt=interrupt)
    return _post(f"/v1/calls/{_part(call_id)}/say", models.Done, body)


def transcript(call_id: Id) -> Ask[models.Transcript]:
    return Ask("GET", f"/v1/calls/{_part(call_id)}/transcript", models.Transcript)


def change_recording(call_id: Id, verb: str) -> Ask[models.Done]:
    """`verb`: start, pause or stop."""
    return _post(f"/v1/calls/{_part(call_id)}/recording/{verb}", models.Done)


def recording(call_id: Id) -> Ask[bytes]:
    return Ask("GET", f"/v1/calls/{_part(call_id)}/recording", bytes)


def annotations(call_id: Id) -> Ask[models.CallAnnotations]:
    return Ask("GET", f"/v1/calls/{_part(call_id)}/annotations", models.CallAnnotations)


def used_tags() -> Ask[models.UsedTags]:
    return Ask("GET", "/v1/calls/tags", models.UsedTags)


def tag(call_id: Id, tag: str, *, off: bool = False) -> Ask[models.CallTags]:
    path = f"/v1/calls/{_part(call_id)}/tags/{_part(tag)}"
    return Ask("DELETE" if off else "PUT", path, models.CallTags)


def note(call_id: Id, text: str, note_id: Id | None = None) -> Ask[models.NoteOut]:
    """A new one, or another text of the one with this id."""
    path, body = f"/v1/calls/{_part(call_id)}/notes", sent.WriteNote(text=text)
    if note_id is None:
        return _post(path, models.NoteOut, body)
    return Ask("PUT", f"{path}/{_part(note_id)}", models.NoteOut, body=body)


def delete_note(call_id: Id, note_id: Id) -> Ask[models.Deleted]:
    return Ask("DELETE", f"/v1/calls/{_part(call_id)}/notes/{_part(note_id)}", models.Deleted)


def start_conversation(
    topic: str, phone_number: str | None, consent: str | None, agent: str | None
) -> Ask[models.ConversationOut]:
    body = sent.StartConversation(
        topic=topic, phone_number=phone_number, consent=consent, agent=agent
    )
    return _post("/v1/conversations", models.ConversationOut, body)


def conversation(conversation_id: Id) -> Ask[models.Thread]:
    return Ask("GET", f"/v1/conversations/{_part(conversation_id)}", models.Thread)


def conversations(
    filters: Mapping[str, Any],
) -> Listing[models.ConversationPage, models.ConversationExpanded]:
    first = Ask("GET", "/v1/conversations", models.ConversationPage, _query(filters))
    return Listing(first, lambda page: page.conversations, lambda page: page.cursor)


def write_text(conversation_id: Id, text: str) -> Ask[models.MessageOut]:
    path = f"/v1/conversations/{_part(conversation_id)}/messages"
    return _post(path, models.MessageOut, sent.WriteText(text=text))


def change_conversation(conversation_id: Id, verb: str) -> Ask[models.ConversationOut]:
    """`verb`: pause, resume or end."""
    return _post(f"/v1/conversations/{_part(conversation_id)}/{verb}", models.ConversationOut)


def send_email(email: sent.SendEmail) -> Ask[models.EmailOut]:
    return _post("/v1/emails", models.EmailOut, email)


def email(email_id: Id) -> Ask[models.EmailOut]:
    return Ask("GET", f"/v1/emails/{_part(email_id)}", models.EmailOut)


def emails(filters: Mapping[str, Any]) -> Listing[models.EmailPage, models.EmailOut]:
    first = Ask("GET", "/v1/emails", models.EmailPage, _query(filters))
    return Listing(first, lambda page: page.emails, lambda page: page.cursor)


def usage() -> Ask[models.UsageOut]:
    return Ask("GET", "/v1/usage", models.UsageOut)


def me() -> Ask[models.Me]:
    return Ask("GET", "/v1/me", models.Me)


def webhooks() -> Ask[models.Webhooks]:
    return Ask("GET", "/v1/webhooks", models.Webhooks)


def make_webhook(url: str, types: Sequence[str]) -> Ask[models.WebhookShown]:
    body = sent.MakeWebhook(url=url, types=list(types))
    return _post("/v1/webhooks", models.WebhookShown, body)


def delete_webhook(webhook_id: Id) -> Ask[models.Deleted]:
    return Ask("DELETE", f"/v1/webhooks/{_part(webhook_id)}", models.Deleted)


def deliveries(
    webhook_id: Id, filters: Mapping[str, Any]
) -> Listing[models.Deliveries, models.DeliveryOut]:
    path = f"/v1/webhooks/{_part(webhook_id)}/deliveries"
    first = Ask("GET", path, models.Deliveries, _query(filters))
    return Listing(first, lambda page: page.deliveries, lambda page: page.cursor)
