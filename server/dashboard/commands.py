"""The commands of the live channel: name, arguments, action. One table; decides nothing itself."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from db.core.failures import DATABASE_ERRORS
from db.texts.conversations import ConversationRow
from server.calls import actions as calls
from server.calls import verbs
from server.calls.wire import call_out
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.core.validation import AgentName, refuse_nul
from server.dashboard.deps import DashboardDeps
from server.emails import actions as emails
from server.emails.actions import SendEmail
from server.emails.wire import email_out
from server.http import scopes
from server.http.failures import failure
from server.http.idempotency import idempotent
from server.live.messages import Ack, Command, Fault
from server.operators.verbs import VERBS as OPERATOR_VERBS
from server.texts import actions as texts
from server.texts.wire import conversation_out, message_out

Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000)]
Args: TypeAlias = msgspec.Struct
Act: TypeAlias = Callable[[DashboardDeps, Identity, Any, str], Awaitable[dict[str, Any]]]


class StartArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """call.start: acknowledged when the row is written; the rest comes as events."""

    topic: Text
    to: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    consent: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    agent: AgentName | None = None


class TextArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """sms.send: a text in the agent's place."""

    conv: uuid.UUID
    text: Text


class BeginArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """conv.start: acknowledged when the row is written; the first text comes as an event."""

    topic: Text
    to: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    consent: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    agent: AgentName | None = None


class ConvArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """conv.pause, conv.resume, conv.end."""

    conv: uuid.UUID


async def _start(deps: DashboardDeps, who: Identity, args: StartArgs, cause: str) -> dict[str, Any]:
    request = calls.CallRequest(
        args.topic, args.to, f"cmd:{cause}", cause, args.consent, args.agent
    )
    return {"call": call_out(await calls.start(deps, who, request))}


async def _send_text(
    deps: DashboardDeps, who: Identity, args: TextArgs, cause: str
) -> dict[str, Any]:
    row = await texts.say(deps, who, args.conv, args.text, key=f"cmd:{cause}", cause=cause)
    return {"message": message_out(row)}


async def _begin(deps: DashboardDeps, who: Identity, args: BeginArgs, cause: str) -> dict[str, Any]:
    request = texts.ConversationRequest(
        args.topic, args.to, args.consent, f"cmd:{cause}", cause, args.agent
    )
    return {"conversation": conversation_out(await texts.start(deps, who, request))}


async def _send_email(
    deps: DashboardDeps, who: Identity, args: SendEmail, cause: str
) -> dict[str, Any]:
    row = await emails.send(deps, who, args, key=f"cmd:{cause}", cause=cause)
    return {"email": email_out(row)}


def _moving(move: Callable[..., Awaitable[ConversationRow]]) -> Act:
    async def act(deps: DashboardDeps, who: Identity, args: ConvArgs, cause: str) -> dict[str, Any]:
        return {"conversation": conversation_out(await move(deps, who, args.conv, cause))}

    return act


COMMANDS: dict[str, tuple[type[Args], Act]] = {
    "call.start": (StartArgs, _start),
    **verbs.commands(verbs.VERBS),
    **verbs.commands(OPERATOR_VERBS),
    "sms.send": (TextArgs, _send_text),
    "email.send": (SendEmail, _send_email),
    "conv.start": (BeginArgs, _begin),
    "conv.pause": (ConvArgs, _moving(texts.pause)),
    "conv.resume": (ConvArgs, _moving(texts.resume)),
    "conv.end": (ConvArgs, _moving(texts.end)),
}
KEYED = frozenset({"call.start", "sms.send", "email.send", "conv.start"})
"""Those whose action knows the command's id itself, and does it once."""


async def run(deps: DashboardDeps, who: Identity, command: Command) -> Ack:
    """Do what the command says, once per id; a refusal becomes the ack's error, and so does a
    database that is away."""
    begun = deps.clock()
    try:
        return Ack(command.id, ok=True, data=await _run(deps, who, command))
    except AppError as error:
        return Ack(command.id, ok=False, error=fault(error))
    except (*DATABASE_ERRORS, RecursionError) as error:
        return Ack(command.id, ok=False, error=fault(failure(error, command=command.name)))
    finally:
        name = command.name if command.name in COMMANDS else "unknown"
        deps.meters.commands.labels(name).observe(deps.clock() - begun)


async def _run(deps: DashboardDeps, who: Identity, command: Command) -> dict[str, Any]:
    known = COMMANDS.get(command.name)
    if known is None:
        raise AppError("unknown_command", f"Known commands: {', '.join(COMMANDS)}.")
    scopes.require(who, scopes.of_command(command.name))
    kind, act = known
    args = read_args(command, kind)

    async def do() -> tuple[int, bytes]:
        if command.if_rev is not None:
            await _refuse_stale(deps, who, command.if_rev, args)
        return 200, msgspec.json.encode(await act(deps, who, args, command.id))

    fingerprint = msgspec.json.encode([command.name, command.args], order="deterministic").hex()
    may_repeat = command.name in KEYED
    work = idempotent(deps, who, f"cmd:{command.id}", fingerprint, do, may_repeat=may_repeat)
    _, body = await deps.units.finish(work)
    data: dict[str, Any] = msgspec.json.decode(body)
    return data


async def _refuse_stale(deps: DashboardDeps, who: Identity, rev: int, args: Args) -> None:
    """Raises AppError("stale_rev") when what the command is about has moved on since its sender
    looked: their event of it with the highest `rev` is not the last there is."""
    call, conversation = getattr(args, "call", None), getattr(args, "conv", None)
    now: int | None = None
    if isinstance(call, uuid.UUID):
        now = (await verbs.do(verbs.REVISION, deps, who, call)).rev
    elif isinstance(conversation, uuid.UUID):
        now = (await texts.read(deps, who, conversation)).rev
    if now is not None and now != rev:
        raise AppError("stale_rev", rev=now)


def read_args(command: Command, kind: type[Args]) -> Any:
    """The command's checked arguments. Raises AppError("bad_request") that names the fault."""
    refuse_nul({"id": command.id, "args": command.args}, "The command")
    try:
        return msgspec.convert(command.args, kind)
    except msgspec.ValidationError as error:
        raise AppError("bad_request", f"args: {error}.") from None


def fault(error: AppError) -> Fault:
    """An error as the live channel sends it."""
    retry_after = error.extra.get("retry_after")
    return Fault(
        code=error.code,
        message=error.detail,
        retry=error.kind.retry,
        see=f"/errors/{error.code}",
        retry_ms=None if retry_after is None else int(retry_after * 1000),
        extra=error.extra,
    )
