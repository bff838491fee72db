"""REST for e-mails: parse, act, reply."""

import uuid
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from db.core.visible import Wanted
from db.emails import Status
from server.accounts.access import PageOf
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.validation import JSON_FAULTS, refuse_nul
from server.emails import actions as emails
from server.emails.actions import SendEmail
from server.emails.deps import EmailDeps
from server.emails.templates import templates
from server.emails.wire import EmailOut, email_out
from server.http.paging import (
    AnyTopic,
    ByTime,
    ListQuery,
    Search,
    beginning,
    check_expanded,
    end,
    kept,
    next_cursor,
    read_cursor,
    searched,
)
from server.http.routing import Route

Delivery: TypeAlias = Literal[
    "received", "writing", "queued", "sending", "unknown", "accepted", "processed", "deferred",
    "delivered", "bounce", "blocked", "dropped", "spamreport", "refused",
]  # fmt: skip


class EmailsQuery(ListQuery, frozen=True, forbid_unknown_fields=True):
    """`direction`: e-mails that were sent, or the answers to them. With `search`, a page is of 20
    at most, of which it holds those that have the words: fewer, or none, also before the last
    page."""

    status: Status | None = None
    delivery: Delivery | None = None
    direction: Literal["outbound", "inbound"] | None = None
    topic: AnyTopic | None = None
    search: Search | None = None
    sort: ByTime = "-created_at"


class EmailPage(msgspec.Struct, frozen=True):
    """E-mails and the answers to them, in the order that was asked for; `cursor` is null on the
    last page."""

    emails: list[EmailOut]
    cursor: str | None


class TemplateOut(msgspec.Struct, frozen=True):
    """A template; `sample` has a value for each variable, all of which are needed."""

    name: str
    sample: dict[str, str | list[str]]


class Templates(msgspec.Struct, frozen=True):
    """All templates there are."""

    templates: list[TemplateOut]


class PreviewQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`variables` is a JSON object; without it the samples are used."""

    topic: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    variables: Annotated[str, Meta(max_length=20_000)] | None = None


class TemplatePreview(msgspec.Struct, frozen=True):
    """A template as it would arrive."""

    subject: str
    text: str
    html: str


async def _send(deps: EmailDeps, who: Identity, body: SendEmail, key: str | None) -> EmailOut:
    return email_out(await emails.send(deps, who, body, key=key))


async def _list(deps: EmailDeps, who: Identity, query: EmailsQuery) -> EmailPage:
    check_expanded(query, query.search)
    wanted = Wanted(
        sort=query.sort,
        since=beginning(query.since, "since"),
        until=end(query.until, "until"),
        status=query.status,
        delivery=query.delivery,
        is_received=None if query.direction is None else query.direction == "inbound",
        topic=kept(query.topic),
    )
    page = await emails.page(deps, who, PageOf(query.limit, read_cursor(query), wanted))
    rows = page.rows
    if (words := searched(query.search)) is not None:
        rows = await emails.mentioning(rows, words)
    return EmailPage([email_out(row) for row in rows], next_cursor(page.cursor, query))


async def _get(deps: EmailDeps, who: Identity, email_id: uuid.UUID) -> EmailOut:
    return email_out(await emails.read(deps, who, email_id))


async def _templates(deps: EmailDeps, who: Identity) -> Templates:  # noqa: ARG001
    return Templates([TemplateOut(one.name, one.sample) for one in templates()])


async def _preview(
    deps: EmailDeps,  # noqa: ARG001
    who: Identity,  # noqa: ARG001
    name: str,
    query: PreviewQuery,
) -> TemplatePreview:
    variables = None
    if query.variables is not None:
        try:
            variables = msgspec.json.decode(query.variables, type=dict[str, Any])
        except JSON_FAULTS:
            raise AppError("bad_request", "`variables` must be a JSON object.") from None
        refuse_nul(variables, "`variables`")
    words = emails.preview(name, query.topic, variables)
    return TemplatePreview(words.subject, words.text, words.html)


ROUTES = (
    Route("POST", "/v1/emails", _send, EmailOut, "Send an e-mail about a topic", SendEmail,
          status=201, keyed=True),
    Route("GET", "/v1/emails", _list, EmailPage, "The user's e-mails and the answers to them",
          query=EmailsQuery),
    Route("GET", "/v1/emails/<uuid:email_id>", _get, EmailOut, "One e-mail"),
    Route("GET", "/v1/emails/templates", _templates, Templates, "The templates for e-mails"),
    Route("GET", "/v1/emails/templates/<name>/preview", _preview, TemplatePreview,
          "A template as it would arrive", query=PreviewQuery),
)  # fmt: skip
