"""What can be done to one call, by REST and on the live channel alike: one row a verb.

Route, live command and both documents follow from the row, so that the two ways cannot drift
apart, and so does how it gets to the node that runs the call. Decides nothing.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from server.audit.acts import origin
from server.calls import actions, forwarding
from server.calls.actions import Revision
from server.calls.deps import CallDeps
from server.calls.forwarding import Asked, Do
from server.core.bus import Answerer
from server.core.identity.auth import Identity
from server.http.idempotency import key_at_work
from server.http.routing import Nothing, Route

Act: TypeAlias = Callable[[CallDeps, Identity, Any, str], Awaitable[dict[str, Any]]]
ONE = "/v1/calls/<uuid:call_id>"


class Done(msgspec.Struct, frozen=True):
    """It is on its way; the change itself comes as an event."""

    ok: bool = True


class Verb(msgspec.Struct, frozen=True, kw_only=True):
    """A verb: `command` on the live channel, `POST {ONE}/{path}` by REST, where it is there.

    `act` gets deps, who, the call's id, the fields of `body` by name and, if it `has_cause`, the
    command's id (None by REST); what it returns is the `reply`.
    """

    command: str
    path: str = ""
    act: Callable[..., Awaitable[Any]]
    summary: str = ""
    body: type[msgspec.Struct] = Nothing
    reply: type[msgspec.Struct] = Done
    has_cause: bool = True


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for the caller; `interrupt` cuts the agent short."""

    text: Annotated[str, Meta(min_length=1, max_length=2000, examples=["One moment, please."])]
    interrupt: bool = False


VERBS = (
    Verb(command="call.hangup", path="hangup", act=actions.hang_up, summary="End the call",
         has_cause=False),
    Verb(command="call.say", path="say", act=actions.say, summary="Have words spoken to the caller",
         body=Say),
)  # fmt: skip
REVISION = Verb(command="call.revision", act=actions.revision, reply=Revision, has_cause=False)
"""Asked between nodes only."""


def routes(verbs: Sequence[Verb]) -> tuple[Route, ...]:
    """The verbs as REST has them."""
    return tuple(
        Route("POST", f"{ONE}/{verb.path}", _handler(verb), verb.reply, verb.summary, verb.body)
        for verb in verbs
    )


def commands(verbs: Sequence[Verb]) -> dict[str, tuple[type[msgspec.Struct], Act]]:
    """The verbs as the live channel has them: arguments and action by name."""
    return {verb.command: (_args(verb.body), _act(verb)) for verb in verbs}


async def do(
    verb: Verb, deps: CallDeps, who: Identity, call_id: uuid.UUID,
    given: dict[str, Any] | None = None, cause: str | None = None,
) -> Any:  # fmt: skip
    """Do it at the node that runs the call. Raises AppError: unavailable, and the verb's own."""
    key = key_at_work() if verb.path else ""  # what is only read is always read anew
    asked = Asked("", verb.command, call_id, who, given or {}, cause, origin())
    asked = msgspec.structs.replace(asked, id=_named(asked, key) if key else uuid.uuid4().hex)
    was_elsewhere, found = await forwarding.at_owner(deps, asked, _doing(deps, (verb,)))
    return msgspec.convert(found, verb.reply) if was_elsewhere and found is not None else found


def _named(asked: Asked, key: str) -> str:
    """Names a request by all that makes it the same: one refused may come with other arguments."""
    given = msgspec.json.encode(asked.given, order="deterministic")
    about = (str(asked.who.user_id), key, asked.name, asked.call_id.hex)
    return hashlib.blake2b("/".join(about).encode() + given, digest_size=12).hexdigest()


def answerer(deps: CallDeps, verbs: Sequence[Verb]) -> Answerer:
    """How this node does what other nodes are asked of its calls."""
    return forwarding.answerer(deps, _doing(deps, verbs))


def _doing(deps: CallDeps, verbs: Sequence[Verb]) -> Do:
    by_name = {verb.command: verb for verb in verbs}

    async def act(asked: Asked) -> Any:
        verb, live = by_name[asked.name], deps.live.get(asked.call_id)
        if verb.reply is Done and live is not None and asked.id in live.facts:
            return None  # here or where the call ran before, and the answer got lost
        more = {"cause": asked.cause} if verb.has_cause else {}
        body = msgspec.convert(asked.given, verb.body)  # plain data, where it comes from elsewhere
        given = msgspec.structs.asdict(body)
        token = actions.request_at_work.set(asked.id)
        try:
            done = await verb.act(deps, asked.who, asked.call_id, **given, **more)
        finally:
            actions.request_at_work.reset(token)
        if verb.reply is Done and live is not None:
            live.facts.add(asked.id)
        return done

    return act


def _handler(verb: Verb) -> Callable[..., Awaitable[Any]]:
    async def handle(
        deps: CallDeps, who: Identity, call_id: uuid.UUID, body: msgspec.Struct
    ) -> Any:
        done = await do(verb, deps, who, call_id, msgspec.structs.asdict(body), None)
        return Done() if done is None else done

    return handle


def _act(verb: Verb) -> Act:
    async def act(
        deps: CallDeps, who: Identity, args: msgspec.Struct, cause: str
    ) -> dict[str, Any]:
        given = msgspec.structs.asdict(args)
        done = await do(verb, deps, who, given.pop("call"), given, cause)
        return {} if done is None else msgspec.structs.asdict(done)

    return act


@cache
def _args(body: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A body's fields, and before them the call it is about."""
    fields = [
        (field.name, field.type) if field.required else (field.name, field.type, field.default)
        for field in msgspec.structs.fields(body)
    ]
    return msgspec.defstruct(
        "OneCall" if body is Nothing else f"{body.__name__}Args",
        [("call", uuid.UUID), *fields],
        namespace={"__doc__": body.__doc__},
        frozen=True,
        forbid_unknown_fields=True,
    )
