"""REST for text conversations: parse, act, reply."""

import uuid
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from db.core.visible import Sort, Wanted
from db.texts.conversations import ConversationRow, ConversationStatus
from server.accounts.access import Page, PageOf
from server.core.identity.auth import Identity
from server.core.validation import AgentName, PhoneNumber, Topic
from server.http.paging import (
    AnyTopic,
    ByTime,
    ListQuery,
    PageQuery,
    Search,
    beginning,
    check_expanded,
    end,
    kept,
    next_cursor,
    read_cursor,
    searched,
)
from server.http.routing import Nothing, Route
from server.texts import actions as conversations
from server.texts.deps import TextDeps
from server.texts.wire import ConversationOut, MessageOut, conversation_out, message_out


class StartConversation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`phone_number` defaults to the user's verified number; for another one, `consent` holds the
    words in which its owner agreed to be texted, unless they are on record. `agent` writes, by id
    or slug, each time as it then is."""

    topic: Topic
    phone_number: PhoneNumber | None = None
    consent: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    agent: AgentName | None = None


class WriteText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the agent's place."""

    text: Annotated[str, Meta(min_length=1, max_length=2000, examples=["I will call you at six."])]


Expand: TypeAlias = Literal["messages"]


class ConversationFilters(ListQuery, frozen=True, forbid_unknown_fields=True):
    """Which conversations."""

    status: ConversationStatus | None = None


class ConversationsQuery(ConversationFilters, frozen=True, forbid_unknown_fields=True):
    """With `expand`, each has its newest messages. With that or `search`, a page is of 20
    conversations at most, of which it holds those that have the words: fewer, or none, also before
    the last page."""

    topic: AnyTopic | None = None
    search: Search | None = None
    sort: ByTime = "-created_at"
    expand: Expand | None = None


class ConversationExpanded(ConversationOut, frozen=True, omit_defaults=True):
    """A conversation, with its newest messages, oldest first, where `expand=messages` asked."""

    messages: list[MessageOut] | None = None


class ConversationPage(msgspec.Struct, frozen=True):
    """Conversations in the order that was asked for; `cursor` is null on the last page."""

    conversations: list[ConversationExpanded]
    cursor: str | None


class Thread(msgspec.Struct, frozen=True):
    """A conversation with its newest messages, oldest first."""

    conversation: ConversationOut
    messages: list[MessageOut]


async def _start(
    deps: TextDeps, who: Identity, body: StartConversation, key: str | None
) -> ConversationOut:
    request = conversations.ConversationRequest(
        body.topic, body.phone_number, body.consent, key, agent=body.agent
    )
    return conversation_out(await conversations.start(deps, who, request))


async def _list(deps: TextDeps, who: Identity, query: ConversationsQuery) -> ConversationPage:
    check_expanded(query, query.expand or query.search)
    sought = wanted(query, topic=kept(query.topic), sort=query.sort)
    part = PageOf(query.limit, read_cursor(query), sought)
    page = await conversations.page(deps, who, part)
    if (words := searched(query.search)) is not None:
        found = await conversations.mentioning(deps, page.rows, words)
        page = msgspec.structs.replace(page, rows=found)
    shown = conversation_page(page, query)
    if query.expand is None:
        return shown
    full = [
        msgspec.structs.replace(
            one,
            messages=[
                message_out(row) for row in await conversations.newest_messages(deps, one.id)
            ],
        )
        for one in shown.conversations
    ]
    return msgspec.structs.replace(shown, conversations=full)


def wanted(
    query: ConversationFilters, *, topic: str | None = None, sort: Sort = "-created_at"
) -> Wanted:
    """Which conversations a query asks for. Raises AppError("bad_request")."""
    return Wanted(
        sort=sort,
        since=beginning(query.since, "since"),
        until=end(query.until, "until"),
        status=query.status,
        topic=topic,
    )


def conversation_page(page: Page[ConversationRow], query: PageQuery) -> ConversationPage:
    """A page as clients see it, with nothing put into the conversations."""
    shown = [
        msgspec.convert(conversation_out(row), ConversationExpanded, from_attributes=True)
        for row in page.rows
    ]
    return ConversationPage(shown, next_cursor(page.cursor, query))


async def _get(deps: TextDeps, who: Identity, conversation_id: uuid.UUID) -> Thread:
    row = await conversations.read(deps, who, conversation_id)
    messages = await conversations.newest_messages(deps, conversation_id)
    return Thread(conversation_out(row), [message_out(one) for one in messages])


async def _write(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, body: WriteText, key: str | None
) -> MessageOut:
    row = await conversations.say(deps, who, conversation_id, body.text, key=key, cause=None)
    return message_out(row)


async def _pause(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, body: Nothing  # noqa: ARG001
) -> ConversationOut:  # fmt: skip
    return conversation_out(await conversations.pause(deps, who, conversation_id))


async def _resume(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, body: Nothing  # noqa: ARG001
) -> ConversationOut:  # fmt: skip
    return conversation_out(await conversations.resume(deps, who, conversation_id))


async def _end(
    deps: TextDeps, who: Identity, conversation_id: uuid.UUID, body: Nothing  # noqa: ARG001
) -> ConversationOut:  # fmt: skip
    return conversation_out(await conversations.end(deps, who, conversation_id))


_ONE = "/v1/conversations/<uuid:conversation_id>"

ROUTES = (
    Route("POST", "/v1/conversations", _start, ConversationOut, "Text about a topic",
          StartConversation, status=201, keyed=True),
    Route("GET", "/v1/conversations", _list, ConversationPage,
          "The user's text conversations, newest first", query=ConversationsQuery),
    Route("GET", _ONE, _get, Thread, "One text conversation with its messages"),
    Route("POST", f"{_ONE}/messages", _write, MessageOut, "Text in the agent's place", WriteText,
          status=201, keyed=True),
    Route("POST", f"{_ONE}/pause", _pause, ConversationOut, "The agent answers no more", Nothing),
    Route("POST", f"{_ONE}/resume", _resume, ConversationOut, "The agent answers again", Nothing),
    Route("POST", f"{_ONE}/end", _end, ConversationOut, "End the conversation", Nothing),
)  # fmt: skip
