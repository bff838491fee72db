"""The client, for code with a loop: one method for each thing that can be asked.

It sends, waits and sends again; what is asked is `asks`'s, when it is asked again `retries`'s.
"""

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Literal, Unpack

import httpx

from talking_client import asks, exchange, models, sent
from talking_client.asks import Ask, Id, Listing, Reply, Row
from talking_client.errors import ConnectionFailedError, ProblemError
from talking_client.retries import USUAL, Retries


class _Sender:
    """Sends requests over one pool of connections."""

    def __init__(self, http: httpx.AsyncClient, retries: Retries) -> None:
        self._http = http
        self._retries = retries

    async def send(self, ask: Ask[Reply], idempotency_key: str | None = None) -> Reply:
        """Send it, also again where that may help. Raises ProblemError, ConnectionFailedError."""
        key = exchange.key_of(ask, idempotency_key)
        for attempt in itertools.count(1):
            try:
                return exchange.read(ask, await self._http.request(**exchange.prepared(ask, key)))
            except httpx.TransportError as fault:
                pause = self._retries.after_cut(attempt, exchange.chance())
                if pause is None:
                    told = f"{ask.method} {ask.path}: {type(fault).__name__} {fault}".rstrip()
                    raise ConnectionFailedError(told, key) from fault
            except ProblemError as problem:
                pause = exchange.pause_after(self._retries, attempt, problem)
                if pause is None:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("attempts have an end")

    async def rows(self, listing: Listing[Reply, Row]) -> AsyncIterator[Row]:
        """Every row of a list, page after page."""
        ask: Ask[Reply] | None = listing.first
        while ask is not None:
            page = await self.send(ask)
            for row in listing.rows(page):
                yield row
            ask = listing.after(page)


class _Calls:
    """Phone calls."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender

    async def place(
        self, topic: str, to: str | None = None, *, consent: str | None = None,
        agent: str | None = None, idempotency_key: str | None = None,
    ) -> models.CallOut:  # fmt: skip
        """Phone `to`, or one's own verified number, about a topic; `agent` talks, by id or slug."""
        return await self._sender.send(asks.place_call(topic, to, consent, agent), idempotency_key)

    async def schedule(
        self, topic: str, to: str | None = None, *, start_at: dt.datetime | None = None,
        consent: str | None = None, agent: str | None = None, idempotency_key: str | None = None,
    ) -> models.ScheduledCallOut:  # fmt: skip
        """As `place`, at a time with a zone, or as soon as it may be."""
        call = asks.scheduled(topic, to, start_at, consent, agent)
        return await self._sender.send(asks.schedule_call(call), idempotency_key)

    async def schedule_many(
        self, calls: Sequence[sent.ScheduleCall], *, idempotency_key: str | None = None
    ) -> models.ScheduledBatch:
        """Up to 100 at once; `results` has for each what became of it."""
        return await self._sender.send(asks.schedule_calls(calls), idempotency_key)

    def scheduled(
        self, **filters: Unpack[sent.ScheduledCallFilters]
    ) -> AsyncIterator[models.ScheduledCallOut]:
        """All scheduled calls that are wanted, newest first."""
        return self._sender.rows(asks.scheduled_calls(filters))

    async def cancel_scheduled(self, scheduled_id: Id) -> models.ScheduledCallOut:
        """Call it off, while it waits."""
        return await self._sender.send(asks.cancel_scheduled_call(scheduled_id))

    async def get(
        self, call_id: Id, *, expand: Literal["transcript"] | None = None
    ) -> models.CallExpanded:
        """One call."""
        return await self._sender.send(asks.call(call_id, expand))

    def list(self, **filters: Unpack[sent.CallFilters]) -> AsyncIterator[models.CallExpanded]:
        """All calls that are wanted, page after page; `limit` is a page's."""
        return self._sender.rows(asks.calls(filters))

    async def transcript(self, call_id: Id) -> models.Transcript:
        """What was said."""
        return await self._sender.send(asks.transcript(call_id))

    async def say(self, call_id: Id, text: str, *, interrupt: bool = False) -> models.Done:
        """Have words spoken to whoever was called."""
        return await self._sender.send(asks.say_in_call(call_id, text, interrupt))

    async def hang_up(self, call_id: Id) -> models.Done:
        """End it."""
        return await self._sender.send(asks.hang_up(call_id))

    async def start_recording(self, call_id: Id) -> models.Done:
        """Ask whoever was called, and record once they say yes; or go on after a pause."""
        return await self._sender.send(asks.change_recording(call_id, "start"))

    async def pause_recording(self, call_id: Id) -> models.Done:
        """Record nothing until it is started again."""
        return await self._sender.send(asks.change_recording(call_id, "pause"))

    async def stop_recording(self, call_id: Id) -> models.Done:
        """End the recording, or drop the question for it."""
        return await self._sender.send(asks.change_recording(call_id, "stop"))

    async def recording(self, call_id: Id) -> bytes:
        """What was recorded, as a WAV: the caller left, the agent right."""
        return await self._sender.send(asks.recording(call_id))

    async def annotations(self, call_id: Id) -> models.CallAnnotations:
        """Its tags and notes."""
        return await self._sender.send(asks.annotations(call_id))

    async def used_tags(self) -> Sequence[models.TagOut]:
        """The tags on all of one's calls; `list(tag=...)` has the calls with one."""
        return (await self._sender.send(asks.used_tags())).tags

    async def tag(self, call_id: Id, tag: str) -> models.CallTags:
        """Put a tag on it."""
        return await self._sender.send(asks.tag(call_id, tag))

    async def untag(self, call_id: Id, tag: str) -> models.CallTags:
        """Take a tag off it."""
        return await self._sender.send(asks.tag(call_id, tag, off=True))

    async def add_note(
        self, call_id: Id, text: str, *, idempotency_key: str | None = None
    ) -> models.NoteOut:
        """Write a note on it."""
        return await self._sender.send(asks.note(call_id, text), idempotency_key)

    async def change_note(self, call_id: Id, note_id: Id, text: str) -> models.NoteOut:
        """Write a note on it anew."""
        return await self._sender.send(asks.note(call_id, text, note_id))

    async def delete_note(self, call_id: Id, note_id: Id) -> models.Deleted:
        """Delete a note on it."""
        return await self._sender.send(asks.delete_note(call_id, note_id))


class _Texts:
    """Text conversations."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender

    async def start(
        self, topic: str, phone_number: str | None = None, *, consent: str | None = None,
        agent: str | None = None, idempotency_key: str | None = None,
    ) -> models.ConversationOut:  # fmt: skip
        """Text somebody, or oneself, about a topic; `agent` writes, by id or slug."""
        ask = asks.start_conversation(topic, phone_number, consent, agent)
        return await self._sender.send(ask, idempotency_key)

    async def get(self, conversation_id: Id) -> models.Thread:
        """A conversation with its newest messages."""
        return await self._sender.send(asks.conversation(conversation_id))

    def list(
        self, **filters: Unpack[sent.ConversationFilters]
    ) -> AsyncIterator[models.ConversationExpanded]:
        """All conversations that are wanted, page after page; `limit` is a page's."""
        return self._sender.rows(asks.conversations(filters))

    async def write(
        self, conversation_id: Id, text: str, *, idempotency_key: str | None = None
    ) -> models.MessageOut:
        """Text in the agent's place."""
        return await self._sender.send(asks.write_text(conversation_id, text), idempotency_key)

    async def pause(self, conversation_id: Id) -> models.ConversationOut:
        """The agent answers no more."""
        return await self._sender.send(asks.change_conversation(conversation_id, "pause"))

    async def resume(self, conversation_id: Id) -> models.ConversationOut:
        """The agent answers again."""
        return await self._sender.send(asks.change_conversation(conversation_id, "resume"))

    async def end(self, conversation_id: Id) -> models.ConversationOut:
        """End the conversation."""
        return await self._sender.send(asks.change_conversation(conversation_id, "end"))


class _Emails:
    """E-mails."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender

    async def send(
        self, email: sent.SendEmail, *, idempotency_key: str | None = None
    ) -> models.EmailOut:
        """Send one about a topic."""
        return await self._sender.send(asks.send_email(email), idempotency_key)

    async def get(self, email_id: Id) -> models.EmailOut:
        """One e-mail, and how far it got."""
        return await self._sender.send(asks.email(email_id))

    def list(self, **filters: Unpack[sent.EmailFilters]) -> AsyncIterator[models.EmailOut]:
        """All e-mails that are wanted, page after page; `limit` is a page's."""
        return self._sender.rows(asks.emails(filters))


class _Webhooks:
    """Where events are sent on to."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender

    async def make(self, url: str, types: Sequence[str] = ()) -> models.WebhookShown:
        """A new one, of these types of events or of all; its secret is shown this once."""
        return await self._sender.send(asks.make_webhook(url, types))

    async def all(self) -> Sequence[models.WebhookOut]:
        """Those there are."""
        return (await self._sender.send(asks.webhooks())).webhooks

    async def delete(self, webhook_id: Id) -> models.Deleted:
        """Delete one with its log."""
        return await self._sender.send(asks.delete_webhook(webhook_id))

    def deliveries(
        self, webhook_id: Id, **filters: Unpack[sent.DeliveryFilters]
    ) -> AsyncIterator[models.DeliveryOut]:
        """What was sent, page after page; `limit` is a page's."""
        return self._sender.rows(asks.deliveries(webhook_id, filters))


class AsyncClient:
    """Everything that can be asked of the server at `base_url`, by an API key or access token.

    Use it in a `async with` statement, which closes its connections. Every method raises
    ProblemError for a refusal and ConnectionFailedError when no answer comes.
    """

    def __init__(
        self, base_url: str, token: str, *, retries: Retries = USUAL,
        timeout: float = exchange.TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=exchange.headers(token), timeout=timeout,
            transport=transport,
        )  # fmt: skip
        self._sender = _Sender(self._http, retries)
        self.calls = _Calls(self._sender)
        self.texts = _Texts(self._sender)
        self.emails = _Emails(self._sender)
        self.webhooks = _Webhooks(self._sender)

    async def me(self) -> models.Me:
        """Who the token is of."""
        return await self._sender.send(asks.me())

    async def usage(self) -> models.UsageOut:
        """What is used and left this month."""
        return await self._sender.send(asks.usage())

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        await self.aclose()
